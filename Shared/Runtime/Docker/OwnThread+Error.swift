import Locks
import Model

extension OwnThread {
  /// - Parameter name: of what it is for, in the error where there can be no more threads.
  static func start(_ name: String, _ body: @escaping @Sendable () -> Void) throws(LabError) {
    if let error = start(body) { throw LabError(.resourceExhausted, name, "can't start a thread", cause: error) }
  }
}

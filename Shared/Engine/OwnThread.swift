import CLinux
import Glibc
import Model

/// A thread that runs one body.
enum OwnThread {
  private final class Start: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  static func start(_ name: String, _ body: @escaping @Sendable () -> Void) throws(LabError) {
    let start = Unmanaged.passRetained(Start(body))
    let error = clinux_start_thread(
      { if let start = $0 { Unmanaged<Start>.fromOpaque(start).takeRetainedValue().body() } }, start.toOpaque())
    guard error != 0 else { return }
    start.release()
    throw LabError(.resourceExhausted, name, "can't start a thread", cause: String(cString: strerror(error)))
  }
}

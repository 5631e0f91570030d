import CLinux
import Glibc
public import Model

/// The owner of a descriptor that becomes readable at even intervals, also while the reactor's other descriptors are quiet.
public struct IntervalTimer: ~Copyable, Sendable {
  /// To poll for reading.
  public let number: Int32

  /// - Parameter milliseconds: from one time to the next; at least 1.
  /// - Throws: `RESOURCE_EXHAUSTED` where no descriptors are left.
  public init(milliseconds: Int32) throws(LabError) {
    number = clinux_timer_new(milliseconds)
    guard number >= 0 else {
      throw LabError(.resourceExhausted, "timer", "no descriptors left", cause: String(cString: strerror(errno)))
    }
  }

  deinit { close(number) }

  /// Forgets the times that have passed.
  public func drain() {
    var passed: UInt64 = 0
    _ = read(number, &passed, MemoryLayout<UInt64>.size)
  }
}

/// What tells that a node, after its start, does what it is there for. All times are milliseconds, at most `Limits.readiness`.
public struct Readiness: Sendable, Hashable {
  public enum Test: Sendable, Hashable {
    /// A command that ends with 0 in the node.
    case command([String])
    /// An extended regular expression (POSIX) that a line of its last output matches, without escape codes.
    case log(String)
    /// A TCP port that something in the node listens on.
    case port(UInt16)
  }

  public var test: Test
  /// From its start to the first try.
  public var startPeriod: UInt64
  /// Between two tries.
  public var interval: UInt64
  /// Of one try.
  public var timeout: UInt64
  /// From its start: after this long it is told as failed. It is tried on.
  public var deadline: UInt64

  public init(
    _ test: Test, startPeriod: UInt64 = 0, interval: UInt64 = 1_000, timeout: UInt64 = 10_000, deadline: UInt64 = 300_000
  ) {
    self.test = test
    self.startPeriod = min(startPeriod, Limits.readiness)
    self.interval = min(max(interval, 100), Limits.readiness)
    self.timeout = min(max(timeout, 100), Limits.deadline)
    self.deadline = min(deadline, Limits.readiness)
  }
}

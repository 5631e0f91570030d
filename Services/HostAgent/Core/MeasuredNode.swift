public import Model

/// A running node whose use of the host is asked for.
public struct MeasuredNode: Sendable, Hashable {
  public var key: NodeKey
  public var kind: String
  /// Of its first process.
  public var pid: Int32
  public init(key: NodeKey, kind: String, pid: Int32) {
    self.key = key
    self.kind = kind
    self.pid = pid
  }
}

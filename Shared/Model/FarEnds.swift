/// What a host's agent tells another host's: which near interfaces are admin-up, of all links between the two, and how far nodes have come.
public struct FarEnds: Sendable, Hashable {
  public var host: HostName
  public var instance: Instance
  public var version: UInt64
  /// nil: only the version, to compare.
  public var ends: [FarEnd]?
  /// How far nodes have come that nodes there wait for; empty without `ends`.
  public var nodes: [FarNode]
  public init(host: HostName, instance: Instance, version: UInt64, ends: [FarEnd]?, nodes: [FarNode] = []) {
    self.host = host
    self.instance = instance
    self.version = version
    self.ends = ends
    self.nodes = nodes
  }
}

/// How far a node has come, as what its agent was last told that it should be.
public struct FarNode: Sendable, Hashable {
  public var key: NodeKey
  public var startSerial: UInt64
  public var specDigest: UInt64
  public var reached: Set<Stage>
  public init(_ key: NodeKey, startSerial: UInt64, specDigest: UInt64, reached: Set<Stage>) {
    self.key = key
    self.startSerial = startSerial
    self.specDigest = specDigest
    self.reached = reached
  }
}

public struct FarEnd: Sendable, Hashable {
  public var key: TunnelKey
  public var up: Bool
  public init(_ key: TunnelKey, up: Bool) {
    self.key = key
    self.up = up
  }
}

/// What was last seen of a node. "Observed", not "actual": it may be stale.
public struct ObservedNode: Sendable, Hashable {
  public var key: NodeKey
  public var phase: Phase
  /// Why it is in this phase, where that needs saying; of a node that is ready, what went wrong with its `exec:` commands or its management
  /// network. Empty otherwise.
  public var reason: String
  /// As its host sees it; nil when there is none.
  public var pid: Int32?
  public var startSerial: UInt64
  /// Digest of the startup configuration that it runs with.
  public var config: BlobDigest?
  /// Deaths since the last start by a user or since it was last stable.
  public var restarts: Int
  /// The commands of `exec:` have ended for this start.
  public var execDone: Bool
  public var interfaces: [ObservedInterface]

  public init(
    key: NodeKey, phase: Phase, reason: String = "", pid: Int32? = nil, startSerial: UInt64 = 0, config: BlobDigest? = nil,
    restarts: Int = 0,
    execDone: Bool = false, interfaces: [ObservedInterface] = []
  ) {
    self.key = key
    self.phase = phase
    self.reason = reason
    self.pid = pid
    self.startSerial = startSerial
    self.config = config
    self.restarts = restarts
    self.execDone = execDone
    self.interfaces = interfaces
  }
}

public enum Phase: String, Sendable, Hashable, CaseIterable {
  case pending, preparing, starting, booting, ready, stopping, stopped, failed, unknown
}

public struct ObservedInterface: Sendable, Hashable {
  public var ordinal: Ordinal
  public var mtu: Int
  /// The node's interface is admin-up.
  public var up: Bool
  public init(ordinal: Ordinal, mtu: Int, up: Bool) {
    self.ordinal = ordinal
    self.mtu = mtu
    self.up = up
  }
}

/// One host's part of one link, read back from its kernel.
public struct ObservedEnd: Sendable, Hashable {
  public var key: TunnelKey
  /// What is missing or wrong here; empty when every device, address, filter and MTU is as it should be.
  public var fault: String
  /// The near interfaces are admin-up: one for a tunnel, both for a patch.
  public var up: Bool
  /// As read back; nil for a patch.
  public var tunnel: ObservedTunnel?
  public var mtu: Int
  public init(key: TunnelKey, fault: String, up: Bool, tunnel: ObservedTunnel?, mtu: Int) {
    self.key = key
    self.fault = fault
    self.up = up
    self.tunnel = tunnel
    self.mtu = mtu
  }
}

public struct ObservedTunnel: Sendable, Hashable {
  public var vni: VNI
  public var local: IPAddress
  public var remote: IPAddress
  public init(vni: VNI, local: IPAddress, remote: IPAddress) {
    self.vni = vni
    self.local = local
    self.remote = remote
  }
}

/// What a host's probe says of the way to another host's VTEP.
public struct ObservedPath: Sendable, Hashable {
  public var remote: IPAddress
  /// What is sent as links' frames are comes back from the far host's kernel.
  public var reachable: Bool
  /// Largest packet that passed unfragmented, of those tried; 0 when none did.
  public var mtu: Int
  /// What the far agent itself sends so arrives. Told of a way that isn't reachable; true for any other.
  public var heard: Bool
  /// The far host answers echo requests (ICMP). Told as `heard` is.
  public var answers: Bool
  public init(remote: IPAddress, reachable: Bool, mtu: Int, heard: Bool = true, answers: Bool = true) {
    self.remote = remote
    self.reachable = reachable
    self.mtu = mtu
    self.heard = heard
    self.answers = answers
  }
}

/// One thing that a host reports, in the order in which it came to know it.
public indirect enum HostChange: Sendable, Hashable {
  /// A node's process ended; told before any repair.
  case exited(NodeEnd)
  case node(ObservedNode)
  case nodeGone(NodeKey)
  case end(ObservedEnd)
  case endGone(TunnelKey)
  case path(ObservedPath)
  /// No cable goes there any more: nobody asks.
  case pathGone(IPAddress)

  /// Of a node's process; nil: it is another change.
  public var exit: NodeEnd? {
    if case .exited(let end) = self { end } else { nil }
  }
}

/// Everything that a host knows of itself: what a reconciler holds of it after all changes.
public struct HostView: Sendable, Hashable {
  public var nodes: [NodeKey: ObservedNode] = [:]
  public var ends: [TunnelKey: ObservedEnd] = [:]
  public var paths: [IPAddress: ObservedPath] = [:]

  public init() {}

  /// Applies one change; facts that are no state change nothing.
  public mutating func apply(_ change: HostChange) {
    switch change {
    case .node(let node): nodes[node.key] = node
    case .nodeGone(let key): nodes[key] = nil
    case .end(let end): ends[end.key] = end
    case .endGone(let key): ends[key] = nil
    case .path(let path): paths[path.remote] = path
    case .pathGone(let remote): paths[remote] = nil
    case .exited: break
    }
  }

  /// Whether every device and node that bears this lab's mark is gone.
  public func isEmpty(of lab: LabKey) -> Bool {
    !nodes.keys.contains { $0.lab == lab } && !ends.keys.contains { $0.lab == lab }
  }
}

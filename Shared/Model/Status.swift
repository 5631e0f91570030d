/// What `inspect` shows of one lab: intent beside what was last observed.
public struct LabStatus: Sendable, Hashable {
  public var lab: LabName
  public var generation: UInt64
  /// The store's revision that the answer reflects.
  public var revision: Revision
  public var converged: Bool
  /// The first reason why it isn't converged; empty when it is.
  public var reason: String
  public var nodes: [NodeStatus]
  public var links: [LinkStatus]
  public init(
    lab: LabName, generation: UInt64, revision: Revision, converged: Bool, reason: String, nodes: [NodeStatus], links: [LinkStatus]
  ) {
    self.lab = lab
    self.generation = generation
    self.revision = revision
    self.converged = converged
    self.reason = reason
    self.nodes = nodes
    self.links = links
  }
}

public struct NodeStatus: Sendable, Hashable {
  public var name: NodeName
  public var key: NodeKey
  public var kind: String
  public var host: HostName
  public var desired: DesiredState
  public var phase: Phase
  public var reason: String
  public var pid: Int32?
  public var configDesired: BlobDigest?
  public var configApplied: BlobDigest?
  public var restarts: Int
  public var interfaces: [InterfaceStatus]
  public init(
    name: NodeName, key: NodeKey, kind: String, host: HostName, desired: DesiredState, phase: Phase, reason: String, pid: Int32?,
    configDesired: BlobDigest?, configApplied: BlobDigest?, restarts: Int, interfaces: [InterfaceStatus]
  ) {
    self.name = name
    self.key = key
    self.kind = kind
    self.host = host
    self.desired = desired
    self.phase = phase
    self.reason = reason
    self.pid = pid
    self.configDesired = configDesired
    self.configApplied = configApplied
    self.restarts = restarts
    self.interfaces = interfaces
  }
}

public struct InterfaceStatus: Sendable, Hashable {
  public var ordinal: Ordinal
  public var mac: MACAddress
  public var mtu: Int
  public var state: LinkState
  /// Of interface 0; empty for any other.
  public var addresses: [InterfaceAddress]
  public init(ordinal: Ordinal, mac: MACAddress, mtu: Int, state: LinkState, addresses: [InterfaceAddress] = []) {
    self.addresses = addresses
    self.ordinal = ordinal
    self.mac = mac
    self.mtu = mtu
    self.state = state
  }
}

public enum LinkState: String, Sendable, Hashable, CaseIterable { case up, down, unknown }

public struct LinkStatus: Sendable, Hashable {
  public var spec: LinkSpec
  public var hostA: HostName
  public var hostB: HostName
  public var state: LinkState
  public var reason: String
  /// nil until it is planned; a tunnel between two hosts, else a patch.
  public var vni: VNI?
  public var mtu: Int
  public init(spec: LinkSpec, hostA: HostName, hostB: HostName, state: LinkState, reason: String, vni: VNI?, mtu: Int) {
    self.spec = spec
    self.hostA = hostA
    self.hostB = hostB
    self.state = state
    self.reason = reason
    self.vni = vni
    self.mtu = mtu
  }
}

/// A line of `list`.
public struct LabSummary: Sendable, Hashable {
  public var key: LabKey
  /// The store's revision that the answer reflects.
  public var revision: Revision
  public var generation: UInt64
  public var nodes: Int
  public var ready: Int
  public var links: Int
  public var up: Int
  public var hosts: [HostName]
  public var converged: Bool
  /// The first reason why it isn't converged; when it is, what went wrong all the same. Empty otherwise.
  public var reason: String
  public init(
    key: LabKey, revision: Revision, generation: UInt64, nodes: Int, ready: Int, links: Int, up: Int, hosts: [HostName], converged: Bool,
    reason: String
  ) {
    self.key = key
    self.revision = revision
    self.generation = generation
    self.nodes = nodes
    self.ready = ready
    self.links = links
    self.up = up
    self.hosts = hosts
    self.converged = converged
    self.reason = reason
  }
}

/// A line of `host list`.
public struct HostStatus: Sendable, Hashable {
  public var name: HostName
  public var state: HostState
  /// nil while it is lost.
  public var session: Session?
  public var nodes: Int
  public var links: Int
  /// The assignment that it has applied.
  public var revision: Revision
  /// nil: it hasn't said since the reconciler's start.
  public var load: HostLoad?
  public var restraint: Restraint?
  /// Nodes that are meant to be on it.
  public var placed: Int
  /// Why it doesn't take what it should have, or what keeps a drained host from being empty; empty: nothing.
  public var reason: String
  /// What it can't do, or does without.
  public var lacks: [String]
  /// As it registered last.
  public var spec: HostSpec
  public init(
    name: HostName, state: HostState, session: Session?, nodes: Int, links: Int, revision: Revision, load: HostLoad?,
    restraint: Restraint? = nil, placed: Int = 0, reason: String = "", lacks: [String] = [], spec: HostSpec
  ) {
    self.lacks = lacks
    self.spec = spec
    self.name = name
    self.state = state
    self.session = session
    self.nodes = nodes
    self.links = links
    self.revision = revision
    self.load = load
    self.restraint = restraint
    self.placed = placed
    self.reason = reason
  }
}

/// `drained`: nothing is left of what was placed on it.
public enum HostState: String, Sendable, Hashable, CaseIterable { case online, lost, drained }

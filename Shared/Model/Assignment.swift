/// All that one host should have. What is marked as this deployment's and host's and isn't in it goes.
public struct Assignment: Sendable, Hashable {
  public var host: HostName
  public var store: StoreIdentity
  /// The revision that last changed it.
  public var revision: Revision
  /// Sorted by key.
  public var labs: [AssignedLab]

  public init(host: HostName, store: StoreIdentity, revision: Revision, labs: [AssignedLab]) {
    self.host = host
    self.store = store
    self.revision = revision
    self.labs = labs
  }
}

/// One host's part of one lab.
public struct AssignedLab: Sendable, Hashable {
  public var key: LabKey
  /// In the lab's order.
  public var nodes: [AssignedNode]
  /// Sorted by link.
  public var links: [AssignedLink]
  /// nil: no node here has an interface 0.
  public var management: AssignedManagement?
  public init(key: LabKey, nodes: [AssignedNode], links: [AssignedLink], management: AssignedManagement? = nil) {
    self.management = management
    self.key = key
    self.nodes = nodes
    self.links = links
  }
}

public struct AssignedNode: Sendable, Hashable {
  public var key: NodeKey
  public var spec: NodeSpec
  public var desired: DesiredState
  public var startSerial: UInt64
  /// Data interfaces with a link, and interface 0 where it has one, by ordinal.
  public var interfaces: [AssignedInterface]
  /// Where the nodes are that it waits for, by key.
  public var awaited: [AwaitedNode]
  /// Other hosts that have nodes which wait for it, sorted: they are told how far it has come.
  public var watchers: [HostName]
  public init(
    key: NodeKey, spec: NodeSpec, desired: DesiredState, startSerial: UInt64, interfaces: [AssignedInterface],
    awaited: [AwaitedNode] = [], watchers: [HostName] = []
  ) {
    self.awaited = awaited
    self.watchers = watchers
    self.key = key
    self.spec = spec
    self.desired = desired
    self.startSerial = startSerial
    self.interfaces = interfaces
  }
}

/// A node that others wait for, and as what: what it was before its last change or restart doesn't count.
public struct AwaitedNode: Sendable, Hashable {
  public var key: NodeKey
  public var host: HostName
  public var startSerial: UInt64
  public var specDigest: UInt64
  public init(_ key: NodeKey, on host: HostName, startSerial: UInt64, specDigest: UInt64) {
    self.key = key
    self.host = host
    self.startSerial = startSerial
    self.specDigest = specDigest
  }
}

public struct AssignedInterface: Sendable, Hashable {
  public var ordinal: Ordinal
  public var mtu: Int
  public var addressing: Addressing
  public init(ordinal: Ordinal, mtu: Int, addressing: Addressing = Addressing()) {
    self.addressing = addressing
    self.ordinal = ordinal
    self.mtu = mtu
  }
}

/// What a host does for one link.
public struct AssignedLink: Sendable, Hashable {
  public var link: LinkID
  public var path: AssignedPath
  public init(link: LinkID, path: AssignedPath) {
    self.link = link
    self.path = path
  }
}

public enum AssignedPath: Sendable, Hashable {
  /// Both ends are here.
  case patch
  /// One end, `near`, is here; the other host answers for the far one.
  case tunnel(AssignedTunnel)
}

public struct AssignedTunnel: Sendable, Hashable {
  public var near: Endpoint
  public var vni: VNI
  public var local: IPAddress
  public var remote: IPAddress
  public var farHost: HostName
  /// Of the tunnel device: what the nodes' interfaces carry.
  public var mtu: Int
  public init(near: Endpoint, vni: VNI, local: IPAddress, remote: IPAddress, farHost: HostName, mtu: Int) {
    self.near = near
    self.vni = vni
    self.local = local
    self.remote = remote
    self.farHost = farHost
    self.mtu = mtu
  }
}

/// Intent for one lab. The only writer is the job service.
public struct Lab: Sendable, Hashable {
  public var key: LabKey
  /// Version of the spec: 1, then one more with each change of it.
  public var generation: UInt64
  /// Version of what cables depend on: endpoints, placement, underlay addresses, MTU.
  public var wiring: UInt64
  public var spec: LabSpec
  /// By position in `spec.nodes`.
  public var nodes: [NodeIntent]
  /// Its management network, one family each; empty: it has none.
  public var networks: [ManagementNetwork]

  public init(
    key: LabKey, generation: UInt64, wiring: UInt64, spec: LabSpec, nodes: [NodeIntent], networks: [ManagementNetwork] = []
  ) {
    self.key = key
    self.generation = generation
    self.wiring = wiring
    self.spec = spec
    self.nodes = nodes
    self.networks = networks
  }

  public func key(at index: Int) -> NodeKey { NodeKey(key, spec.nodes[index].name, born: nodes[index].born) }

  /// Where each node is, by name.
  public var placement: [NodeName: HostName] {
    var places: [NodeName: HostName] = [:]
    for (spec, intent) in zip(spec.nodes, nodes) { places[spec.name] = intent.host }
    return places
  }

  /// The hosts that have a node of it, sorted.
  public var hosts: [HostName] { Set(nodes.map(\.host)).sorted() }
}

/// What the job service decided for one node.
public struct NodeIntent: Sendable, Hashable {
  /// The revision that created it; zero in a Put stands for that Put's.
  public var born: Revision
  public var host: HostName
  public var desired: DesiredState
  /// Raised by each `node start` and `restart`; a node runs for one serial at a time.
  public var startSerial: UInt64
  /// Of interface 0, one of each of the lab's networks, in their order; empty: it has no interface 0. Kept as long as they fit.
  public var addresses: [IPAddress]

  public init(born: Revision, host: HostName, desired: DesiredState, startSerial: UInt64, addresses: [IPAddress] = []) {
    self.addresses = addresses
    self.born = born
    self.host = host
    self.desired = desired
    self.startSerial = startSerial
  }
}

public enum DesiredState: String, Sendable, Hashable, CaseIterable { case running, stopped }

/// How one link of a lab is made. The only writer is the link orchestrator.
public struct Segment: Sendable, Hashable {
  public var link: LinkID
  public var path: SegmentPath
  /// What the node's interfaces carry, in bytes of payload.
  public var mtu: Int

  public init(link: LinkID, path: SegmentPath, mtu: Int) {
    self.link = link
    self.path = path
    self.mtu = mtu
  }
}

public enum SegmentPath: Sendable, Hashable {
  /// Both ends on one host.
  case patch(HostName)
  /// Ends `a` and `b` of the link id on two hosts.
  case tunnel(VNI, a: TunnelEnd, b: TunnelEnd)
}

/// A tunnel's end: the host and its VTEP.
public struct TunnelEnd: Sendable, Hashable {
  public var host: HostName
  public var address: IPAddress
  public init(_ host: HostName, _ address: IPAddress) {
    self.host = host
    self.address = address
  }
}

/// The segments of all links of one lab, for one wiring of it.
public struct Segments: Sendable, Hashable {
  public var lab: LabKey
  public var wiring: UInt64
  /// Sorted by link id.
  public var segments: [Segment]
  public init(lab: LabKey, wiring: UInt64, segments: [Segment]) {
    self.lab = lab
    self.wiring = wiring
    self.segments = segments
  }

  public var vnis: [VNI] {
    segments.compactMap { if case .tunnel(let vni, _, _) = $0.path { vni } else { nil } }
  }
}

/// A VNI that was freed and rests until none of these hosts can send with it any more.
public struct Tombstone: Sendable, Hashable {
  public var vni: VNI
  /// The revision that freed it; zero in a Put stands for that Put's.
  public var freed: Revision
  /// Hosts that have not yet shown an inventory without it, sorted.
  public var hosts: [HostName]
  public init(vni: VNI, freed: Revision, hosts: [HostName]) {
    self.vni = vni
    self.freed = freed
    self.hosts = hosts
  }
}

/// What a host says of itself when it registers, kept as intent so that labs can be planned while it is away. Written by the job service.
public struct HostSpec: Sendable, Hashable {
  public var name: HostName
  /// Its VTEP address.
  public var underlay: IPAddress
  /// MTU of the device that carries `underlay`, in bytes.
  public var underlayMTU: Int
  /// Nodes it admits.
  public var capacity: Int
  /// Runtimes it offers, `namespace` and `docker`; what both could run runs in the first.
  public var runtimes: [String]
  /// What its agent understands beyond the protocol's first version: names of `Capability`, and of those that are newer than this.
  public var capabilities: [String]

  public init(name: HostName, underlay: IPAddress, underlayMTU: Int, capacity: Int, runtimes: [String], capabilities: [String]) {
    self.name = name
    self.underlay = underlay
    self.underlayMTU = underlayMTU
    self.capacity = capacity
    self.runtimes = runtimes
    self.capabilities = capabilities
  }
}

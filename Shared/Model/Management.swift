/// What a file says of a lab's management network: interface 0 of its nodes, and their host's way to them.
public struct ManagementSpec: Sendable, Hashable {
  /// Of one family of addresses.
  public struct Family: Sendable, Hashable {
    /// nil: one that no other lab has.
    public var subnet: Subnet?
    /// The hosts' own address in it; nil: its first.
    public var gateway: IPAddress?
    public init(subnet: Subnet? = nil, gateway: IPAddress? = nil) {
      self.subnet = subnet
      self.gateway = gateway
    }
  }

  /// nil: none of the family.
  public var ipv4: Family?
  public var ipv6: Family?
  /// Of interfaces, in bytes.
  public var mtu: Int
  /// Nodes reach what their host reaches, under its address.
  public var reachesOutside: Bool

  public init(ipv4: Family? = Family(), ipv6: Family? = nil, mtu: Int = 1_500, reachesOutside: Bool = false) {
    self.ipv4 = ipv4
    self.ipv6 = ipv6
    self.mtu = mtu
    self.reachesOutside = reachesOutside
  }
}

/// What a file says of one node in its lab's management network.
public struct NodeManagement: Sendable, Hashable {
  /// It has no interface 0.
  public var isOff = false
  /// One of a family at most; of what isn't said the plan chooses.
  public var addresses: [IPAddress] = []
  /// Ports of its host that lead to it.
  public var ports: [PublishedPort] = []
  public init(isOff: Bool = false, addresses: [IPAddress] = [], ports: [PublishedPort] = []) {
    self.isOff = isOff
    self.addresses = addresses
    self.ports = ports
  }

  /// Nothing is said.
  public var isEmpty: Bool { self == NodeManagement() }
}

/// One family of a lab's management network as it was planned; the same on each host, none reaches another.
public struct ManagementNetwork: Sendable, Hashable {
  public var subnet: Subnet
  /// The hosts' own address.
  public var gateway: IPAddress
  public init(subnet: Subnet, gateway: IPAddress) {
    self.subnet = subnet
    self.gateway = gateway
  }
}

/// A lab's management network as one host is to have it.
public struct AssignedManagement: Sendable, Hashable {
  /// The host's own.
  public var gateways: [InterfaceAddress]
  public var mtu: Int
  public var reachesOutside: Bool
  /// Of the host's nodes.
  public var ports: [ForwardedPort]
  public init(gateways: [InterfaceAddress], mtu: Int, reachesOutside: Bool = false, ports: [ForwardedPort] = []) {
    self.gateways = gateways
    self.mtu = mtu
    self.reachesOutside = reachesOutside
    self.ports = ports
  }

  /// What is there once it is made.
  public var segment: ManagementSegment { ManagementSegment(gateways: gateways, mtu: mtu, rules: rules) }

  /// A digest of the rules in the host's own namespace; nil: it needs none.
  public var rules: UInt64? {
    if !reachesOutside, ports.isEmpty { return nil }
    let words = (reachesOutside ? gateways.map(\.subnet.description) : []) + ["ports"] + ports.map(\.description)
    return StableHash.of(words.joined(separator: " "))
  }

  /// How many they are: one a subnet; one a port where packets come, one where the host sends them, and one for all of these where they leave.
  public var ruleCount: Int { (reachesOutside ? gateways.count : 0) + (ports.isEmpty ? 0 : 1 + 2 * ports.count) }

  /// Whether an address is on both.
  public func overlaps(_ other: ManagementSegment) -> Bool { segment.overlaps(other) }
}

/// The addresses that an interface is made with. They are its node's business after that.
public struct Addressing: Sendable, Hashable {
  public var addresses: [InterfaceAddress]
  /// Where everything else is sent; at most one of a family.
  public var gateways: [IPAddress]
  public init(addresses: [InterfaceAddress] = [], gateways: [IPAddress] = []) {
    self.addresses = addresses
    self.gateways = gateways
  }

  /// As the interface's mark has it; 0: none.
  public var digest: UInt64 {
    if addresses.isEmpty, gateways.isEmpty { return 0 }
    return StableHash.of((addresses.map(\.description) + ["via"] + gateways.map(\.text)).joined(separator: " "))
  }
}

extension Lab {
  /// How a node's interface 0 is made.
  public func addressing(of node: NodeIntent) -> Addressing {
    Addressing(
      addresses: zip(node.addresses, networks).map { InterfaceAddress($0, in: $1.subnet) },
      gateways: spec.management?.reachesOutside == true ? networks.prefix(node.addresses.count).map(\.gateway) : [])
  }
}

/// A port of a host that leads to one of a node.
public struct PublishedPort: Sendable, Hashable, CustomStringConvertible {
  public enum Transport: String, Sendable, CaseIterable { case tcp, udp }

  /// Of the host; nil: all that it has.
  public var address: IPAddress?
  /// Of the host.
  public var port: UInt16
  public var nodePort: UInt16
  public var transport: Transport

  public init(address: IPAddress? = nil, port: UInt16, nodePort: UInt16, transport: Transport = .tcp) {
    self.address = address
    self.port = port
    self.nodePort = nodePort
    self.transport = transport
  }

  /// Whether packets could be for either.
  public func collides(with other: Self) -> Bool {
    port == other.port && transport == other.transport && (address == nil || other.address == nil || address == other.address)
  }

  /// The host's side: `192.0.2.1:8080/tcp`.
  public var place: String { "\(address.map { "\($0):" } ?? "")\(port)/\(transport.rawValue)" }

  public var description: String { "\(place)>\(nodePort)" }
}

/// Where packets to a published port of one family of addresses go.
public struct ForwardedPort: Sendable, Hashable, CustomStringConvertible {
  public var published: PublishedPort
  /// The node's.
  public var to: IPAddress

  public init(_ published: PublishedPort, to: IPAddress) {
    self.published = published
    self.to = to
  }

  public var description: String { "\(published)@\(to)" }
}

extension Lab {
  /// Of one of its nodes, by each of the node's addresses.
  public func ports(of node: NodeSpec, _ intent: NodeIntent) -> [ForwardedPort] {
    node.management.ports.flatMap { port in
      intent.addresses.filter { port.address == nil || port.address?.isIPv6 == $0.isIPv6 }.map { ForwardedPort(port, to: $0) }
    }
  }
}

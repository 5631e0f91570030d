import Model

extension ManagementSpec: WireValue {
  init(_ message: Proto.ManagementSpec) throws(LabError) {
    self.init(
      ipv4: try Family.optional(message.ipv4), ipv6: try Family.optional(message.ipv6), mtu: try Wire.mtu(message.mtu),
      reachesOutside: message.outside)
    for (family, isIPv6) in [(ipv4, false), (ipv6, true)] {
      guard family?.subnet.map({ $0.isIPv6 != isIPv6 }) != true, family?.gateway.map({ $0.isIPv6 != isIPv6 }) != true else {
        throw LabError(.invalidArgument, "management network", "has an address of the other family")
      }
    }
  }
  var message: Proto.ManagementSpec {
    Proto.ManagementSpec(ipv4: ipv4?.message, ipv6: ipv6?.message, mtu: UInt32(count: mtu), outside: reachesOutside)
  }
}

extension ManagementSpec.Family: WireValue {
  init(_ message: Proto.ManagementFamily) throws(LabError) {
    self.init(
      subnet: message.subnet.isEmpty ? nil : try Subnet(message.subnet),
      gateway: message.gateway.isEmpty ? nil : try IPAddress(message.gateway))
  }
  var message: Proto.ManagementFamily { Proto.ManagementFamily(subnet: subnet?.description ?? "", gateway: gateway?.text ?? "") }
}

extension NodeManagement: WireValue {
  init(_ message: Proto.NodeManagement) throws(LabError) {
    self.init(isOff: message.off, addresses: try IPAddress.list(message.addresses), ports: try PublishedPort.list(message.ports))
  }
  var message: Proto.NodeManagement { Proto.NodeManagement(off: isOff, addresses: addresses.messages, ports: ports.messages) }
}

extension PublishedPort: WireValue {
  init(_ message: Proto.PublishedPort) throws(LabError) {
    self.init(
      address: message.address.isEmpty ? nil : try IPAddress(message.address), port: try Self.number(message.port),
      nodePort: try Self.number(message.nodePort), transport: try Transport(message.transport))
  }
  var message: Proto.PublishedPort {
    Proto.PublishedPort(
      address: address?.text ?? "", port: UInt32(port), nodePort: UInt32(nodePort), transport: transport.message)
  }

  private static func number(_ number: UInt32) throws(LabError) -> UInt16 {
    guard let port = UInt16(exactly: number), port > 0 else { throw LabError(.outOfRange, "port \(number)", "a port is 1 to 65535") }
    return port
  }
}

extension PublishedPort.Transport: WireEnumeration {
  var message: Proto.Transport {
    switch self {
    case .tcp: .tcp
    case .udp: .udp
    }
  }
}

extension ForwardedPort: WireValue {
  init(_ message: Proto.ForwardedPort) throws(LabError) {
    self.init(try PublishedPort(required: message.published), to: try IPAddress(message.to))
  }
  var message: Proto.ForwardedPort { Proto.ForwardedPort(published: published.message, to: to.text) }
}

extension ManagementNetwork: WireValue {
  init(_ message: Proto.ManagementNetwork) throws(LabError) {
    self.init(subnet: try Subnet(message.subnet), gateway: try IPAddress(message.gateway))
    guard subnet.isForHosts(gateway) else {
      throw LabError(.invalidArgument, "management network \(subnet)", "its gateway \(gateway) isn't one of its addresses")
    }
  }
  var message: Proto.ManagementNetwork { Proto.ManagementNetwork(subnet: subnet.description, gateway: gateway.text) }
}

extension AssignedManagement: WireValue {
  init(_ message: Proto.AssignedManagement) throws(LabError) {
    self.init(
      gateways: try InterfaceAddress.list(message.gateways), mtu: try Wire.mtu(message.mtu), reachesOutside: message.outside,
      ports: try ForwardedPort.list(message.ports))
  }
  var message: Proto.AssignedManagement {
    Proto.AssignedManagement(gateways: gateways.messages, mtu: UInt32(count: mtu), outside: reachesOutside, ports: ports.messages)
  }
}

extension IPAddress {
  static func list(_ texts: [String]) throws(LabError) -> [IPAddress] {
    try texts.map { text throws(LabError) in try IPAddress(text) }
  }
}

extension InterfaceAddress {
  static func list(_ texts: [String]) throws(LabError) -> [InterfaceAddress] {
    try texts.map { text throws(LabError) in try InterfaceAddress(text) }
  }
}

extension Array where Element: CustomStringConvertible {
  /// Addresses as text.
  var messages: [String] { map(\.description) }
}

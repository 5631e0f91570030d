import Model

extension WireSamples {
  mutating func interfaceAddress() throws -> InterfaceAddress { try InterfaceAddress("\(try address())/\(below(33))") }

  mutating func managementNetwork() throws -> ManagementNetwork {
    let subnet = try Subnet(flip() ? "10.\(below(256)).0.0/16" : "fd00:\(below(9_999))::/64")
    return ManagementNetwork(subnet: subnet, gateway: subnet.address(at: 1 + number() % 1_000) ?? subnet.address)
  }

  mutating func management() throws -> ManagementSpec {
    func family(_ subnet: String, _ gateway: String) throws -> ManagementSpec.Family {
      ManagementSpec.Family(subnet: try Subnet(subnet), gateway: try IPAddress(gateway))
    }
    let ipv4 = flip() ? ManagementSpec.Family() : try family("10.\(below(256)).0.0/16", "10.0.0.\(below(256))")
    return ManagementSpec(
      ipv4: flip() ? ipv4 : nil, ipv6: flip() ? try family("fd00:\(below(9_999))::/64", "fd00::\(below(9_999))") : nil, mtu: mtu(),
      reachesOutside: flip())
  }

  mutating func port() throws -> PublishedPort {
    PublishedPort(
      address: try maybe { try $0.address() }, port: UInt16(1 + below(65_535)), nodePort: UInt16(1 + below(65_535)),
      transport: any(PublishedPort.Transport.self))
  }

  mutating func assignedManagement() throws -> AssignedManagement {
    AssignedManagement(
      gateways: try list { try $0.interfaceAddress() }, mtu: mtu(), reachesOutside: flip(),
      ports: try list { ForwardedPort(try $0.port(), to: try $0.address()) })
  }
}

import Model
import Testing

@Suite struct SubnetTests {
  @Test func aSubnetIsItsNetworksAddressAndLength() throws {
    for text in ["172.20.20.0/24", "10.0.0.0/8", "0.0.0.0/0", "192.0.2.4/30", "192.0.2.9/32", "fd00:1::/64", "3fff:172:20:20::/64"] {
      #expect(try Subnet(text).description == text)
    }
    #expect(try Subnet("fd00:0001:0::/64").description == "fd00:1::/64")
    for text in [
      "172.20.20.1/24", "172.20.20.0", "172.20.20.0/33", "172.20.20.0/-1", "/24", "x/24", "fd00::1/64", "fd00::/129", "1.2.3.0/24/8",
    ] {
      #expect(throws: LabError.self) { try Subnet(text) }
    }
  }

  @Test func addressesAreCountedFromTheNetworksOwn() throws {
    let table: [(String, room: UInt64, [UInt64: String?])] = [
      ("172.20.20.0/24", 254, [1: "172.20.20.1", 254: "172.20.20.254", 256: nil]),
      ("10.0.0.0/8", 16_777_214, [256: "10.0.1.0", 16_777_215: "10.255.255.255", 16_777_216: nil]),
      ("192.0.2.4/30", 2, [1: "192.0.2.5", 4: nil]), ("192.0.2.8/31", 0, [1: "192.0.2.9"]), ("192.0.2.9/32", 0, [1: nil]),
      ("fd00::/64", .max >> 1, [1: "fd00::1", 65_536: "fd00::1:0"]), ("fd00::/126", 3, [3: "fd00::3", 4: nil]),
    ]
    for (text, room, numbers) in table {
      let subnet = try Subnet(text)
      #expect(subnet.room == room, "\(text)")
      for (number, address) in numbers { #expect(subnet.address(at: number)?.text == address, "\(text) \(number)") }
    }
  }

  @Test func hostsHaveNeitherTheNetworksAddressNorTheOneForAll() throws {
    let subnet = try Subnet("192.0.2.0/29")
    let mayBe = try (0...8).map { try subnet.isForHosts(IPAddress("192.0.2.\($0)")) }
    #expect(mayBe == [false, true, true, true, true, true, true, false, false])
    #expect(try Subnet("fd00::/126").isForHosts(IPAddress("fd00::3")) && !Subnet("fd00::/126").isForHosts(IPAddress("fd00::")))
  }

  @Test func subnetsOverlapWhereOneIsInTheOther() throws {
    let table = [
      ("10.0.0.0/8", "10.9.0.0/16", true), ("10.0.0.0/8", "11.0.0.0/8", false), ("10.0.0.0/24", "10.0.0.0/24", true),
      ("10.0.0.0/25", "10.0.0.128/25", false), ("fd00::/64", "fd00:0:0:1::/64", false), ("fd00::/16", "fd00:0:0:1::/64", true),
      ("0.0.0.0/0", "::/0", false),
    ]
    for (a, b, isSo) in table {
      #expect(try Subnet(a).overlaps(Subnet(b)) == isSo && Subnet(b).overlaps(Subnet(a)) == isSo, "\(a) \(b)")
    }
  }
}

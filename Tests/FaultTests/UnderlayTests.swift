import Foundation
import Support
import Testing

/// What happens to a host's underlay shows in its links' states, and they carry again as soon as it is whole.
@Suite(.serialized) struct UnderlayTests {
  private static let link = "a:1--b:1"

  private func state(_ lab: TestLab) throws -> String? {
    let links = try lab.inspect("pair")["links"] as? [[String: Any]] ?? []
    return links.first { $0["id"] as? String == Self.link }?["state"] as? String
  }

  private func carries(_ lab: TestLab) throws -> Bool { try lab.ping("10.9.0.2", from: "a", in: "pair", count: 1).exit == 0 }

  @Test func aFlapAndAnAddressThatGoesAndComesBackShowInTheLinksState() throws {
    try TestLab.with { lab in
      try lab.deploy(.pair("pair"))
      let address = try lab.underlay(of: "h1")
      for (fault, cure) in [
        ("ip link set \(address.device) down", "ip link set \(address.device) up"),
        ("ip address del \(address.text) dev \(address.device)", "ip address add \(address.text) dev \(address.device)"),
      ] {
        #expect(try lab.on("h1", "sh", "-ec", fault).exit == 0)
        #expect(try eventually { try state(lab) == "down" }, "\(fault)")
        #expect(try !carries(lab))
        #expect(try lab.on("h1", "sh", "-ec", cure).exit == 0)
        #expect(try eventually { try state(lab) == "up" }, "\(cure)")
        #expect(try eventually { try carries(lab) })
        #expect(try eventually { try lab.isConverged("pair") })
      }
    }
  }
}

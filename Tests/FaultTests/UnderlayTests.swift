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

  private func reason(_ lab: TestLab) throws -> String? {
    let links = try lab.inspect("pair")["links"] as? [[String: Any]] ?? []
    return links.first { $0["id"] as? String == Self.link }?["reason"] as? String
  }

  private func linkEvents(_ lab: TestLab) throws -> [(kind: String, reason: String?)] {
    try lab.events(of: "pair").filter { $0["subject"] as? String == Self.link }.map {
      ($0["kind"] as? String ?? "", ($0["detail"] as? [String: Any])?["reason"] as? String)
    }
  }

  /// A packet filter as an administrator of the host has it.
  private func close(_ host: String, _ rules: String..., in lab: TestLab) throws {
    let table = "nft add table inet closed; nft add chain inet closed in \"{ type filter hook input priority 0; }\""
    let run = try lab.on(host, "sh", "-ec", "\(table); \(rules.map { "nft add rule inet closed in \($0)" }.joined(separator: "; "))")
    guard run.exit == 0 else { throw SupportError("\(host): \(run.errors)") }
  }

  private func open(_ host: String, in lab: TestLab) throws {
    let run = try lab.on(host, "nft", "delete", "table", "inet", "closed")
    guard run.exit == 0 else { throw SupportError("\(host): \(run.errors)") }
  }

  @Test func aFirewallThatDropsTunnelsIsNamedWithItsHostAndTheCure() throws {
    try TestLab.with { lab in
      try lab.deploy(.pair("pair"))
      for (host, other, address) in [("h2", "h1", "10.254.0.1"), ("h1", "h2", "10.254.0.2")] {
        let before = try linkEvents(lab).count
        // Other traffic, echoes among it, passes.
        try close(host, "udp dport 4789 drop", in: lab)
        let expected = "\(host) does not receive UDP 4789 from \(other) (accept inbound UDP 4789 from \(address) in its firewall)"
        #expect(try eventually { try state(lab) == "down" && reason(lab) == expected }, "\(host)")
        let events = try linkEvents(lab)
        #expect(events.count == before + 1 && events.last?.kind == "link.down" && events.last?.reason == expected, "\(events)")
        #expect(try !carries(lab))
        try open(host, in: lab)
        #expect(try eventually { try state(lab) == "up" })
        #expect(try eventually { try carries(lab) })
        #expect(try eventually { try lab.isConverged("pair") })
      }
    }
  }

  @Test func aDeployBehindAClosedFirewallSaysSoAndEndsOnceItIsOpen() throws {
    try TestLab.with { lab in
      for host in ["h1", "h2"] { try close(host, "udp dport 4789 drop", in: lab) }
      let pair = Topology.pair("pair")
      let late = try lab.archetype("deploy", "-t", try lab.file(pair.name, pair.text), "--timeout", "5")
      #expect(late.exit == 3)
      #expect(late.errors.contains("neither h1 nor h2 receives UDP 4789") || late.output.contains("neither h1 nor h2 receives UDP 4789"))
      #expect(try linkEvents(lab).isEmpty, "it was never up")
      for host in ["h1", "h2"] { try open(host, in: lab) }
      #expect(try eventually { try lab.isConverged("pair") })
      #expect(try carries(lab))
    }
  }

  @Test func aFirewallThatDropsEchoesOnlyTakesNothingDown() throws {
    try TestLab.with { lab in
      for host in ["h1", "h2"] { try close(host, "meta l4proto { icmp, ipv6-icmp } drop", in: lab) }
      try lab.deploy(.pair("pair"))
      #expect(try carries(lab))
      try lab.testbed("kill", "agent/h1")
      try lab.testbed("start", "agent/h1")
      #expect(try eventually { try lab.isConverged("pair") })
      #expect(try linkEvents(lab).map(\.kind) == ["link.up"])
    }
  }

  /// The far kernel answers probes, and the device of ours outlives our agent.
  @Test func noLinkBlinksForAnAgentThatIsAwayOrForATunnelOfProbesThatIsDeleted() throws {
    try TestLab.with { lab in
      try lab.deploy(.pair("pair"))
      func probe() throws -> String {
        let run = try lab.on("h1", "nsenter", "--net=/run/archetype/netns/archetype", "ip", "-o", "link")
        return String(run.output.split(separator: "\n").first { $0.contains(": p") } ?? "")
      }
      let before = try probe()
      #expect(!before.isEmpty)
      for agents in [["agent/h1"], ["agent/h2"], ["agent/h1", "agent/h2"]] {
        for agent in agents { try lab.testbed("kill", agent) }
        if agents == ["agent/h2"] { #expect(try eventually { try state(lab) == "unknown" }, "its host is lost after a while") }
        for agent in agents { try lab.testbed("start", agent) }
        #expect(try eventually { try lab.isConverged("pair") })
        #expect(try carries(lab))
      }
      #expect(try probe() == before, "it was not made anew")
      let name = try #require(before.split(whereSeparator: { ": @".contains($0) }).dropFirst().first)
      #expect(try lab.on("h1", "nsenter", "--net=/run/archetype/netns/archetype", "ip", "link", "del", String(name)).exit == 0)
      #expect(try eventually { try !probe().isEmpty && probe() != before })
      #expect(try eventually { try lab.isConverged("pair") })
      #expect(try linkEvents(lab).map(\.kind) == ["link.up"])
      try lab.destroy("pair")
      #expect(try probe().isEmpty, "it goes with the last link between hosts")
    }
  }
}

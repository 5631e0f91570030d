import Foundation
import Support
import Testing

/// The management network as its user has it: over two hosts, through deaths and damage, until nothing is left.
@Suite(.serialized) struct ManagementTests {
  private static let text = """
    name: managed
    mgmt: {ipv4-subnet: 10.77.0.0/24, ipv6-subnet: "fd00:77::/64"}
    topology:
      defaults: {kind: linux, image: alpine}
      nodes:
        a: {host: h1}
        b: {host: h2, mgmt-ipv4: 10.77.0.9}
        c: {host: h1}
      links:
        - endpoints: ["a:eth1", "b:eth1"]
    """

  private func addresses(_ lab: TestLab, _ node: String) throws -> [String] {
    let interfaces = try lab.node(node, of: "managed")["interfaces"] as? [[String: Any]] ?? []
    let first = interfaces.first { $0["ordinal"] as? Int == 0 }
    return first?["state"] as? String == "up" ? first?["addresses"] as? [String] ?? [] : []
  }

  private func reaches(_ lab: TestLab, _ address: String, from host: String) throws -> Bool {
    try lab.on(host, "ping", "-q", "-c", "1", "-W", "2", address).exit == 0
  }

  private func gate(_ lab: TestLab, on host: String) throws -> String {
    let links = try lab.on(host, "ip", "-o", "link").output.split(separator: "\n")
    let line = try #require(links.first { $0.contains("ar1 g ") })
    return String(line.split(separator: " ")[1].split(separator: "@")[0])
  }

  @Test func eachHostReachesItsNodesWhoseAddressesStay() throws {
    try TestLab.with { lab in
      try lab.deploy(Topology("managed", Self.text))
      let table = try lab.archetype("inspect", "managed").output
      #expect(table.contains("ADDRESS") && table.contains("10.77.0.2 fd00:77::2"), "\(table)")
      let before = try ["a", "b", "c"].map { try addresses(lab, $0) }
      #expect(before == [["10.77.0.2/24", "fd00:77::2/64"], ["10.77.0.9/24", "fd00:77::3/64"], ["10.77.0.3/24", "fd00:77::4/64"]])
      #expect(try reaches(lab, "10.77.0.2", from: "h1") && reaches(lab, "fd00:77::4", from: "h1") && reaches(lab, "10.77.0.9", from: "h2"))
      // Nodes of one host reach each other by it, those of two don't.
      #expect(try lab.ping("10.77.0.3", from: "a", in: "managed").exit == 0)
      #expect(try lab.ping("10.77.0.9", from: "a", in: "managed", count: 1).exit != 0)

      let actions = try lab.settledActions()
      try lab.deploy(Topology("managed", Self.text))
      #expect(try lab.settledActions() == actions)
      // Another agent finds it as it is.
      let processes = try lab.processes(of: "managed")
      try lab.testbed("kill", "agent/h1")
      try lab.testbed("start", "agent/h1")
      #expect(try eventually { try lab.isConverged("managed", with: processes) })
      #expect(try lab.settledActions()["h1"] == 0)

      try damage(lab)
      #expect(try lab.processes(of: "managed") == processes)
      try lab.testbed("power-off", "h1")
      try lab.testbed("power-on", "h1")
      #expect(try eventually { try lab.isConverged("managed") && reaches(lab, "10.77.0.2", from: "h1") })
      #expect(try ["a", "b", "c"].map { try addresses(lab, $0) } == before)

      try lab.destroy("managed")
      for host in ["h1", "h2"] {
        #expect(try !lab.on(host, "ip", "-o", "link").output.contains("ar1 "))
        #expect(
          try lab.on(host, "nsenter", "--net=/run/archetype/netns/archetype", "ip", "-o", "link", "show", "type", "bridge").output == "")
      }
    }
  }

  /// Whatever is taken away of it comes back; what only looks like it goes, and what is another's stays.
  private func damage(_ lab: TestLab) throws {
    let gate = try gate(lab, on: "h1")
    let fabric = "nsenter --net=/run/archetype/netns/archetype"
    let mark = try lab.on("h1", "sh", "-c", "ip -o link show \(gate) | sed 's/.*alias //'").output.trimmingCharacters(
      in: .whitespacesAndNewlines)
    // What is undesired may have gone before it is up.
    for words in [
      "ip link del \(gate)", "ip address flush dev \(gate)", "\(fabric) ip link del $(\(fabric) ip -o link show type bridge | cut -d: -f2)",
      "\(fabric) sh -c 'ip link add stray type bridge; ip link set stray alias \"\(mark)\"; ip link add foreign type bridge; ip link set stray up || true'",
    ] {
      let run = try lab.on("h1", "sh", "-ec", words)
      #expect(run.exit == 0, "\(words): \(run.errors)")
      #expect(try eventually { try reaches(lab, "10.77.0.2", from: "h1") && !addresses(lab, "a").isEmpty }, "\(words)")
    }
    func bridges() throws -> String { try lab.on("h1", "sh", "-c", "\(fabric) ip -o link show type bridge").output }
    #expect(try eventually { try !bridges().contains("stray") })
    #expect(try bridges().contains("foreign"))
    _ = try lab.on("h1", "sh", "-c", "\(fabric) ip link del foreign")
  }

  @Test func aSubnetThatAHostHasAWayToIsNamedWithItsDevice() throws {
    try TestLab.with(hosts: 1) { lab in
      #expect(
        try lab.on("h1", "sh", "-ec", "ip link add other type bridge; ip address add 10.77.5.1/16 dev other; ip link set other up").exit
          == 0)
      let text = "name: managed\nmgmt: {ipv4-subnet: 10.77.0.0/24}\ntopology:\n  nodes:\n    a: {kind: linux, image: alpine}\n"
      let run = try lab.archetype("deploy", "-t", try lab.file("managed", text), "--timeout", "3")
      #expect(run.exit == 3 && run.errors.contains("10.77.0.0/16 by other"), "\(run.errors)\(run.output)")
      try lab.destroy("managed")
      let fabric = ["nsenter", "--net=/run/archetype/netns/archetype", "ip", "-o", "link", "show", "type", "bridge"]
      #expect(try lab.on("h1", "sh", "-c", fabric.joined(separator: " ")).output == "", "what was begun of it is left")
      #expect(try lab.on("h1", "ip", "link", "del", "other").exit == 0)
      try lab.deploy(Topology("managed", text))
    }
  }

  @Test func portsOfAHostLeadToItsNodesThroughDeathsAndDamage() throws {
    try TestLab.with { lab in
      func text(_ port: Int) -> String {
        """
        name: web
        topology:
          nodes:
            a:
              kind: linux
              image: alpine
              host: h2
              ports: ["\(port):80"]
              exec: ["sh -c 'mkdir -p /www && echo hello > /www/index.html && busybox httpd -p 80 -h /www'"]
        """
      }
      _ = try lab.on("h2", "sysctl", "-w", "net.ipv4.ip_forward=1")
      let address = try #require(try lab.underlay(of: "h2").text.split(separator: "/").first)
      func hears(_ port: Int) throws -> Bool {
        let question = "exec 3<>/dev/tcp/\(address)/\(port) && (echo GET / HTTP/1.0; echo) >&3 && cat <&3"
        return try lab.on("h1", "timeout", "2", "bash", "-c", question).output.contains("hello")
      }
      try lab.deploy(Topology("web", text(8_080)))
      #expect(try eventually { try hears(8_080) })
      // The table goes, the node dies, the host loses power: all comes back.
      _ = try lab.on("h2", "nft", "flush", "ruleset")
      #expect(try eventually { try hears(8_080) })
      let pid = try #require(try lab.node("a", of: "web")["pid"] as? Int)
      _ = try lab.on("h2", "kill", "-9", "\(pid)")
      #expect(try eventually { try hears(8_080) })
      try lab.testbed("power-off", "h2")
      try lab.testbed("power-on", "h2")
      _ = try lab.on("h2", "sysctl", "-w", "net.ipv4.ip_forward=1")
      #expect(try eventually { try hears(8_080) })
      // Another port, without another life of the node.
      #expect(try eventually { try lab.isConverged("web") })
      let before = try lab.processes(of: "web")
      try lab.deploy(Topology("web", text(8_081)))
      #expect(try eventually { try hears(8_081) } && !hears(8_080))
      #expect(try lab.processes(of: "web") == before)
      let other = text(8_081).replacing("name: web", with: "name: other")
      let refused = try lab.archetype("deploy", "-t", try lab.file("other", other))
      #expect(refused.exit == 1 && refused.errors.contains("8081/tcp of its host is web/a's"), "\(refused.errors)")
      try lab.destroy("web")
      #expect(try !hears(8_081) && lab.on("h2", "nft", "list", "ruleset").output == "")
    }
  }

  /// The testbed's cable for the bus stands for what a host reaches beside its nodes.
  @Test func nodesReachWhatTheirHostReachesWhereTheFileSaysSo() throws {
    try TestLab.with(hosts: 1) { lab in
      func text(_ isOpen: Bool) -> String {
        "name: managed\nmgmt: {ipv4-subnet: 10.77.0.0/24, external-access: \(isOpen)}\ntopology:\n  nodes:\n    a: {kind: linux, image: alpine}\n"
      }
      func rules() throws -> String { try lab.on("h1", "nft", "list", "ruleset").output }
      _ = try lab.on("h1", "sysctl", "-w", "net.ipv4.ip_forward=0")
      _ = try lab.on("h1", "nft", "add", "table", "inet", "foreign")
      let run = try lab.archetype("deploy", "-t", try lab.file("managed", text(true)), "--timeout", "3")
      #expect(run.exit == 3 && run.errors.contains("sysctl -w net.ipv4.ip_forward=1"), "\(run.errors)\(run.output)")
      _ = try lab.on("h1", "sysctl", "-w", "net.ipv4.ip_forward=1")
      #expect(try eventually { try lab.isConverged("managed") })
      let far = "10.253.0.1"
      #expect(try lab.ping(far, from: "a", in: "managed").exit == 0)
      // Taken away it comes back; what is another's stays.
      for words in [
        "nft delete table inet $(nft list tables | sed -n 's/.*inet \\(ar.*\\)/\\1/p')", "nft flush ruleset; nft add table inet foreign",
      ] {
        #expect(try lab.on("h1", "sh", "-ec", words).exit == 0)
        #expect(try eventually { try rules().contains("masquerade") })
      }
      #expect(try eventually { try lab.isConverged("managed") && lab.ping(far, from: "a", in: "managed").exit == 0 })
      try lab.deploy(Topology("managed", text(false)))
      #expect(try eventually { try !rules().contains("masquerade") })
      #expect(try lab.ping(far, from: "a", in: "managed", count: 1).exit != 0)
      try lab.deploy(Topology("managed", text(true)))
      #expect(try rules().contains("masquerade"))
      try lab.destroy("managed")
      #expect(try rules().contains("foreign") && !rules().contains("inet ar"))
    }
  }
}

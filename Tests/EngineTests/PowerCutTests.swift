import Support
import Testing

/// A host with many containers loses its power.
@Suite(.serialized) struct PowerCutTests {
  private static let routers = 4
  private static let hostsEach = 4

  /// Routers r1 to r4 in a ring on h1 with four hosts behind each, and r5 on h2 behind r1: all by OSPF, at its quickest.
  private static var topology: Topology {
    var nodes: [String] = []
    var links = ["r1:eth7, r5:eth1"]
    for router in 1...routers {
      let before = router == 1 ? routers : router - 1
      var interfaces = ["eth1 10.0.\(router).1/24", "eth2 10.0.\(before).2/24"] + (router == 1 ? ["eth7 10.0.9.1/24"] : [])
      links.append("r\(router):eth1, r\(router % routers + 1):eth2")
      for host in 1...hostsEach {
        interfaces.append("eth\(host + 2) 192.168.\(10 * router + host).1/24")
        links.append("r\(router):eth\(host + 2), p\(router)\(host):eth1")
        let network = "192.168.\(10 * router + host)"
        nodes.append(
          "p\(router)\(host): {host: h1, image: busybox, exec: [\"ip address replace \(network).2/24 dev eth1\", "
            + "\"ip route replace default via \(network).1\"]}")
      }
      nodes += self.router("r\(router)", on: "h1", interfaces)
    }
    nodes += router("r5", on: "h2", ["eth1 10.0.9.2/24"])
    let lines = ["name: cut", "topology:", "  defaults: {kind: linux}", "  nodes:"] + nodes.map { "    \($0)" } + ["  links:"]
    return Topology("cut", (lines + links.map { "    - endpoints: [\($0)]" }).map { $0 + "\n" }.joined())
  }

  private static func router(_ name: String, on host: String, _ interfaces: [String]) -> [String] {
    var lines = ["\(name):", "  host: \(host)", "  image: frrouting/frr:test", "  startup-config: |"]
    for interface in interfaces {
      let words = interface.split(separator: " ")
      let settings = words[1].hasPrefix("10.") ? ["network point-to-point", "hello-interval 1", "dead-interval 4"] : ["passive"]
      lines += ["    interface \(words[0])", "     ip address \(words[1])", "     ip ospf area 0"]
      lines += settings.map { "     ip ospf \($0)" }
    }
    return lines + ["    router ospf"]
  }

  /// Neighbours that are `Full`, of all routers on h1: two each of the ring, and r5.
  private static let full = 2 * routers + 1

  /// Waits for it without any service of ours.
  private func isWhole(_ lab: TestLab, neighbours: Int) -> Bool {
    let script = """
      [ $(docker ps -q --filter status=running | wc -l) = \(Self.routers * (Self.hostsEach + 1)) ] || exit 1
      for r in $(docker ps --filter ancestor=frrouting/frr:test --format '{{.ID}}'); do
        docker exec $r vtysh -c 'show ip ospf neighbor' || exit 1
      done
      """
    return eventually(within: 120) {
      guard let run = try? lab.on("h1", "sh", "-c", script), run.exit == 0 else { return false }
      return run.output.split(separator: "\n").count { $0.contains(" Full/") } == neighbours
    }
  }

  @Test func `twenty containers come back from a power cut linked, configured and routed, without the control plane`() throws {
    try TestLab.with(docker: true) { lab in
      try lab.importBusybox(on: "h1")
      for host in ["h1", "h2"] { try lab.importRouter(on: host) }
      try lab.deploy(Self.topology)
      #expect(isWhole(lab, neighbours: Self.full))
      #expect(try lab.exec("cut", "p11", "touch", "/root/kept").exit == 0)
      let services = ["bus", "configs", "jobs", "links", "reconciler"]
      for name in services { try lab.testbed("kill", name) }
      try lab.testbed("power-off", "h1")
      try lab.testbed("power-on", "h1")
      #expect(isWhole(lab, neighbours: Self.full))
      // An engine says 255 of what it finds dead, and of what it can't start.
      #expect(try lab.docker("h1", "ps", "-aq", "--filter", "exited=255") == "")
      for (node, address) in [("p11", "192.168.34.2"), ("p44", "10.0.9.2"), ("p23", "192.168.11.2")] {
        let id = try lab.docker("h1", "ps", "-q", "--filter", "label=archetype.node=\(node)")
        // Routes follow a moment after neighbours.
        #expect(
          try eventually { try lab.on("h1", "docker", "exec", id, "ping", "-q", "-c", "2", "-W", "1", address).exit == 0 },
          "\(node) \(address)")
      }
      for name in services { try lab.testbed("start", name) }
      #expect(try eventually { try lab.isConverged("cut") })
      #expect(try lab.exec("cut", "p11", "ls", "/root").output == "kept\n")
      for node in try #require(try lab.inspect("cut")["nodes"] as? [[String: Any]]) {
        let config = node["config"] as? [String: String] ?? [:]
        #expect(node["restarts"] as? Int == 0 && config["applied"] == config["desired"], "\(node)")
      }
    }
  }
}

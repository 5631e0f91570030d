import Foundation
import Support
import Testing

/// What made the system before this one fail, done again on purpose: each of its six failures with its trigger.
@Suite(.serialized) struct OldFailureTests {
  private static let configuration = "hostname configured\nno ipv6 forwarding\ninterface eth1\n ip address 10.9.0.1/24\n"

  private func routers(on hosts: (String, String)) -> Topology {
    Topology(
      "routers",
      """
      name: routers
      topology:
        defaults: {kind: linux, image: frrouting/frr}
        nodes:
          a: {host: \(hosts.0), startup-config: a.conf}
          b: {host: \(hosts.1), exec: ["ip address replace 10.9.0.2/24 dev eth1"]}
        links:
          - endpoints: ["a:eth1", "b:eth1"]
      """)
  }

  /// 1: remote nodes booted without their configuration, which only one of two stores knew.
  @Test func aConfigurationReachesAnyHostByteByByteAlsoAfterEveryDiskWasWiped() throws {
    try TestLab.with { lab in
      try Self.configuration.write(toFile: lab.folder + "/a.conf", atomically: true, encoding: .utf8)
      var digests: Set<String> = []
      for hosts in [("h1", "h2"), ("h2", "h1")] {
        try lab.deploy(routers(on: hosts))
        let config = try #require(try lab.node("a", of: "routers")["config"] as? [String: String])
        #expect(config["desired"] == config["applied"])
        digests.insert(config["applied"] ?? "none")
        #expect(try lab.exec("routers", "a", "cat", "/etc/frr/frr.conf").output == Self.configuration)
        #expect(try eventually { try lab.ping("10.9.0.2", from: "a", in: "routers").exit == 0 })
        try lab.destroy("routers")
        for host in ["h1", "h2"] {
          try lab.testbed("kill", "agent/\(host)")
          #expect(try lab.on(host, "find", "/var/lib/archetype", "-mindepth", "1", "-delete").exit == 0)
          try lab.testbed("start", "agent/\(host)")
        }
      }
      let sum = try CommandRun.run("/usr/bin/sha256sum", [lab.folder + "/a.conf"]).output.prefix(64)
      #expect(digests == ["sha256:\(sum)"])
    }
  }

  /// 2: after a host's reboot nodes ran ahead of their cables and ended.
  @Test func aHostOfTwentyNodesComesBackLinkedWithoutHelp() throws {
    let ring = (0..<20).map { "    n\($0): {host: h1, exec: [\"ip address replace 10.9.\($0).1/24 dev eth1\"]}\n" }.joined()
    // The program refuses to run before its cables are there, and its node would show that it ended.
    let program = "sh -c 'test -e /sys/class/net/eth1 && test -e /sys/class/net/eth2 || exit 255; exec sleep infinity'"
    let links = (0..<20).map { "    - endpoints: [\"n\($0):eth1\", \"n\(($0 + 1) % 20):eth2\"]\n" }.joined()
    try TestLab.with { lab in
      try lab.deploy(
        Topology(
          "boot",
          "name: boot\ntopology:\n  defaults: {kind: linux, image: alpine, cmd: \"\(program)\"}\n  nodes:\n\(ring)  links:\n\(links)"))
      for service in ["bus", "configs", "jobs", "links", "reconciler"] { try lab.testbed("kill", service) }
      try lab.testbed("power-off", "h1")
      try lab.testbed("power-on", "h1")
      #expect(
        try eventually {
          try lab.on("h1", "pgrep", "-cfx", "sleep infinity").output.trimmingCharacters(in: .whitespacesAndNewlines) == "20"
        })
      for service in ["bus", "configs", "jobs", "links", "reconciler"] { try lab.testbed("start", service) }
      #expect(try eventually { try lab.isConverged("boot") })
      let nodes = try lab.inspect("boot")["nodes"] as? [[String: Any]] ?? []
      #expect(nodes.count == 20 && nodes.allSatisfy { $0["phase"] as? String == "ready" && $0["restarts"] as? Int == 0 }, "\(nodes)")
    }
  }

  /// 3: another spelling of an interface made a second link, and links stayed down after a redeploy.
  @Test func everyRedeployConnectsItsLinksWhateverTheirSpellingAndWhicheverServiceIsKilled() throws {
    func spelled(_ endpoints: String) -> Topology {
      Topology(
        "spelled",
        """
        name: spelled
        topology:
          defaults: {kind: linux, image: alpine}
          nodes:
            a: {host: h1}
            b: {host: h2}
          links:
            - \(endpoints)
        """)
    }
    let spellings = [
      "endpoints: [\"a:eth1\", \"b:eth1\"]", "endpoints: [\"b:eth1\", \"a:eth1\"]",
      "{type: veth, endpoints: [{node: a, interface: eth1}, {node: b, interface: eth1}]}",
    ]
    try TestLab.with { lab in
      try lab.deploy(spelled(spellings[0]))
      let before = try lab.processes(of: "spelled")
      let id = try links(of: lab).keys.first
      for (round, service) in ["configs", "jobs", "links", "reconciler", "bus", "agent/h1"].enumerated() {
        let topology = spelled(spellings[(round + 1) % spellings.count])
        let path = try lab.file(topology.name, topology.text)
        let deploy = try lab.start("deploy", "-t", path, "--timeout", "60")
        try lab.testbed("kill", service)
        try lab.testbed("start", service)
        #expect(deploy.wait(limit: 90).exit == 0, "\(service)")
        #expect(try eventually { try lab.isConverged("spelled", with: before) }, "a spelling changes nothing")
        #expect(try links(of: lab) == [id: "up"])
      }
      for _ in 0..<3 {
        try lab.destroy("spelled")
        try lab.deploy(spelled(spellings[1]))
        #expect(try links(of: lab) == [id: "up"])
      }
    }
  }

  private func links(of lab: TestLab) throws -> [String?: String] {
    let links = try lab.inspect("spelled")["links"] as? [[String: Any]] ?? []
    return Dictionary(uniqueKeysWithValues: links.map { ($0["id"] as? String, $0["state"] as? String ?? "none") })
  }

  /// 4: the database said "running" of a node that was dead, because it was only asked now and then.
  @Test func aDeathIsKnownAlsoWhereTheWordOfItWasLost() throws {
    try TestLab.with { lab in
      try lab.deploy(.pair("pair"))
      let before = try #require(try lab.processes(of: "pair")["b"])
      try lab.cable("cut", "h2", "--bus")
      #expect(try lab.on("h2", "kill", "-9", "\(before)").exit == 0)
      try lab.cable("heal", "h2", "--bus")
      #expect(
        try eventually {
          let node = try lab.node("b", of: "pair")
          return node["phase"] as? String == "ready" && node["restarts"] as? Int == 1 && node["pid"] as? Int != before
        })
      let told = try lab.events(of: "pair").filter { $0["subject"] as? String == "b" && $0["kind"] as? String == "node.exited" }
      #expect(told.count == 1)
    }
  }

  /// 5: tunnels that nobody remembered shared a tag with valid ones and swallowed their traffic.
  @Test func aStaleTunnelGoesAForeignOneStaysAndNoEchoIsLost() throws {
    try TestLab.with { lab in
      try lab.deploy(.pair("pair"))
      let listing = try fabric(lab, "ip -d -o link show type vxlan")
      let alias = try #require(
        listing.components(separatedBy: "alias ").dropFirst().first { $0.contains(" pair@") }?.split(separator: "\n").first)
      let words = alias.split(separator: " ").map(String.init)
      let stale = "\(words[0]) v \(words[2]) \(words[3]) gone@1 x:1 y:1"
      let address = try lab.underlay(of: "h1").text.split(separator: "/")[0]
      // Not through the agents, which are killed.
      let process = try #require(try lab.processes(of: "pair")["a"])
      let echoes = try lab.start(
        "testbed", "exec", "h1", "--dir", lab.folder, "--", "nsenter", "-t", "\(process)", "-n", "ping", "-q", "-i", "0.01", "-c", "1000",
        "10.9.0.2")
      for (device, vni, mark) in [("stale", 3_000_001, stale), ("foreign", 3_000_002, "")] {
        let make = "ip link add \(device) netns archetype type vxlan id \(vni) local \(address) remote 10.254.0.99 dstport 4789"
        let pin = "mkdir -p /run/netns; touch /run/netns/archetype; mount --bind /run/archetype/netns/archetype /run/netns/archetype"
        let run = try lab.on("h1", "sh", "-ec", "[ -e /run/netns/archetype ] || { \(pin); }; \(make)")
        #expect(run.exit == 0, "\(run.errors)")
        _ = try fabric(lab, "ip link set \(device) alias '\(mark)'; ip link set \(device) up || [ \(device) = stale ]")
      }
      func names() throws -> String { try fabric(lab, "ip -o link show type vxlan") }
      #expect(try eventually { try !names().contains("stale") })
      for host in ["h1", "h2"] {
        try lab.testbed("kill", "agent/\(host)")
        try lab.testbed("start", "agent/\(host)")
      }
      #expect(try eventually { try lab.isConverged("pair") })
      #expect(try names().contains("foreign"))
      #expect(echoes.wait(limit: 90).output.contains("1000 received"))
    }
  }

  private func fabric(_ lab: TestLab, _ words: String) throws -> String {
    let run = try lab.on("h1", "nsenter", "--net=/run/archetype/netns/archetype", "sh", "-ec", words)
    guard run.exit == 0 else { throw SupportError("\(words): \(run.errors)") }
    return run.output
  }

  /// 6: a host under load couldn't be reached, and nobody knew why.
  @Test func aFloodOfWorkAndOutputLeavesTheHostsOwnTrafficAndItsAgentAlone() throws {
    try TestLab.with { lab in
      try lab.deploy(.pair("pair"))
      let address = try lab.underlay(of: "h1").text.split(separator: "/")[0]
      let echoes = try lab.start("testbed", "exec", "h2", "--dir", lab.folder, "--", "ping", "-q", "-i", "0.01", "-c", "1000", "\(address)")
      let floods = try (0..<20).map { _ in try lab.start("exec", "pair", "a", "--timeout", "5", "--", "sh", "-c", "yes flood") }
      let nodes = (0..<30).map { "storm\($0): {kind: linux, image: alpine, host: h1, cmd: \"sh -c 'yes storm'\"}" }
      let storm = Topology.pair("pair", nodes: nodes)
      let path = try lab.file(storm.name, storm.text)
      let deploy = try lab.archetype("deploy", "-t", path, "--timeout", "120", limit: 150)
      #expect(deploy.exit == 0, "\(deploy.errors)")
      for flood in floods { _ = flood.wait(limit: 90) }
      #expect(echoes.wait(limit: 90).output.contains("1000 received"))
      #expect(try lab.exec("pair", "a", "true").exit == 0)
      let kept = try lab.on("h1", "du", "-sm", "/var/lib/archetype").output.split(separator: "\t").first.flatMap { Int($0) }
      #expect(try #require(kept) < 30 * 9 + 50, "MiB of output are kept")
    }
  }
}

import Foundation
import Support
import Testing

/// Nodes that wait for others, over two hosts on the namespace runtime. Their order is the kernel's: when each process began, and when each
/// node's own command ran, by the same clock.
@Suite(.serialized) struct StageTests {
  /// `first` is ready a second after its start, and configured when it has written when; `far` and `near` follow, and `last` runs its command
  /// after them.
  private static let note = "\"sh -c 'cat /proc/uptime > /tmp/configured'\""
  private let order = Topology(
    "order",
    """
    name: order
    topology:
      defaults: {kind: linux, image: alpine}
      nodes:
        last: {host: h2, exec: [\(note)], stages: {configure: {wait-for: [{node: near, stage: healthy}]}}}
        near: {host: h1, stages: {create-links: {wait-for: [{node: far, stage: create-links}]}}}
        far: {host: h2, stages: {create: {wait-for: [{node: first, stage: healthy}]}}}
        first:
          host: h1
          cmd: "sh -c 'rm -f /tmp/up; sleep 1; touch /tmp/up; sleep infinity'"
          ready: {command: test -e /tmp/up, interval: 0.2}
          stages: {healthy: {exec: [{command: \(note)}]}}
    """)

  /// Hundredths of a second since the machine's boot.
  private func began(_ node: String, on host: String, _ lab: TestLab) throws -> Int {
    let pid = try #require(lab.processes(of: "order")[node])
    let stat = try lab.on(host, "cat", "/proc/\(pid)/stat").output
    let fields = stat.drop { $0 != ")" }.split(separator: " ")
    return try #require(fields.count > 20 ? Int(fields[20]) : nil, "\(stat)")
  }

  private func configured(_ node: String, _ lab: TestLab) throws -> Int {
    let text = try lab.exec("order", node, "cat", "/tmp/configured").output
    return try #require(text.split(separator: " ").first.flatMap { Double($0) }.map { Int($0 * 100) }, "\(text)")
  }

  private func expectOrder(_ lab: TestLab) throws {
    let times = [
      try began("first", on: "h1", lab), try configured("first", lab), try began("far", on: "h2", lab), try began("near", on: "h1", lab),
      try configured("last", lab),
    ]
    #expect(times == times.sorted(), "\(times)")
    #expect(times[1] - times[0] >= 95, "\(times)")
    // Only its command waits, not the node.
    #expect(try began("last", on: "h2", lab) < times[2])
  }

  private func reason(_ node: String, _ lab: TestLab) throws -> String { try lab.node(node, of: "order")["reason"] as? String ?? "" }

  @Test func `nodes start and run their commands in the order that their stages say, at every start and over hosts`() throws {
    try TestLab.with { lab in
      try lab.deploy(order)
      try expectOrder(lab)
      // All at once, by their user.
      let restart = try lab.archetype("node", "restart", "order")
      #expect(restart.exit == 0, "\(restart)")
      #expect(try eventually { try lab.isConverged("order") }, "\(lab.shown("order"))")
      try expectOrder(lab)
      for host in ["h1", "h2"] { try lab.testbed("power-off", host) }
      for host in ["h2", "h1"] { try lab.testbed("power-on", host) }
      #expect(try eventually { try lab.isConverged("order") }, "\(lab.shown("order"))")
      try expectOrder(lab)
    }
  }

  @Test func `who runs stays when the other goes, waits again at its next start, and says for whom and of what silence`() throws {
    try TestLab.with { lab in
      try lab.deploy(order)
      let before = try lab.processes(of: "order")
      #expect(try lab.archetype("node", "stop", "order", "first").exit == 0)
      #expect(try eventually { try lab.node("first", of: "order")["phase"] as? String == "stopped" })
      var others = before
      others["first"] = nil
      #expect(try lab.processes(of: "order") == others)
      #expect(try lab.on("h2", "kill", "-9", "\(try #require(before["far"]))").exit == 0)
      #expect(try eventually { try reason("far", lab) == "waits for first on h1 to be healthy" }, "\(lab.shown("order"))")
      #expect(try lab.node("far", of: "order")["phase"] as? String == "preparing")
      try lab.testbed("kill", "agent/h1")
      #expect(
        try eventually { try reason("far", lab) == "waits for first on h1 to be healthy, of which nothing is heard" },
        "\(lab.shown("order"))")
      try lab.testbed("start", "agent/h1")
      #expect(try lab.archetype("node", "start", "order", "first").exit == 0)
      #expect(try eventually { try lab.isConverged("order") }, "\(lab.shown("order"))")
      #expect(try lab.processes(of: "order")["near"] == before["near"])
      #expect(try began("far", on: "h2", lab) >= configured("first", lab))
    }
  }

  @Test func `nodes that wait for each other in a circle are refused with the way and the place`() throws {
    try TestLab.with(hosts: 1) { lab in
      let circle = """
        name: circle
        topology:
          defaults: {kind: linux, image: alpine, host: h1}
          nodes:
            a: {stages: {create: {wait-for: [{node: b, stage: healthy}]}}}
            b: {stages: {create: {wait-for: [{node: a, stage: create}]}}}
        """
      let refused = try lab.archetype("deploy", "-t", try lab.file("circle", circle))
      #expect(refused.exit == 1 && refused.errors.contains("circle.clab.yml:5:45") && refused.errors.contains("a → b → a"), "\(refused)")
      #expect(try lab.archetype("list", "--format", "json").output.contains("circle") == false)
    }
  }
}

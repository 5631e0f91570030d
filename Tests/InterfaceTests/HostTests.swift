import Foundation
import Support
import Testing

/// What an operator says of hosts: drained, cordoned, forgotten.
@Suite(.serialized) struct HostTests {
  /// `b` stays on h2; `a` may be anywhere.
  private static let pair = """
    name: pair
    topology:
      nodes:
        a: {kind: linux, image: alpine, exec: ["ip address replace 10.9.0.1/24 dev eth1"]}
        b: {kind: linux, image: alpine, host: h2, exec: ["ip address replace 10.9.0.2/24 dev eth1"]}
      links:
        - endpoints: ["a:eth1", "b:eth1"]
    """

  private func deploy(_ lab: TestLab) throws {
    let run = try lab.archetype("deploy", "-t", try lab.file("pair", Self.pair), "--timeout", "60")
    #expect(run.exit == 0, "\(run.errors)")
  }

  private func host(_ name: String, _ lab: TestLab) throws -> [String: Any] {
    let list = try lab.archetype("host", "list", "--format", "json").json() as? [[String: Any]] ?? []
    return list.first { $0["name"] as? String == name } ?? [:]
  }

  private func passes(_ lab: TestLab) throws -> Bool {
    try lab.archetype("exec", "pair", "a", "--", "ping", "-c", "2", "-i", "0.2", "-W", "2", "10.9.0.2").exit == 0
  }

  @Test func theRoomOnAHostsDiskIsTold() throws {
    try TestLab.with(hosts: 1) { lab in
      // MiB, as df(1) counts them.
      let words = try lab.on("h1", "df", "--output=size", "-B", "1M", "/var/lib/archetype").output.split(separator: "\n")
      let size = try #require(words.last.flatMap { Int($0.filter(\.isNumber)) })
      #expect(try eventually { try abs(((host("h1", lab)["load"] as? [String: Any])?["diskTotal"] as? Int ?? 0) - size) <= 1 })
    }
  }

  @Test func aDrainedHostIsEmptyAndTakesNothingUntilItIsUndrained() throws {
    try TestLab.with { lab in
      try deploy(lab)
      #expect(try lab.node("a", of: "pair")["host"] as? String == "h1")
      let drain = try lab.archetype("host", "drain", "h1", "--timeout", "60")
      #expect(drain.exit == 0, "\(drain.errors)")
      #expect(try host("h1", lab)["state"] as? String == "drained")
      #expect(try lab.on("h1", "ls", "/run/archetype/netns").output.split(separator: "\n") == ["archetype"])
      #expect(try eventually { try lab.isConverged("pair") })
      #expect(try lab.node("a", of: "pair")["host"] as? String == "h2")
      #expect(try passes(lab))
      #expect(try lab.archetype("events").output.contains("host.drained"))
      // The same file changes nothing, and a new pin is refused.
      let before = try lab.settledActions()
      try deploy(lab)
      #expect(try lab.settledActions() == before)
      let other = Self.pair.replacingOccurrences(of: "name: pair", with: "name: other").replacingOccurrences(of: "h2", with: "h1")
      let refused = try lab.archetype("deploy", "-t", try lab.file("other", other))
      #expect(refused.exit == 1 && refused.errors.contains("undrain h1"), "\(refused.errors)")
      let pinned = try lab.archetype("host", "drain", "h2")
      #expect(pinned.exit == 1 && pinned.errors.contains("pair/b"), "\(pinned.errors)")
      #expect(try lab.archetype("host", "undrain", "h1").exit == 0)
      #expect(try eventually { try host("h1", lab)["state"] as? String == "online" })
      #expect(try lab.node("a", of: "pair")["host"] as? String == "h2")
    }
  }

  @Test func aCordonedHostKeepsWhatItHas() throws {
    try TestLab.with { lab in
      try deploy(lab)
      #expect(try lab.archetype("host", "cordon", "h1").exit == 0)
      #expect(try eventually { try host("h1", lab)["restraint"] as? String == "cordoned" })
      #expect(try lab.node("a", of: "pair")["host"] as? String == "h1")
      let wider = Self.pair.replacingOccurrences(of: "  links:", with: "    c: {kind: linux, image: alpine}\n  links:")
      let deploy = try lab.archetype("deploy", "-t", try lab.file("pair", wider), "--timeout", "60")
      #expect(deploy.exit == 0, "\(deploy.errors)")
      #expect(try lab.node("c", of: "pair")["host"] as? String == "h2")
      #expect(try lab.archetype("host", "drain", "h9").exit == 1)
    }
  }

  @Test func aNodeThatItsHostHasNoRoomForFailsWithTheNumbersAndHoldsUpNoOther() throws {
    try TestLab.with(hosts: 1) { lab in
      func text(_ memory: String) -> String {
        "name: room\ntopology: {nodes: {large: {kind: linux, image: alpine, memory: \(memory)}, small: {kind: linux, image: alpine}}}"
      }
      let deploy = try lab.archetype("deploy", "-t", try lab.file("room", text("900g")), "--timeout", "5")
      #expect(deploy.exit == 3 && deploy.errors.contains("node large: failed: its memory of 921600 MiB is more"), "\(deploy.errors)")
      #expect(try lab.node("small", of: "room")["phase"] as? String == "ready")
      try lab.deploy(Topology("room", text("64m")))
    }
  }

  @Test func whatALostHostRanGoesElsewhereAndTheHostMayBeForgottenAndComeBack() throws {
    try TestLab.with { lab in
      try deploy(lab)
      try lab.testbed("power-off", "h1")
      #expect(try eventually { try host("h1", lab)["state"] as? String == "lost" })
      let held = try lab.archetype("host", "forget", "h1")
      #expect(held.exit == 1 && held.errors.contains("drain"), "\(held.errors)")
      let drain = try lab.archetype("host", "drain", "h1", "--timeout", "60")
      #expect(drain.exit == 0 && drain.errors.contains("is lost"), "\(drain.errors)")
      #expect(try eventually { try lab.isConverged("pair") })
      #expect(try passes(lab))
      let forget = try lab.archetype("host", "forget", "h1")
      #expect(forget.exit == 0, "\(forget.errors)")
      #expect(try host("h1", lab).isEmpty)
      try lab.testbed("power-on", "h1")
      #expect(try eventually { try host("h1", lab)["state"] as? String == "online" })
      #expect(try eventually { try lab.on("h1", "ls", "/run/archetype/netns").output.split(separator: "\n") == ["archetype"] })
      #expect(try lab.isConverged("pair"))
    }
  }
}

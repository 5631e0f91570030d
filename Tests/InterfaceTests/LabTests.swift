import Foundation
import Support
import Testing

/// The main job end to end: real services, real kernels, two virtual hosts.
@Suite(.serialized) struct LabTests {
  private static let pair = """
    name: pair
    topology:
      nodes:
        a: {kind: linux, image: alpine, host: h1, exec: ["ip address replace 10.9.0.1/24 dev eth1"]}
        b: {kind: linux, image: alpine, host: h2, exec: ["ip address replace 10.9.0.2/24 dev eth1"]}
      links:
        - endpoints: ["a:eth1", "b:eth1"]
    """

  private func deployPair(_ lab: TestLab) throws {
    let run = try lab.archetype("deploy", "-t", try lab.file("pair", Self.pair), "--timeout", "60")
    #expect(run.exit == 0, "\(run.errors)")
  }

  private func ping(_ lab: TestLab, _ count: Int = 2) throws -> CommandRun {
    try lab.archetype("exec", "pair", "a", "--", "ping", "-c", "\(count)", "-i", "0.2", "-W", "2", "10.9.0.2")
  }

  @Test func aLabOverTwoHostsComesUpPassesTrafficAndGoesWithoutATrace() throws {
    try TestLab.with { lab in
      try deployPair(lab)
      let ping = try ping(lab)
      #expect(ping.exit == 0, "\(ping.output)\(ping.errors)")
      #expect(try lab.exec("pair", "a", "nice").output == "0\n", "a node goes before others as its agent does")
      let destroy = try lab.archetype("destroy", "pair", "--timeout", "60")
      #expect(destroy.exit == 0, "\(destroy.errors)")
      for host in ["h1", "h2"] {
        let pins = try lab.on(host, "ls", "/run/archetype/netns")
        #expect(pins.output.split(separator: "\n") == ["archetype"], "sandboxes are left on \(host)")
        let devices = try lab.on(host, "nsenter", "--net=/run/archetype/netns/archetype", "ip", "-o", "link")
        #expect(devices.output.split(separator: "\n").count == 1, "devices are left on \(host): \(devices.output)")
      }
      #expect(try lab.archetype("destroy", "pair").exit == 1)
    }
  }

  @Test func anUnchangedFileChangesNothing() throws {
    try TestLab.with { lab in
      try deployPair(lab)
      let before = try lab.settledActions()
      let processes = try lab.processes(of: "pair")
      try deployPair(lab)
      #expect(try lab.settledActions() == before)
      #expect(try lab.processes(of: "pair") == processes)
      #expect(try lab.inspect("pair")["generation"] as? Int == 1)
    }
  }

  @Test func aKilledNodeIsToldAtOnceAndComesBackWithItsInterfaces() throws {
    try TestLab.with { lab in
      try deployPair(lab)
      let before = try lab.archetype("exec", "pair", "a", "--", "ip", "-o", "link", "show", "eth1").output
      let pid = try #require(try lab.node("a", of: "pair")["pid"] as? Int)
      let events = try lab.start("events", "--follow", "--since", "0", "--format", "json")
      #expect(eventually { events.printed.contains("job.done") })
      _ = try lab.on("h1", "kill", "-9", "\(pid)")
      #expect(eventually { events.printed.contains("node.exited") })
      #expect(try eventually { try lab.isConverged("pair") && (try lab.node("a", of: "pair")["pid"] as? Int) != pid })
      _ = events.terminate()
      #expect(try lab.node("a", of: "pair")["restarts"] as? Int == 1)
      #expect(try lab.archetype("exec", "pair", "a", "--", "ip", "-o", "link", "show", "eth1").output == before)
      #expect(try ping(lab).exit == 0)
    }
  }

  @Test func noPacketIsLostWhileEveryServiceAndTheAgentsAreKilled() throws {
    try TestLab.with { lab in
      try deployPair(lab)
      let ping = try lab.start(
        "exec", "pair", "a", "--timeout", "120", "--", "ping", "-q", "-i", "0.01", "-c", "1000", "10.9.0.2")
      for name in ["configs", "jobs", "links", "reconciler", "agent/h2"] {
        try lab.testbed("kill", name)
        try lab.testbed("start", name)
        // Nobody is told what only a restart makes unknown.
        if name == "reconciler" { #expect(try lab.isConverged("pair")) }
      }
      let run = ping.wait(limit: 60)
      #expect(run.output.contains(" 0% packet loss"), "\(run.output)\(run.errors)")
      #expect(try eventually { try lab.isConverged("pair") })
      #expect(try lab.archetype("list").exit == 0)
    }
  }

  @Test func aHostComesBackFromAPowerCutWithoutTheControlPlane() throws {
    try TestLab.with { lab in
      try deployPair(lab)
      for name in ["bus", "configs", "jobs", "links", "reconciler"] { try lab.testbed("kill", name) }
      try lab.testbed("power-off", "h2")
      try lab.testbed("power-on", "h2")
      // `lo`, a tap, a tunnel and that of the probes.
      #expect(
        try eventually {
          try lab.on("h2", "nsenter", "--net=/run/archetype/netns/archetype", "ip", "-o", "link").output.split(separator: "\n").count == 4
        })
      for name in ["bus", "configs", "jobs", "links", "reconciler"] { try lab.testbed("start", name) }
      #expect(try eventually { try lab.isConverged("pair") })
      #expect(try ping(lab).exit == 0)
    }
  }

  @Test func aLabMadeAgainWhileItsHostWasAwayIsTheNewOne() throws {
    try TestLab.with { lab in
      try deployPair(lab)
      let old = try lab.node("b", of: "pair")["interfaces"] as? [[String: Any]]
      try lab.testbed("power-off", "h2")
      #expect(try eventually { try lab.archetype("host", "list").output.contains("lost") })
      let destroy = try lab.archetype("destroy", "pair", "--timeout", "60")
      #expect(destroy.exit == 0, "\(destroy.errors)")
      #expect(destroy.errors.contains("pending on h2"))
      let again = try lab.archetype("deploy", "-t", try lab.file("pair", Self.pair), "--detach")
      #expect(again.exit == 0, "\(again.errors)")
      try lab.testbed("power-on", "h2")
      #expect(try eventually { try lab.isConverged("pair") })
      #expect(try ping(lab).exit == 0)
      let new = try lab.node("b", of: "pair")["interfaces"] as? [[String: Any]]
      #expect(old?.first?["mac"] as? String != new?.first?["mac"] as? String)
    }
  }

  @Test func anInterfaceThatIsSetDownIsNoCarrierAtTheFarHost() throws {
    try TestLab.with { lab in
      try deployPair(lab)
      func carrier(_ node: String) throws -> Bool {
        try lab.archetype("exec", "pair", node, "--", "ip", "-o", "link", "show", "eth1").output.contains("LOWER_UP")
      }
      func set(_ node: String, _ state: String) throws {
        #expect(try lab.archetype("exec", "pair", node, "--", "ip", "link", "set", "eth1", state).exit == 0)
      }
      try set("a", "down")
      #expect(try eventually { try !carrier("b") })
      try set("b", "down")
      try set("a", "up")
      try set("b", "up")
      #expect(try eventually { try carrier("a") && carrier("b") })
      #expect(try eventually { try lab.isConverged("pair") })
    }
  }

  @Test func badInputGetsAClearErrorAndItsExitCode() throws {
    try TestLab.with { lab in
      let missing = try lab.archetype("deploy", "-t", "/nonexistent.clab.yml")
      #expect(missing.exit == 1 && missing.errors.contains("/nonexistent.clab.yml"))
      let broken = try lab.archetype("deploy", "-t", try lab.file("broken", "name: x\ntopology: [\n"))
      #expect(broken.exit == 1 && broken.errors.contains(":"), "\(broken.errors)")
      let stranger = try lab.archetype(
        "deploy", "-t", try lab.file("stranger", Self.pair.replacingOccurrences(of: "host: h2", with: "host: h9")))
      #expect(stranger.exit == 1 && stranger.errors.contains("h9"), "\(stranger.errors)")
      let twice = Self.pair + "\n    - endpoints: [\"a:eth1\", \"b:eth2\"]"
      #expect(try lab.archetype("deploy", "-t", try lab.file("twice", twice)).exit == 1)
      let image = try lab.archetype(
        "deploy", "-t", try lab.file("image", Self.pair.replacingOccurrences(of: "alpine", with: "vendor/os:1")))
      #expect(image.exit == 1 && image.errors.contains("Docker"), "\(image.errors)")
      #expect(try lab.archetype("destroy", "gone").exit == 1)
      #expect(try lab.archetype("frobnicate").exit == 2)
      #expect(try lab.archetype("list", "--bus", "ipc:///nonexistent").exit == 4)
      #expect(try lab.archetype("list", "--format", "json").output.hasPrefix("[]"))
    }
  }
}

import Foundation
import Support
import Testing

/// An agent that begins while its engine is away or hangs.
@Suite(.serialized) struct EngineAwayTests {
  private static let mixed = """
    name: mixed
    topology:
      defaults: {kind: linux}
      nodes:
        contained: {image: busybox}
        own: {image: alpine, runtime: namespace}
      links: [{endpoints: ["contained:eth1", "own:eth1"]}]
    """

  private func dockerd(_ signal: String, _ lab: TestLab) throws {
    let run = try lab.on("h1", "sh", "-c", "kill -\(signal) $(cat /run/docker.pid)")
    #expect(run.exit == 0, "\(run.errors)")
  }

  /// The agent begins anew, and the node of the host's own dies meanwhile.
  private func beginAnew(_ lab: TestLab) throws {
    let before = try lab.processes(of: "mixed")
    let own = try #require(before["own"])
    try lab.testbed("kill", "agent/h1")
    #expect(try lab.on("h1", "kill", "-9", "\(own)").exit == 0)
    try lab.testbed("start", "agent/h1")
    let isRight = eventually {
      guard let node = try? lab.node("own", of: "mixed"), let contained = try? lab.node("contained", of: "mixed") else { return false }
      return node["phase"] as? String == "ready" && node["pid"] as? Int != own && contained["phase"] as? String == "unknown"
        && (contained["reason"] as? String ?? "").contains("docker isn't known yet")
    }
    let last = try lab.inspect("mixed")
    #expect(isRight, "\(last)")
  }

  @Test func `what needs no engine goes on and is deployed while the engine hangs, and containers are found untouched`() throws {
    try TestLab.with(hosts: 1, docker: true) { lab in
      try lab.importBusybox(on: "h1")
      try lab.deploy(Topology("mixed", Self.mixed))
      let container = try #require(try lab.processes(of: "mixed")["contained"])
      try dockerd("STOP", lab)
      try beginAnew(lab)
      try lab.deploy(Topology("more", "name: more\ntopology: {nodes: {n: {kind: linux, image: alpine, runtime: namespace}}}"))
      #expect(try lab.on("h1", "kill", "-0", "\(container)").exit == 0)
      try dockerd("CONT", lab)
      #expect(try eventually(within: 60) { try lab.isConverged("mixed") })
      let node = try lab.node("contained", of: "mixed")
      #expect(node["pid"] as? Int == container && node["restarts"] as? Int == 0)
    }
  }

  @Test func `a lab that is destroyed while the engine is away is gone when that has come back, and not before`() throws {
    try TestLab.with(hosts: 1, docker: true) { lab in
      try lab.importBusybox(on: "h1")
      try lab.deploy(Topology("mixed", Self.mixed))
      try lab.testbed("kill", "docker/h1")
      try beginAnew(lab)
      let destroy = try lab.archetype("destroy", "mixed", "--timeout", "4")
      #expect(destroy.exit == 3, "\(destroy.output)\(destroy.errors)")
      try lab.testbed("start", "docker/h1")
      // The destroy goes on by itself.
      #expect(try eventually(within: 60) { try lab.jobs(of: "mixed").first?["phase"] as? String == "done" })
      #expect(try lab.docker("h1", "ps", "-aq") == "")
      #expect(try lab.on("h1", "ls", "/run/archetype/netns").output == "archetype\n")
    }
  }
}

import Foundation
import Support
import Testing

/// Two agents of one name: the live one keeps it.
@Suite(.serialized) struct NameTests {
  /// An agent that is started by hand on a host, to its end.
  private func agent(_ lab: TestLab, on machine: String, named host: String, keysOf peer: String) throws -> CommandRun {
    try lab.on(
      machine, "timeout", "20", lab.programs + "/archetype-agent", "--host", host, "--underlay", "10.254.0.\(machine.dropFirst())",
      "--bus", "tcp://10.253.0.1:7700", "--keys", "\(lab.folder)/keys/\(peer)", "--data", "/run/second-agent")
  }

  @Test func `a second agent is refused by kernel, name and key, and the first one doesn't notice`() throws {
    try TestLab.with { lab in
      try lab.deploy(.pair("pair"))
      let sessions = try lab.sessions()
      let processes = try lab.processes(of: "pair")
      let actions = try lab.settledActions()
      let bed = try lab.bed
      let first = try #require(try bed.processID("agent/h1"))

      let sameKernel = try agent(lab, on: "h1", named: "h9", keysOf: "h1")
      #expect(sameKernel.exit == 1)
      #expect(sameKernel.errors.contains("an agent runs on this kernel already: h1, pid"), "\(sameKernel.errors)")

      try lab.testbed("kill", "agent/h2")
      let sameName = try agent(lab, on: "h2", named: "h1", keysOf: "h1")
      #expect(sameName.exit == 1)
      #expect(sameName.errors.contains("a live process holds this name"), "\(sameName.errors)")
      let othersKey = try agent(lab, on: "h2", named: "h1", keysOf: "h2")
      #expect(othersKey.exit == 1)
      #expect(othersKey.errors.contains("this key is for agent/h2, not for agent/h1"), "\(othersKey.errors)")
      try lab.testbed("start", "agent/h2")

      #expect(try bed.processID("agent/h1") == first)
      #expect(try lab.sessions()["h1"] == sessions["h1"])
      #expect(try eventually { try lab.isConverged("pair", with: processes) })
      #expect(try lab.settledActions()["h1"] == actions["h1"])
      #expect(try lab.ping("10.9.0.2", from: "a", in: "pair").exit == 0)
    }
  }
}

import Foundation
import Support
import Testing

/// An agent in a container that shares the host's processes works in the host: what it makes is seen there and outlives the container.
@Suite(.serialized) struct HostEntryTests {
  private let pair = Topology.pair("pair")

  /// The agent's command line, with its own files, host name and control groups around it, as in a container.
  private func contained(_ lab: TestLab) throws -> StartedCommand {
    let agent = try #require(try lab.services()["agent-h1"])
    let words = try String(contentsOfFile: "/proc/\(agent)/cmdline", encoding: .utf8).split(separator: "\0").joined(separator: " ")
    try lab.testbed("kill", "agent/h1")
    return try lab.start(
      "testbed", "exec", "h1", "--dir", lab.folder, "--", "unshare", "--mount", "--uts", "--ipc", "--cgroup", "sh", "-c",
      "hostname container; mount -t tmpfs none /var/lib; mount -t tmpfs none /run/archetype; echo $$; exec \(words)")
  }

  private func programs(_ lab: TestLab) throws -> [String] {
    try lab.on("h1", "pgrep", "-f", "archetype-agent").output.split(separator: "\n").map(String.init)
  }

  @Test(arguments: ["TERM", "KILL"])
  func `it takes over the nodes, makes new ones that outlive it, and ends with its container`(signal: String) throws {
    try TestLab.with { lab in
      try lab.deploy(pair)
      let before = try lab.processes(of: "pair")
      let sessions = try lab.sessions()
      let container = try contained(lab)
      #expect(try eventually { try lab.sessions()["h1"].map { $0 != sessions["h1"] } == true && lab.isConverged("pair") })
      #expect(try lab.processes(of: "pair") == before)
      try lab.deploy(Topology.pair("pair", nodes: ["new: {kind: linux, image: alpine, host: h1}"]))
      let after = try lab.processes(of: "pair")
      let outer = try #require(container.printed.split(separator: "\n").first)
      #expect(try lab.on("h1", "kill", "-\(signal)", String(outer)).exit == 0)
      #expect(try eventually { try programs(lab).isEmpty }, "the agent in the host has ended too")
      #expect(container.wait(limit: 30).errors.contains("serving peer=agent/h1"))
      try lab.testbed("start", "agent/h1")
      #expect(try eventually { try lab.isConverged("pair", with: after) })
      #expect(try lab.ping("10.9.0.2", from: "a", in: "pair").exit == 0)
    }
  }
}

import Bus
import Model
import Support
import Testing

/// A command is begun at most once, whatever is repeated and whoever dies.
@Suite(.serialized) struct ExecOnceTests {
  private static let one = Topology(
    "one",
    """
    name: one
    topology:
      nodes:
        x: {kind: linux, image: alpine, host: h1}
    """)

  @Test func `a repeated exec runs nothing again, before and after the agent's death`() throws {
    try TestLab.with(hosts: 1) { lab in
      try lab.deploy(Self.one)
      let agent = PeerName.agent(try HostName("h1"))
      let exec = ExecRequest(
        node: NodeID(try LabName("one"), try NodeName("x")), argv: ["sh", "-c", "echo ran >> /ran; sleep 60"], timeout: 60_000)
      // Each of these peers asks under the same name and the same request id.
      func ask() throws -> TestPeer.Answer {
        var peer = try TestPeer(.client("once"), .folder("\(lab.folder)/bus"))
        return try peer.ask(.agent(.exec(exec)), agent)
      }
      let first = try ask().reply
      guard case .agent(.exec)? = first else {
        Issue.record("not begun")
        return
      }
      #expect(try ask().reply == first)
      try lab.testbed("kill", "agent/h1")
      try lab.testbed("start", "agent/h1")
      #expect(try eventually { try lab.isConverged("one") })
      #expect(try ask().failure?.code == .unknown)
      #expect(try lab.exec("one", "x", "cat", "/ran").output == "ran\n")
    }
  }
}

import Foundation
import Support
import Testing

/// Commands in nodes: by the user, and by the topology's `exec:`.
@Suite(.serialized) struct ExecTests {
  private static let one = Topology(
    "one",
    """
    name: one
    topology:
      nodes:
        x:
          kind: linux
          image: alpine
          host: h1
          env: {COLOUR: "blue green", SECRET: "s3"}
          exec: ["sh -c 'echo $COLOUR > /colour'", "sh -c 'echo no such road >&2; exit 7'", "false"]
    """)

  @Test func `what fails in a topology's exec is the node's reason, an event and the job's warning, not a failure`() throws {
    try TestLab.with(hosts: 1) { lab in
      let run = try lab.archetype("deploy", "-t", try lab.file("one", Self.one.text), "--timeout", "60")
      #expect(run.exit == 0, "\(run.errors)")
      let says = "exec 'sh -c 'echo no such road >&2; exit 7'': exit code 7: no such road (and 1 more failed)"
      #expect(run.errors.contains("warning: lab one: x: \(says)"), "\(run.errors)")
      #expect(try lab.inspect("one")["converged"] as? Bool == true)
      #expect(try lab.node("x", of: "one")["reason"] as? String == says)
      #expect(try lab.jobs(of: "one").first?["reason"] as? String == "x: \(says)")
      let events = try lab.events(of: "one")
      let warned = events.last { $0["kind"] as? String == "node.ready" }
      #expect((warned?["detail"] as? [String: Any])?["reason"] as? String == says)
      #expect(!events.contains { $0["kind"] as? String == "log.gap" })

      // The agent's successor knows it too, and runs nothing again.
      try lab.testbed("kill", "agent/h1")
      try lab.testbed("start", "agent/h1")
      #expect(try eventually { try lab.isConverged("one") })
      #expect(try lab.node("x", of: "one")["reason"] as? String == says)
      #expect(try lab.exec("one", "x", "cat", "/colour").output == "blue green\n")
    }
  }

  @Test func `exec has the node's environment, passes on all output and code, and says when its time was over`() throws {
    try TestLab.with(hosts: 1) { lab in
      try lab.deploy(Self.one)
      let environment = try lab.exec("one", "x", "sh", "-c", "echo \"$COLOUR,$SECRET\"; exit 9")
      #expect(environment.exit == 9 && environment.output == "blue green,s3\n", "\(environment)")

      // Far more than is held for a reader: the command waits, and nothing is lost.
      let long = try lab.exec("one", "x", "sh", "-c", "seq 1 700000; echo end >&2")
      #expect(long.exit == 0 && long.errors == "end\n")
      #expect(long.output.utf8.count == 4_788_895 && long.output.hasSuffix("\n700000\n"), "\(long.output.utf8.count) bytes")

      let late = try lab.archetype("exec", "one", "x", "--timeout", "1", "--", "sh", "-c", "echo begun; sleep 600")
      #expect(late.exit == 125 && late.output == "begun\n")
      #expect(late.errors == "error: one/x: the command was killed after 1 s (allow it more with --timeout)\n", "\(late.errors)")
      // What it leaves behind keeps its output open, but nobody waits for that beyond the time.
      let orphan = try lab.archetype("exec", "one", "x", "--timeout", "1", "--", "sh", "-c", "setsid sleep 600 &")
      #expect(orphan.exit == 125, "\(orphan)")
      #expect(try lab.exec("one", "x", "sh", "-c", "kill -9 $$").exit == 137)
    }
  }

  @Test func `a reader that stops holds up its command and nothing else`() throws {
    try TestLab.with(hosts: 1) { lab in
      try lab.deploy(Self.one)
      let agent = try #require(try lab.bed.processID("agent/h1"))
      let reader = try lab.start("exec", "one", "x", "--", "sh", "-c", "cat /dev/zero")
      #expect(eventually { reader.count > 1 << 20 })
      reader.signal(SIGSTOP)
      #expect(try lab.exec("one", "x", "echo", "here").output == "here\n")
      let before = try Memory.resident(agent)
      for _ in 0..<20 { #expect(try lab.exec("one", "x", "true").exit == 0) }
      #expect(try Memory.resident(agent) < before + (8 << 20))
      reader.signal(SIGKILL)
      _ = reader.wait(limit: 10)
    }
  }
}

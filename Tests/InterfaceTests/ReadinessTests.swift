import Foundation
import Support
import Testing

/// Nodes that take time to be ready, on the namespace runtime.
@Suite(.serialized) struct ReadinessTests {
  private let booting = Topology(
    "boot",
    """
    name: boot
    topology:
      defaults: {kind: linux, image: alpine}
      nodes:
        log: {host: h1, cmd: "sh -c 'sleep 1; echo the system is ready; sleep infinity'", ready: {log: "system is ready$", interval: 0.2}}
        port: {host: h1, cmd: "sh -c 'sleep 1; exec busybox nc -l -p 179'", ready: {port: 179, interval: 0.2}}
        command: {host: h2, cmd: "sh -c 'sleep 1; touch /tmp/up; sleep infinity'", ready: {command: test -e /tmp/up, interval: 0.2}, exec: [cat /tmp/up]}
        late: {host: h2, startup-delay: 1}
    """)

  @Test func `a deploy ends when every node is ready, at each start anew, and an agent's death doesn't matter`() throws {
    try TestLab.with { lab in
      try lab.deploy(booting)
      let told = try lab.events(of: "boot")
      func times(_ node: String, _ kind: String) -> Int { told.count { $0["subject"] as? String == node && $0["kind"] as? String == kind } }
      for node in ["log", "port", "command", "late"] {
        #expect(times(node, "node.starting") <= 1 && times(node, "node.ready") == 1, "\(node): \(told)")
        #expect(try lab.node(node, of: "boot")["phase"] as? String == "ready")
      }
      // An earlier life's ready line says nothing of this one.
      let before = try #require(lab.processes(of: "boot")["log"])
      #expect(try lab.on("h1", "kill", "-9", "\(before)").exit == 0)
      #expect(try eventually { try lab.node("log", of: "boot")["phase"] as? String == "booting" })
      try lab.testbed("kill", "agent/h1")
      try lab.testbed("start", "agent/h1")
      #expect(try eventually { try lab.isConverged("boot") })
      let after = try lab.processes(of: "boot")
      #expect(after["log"] != before)
      for host in ["h1", "h2"] {
        try lab.testbed("kill", "agent/\(host)")
        try lab.testbed("start", "agent/\(host)")
      }
      #expect(try eventually { try lab.isConverged("boot", with: after) })
    }
  }

  @Test func `a node that is not ready in time is told with what it lacks, and still comes`() throws {
    try TestLab.with(hosts: 1) { lab in
      let topology = Topology(
        "never",
        """
        name: never
        topology:
          nodes:
            x: {kind: linux, image: alpine, host: h1, ready: {command: test -e /tmp/up, timeout: 1, interval: 0.2}}
        """)
      let late = try lab.archetype("deploy", "-t", try lab.file(topology.name, topology.text), "--timeout", "3")
      #expect(late.exit == 3 && late.errors.contains("not ready within 1 s: 'test -e /tmp/up': exit code 1"), "\(late)")
      #expect(try lab.node("x", of: "never")["phase"] as? String == "failed")
      #expect(try lab.exec("never", "x", "touch", "/tmp/up").exit == 0)
      #expect(try eventually { try lab.isConverged("never") })
    }
  }
}

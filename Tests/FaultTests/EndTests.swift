import Foundation
import Support
import Testing

/// Each death of a node is told once and in order, whatever becomes of its agent.
@Suite(.serialized) struct EndTests {
  private static let lab = Topology("one", "name: one\ntopology:\n  nodes:\n    a: {kind: linux, image: alpine, host: h1}\n")

  private func told(_ lab: TestLab) throws -> [(kind: String, detail: [String: Any])] {
    try lab.events(of: "one").compactMap { event in
      guard event["subject"] as? String == "a", let kind = event["kind"] as? String else { return nil }
      return (kind, event["detail"] as? [String: Any] ?? [:])
    }
  }

  private func ends(_ lab: TestLab) throws -> [[String: Any]] { try told(lab).filter { $0.kind == "node.exited" }.map(\.detail) }

  /// Of the process that runs, once it is another than the last one: right after a start its agent hasn't told it yet.
  private func pid(_ lab: TestLab, after last: Int? = nil) throws -> Int {
    var pid: Int?
    #expect(
      try eventually(within: 90) {
        pid = try lab.isConverged("one") ? lab.node("a", of: "one")["pid"] as? Int : nil
        return pid != nil && pid != last
      })
    return try #require(pid)
  }

  private func kill(_ pid: Int, in lab: TestLab) throws { #expect(try lab.on("h1", "kill", "-9", "\(pid)").exit == 0) }

  /// Another process of the node, as its host sees it.
  private func waitForAnother(than pid: Int, in lab: TestLab) throws {
    let words = "for state in /run/archetype/nodes/*/*/*/state; do grep '^pid ' $state; done"
    #expect(
      try eventually {
        let now = try lab.on("h1", "sh", "-c", words).output.split(separator: " ").last.flatMap {
          Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        return try now != nil && now != pid && lab.on("h1", "kill", "-0", "\(now ?? 0)").exit == 0
      })
  }

  @Test func aDeathThatTheAgentCouldNotTellIsToldByTheNextOne() throws {
    try TestLab.with(hosts: 1) { lab in
      try lab.deploy(Self.lab)
      let first = try pid(lab)
      try lab.cable("cut", "h1", "--bus")
      try kill(first, in: lab)
      try waitForAnother(than: first, in: lab)
      try lab.testbed("kill", "agent/h1")
      try lab.testbed("start", "agent/h1")
      #expect(try ends(lab).isEmpty)
      try lab.cable("heal", "h1", "--bus")
      // Until then the lab is told as it was last seen.
      #expect(try eventually { try ends(lab).count == 1 && lab.isConverged("one") })
      let kinds = try told(lab).map(\.kind)
      // What the dead agent had sent may still arrive, and be taken as the same.
      #expect(kinds.filter { $0 != "node.starting" } == ["node.ready", "node.exited", "node.ready"], "\(kinds)")
      let end = try #require(try ends(lab).first)
      #expect(end["pid"] as? String == "\(first)" && end["signal"] as? String == "9" && end["host"] as? String == "h1", "\(end)")
      // Nothing of it is told again by a third life.
      try lab.testbed("kill", "agent/h1")
      try lab.testbed("start", "agent/h1")
      #expect(try eventually { try lab.isConverged("one") })
      #expect(try ends(lab).count == 1)
    }
  }

  @Test func aNodeThatDiesWhileNoAgentLivesIsToldWithItsCause() throws {
    try TestLab.with(hosts: 1) { lab in
      var topology = Self.lab
      topology.text = topology.text.replacingOccurrences(
        of: "host: h1", with: "host: h1, cmd: \"sh -c 'while [ ! -e /end ]; do sleep 0.02; done; rm /end; exit 7'\"")
      try lab.deploy(topology)
      let first = try pid(lab)
      try lab.testbed("kill", "agent/h1")
      #expect(try lab.on("h1", "touch", "/proc/\(first)/root/end").exit == 0)
      #expect(try eventually { try lab.on("h1", "kill", "-0", "\(first)").exit != 0 })
      try lab.testbed("start", "agent/h1")
      _ = try pid(lab, after: first)
      let end = try #require(try ends(lab).first)
      #expect(end["exit"] as? String == "7" && end["pid"] as? String == "\(first)", "\(end)")
      #expect(try told(lab).map(\.kind) == ["node.starting", "node.ready", "node.exited", "node.starting", "node.ready"])
      try lab.testbed("kill", "agent/h1")
      try lab.testbed("start", "agent/h1")
      #expect(try eventually { try lab.isConverged("one") })
      #expect(try ends(lab).count == 1)
    }
  }

  /// The agent dies at another moment each time: before it hears of the death, while it keeps it, before or after the reconciler has it.
  @Test func deathsAreToldOnceAtWhicheverMomentTheAgentDiesToo() throws {
    try TestLab.with(hosts: 1) { lab in
      try lab.deploy(Self.lab)
      var killed: [String] = []
      for round in 0..<4 {
        let last = try pid(lab)
        killed.append("\(last)")
        let agent = try #require(try lab.services()["agent-h1"])
        let node = try #require(try lab.hostProcesses(of: "h1")[last])
        Foundation.kill(node, SIGKILL)
        usleep(UInt32(round * 700))
        Foundation.kill(agent, SIGKILL)
        try lab.testbed("kill", "agent/h1")
        try lab.testbed("start", "agent/h1")
        _ = try pid(lab, after: last)
        #expect(try eventually { try ends(lab).map { $0["pid"] as? String } == killed }, "round \(round)")
      }
    }
  }

  @Test func damagedEndsAreKeptAsideAndTold() throws {
    try TestLab.with(hosts: 1) { lab in
      try lab.deploy(Self.lab)
      try lab.testbed("kill", "agent/h1")
      #expect(
        try lab.on(
          "h1", "sh", "-ec",
          "head -c 300 /dev/urandom > /run/archetype/ends; printf '\\0\\0\\0\\1x' | dd of=/run/archetype/ends conv=notrunc"
        ).exit == 0)
      try lab.testbed("start", "agent/h1")
      let log = try String(contentsOfFile: lab.folder + "/logs/agent-h1.log", encoding: .utf8)
      #expect(log.contains("/run/archetype/ends: was damaged"), "\(log)")
      #expect(try lab.on("h1", "test", "-e", "/run/archetype/ends.damaged").exit == 0)
      let first = try pid(lab)
      try kill(first, in: lab)
      _ = try pid(lab, after: first)
      #expect(try ends(lab).count == 1)
    }
  }
}

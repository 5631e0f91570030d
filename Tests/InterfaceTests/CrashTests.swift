import Foundation
import Support
import Testing

/// A node whose command ends at once, again and again.
@Suite(.serialized) struct CrashTests {
  private static func looping(_ command: String) -> Topology {
    Topology("loop", "name: loop\ntopology:\n  nodes:\n    x: {kind: linux, image: alpine, host: h1, cmd: \(command)}\n")
  }

  /// Milliseconds between each death and the start that follows it.
  private func pauses(_ lab: TestLab) throws -> [Double] {
    let format = ISO8601DateFormatter()
    format.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
    var pauses: [Double] = []
    var died: Date?
    for event in try lab.events(of: "loop") {
      guard let at = (event["at"] as? String).flatMap(format.date(from:)) else { continue }
      switch event["kind"] as? String {
      case "node.exited": died = at
      case "node.starting":
        if let died { pauses.append(at.timeIntervalSince(died) * 1_000) }
      default: break
      }
    }
    return pauses
  }

  private func deaths(_ lab: TestLab) throws -> Int { try lab.events(of: "loop").count { $0["kind"] as? String == "node.exited" } }

  /// As the node's reason counts them.
  private func earlyDeaths(_ lab: TestLab) throws -> Int {
    let reason = try lab.node("x", of: "loop")["reason"] as? String ?? ""
    return reason.firstMatch(of: #/(\d+) early deaths/#).flatMap { Int($0.output.1) } ?? 0
  }

  @Test func `a node that ends at once is started after growing pauses, also by another agent, until its command is mended`() throws {
    try TestLab.with(hosts: 1) { lab in
      let topology = Self.looping("\"sh -c 'exit 3'\"")
      let run = try lab.archetype("deploy", "-t", try lab.file("loop", topology.text), "--detach")
      #expect(run.exit == 0, "\(run.errors)")
      #expect(try eventually { try deaths(lab) >= 3 })
      try lab.testbed("kill", "agent/h1")
      try lab.testbed("start", "agent/h1")
      #expect(try eventually { try deaths(lab) >= 4 })
      // The first restart is immediate; then 1 s, 2 s, 4 s. A busy machine tells an end late, and the start after it in time.
      let pauses = try pauses(lab)
      #expect(pauses.count >= 3 && pauses[1] >= 500 && pauses[2] >= 1_500, "\(pauses)")
      let waiting = try lab.node("x", of: "loop")
      #expect(waiting["phase"] as? String == "failed")
      let reason = waiting["reason"] as? String ?? ""
      #expect(reason.contains("exit code 3") && reason.contains("next start"), "\(reason)")
      #expect(waiting["pid"] is NSNull)
      #expect(try #require(waiting["restarts"] as? Int) >= 4)
      #expect(try lab.archetype("list", "--format", "json").output.contains("exit code 3"))
      let failed = try lab.events(of: "loop").last { $0["kind"] as? String == "node.failed" }
      #expect((failed?["detail"] as? [String: Any])?["reason"] as? String == reason)

      // A user's start doesn't wait for the pause, and begins the count anew.
      let count = try deaths(lab)
      let start = try lab.archetype("node", "start", "loop", "x", "--detach")
      #expect(start.exit == 0, "\(start.errors)")
      #expect(try eventually { try deaths(lab) >= count + 2 })
      #expect(try eventually { try earlyDeaths(lab) >= 2 })
      let early = try earlyDeaths(lab)
      #expect(try early <= deaths(lab) - count)

      try lab.deploy(Self.looping("\"sleep infinity\""))
      let mended = try lab.node("x", of: "loop")
      #expect(mended["phase"] as? String == "ready" && mended["reason"] is NSNull && mended["pid"] is Int, "\(mended)")
      #expect(mended["restarts"] as? Int == 0)
      try lab.destroy("loop")
    }
  }
}

import Foundation
import Support
import Testing

/// A recording of real services, handed to fresh cores.
@Suite(.serialized) struct ReplayTests {
  private func replay(_ lab: TestLab, _ service: String, _ recording: String) throws -> CommandRun {
    try CommandRun.run(
      lab.programs + "/archetype-simulate", ["--recording", recording, "--service", service], environment: lab.environment, limit: 60)
  }

  /// Records until the body is over.
  private func record(_ lab: TestLab, _ name: String, _ body: () throws -> Void) throws -> String {
    let path = "\(lab.folder)/\(name).trace"
    let recorder = try lab.start("trace", "--record", path)
    // Heartbeats are in it, so it has begun.
    #expect(eventually { (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0 > 1_000 })
    try body()
    recorder.signal(SIGINT)
    #expect(recorder.wait(limit: 60).exit == 0)
    return path
  }

  @Test func `what the services decided in a deploy, their cores decide again from a recording`() throws {
    try TestLab.with { lab in
      // A life is recorded from its begin, and the reconciler's log begins with it.
      let services = ["reconciler": 30, "jobs": 10, "links": 4, "configs": 20]
      let path = try record(lab, "whole") {
        for name in services.keys.sorted() { try lab.testbed("kill", name) }
        try FileManager.default.removeItem(atPath: "\(lab.folder)/control/reconciler")
        for name in services.keys.sorted() { try lab.testbed("start", name) }
        try lab.deploy(.pair("pair"))
        let node = try lab.node("a", of: "pair")
        let pid = try #require(node["pid"] as? Int)
        _ = try lab.on(node["host"] as? String ?? "", "kill", "-9", "\(pid)")
        #expect(try eventually { try lab.isConverged("pair") && lab.node("a", of: "pair")["pid"] as? Int != pid })
        try lab.destroy("pair")
      }
      for (name, least) in services {
        let run = try replay(lab, name, path)
        let counts = run.output.firstMatch(of: #/(\d+) decisions as sent, (\d+) only decided, (\d+) only sent/#)
        let (_, equal, decided, sent) = try #require(counts, "\(name): \(run.output)\(run.errors)").output
        #expect(Int(equal) ?? 0 >= least, "\(name): \(run.output)")
        // On a machine that stands still for a while, a service reads in another order than the bus has told.
        let differing = (Int(decided) ?? 0) + (Int(sent) ?? 0)
        #expect(differing * 10 <= Int(equal) ?? 0, "\(name): \(run.output)")
        #expect(run.exit == (differing == 0 ? 0 : 1), "\(name): \(run.errors)")
      }

      // What it had announced before is in its log, not in the recording: that is announced again, and told as a difference.
      try lab.deploy(.pair("pair"))
      let part = try record(lab, "part") {
        for verb in ["kill", "start"] { try lab.testbed(verb, "reconciler") }
        #expect(try eventually { try lab.isConverged("pair") })
        // Longer than what is decided at the end and may have been sent after it.
        _ = try lab.settledActions()
      }
      let differs = try replay(lab, "reconciler", part)
      #expect(differs.exit == 1 && differs.output.contains("first difference, decided and not sent: tells "), "\(differs.output)")
      let none = try replay(lab, "jobs", part)
      #expect(none.exit == 2 && none.errors.contains("no life of jobs begins"), "\(none.errors)")
      let nobody = try replay(lab, "agent/h1", path)
      #expect(nobody.exit == 2 && nobody.errors.contains("can't be replayed"), "\(nobody.errors)")
    }
  }
}

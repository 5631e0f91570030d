import Foundation
import Support
import Testing

/// One of those who take part in a deploy is killed in the middle of it. However it goes on, it is one deploy.
@Suite(.serialized) struct DeployKillTests {
  private enum Victim: String, CaseIterable { case client, jobs, configs, links }

  /// When to kill: after so many of the lab's events have been seen, and so many microseconds more.
  private struct Moment: CustomStringConvertible {
    var events: Int
    var microseconds: UInt32
    var description: String { "\(microseconds) µs after event \(events)" }
  }

  /// From nothing seen to the last but one of a pair's nine events: a deploy of two nodes takes about 30 ms.
  private static let moments = [0, 0, 0, 1, 1, 2, 3, 5, 7]
  private static let longestPause: UInt32 = 12_000
  private static let rounds = 16

  @Test func `a deploy of which the client or a service is killed is one deploy, and what was stored is never lost`() throws {
    let seed = ProcessInfo.processInfo.environment["ARCHETYPE_TEST_SEED"].flatMap { UInt64($0) } ?? 1
    var chance = Seeded(seed)
    try TestLab.with { lab in
      let events = try lab.start("events", "--follow", "--since", "0", "--format", "json")
      defer { _ = events.terminate() }
      for round in 0..<Self.rounds {
        let victim = Victim.allCases[round % Victim.allCases.count]
        let moment = Moment(
          events: Self.moments.randomElement(using: &chance) ?? 0, microseconds: .random(in: 0...Self.longestPause, using: &chance))
        print("seed \(seed), round \(round): kill \(victim) \(moment)")
        try kill(victim, moment, in: lab, events, .pair("r\(round)", b: 2 + round))
      }
    }
  }

  private func kill(_ victim: Victim, _ moment: Moment, in lab: TestLab, _ events: StartedCommand, _ topology: Topology) throws {
    let name = topology.name
    func seen() -> [Substring] { events.printed.split(separator: "\n").filter { $0.contains("\"lab\":\"\(name)\"") } }
    let deploy = try lab.start("deploy", "-t", try lab.file(name, topology.text), "--timeout", "60")
    #expect(eventually { seen().count >= moment.events })
    usleep(moment.microseconds)
    if victim == .client {
      deploy.signal(SIGKILL)
    } else {
      try lab.bed.kill(victim.rawValue)
      try lab.bed.start(victim.rawValue)
    }
    let run = deploy.wait(limit: 90)
    if victim == .client {
      // What has begun goes on without it. What hasn't has left nothing, and is asked for again.
      if try lab.jobs(of: name).isEmpty, !seen().contains(where: { $0.contains("job.started") }) { try lab.deploy(topology) }
    } else {
      #expect(run.exit == 0, "\(name), \(victim) \(moment): \(run.errors)")
    }
    #expect(try eventually { try lab.isConverged(name) }, "\(name), \(victim) \(moment)")
    #expect(try eventually { try lab.jobs(of: name).allSatisfy { $0["phase"] as? String == "done" } })
    let jobs = try lab.jobs(of: name)
    #expect(jobs.count == 1, "\(name), \(victim) \(moment): \(jobs)")
    #expect(try lab.inspect(name)["generation"] as? Int == 1)
    // Each node was started once and is the one that was started.
    let told = try lab.events(of: name)
    for node in ["a", "b"] {
      let starts = told.filter { $0["subject"] as? String == node && $0["kind"] as? String == "node.starting" }
      #expect(starts.count <= 1, "\(name), \(victim) \(moment): \(starts)")
    }
    #expect(!told.contains { $0["kind"] as? String == "node.exited" })
    #expect(try lab.ping("10.9.0.\(2 + (Int(name.dropFirst()) ?? 0))", from: "a", in: name, count: 1).exit == 0)
    try lab.destroy(name)
  }

  @Test func `a deploy that was acknowledged is there though a service dies at the next instant`() throws {
    try TestLab.with { lab in
      for (round, victim) in ["configs", "jobs", "links", "reconciler", "bus"].enumerated() {
        let topology = Topology.pair("r\(round)", b: 2 + round)
        let run = try lab.archetype("deploy", "-t", try lab.file(topology.name, topology.text), "--detach")
        try lab.bed.kill(victim)
        try lab.bed.start(victim)
        #expect(run.exit == 0, "\(run.errors)")
        let id = run.output.trimmingCharacters(in: .newlines)
        #expect(try eventually { try lab.isConverged(topology.name) }, "\(victim)")
        #expect(try eventually { try lab.jobs(of: topology.name).map { $0["phase"] as? String } == ["done"] }, "\(victim)")
        #expect(try lab.jobs(of: topology.name).first?["id"] as? String == id)
      }
    }
  }
}

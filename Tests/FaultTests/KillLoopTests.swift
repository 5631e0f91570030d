import Foundation
import Support
import Testing

/// A service that dies again and again while deploys are under way: what ran runs on, and the next deploy is one deploy.
///
/// `ARCHETYPE_TEST_KILLS` says how often each dies; `make soak` asks for a hundred.
@Suite(.serialized) struct KillLoopTests {
  private static let kills = ProcessInfo.processInfo.environment["ARCHETYPE_TEST_KILLS"].flatMap { Int($0) } ?? 4

  @Test(arguments: ["bus", "configs", "jobs", "links", "reconciler", "agent/h1"])
  func deploysSurviveAServiceThatKeepsDying(service: String) throws {
    try TestLab.with { lab in
      let small = Topology.pair("pair")
      let large = Topology.pair(
        "pair", nodes: ["c: {kind: linux, image: alpine, host: h1}"], links: ["endpoints: [\"c:eth1\", \"a:eth2\"]"])
      try lab.deploy(small)
      let before = try lab.processes(of: "pair")
      for round in 0..<Self.kills {
        let topology = round.isMultiple(of: 2) ? large : small
        let deploy = try lab.start("deploy", "-t", try lab.file("round\(round)", topology.text), "--timeout", "60")
        try lab.testbed("kill", service)
        try lab.testbed("start", service)
        // Done, superseded where the one before it came late, or without a bus from the start; never a crash, and never without an end.
        let end = deploy.wait(limit: 90)
        #expect([0, 1, 4].contains(end.exit), "round \(round): exit \(end.exit): \(end.errors)")
      }
      try lab.deploy(small)
      let after = try lab.processes(of: "pair")
      #expect(after == before)
      #expect(try lab.ping("10.9.0.2", from: "a", in: "pair").exit == 0)
      let numbers = try lab.archetype("events", "--since", "0", "--format", "json").output.split(separator: "\n").compactMap {
        (try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])?["index"] as? Int
      }
      #expect(numbers == Array(1...numbers.count), "events have a hole or come twice")
      #expect(try lab.jobs(of: "pair").allSatisfy { $0["phase"] as? String != "running" })
    }
  }
}

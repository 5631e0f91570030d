import Support
import Testing

/// A seed is the same world in every process: nothing may depend on where things lie in memory or on how a process hashes.
@Suite struct ReplayTests {
  @Test func twoProcessesReplayASeedAlike() throws {
    let program = TestLab.builtPrograms + "/archetype-simulate"
    for seed in ["3", "17", "171"] {
      let runs = try (0..<2).map { _ in try CommandRun.run(program, ["--seed", seed, "--trace"]) }
      #expect(runs[0].exit == 0, "\(runs[0].errors)")
      let lines = runs.map { $0.output.split(separator: "\n").filter { !$0.contains("a second") } }
      #expect(lines[0].count > 100)
      #expect(lines[0] == lines[1], "seed \(seed)")
    }
  }

  @Test func seedsSideBySideAreTheSameWorlds() throws {
    let program = TestLab.builtPrograms + "/archetype-simulate"
    let fingerprints = try ["1", "3"].map { jobs in
      try #require(CommandRun.run(program, ["--count", "30", "--jobs", jobs]).output.split(separator: " ").last)
    }
    #expect(fingerprints[0] == fingerprints[1])
  }
}

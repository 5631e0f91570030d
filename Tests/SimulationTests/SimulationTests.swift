import Simulation
import Testing

@Suite struct SimulationTests {
  /// Enough for the faults' combinations to meet; `make simulate` runs fifty times as many.
  private static let seeds: UInt64 = 60

  @Test func everySeedKeepsTheInvariantsAndComesToItsGoal() {
    for seed in 1...Self.seeds {
      let outcome = World.run(seed: seed)
      #expect(outcome.problem == nil, "seed \(seed)")
    }
  }

  @Test func aSeedIsReplayedExactly() {
    var settings = Settings()
    settings.isTracing = true
    for seed: UInt64 in [3, 17, 171] {
      let first = World.run(seed: seed, settings: settings)
      let second = World.run(seed: seed, settings: settings)
      #expect(first.fingerprint == second.fingerprint)
      #expect(first.trace == second.trace)
    }
  }

  @Test func tracingChangesNothing() {
    var settings = Settings()
    settings.isTracing = true
    #expect(World.run(seed: 5).fingerprint == World.run(seed: 5, settings: settings).fingerprint)
  }
}

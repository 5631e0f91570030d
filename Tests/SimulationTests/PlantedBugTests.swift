import Simulation
import Testing

/// Each checker is able to fail: with one guard missing, it finds what is broken within so many seeds.
@Suite struct PlantedBugTests {
  private static let seeds: UInt64 = 400

  @Test(arguments: PlantedBug.allCases) func aPlantedBugIsFound(bug: PlantedBug) {
    var settings = Settings()
    settings.bug = bug
    let isFound = (1...Self.seeds).contains { seed in
      World.run(seed: seed, settings: settings).problem.map { bug.isFound(in: $0) } ?? false
    }
    #expect(isFound, "\(bug) breaks \(bug.breaks), and \(Self.seeds) seeds don't show it")
  }

  @Test func aFailingSeedIsMadeSmaller() throws {
    var settings = Settings()
    settings.bug = .halfPlanned
    let seed = try #require((1...Self.seeds).first { World.run(seed: $0, settings: settings).problem != nil })
    let minimum = try #require(World.minimise(seed: seed, settings: settings))
    #expect(minimum.kinds.count < 18)
    #expect(PlantedBug.halfPlanned.isFound(in: minimum.problem))
  }

  @Test func aSeedWithoutABugHasNoMinimum() {
    #expect(World.minimise(seed: 1, settings: Settings()) == nil)
  }
}

import Faults
import Foundation
import Testing

/// A bus that drops, doubles, delays and reorders: whatever was lost, labs become what their users wanted, and nothing else stays.
///
/// `ARCHETYPE_TEST_OPERATIONS` says how many operations, `ARCHETYPE_TEST_SEED` which; `make soak` asks for thousands.
@Suite(.serialized) struct LossyTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let operations = environment["ARCHETYPE_TEST_OPERATIONS"].flatMap { Int($0) } ?? 200
  private static let seed = environment["ARCHETYPE_TEST_SEED"].flatMap { UInt64($0) } ?? 1
  /// Operations of each user between two quiet points.
  private static let stretch = 10

  @Test func labsAreAsWantedAtEveryQuietPointHoweverManyMessagesAreLost() throws {
    let lab = try LossyLab(hosts: 2, seed: Self.seed)
    do { try run(Workload(lab, seed: Self.seed)) } catch {
      try? lab.down()
      throw error
    }
    try lab.down()
  }

  private func run(_ first: Workload) throws {
    var workload = first
    while workload.operations < Self.operations {
      try workload.run(operations: Self.stretch)
      let differences = try workload.differences()
      #expect(differences == [], "seed \(Self.seed), after \(workload.operations) operations")
      print("lossy bus: \(workload.operations) operations, \(workload.repeated.count) tried again; \(try workload.lab.losses())")
      for line in workload.repeated { print(line) }
    }
    try workload.destroyAll()
    let (differences, leftovers) = (try workload.differences(), try workload.leftovers())
    #expect(differences == [])
    #expect(leftovers == [])
    #expect(workload.failed == [])
  }
}

import Machine
import Model
import Testing

/// A follower's copy of intent.
struct MirrorTests {
  private let other = Instance(81)

  private func snapshot(_ revision: UInt64, of instance: Instance = CoreScene.configs, _ records: [RecordChange] = []) -> IntentSnapshot {
    IntentSnapshot(
      store: CoreScene.store, revision: Revision(revision),
      records: records.map { VersionedRecord(revision: Revision(revision), record: $0) }, instance: instance)
  }

  private func change(_ revision: UInt64, by instance: Instance, _ changes: [RecordChange] = []) -> Publication {
    let fact = Fact.intent(IntentChange(revision: Revision(revision), changes: changes))
    return Publication(topic: .intent, number: revision, previous: revision - 1, fact: fact, instance: instance)
  }

  /// Found by seed 99726: an older copy of the store had come to the number that was known of the newer one.
  @Test func whatAnotherLifeOfTheConfigServiceNumbersAlikeIsNotTakenForTheSame() throws {
    let host = try CoreScene.host("h1")
    var mirror = Mirror()
    _ = mirror.take(snapshot(5))
    guard case .needsSnapshot = mirror.read(change(6, by: other)) else { throw ReconcilerScene.Missing() }
    #expect(mirror.intent?.revision == Revision(5) && mirror.instance == CoreScene.configs)
    let isTaken = mirror.take(snapshot(5, of: other, [.host(host.name, host)]))
    #expect(isTaken)
    // What came meanwhile follows.
    #expect(mirror.intent?.revision == Revision(6) && mirror.intent?.hosts[host.name] == host && mirror.instance == other)
    guard case .changed = mirror.read(change(7, by: other)) else { throw ReconcilerScene.Missing() }
  }

  @Test func whatAnEarlierLifeToldLateIsNoChangeOfThisOnes() throws {
    let host = try CoreScene.host("h1")
    var mirror = Mirror()
    guard case .needsSnapshot = mirror.read(change(6, by: other, [.host(host.name, host)])) else { throw ReconcilerScene.Missing() }
    _ = mirror.take(snapshot(5))
    #expect(mirror.intent?.revision == Revision(5))
  }

  @Test func anOlderSnapshotOfTheSameStoreIsNotTakenWhoeverSendsIt() {
    var mirror = Mirror()
    _ = mirror.take(snapshot(5))
    for late in [snapshot(4), snapshot(4, of: other), snapshot(5)] {
      let isTaken = mirror.take(late)
      #expect(!isTaken)
    }
    #expect(mirror.instance == CoreScene.configs)
  }
}

import LinkCore
import Machine
import Model
import Testing

/// The link orchestrator's decisions.
struct LinkCoreTests {
  @Test func everyTombstoneIsAskedAboutThoughTheFirstOnesRest() throws {
    let host = try CoreScene.host("h1")
    var records = [VersionedRecord(revision: Revision(1), record: .host(host.name, host))]
    let count: UInt32 = 2_500
    for number in 1...count {
      let vni = try VNI(5_000 + number)
      records.append(
        VersionedRecord(revision: Revision(1), record: .tombstone(vni, Tombstone(vni: vni, freed: Revision(1), hosts: [host.name]))))
    }
    var core = LinkCore(instance: Instance(3))
    var asked: Set<VNI> = []
    var largest = 0
    func take(_ effects: [LinkCore.Effect], at time: UInt64) {
      for outgoing in effects.sent {
        guard case .reconciler(.clearVNIs(let tombstones)) = outgoing.request else { continue }
        asked.formUnion(tombstones.map(\.vni))
        largest = max(largest, tombstones.count)
        // None is clear: its host is lost.
        let reply = Reply.reconciler(.clearVNIs(tombstones.map { ClearVNI($0.vni, hosts: []) }))
        take(core.handle(.bus(.reply(outgoing.id, .success(reply))), at: CoreScene.now(time)), at: time)
      }
    }
    let connected = core.handle(.bus(.connected), at: CoreScene.now(0))
    let id = try #require(connected.sent.first { $0.request == .configs(.snapshot) }?.id)
    let snapshot = IntentSnapshot(store: CoreScene.store, revision: Revision(1), records: records, instance: CoreScene.configs)
    take(core.handle(.bus(.reply(id, .success(.configs(.snapshot(snapshot))))), at: CoreScene.now(1)), at: 1)
    for second in UInt64(1)...4 { take(core.handle(.tick, at: CoreScene.now(second * 1_100)), at: second * 1_100) }
    #expect(asked.count == Int(count))
    #expect(largest == 1_000)
  }
}

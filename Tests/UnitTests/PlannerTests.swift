import Machine
import Model
import Testing

@testable import LinkCore

/// VNIs are given out as if all that are in use were looked at.
struct PlannerTests {
  @Test(arguments: 1...10) func eachPlanTakesTheLowestFreeVNIs(seed: UInt64) throws {
    var chance = Jitter(seed: seed)
    var intent = Intent(store: CoreScene.store)
    for (number, name) in ["h1", "h2"].enumerated() {
      let host = try CoreScene.host(name, "10.0.0.\(number + 1)")
      intent.load(.host(host.name, host), at: Revision(1))
    }
    var pool = VNIPool()
    let isRecovered = seed % 3 > 0
    pool.begin(in: isRecovered ? CoreScene.store.successor(Incarnation(random: seed), alsoOf: []) : CoreScene.store)
    let first = pool.floor
    #expect((first == VNIPool.least) != isRecovered)
    var underWay: [LabName: Planner.Plan] = [:]
    for step in 2...UInt64(300) {
      let name = try LabName("lab\(chance.below(5))")
      if let plan = underWay.removeValue(forKey: name) {
        if chance.below(3) > 0 { load(plan, of: name, into: &intent, at: Revision(step)) }
        pool.release(name, in: intent)
      } else if chance.below(3) == 0, let vni = intent.tombstones.keys.min() {
        intent.load(.tombstone(vni, nil), at: Revision(step))
        pool.free(vni)
      } else {
        intent.load(.lab(name, chance.below(3) == 0 ? nil : try lab(name, wiring: step, links: chance.below(6))), at: Revision(step))
        let plan = try #require(Planner(intent: intent, pool: pool).segments(for: name))
        #expect(plan.taken == lowest(plan.taken.count, first, intent, underWay))
        pool.reserve(plan.taken, for: name, floor: plan.floor)
        underWay[name] = plan
      }
    }
  }

  private func load(_ plan: Planner.Plan, of name: LabName, into intent: inout Intent, at revision: Revision) {
    intent.load(.segments(name, plan.segments), at: revision)
    for tombstone in plan.tombstones { intent.load(.tombstone(tombstone.vni, tombstone), at: revision) }
  }

  private func lowest(_ count: Int, _ first: UInt32, _ intent: Intent, _ underWay: [LabName: Planner.Plan]) -> [VNI] {
    let taken = Set(intent.segments.values.flatMap(\.vnis)).union(intent.tombstones.keys).union(underWay.values.flatMap(\.taken))
    var free: [VNI] = []
    var number = first
    while free.count < count {
      if let vni = try? VNI(number), !taken.contains(vni) { free.append(vni) }
      number += 1
    }
    return free
  }

  /// Pairs of nodes, one on each host.
  private func lab(_ name: LabName, wiring: UInt64, links: UInt64) throws -> Lab {
    var lab = Lab(
      key: LabKey(name, born: Revision(1)), generation: wiring, wiring: wiring, spec: LabSpec(name: name, nodes: [], links: []), nodes: [])
    for number in 0..<links {
      var ends: [Endpoint] = []
      for side in 1...2 {
        let node = try NodeName("n\(number)-\(side)")
        ends.append(Endpoint(node, try Ordinal(1)))
        lab.spec.nodes.append(NodeSpec(name: node, kind: "linux"))
        lab.nodes.append(NodeIntent(born: Revision(1), host: try HostName("h\(side)"), desired: .running, startSerial: 1))
      }
      lab.spec.links.append(LinkSpec(ends[0], ends[1]))
    }
    return lab
  }
}

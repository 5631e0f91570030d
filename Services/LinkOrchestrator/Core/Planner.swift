import Model

/// Plans the segments of one lab from its placement: pure.
struct Planner {
  var intent: Intent
  var pool: VNIPool

  struct Plan {
    /// nil: the lab is gone.
    var segments: Segments?
    var tombstones: [Tombstone]
    /// VNIs that it takes, and where the next one is looked for then.
    var taken: [VNI] = []
    var floor: UInt32
  }

  /// nil when it can't be planned yet: a host's address isn't known.
  func segments(for name: LabName) -> Plan? {
    let current = intent.segments[name]
    guard let lab = intent.labs[name] else {
      return Plan(segments: nil, tombstones: tombstones(current?.segments ?? []), floor: pool.floor)
    }
    let keep = current?.lab == lab.key ? current?.segments ?? [] : []
    let old = Dictionary(keep.map { ($0.link, $0) }, uniquingKeysWith: { first, _ in first })
    let placement = lab.placement
    var taken: [VNI] = []
    var floor = pool.floor
    var planned: [Segment] = []
    for link in lab.spec.links.sorted(by: { $0.id < $1.id }) {
      guard let hostA = placement[link.id.a.node], let hostB = placement[link.id.b.node] else { return nil }
      if hostA == hostB {
        planned.append(Segment(link: link.id, path: .patch(hostA), mtu: link.mtu ?? CableMTU.patch))
        continue
      }
      guard let a = intent.hosts[hostA], let b = intent.hosts[hostB] else { return nil }
      let mtu = link.mtu ?? CableMTU.tunnel(between: a, and: b)
      let ends = (TunnelEnd(hostA, a.underlay), TunnelEnd(hostB, b.underlay))
      let vni: VNI
      if case .tunnel(let known, let oldA, let oldB)? = old[link.id]?.path, oldA.host == hostA, oldB.host == hostB {
        vni = known
      } else {
        guard let next = nextVNI(from: &floor) else { return nil }
        taken.append(next)
        vni = next
      }
      planned.append(Segment(link: link.id, path: .tunnel(vni, a: ends.0, b: ends.1), mtu: mtu))
    }
    let segments = Segments(lab: lab.key, wiring: lab.wiring, segments: planned)
    let used = Set(segments.vnis)
    let freed = (current?.segments ?? []).filter { if case .tunnel(let vni, _, _) = $0.path { !used.contains(vni) } else { false } }
    return Plan(segments: segments, tombstones: tombstones(freed), taken: taken, floor: floor)
  }

  private func nextVNI(from floor: inout UInt32) -> VNI? {
    var hasBegunAgain = false
    while true {
      guard let vni = try? VNI(floor), vni.isForLinks else {
        if hasBegunAgain { return nil }
        hasBegunAgain = true
        floor = VNIPool.least
        continue
      }
      floor += 1
      if pool.isFree(vni, in: intent) { return vni }
    }
  }

  private func tombstones(_ freed: [Segment]) -> [Tombstone] {
    freed.compactMap { segment in
      guard case .tunnel(let vni, let a, let b) = segment.path else { return nil }
      return Tombstone(vni: vni, freed: .zero, hosts: [a.host, b.host].sorted())
    }
  }
}

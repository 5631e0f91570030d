import Model

/// Plans the segments of one lab from its placement: pure.
struct Planner {
  var intent: Intent
  /// VNIs of plans that are under way and not yet in intent.
  var reserved: [LabName: [VNI]]

  struct Plan {
    /// nil: the lab is gone.
    var segments: Segments?
    var tombstones: [Tombstone]
  }

  /// The first VNI that is given out: below are those that people choose by hand. A recovered store doesn't know which ones the lost time gave
  /// out, and a host may still send with them: each epoch begins in a sixteenth of its own.
  private var firstVNI: UInt32 { 4097 + UInt32(intent.revision.epoch % 16) << 20 }

  /// nil when it can't be planned yet: a host's address isn't known.
  func segments(for name: LabName) -> Plan? {
    let current = intent.segments[name]
    guard let lab = intent.labs[name] else { return Plan(segments: nil, tombstones: tombstones(current?.segments ?? [])) }
    let keep = current?.lab == lab.key ? current?.segments ?? [] : []
    let old = Dictionary(keep.map { ($0.link, $0) }, uniquingKeysWith: { first, _ in first })
    let placement = lab.placement
    var taken = takenVNIs(except: name)
    taken.formUnion(current?.vnis ?? [])
    var free = firstVNI
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
        guard let next = nextVNI(from: &free, taken: &taken) else { return nil }
        vni = next
      }
      planned.append(Segment(link: link.id, path: .tunnel(vni, a: ends.0, b: ends.1), mtu: mtu))
    }
    let segments = Segments(lab: lab.key, wiring: lab.wiring, segments: planned)
    let used = Set(segments.vnis)
    let freed = (current?.segments ?? []).filter { if case .tunnel(let vni, _, _) = $0.path { !used.contains(vni) } else { false } }
    return Plan(segments: segments, tombstones: tombstones(freed))
  }

  /// Every VNI that is in use, planned or resting.
  private func takenVNIs(except name: LabName) -> Set<VNI> {
    var taken = Set(intent.tombstones.keys)
    for (lab, segments) in intent.segments where lab != name { taken.formUnion(segments.vnis) }
    for (lab, vnis) in reserved where lab != name { taken.formUnion(vnis) }
    return taken
  }

  private func nextVNI(from free: inout UInt32, taken: inout Set<VNI>) -> VNI? {
    var hasBegunAgain = false
    while true {
      guard let vni = try? VNI(free), vni.isForLinks else {
        if hasBegunAgain { return nil }
        hasBegunAgain = true
        free = 4097
        continue
      }
      free += 1
      if taken.insert(vni).inserted { return vni }
    }
  }

  private func tombstones(_ freed: [Segment]) -> [Tombstone] {
    freed.compactMap { segment in
      guard case .tunnel(let vni, let a, let b) = segment.path else { return nil }
      return Tombstone(vni: vni, freed: .zero, hosts: [a.host, b.host].sorted())
    }
  }
}

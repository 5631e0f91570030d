import Machine
import Model

/// Where a planted bug takes hold of what is meant: on Puts, and on what the store commits.
extension World {
  /// What is committed in the place of a change.
  func corrupt(_ change: IntentChange) -> IntentChange {
    guard let bug = settings.bug else { return change }
    var change = change
    for (index, record) in change.changes.enumerated() {
      switch (bug, record) {
      case (.sharedVNI, .segments(let name, var segments?)):
        if let vni = store.intent.segments.filter({ $0.key != name }).values.flatMap(\.vnis).min() { share(vni, in: &segments) }
        change.changes[index] = .segments(name, segments)
      case (.managedLink, .lab(let name, var lab?)), (.doubledLink, .lab(let name, var lab?)):
        guard let link = lab.spec.links.first else { continue }
        if bug == .doubledLink { lab.spec.links.append(link) } else { lab.spec.links[0].b = Endpoint(link.b.node, .management) }
        change.changes[index] = .lab(name, lab)
      case (.crowdedHost, .lab(let name, var lab?)):
        guard let host = store.intent.restraints.keys.min(), !lab.nodes.isEmpty else { continue }
        lab.nodes[0].host = host
        change.changes[index] = .lab(name, lab)
      case (_, _): continue
      }
    }
    return change
  }

  /// The first cable gets another lab's VNI.
  private func share(_ vni: VNI, in segments: inout Segments) {
    for place in segments.segments.indices {
      guard case .tunnel(_, let a, let b) = segments.segments[place].path else { continue }
      segments.segments[place].path = .tunnel(vni, a: a, b: b)
      return
    }
  }

  /// The job service's own: nobody has asked for it.
  func isEvacuation(_ put: Put) -> Bool {
    put.changes.allSatisfy { if case .lab(_, .some) = $0 { true } else { false } }
  }

  /// With the VNIs that a store which was never recovered would give out.
  func rewound(_ put: Put) -> Put {
    var put = put
    func early(_ vni: VNI) -> VNI { (try? VNI(4097 + (vni.number - 4097) % (1 << 20))) ?? vni }
    for (index, change) in put.changes.enumerated() {
      switch change {
      case .segments(let name, var segments?):
        for place in segments.segments.indices {
          if case .tunnel(let vni, let a, let b) = segments.segments[place].path {
            segments.segments[place].path = .tunnel(early(vni), a: a, b: b)
          }
        }
        put.changes[index] = .segments(name, segments)
      case .tombstone(let vni, var tombstone):
        tombstone?.vni = early(vni)
        put.changes[index] = .tombstone(early(vni), tombstone)
      case .lab, .segments, .projection, .host, .job, .assigned, .restraint: continue
      }
    }
    return put
  }
}

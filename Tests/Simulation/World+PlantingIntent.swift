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
      case (.flatteredHost, .lab(let name, var lab?)):
        guard let host = store.intent.hosts.values.filter({ !$0.knowsStages }).map(\.name).min(),
          let node = lab.spec.nodes.firstIndex(where: { !$0.stages.isEmpty })
        else { continue }
        lab.nodes[node].host = host
        change.changes[index] = .lab(name, lab)
      case (.movedAddress, .lab(let name, var lab?)):
        guard let node = lab.nodes.indices.first(where: { !lab.nodes[$0].addresses.isEmpty }),
          let other = lab.networks[0].subnet.address(at: 100 + change.revision.number % 100)
        else { continue }
        lab.nodes[node].addresses[0] = other
        change.changes[index] = .lab(name, lab)
      case (.sharedSubnet, .lab(let name, var lab?)):
        guard let other = store.intent.labs.filter({ $0.key != name }).sorted(by: { $0.key < $1.key }).flatMap(\.value.networks).first,
          !lab.networks.isEmpty
        else { continue }
        lab.networks[0] = other
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

  /// With the cables that each lab had first.
  mutating func stale(_ put: Put) -> Put {
    var put = put
    for case .segments(let name, let segments?) in put.changes {
      guard var first = planted.segments[segments.lab], first.wiring != segments.wiring else {
        planted.segments[segments.lab] = segments
        continue
      }
      first.wiring = segments.wiring
      put.changes = [.segments(name, first)]
      return put
    }
    return put
  }
}

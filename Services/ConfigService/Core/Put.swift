import Machine
import Model

extension ConfigCore {
  /// Compare, check, number, project: all of a Put or nothing.
  mutating func answer(_ put: Put, from address: Incoming.Address) -> [Effect] {
    if let revision = remembered[address.peer, address.id] { return reply(address, .put(revision)) }
    if let refusal = refused[address] { return refuse(address, refusal) }
    let sizes = size.measured(put.changes)
    let refusal =
      refusal(of: put.basis, from: address.peer) ?? suspension ?? full ?? refusal(of: put, from: address.peer)
      ?? refusal(of: put.changes, sizes)
    if let refusal {
      if put.basis != nil { refused.remember(address, refusal) }
      // Who has planned with an earlier life's copy learns of this one at once.
      let isLate = (put.basis?.instance ?? instance) != instance
      return refuse(address, refusal) + (isLate ? [head(.intent, intent.revision)] : [])
    }
    let revision = intent.revision.next
    var changes = put.changes.map { $0.stamped(revision) }
    let labs = touchedLabs(by: changes)
    for lab in labs where intent.held[lab.name] != lab.held { changes.append(.projection(lab.name, lab.held)) }
    changes += assignments(after: changes, labs, at: revision)
    let told = changes.compactMap { change -> Publication? in
      guard case .assigned(let host, let assigned?) = change else { return nil }
      let previous = intent.assigned[host] ?? .zero
      return Publication(topic: .assign(host), number: assigned.number, previous: previous.number, fact: .assigned(assigned))
    }
    let change = IntentChange(revision: revision, changes: changes)
    let previous = intent.revision
    intent.apply(change)
    for lab in labs { parts[lab.name] = lab.after.isEmpty ? nil : lab.after }
    size.add(sizes)

    var effects: [Effect] = [.store(.change(change)), .store(.remember(sender: address.peer, address.id, revision))]
    for id in remembered.remember(address.peer, address.id, revision) { effects.append(.store(.forget(sender: address.peer, id))) }
    effects += reply(address, .put(revision))
    effects.append(
      .bus(.publish(Publication(topic: .intent, number: revision.number, previous: previous.number, fact: .intent(change)))))
    effects += told.map { .bus(.publish($0)) }
    return effects
  }

  /// A copy of another store's intent is given up soon, and of this one's there is none that is newer: then this store is an older copy.
  private mutating func refusal(of basis: PutBasis?, from peer: PeerName) -> LabError? {
    guard let basis, peer == .jobs || peer == .links else { return nil }
    guard basis.store.deployment == intent.store.deployment, basis.store.incarnation == intent.store.incarnation else {
      return LabError(.aborted, "configs", "this is not the store that was planned with")
    }
    newestShown = max(newestShown, basis.revision)
    // An earlier life can't have told of more than this one began with.
    let isOwn = basis.instance ?? instance == instance
    let most = isOwn ? intent.revision : floor
    if basis.revision > most {
      suspend("the store was at revision \(most), and \(peer) has seen \(basis.revision)")
      return nil
    }
    return isOwn && basis.revision >= floor ? nil : LabError(.aborted, "configs", "began anew since this was planned")
  }

  /// Why a Put can't be: no record, a record that isn't its sender's, a comparison that lost, or VNIs that would collide or vanish.
  private func refusal(of put: Put, from peer: PeerName) -> LabError? {
    // It would cost a revision, and each command line is a sender to remember.
    if put.changes.isEmpty { return LabError(.invalidArgument, "\(peer)", "a Put without a change") }
    for change in put.changes where writer(of: change.key) != peer {
      return LabError(.permissionDenied, "\(peer)", "may not write \(change.key)")
    }
    for expectation in put.expect where intent.version(of: expectation.key) != expectation.revision {
      return LabError(
        .aborted, "\(expectation.key)", "changed meanwhile: at \(intent.version(of: expectation.key)), not \(expectation.revision)")
    }
    return hostRefusal(of: put) ?? subnetRefusal(of: put) ?? vniRefusal(of: put)
  }

  /// Why a lab that grows can't be; what else a Put says is small, or ends something.
  private func refusal(of changes: [RecordChange], _ sizes: [RecordKey: Int]) -> LabError? {
    let after = size.total(after: sizes)
    guard after > Limits.intentBytes, after > size.total else { return nil }
    for case .lab(let name, .some) in changes {
      return LabError(
        .failedPrecondition, "lab \(name)",
        "all labs together would come to \(after >> 10) KiB with their cables, and \(Limits.intentBytes >> 10) KiB is the most "
          + "(destroy another, or make this one smaller)")
    }
    return nil
  }

  /// Every field has one writer.
  private func writer(of key: RecordKey) -> PeerName {
    switch key {
    case .lab, .host, .job, .restraint: .jobs
    case .segments, .tombstone: .links
    case .projection, .assigned: .configs
    }
  }

  /// Nodes are placed where they may be, and a host goes only when none is: whoever put this may not have seen what was put last.
  private func hostRefusal(of put: Put) -> LabError? {
    for change in put.changes {
      switch change {
      case .host(let name, nil):
        if let lab = intent.index.placed[name]?.keys.min() {
          return LabError(.aborted, "host \(name)", "has nodes of lab \(lab)")
        }
      case .lab(let name, let lab?):
        let before = intent.labs[name]?.placement ?? [:]
        for (node, place) in zip(lab.spec.nodes, lab.nodes) where before[node.name] != place.host {
          if intent.hosts[place.host] == nil { return LabError(.aborted, "host \(place.host)", "is not known any more") }
          if let restraint = intent.restraints[place.host] {
            return LabError(.aborted, "host \(place.host)", "is \(restraint.rawValue)")
          }
        }
        let needs = NewNeeds(of: lab.spec, after: intent.labs[name])
        for (node, place) in zip(lab.spec.nodes, lab.nodes) {
          let lacking = intent.hosts[place.host].map { needs.lacking(node.name, on: $0) } ?? []
          if !lacking.isEmpty { return LabError(.aborted, "host \(place.host)", "its agent doesn't know \(lacking.words) any more") }
        }
      case .lab, .host, .segments, .projection, .tombstone, .job, .assigned, .restraint: break
      }
    }
    return nil
  }

  /// No two labs have one management network: whoever put this may not have seen the other.
  private func subnetRefusal(of put: Put) -> LabError? {
    for case .lab(let name, let lab?) in put.changes where !lab.networks.isEmpty {
      for (other, theirs) in intent.labs where other != name {
        guard let subnet = theirs.networks.map(\.subnet).first(where: { subnet in lab.networks.contains { $0.subnet.overlaps(subnet) } })
        else {
          continue
        }
        return LabError(.aborted, "management network \(subnet)", "is in use")
      }
    }
    return nil
  }

  /// A VNI that is taken into use must be free and rested; one that goes out of use must get its tombstone in the same Put.
  private func vniRefusal(of put: Put) -> LabError? {
    var buried: Set<VNI> = []
    for case .tombstone(let vni, .some) in put.changes { buried.insert(vni) }
    for case .segments(let lab, let new) in put.changes {
      let before = Set(intent.segments[lab]?.vnis ?? [])
      let after = new?.vnis ?? []
      if Set(after).count != after.count { return LabError(.invalidArgument, "\(lab)", "one VNI is used for two links") }
      for vni in after where !before.contains(vni) {
        if intent.index.owners[vni] != nil || intent.tombstones[vni] != nil {
          return LabError(.aborted, "VNI \(vni)", "is in use or resting")
        }
      }
      for vni in before.subtracting(after) where !buried.contains(vni) {
        return LabError(.invalidArgument, "VNI \(vni)", "is freed without a tombstone")
      }
    }
    return nil
  }

  /// A lab is projected when its segments are those of its wiring; while they aren't, its last complete version is held.
  private func touchedLabs(by changes: [RecordChange]) -> [TouchedLab] {
    var labs: [LabName: Lab?] = [:]
    var segments: [LabName: Segments?] = [:]
    for change in changes {
      switch change {
      case .lab(let name, let lab): labs[name] = .some(lab)
      case .segments(let name, let value): segments[name] = .some(value)
      case .projection, .tombstone, .host, .job, .assigned, .restraint: break
      }
    }
    return Set(labs.keys).union(segments.keys).sorted().map { name in
      let before = intent.projections[name]
      let lab = labs[name] ?? intent.labs[name]
      let planned = segments[name] ?? intent.segments[name]
      let after = Projection.of(lab: lab, segments: planned, held: before)
      let isNewest = after.map { $0.lab == lab && $0.segments == planned } ?? true
      return TouchedLab(
        name: name, before: parts[name] ?? before?.parts ?? [:], after: after?.parts ?? [:], held: isNewest ? nil : after)
    }
  }

  /// Hosts whose assignment differs after these changes get this revision as its number.
  private func assignments(after changes: [RecordChange], _ labs: [TouchedLab], at revision: Revision) -> [RecordChange] {
    var touched: Set<HostName> = []
    for lab in labs {
      for host in Set(lab.before.keys).union(lab.after.keys) where lab.before[host] != lab.after[host] { touched.insert(host) }
    }
    var gone: Set<HostName> = []
    for case .host(let name, let spec) in changes {
      if spec == nil { gone.insert(name) } else if intent.assigned[name] == nil { touched.insert(name) }
    }
    return touched.subtracting(gone).sorted().map { .assigned($0, revision) }
      + gone.filter { intent.assigned[$0] != nil }.sorted().map { .assigned($0, nil) }
  }
}

/// What a Put does to what hosts are told of one lab.
private struct TouchedLab {
  var name: LabName
  /// What hosts had of it, and will have.
  var before: [HostName: AssignedLab]
  var after: [HostName: AssignedLab]
  var held: Projection?
}

extension RecordChange {
  /// With the revision of its Put wherever it says "this one's".
  func stamped(_ revision: Revision) -> RecordChange {
    switch self {
    case .lab(let name, var lab?):
      if lab.key.born == .zero { lab.key.born = revision }
      for index in lab.nodes.indices where lab.nodes[index].born == .zero { lab.nodes[index].born = revision }
      return .lab(name, lab)
    case .job(let id, var job?):
      if job.born == .zero { job.born = revision }
      return .job(id, job)
    case .tombstone(let vni, var tombstone?):
      if tombstone.freed == .zero { tombstone.freed = revision }
      return .tombstone(vni, tombstone)
    case .lab, .segments, .projection, .tombstone, .host, .job, .assigned, .restraint: return self
    }
  }
}

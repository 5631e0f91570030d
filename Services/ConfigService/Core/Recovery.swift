import Machine
import Model

/// A person's word that this store is the one to go on with, though another was newer.
extension ConfigCore {
  /// Remembers what an agent shows of the stores that it has obeyed: a recovered one takes their place.
  mutating func note(_ query: AssignmentQuery) {
    guard let bound = query.bound, bound.deployment == intent.store.deployment else { return }
    newestShown = max(newestShown, query.have)
    if bound.incarnation != intent.store.incarnation, shown.count < Limits.predecessors { shown.insert(bound.incarnation) }
  }

  /// Goes on as another incarnation: agents that obeyed this one, or another that they have shown, obey it. Its revisions are far beyond all that
  /// a lost time may have numbered, so no lab, node or cable of that is ever taken for one of this.
  mutating func recover(_ new: Incarnation, of basis: PutBasis, for address: Incoming.Address) -> [Effect] {
    guard case .client = address.peer else {
      return refuse(address, LabError(.permissionDenied, "\(address.peer)", "may not declare which store goes on"))
    }
    let old = intent.store
    if old.incarnation == new || old.predecessors.contains(new) { return reply(address, .recovered(old)) }
    // Words that come late are of a store that was here before.
    guard basis.store == old, basis.revision == intent.revision else {
      return refuse(
        address, LabError(.aborted, "configs", "is at revision \(intent.revision) of incarnation \(old.incarnation) now (look again)"))
    }
    if let full { return refuse(address, full) }
    let base = max(intent.revision, newestShown).nextEpoch(of: new)
    // Every host is told anew: what it has applied of the lost time is not what it is assigned now.
    let change = IntentChange(revision: base.next, changes: intent.assigned.keys.sorted().map { .assigned($0, base.next) })
    intent.store = old.successor(new, alsoOf: shown.sorted { $0.text < $1.text })
    intent.apply(change)
    suspension = nil
    backup = nil
    shown = []
    var effects: [Effect] = [.store(.succeed(intent.store, after: base)), .store(.change(change))]
    effects += reply(address, .recovered(intent.store))
    // Nobody has the number before: all who follow ask for the snapshot.
    effects.append(
      .bus(.publish(Publication(topic: .intent, number: base.next.number, previous: base.number, fact: .intent(change)))))
    for case .assigned(let host, let revision?) in change.changes {
      effects.append(
        .bus(
          .publish(Publication(topic: .assign(host), number: revision.number, previous: base.number, fact: .assigned(revision)))))
    }
    return effects
  }
}

import Machine
import Model

extension ReconcilerCore {
  mutating func register(_ registration: Registration, from address: Incoming.Address, in intent: Intent, at now: Now) -> [Effect] {
    let name = registration.spec.name
    guard address.peer == .agent(name) else {
      return refuse(address, LabError(.permissionDenied, "\(address.peer)", "can't register host \(name)"))
    }
    if let bound = registration.store, !intent.store.succeeds(bound) {
      let error = LabError(
        .failedPrecondition, "host \(name)",
        "foreign store: the host is bound to deployment \(bound.deployment) incarnation \(bound.incarnation), this is "
          + "\(intent.store.deployment) incarnation \(intent.store.incarnation) "
          + "(bring the right store back, or wipe the agent's data folder to give the host to this one)")
      hosts[name]?.reason = error.message
      if log.note(.host(name), "foreign") { log.add(lab: "", subject: name.text, .hostLost, [EventDetail("reason", error.message)]) }
      return refuse(address, error)
    }
    var record = hosts[name] ?? HostRecord(lastHeard: now.boot)
    if record.instance != registration.instance || record.session == nil {
      record.session = makeSession()
      record.instance = registration.instance
      record.isCurrent = false
      record.sequence = log.sequence(of: name, registration.instance) ?? 0
      record.reason = ""
    }
    record.spec = registration.spec
    unregistered.insert(name)
    record.lastHeard = now.boot
    // It has a lease again, though it may never report.
    if record.isLost { touchLabs(of: name) }
    record.isLost = false
    hosts[name] = record
    guard let session = record.session else { return [] }
    return reply(address, .registered(session))
  }

  mutating func take(_ report: Report, from address: Incoming.Address, at now: Now) -> [Effect] {
    // Taken out meanwhile, so that its view is changed where it is, and never copied.
    guard case .agent(let name) = address.peer, hosts[name]?.session == report.session, let instance = hosts[name]?.instance,
      var record = hosts.removeValue(forKey: name)
    else {
      noteLife(of: address.peer, at: now)
      return refuse(address, LabError(.failedPrecondition, "\(address.peer)", "unknown session (register)"))
    }
    defer { hosts[name] = record }
    record.lastHeard = now.boot
    // A whole view that arrives late would take back what was told after it.
    if report.isFull, record.isCurrent, report.sequence < record.sequence { return reply(address, .reported(record.sequence)) }
    var changes = report.changes
    if report.isFull {
      let before = record.view
      record.view = HostView()
      for change in changes { record.view.apply(change) }
      record.sequence = max(record.sequence, report.sequence)
      changes = changes.filter { $0.exit != nil } + record.view.difference(from: before)
    } else {
      let isKnown = log.sequence(of: name, instance) != nil || record.isCurrent
      if !isKnown { record.sequence = report.sequence - 1 }
      guard report.sequence <= record.sequence + 1 else {
        return refuse(address, LabError(.outOfRange, "\(address.peer)", "changes \(record.sequence + 1)… are missing (report all)"))
      }
      changes = Array(changes.dropFirst(Int(clamping: record.sequence + 1 - report.sequence)))
      for change in changes { record.view.apply(change) }
      record.sequence += UInt64(changes.count)
    }
    let appliesAnother = record.applied != report.applied
    record.applied = report.applied
    record.digest = report.digest
    let wasTrusted = record.isTrusted
    record.isCurrent = record.isCurrent || report.isFull
    record.isLost = false
    changes = untold(changes, of: name, in: report.ends, &record)
    log.remember(HostSequence(host: name, instance: instance, sequence: record.sequence, ends: record.ends ?? report.ends))
    if record.isTrusted && !wasTrusted { announceHost(name, .online) }
    // A new version may need nothing done: only that it is applied is told.
    if record.isTrusted && !wasTrusted { touchLabs(of: name) } else if record.isTrusted && appliesAnother { weighLabs(of: name) }
    announce(changes, of: name)
    dirtyHosts.insert(name)
    return reply(address, .reported(record.sequence))
  }

  /// Without the ends that are told already; of those that nobody will tell the log says so.
  private mutating func untold(_ changes: [HostChange], of name: HostName, in series: EndSeries, _ record: inout HostRecord) -> [HostChange]
  {
    var ends = record.ends?.origin == series.origin ? record.ends : log.ends(of: name, from: series.origin)
    // Of a series that this log doesn't know: what another one has told isn't missing.
    var told = ends?.acknowledged ?? series.acknowledged
    let untold = changes.filter { change in
      guard let end = change.exit else { return true }
      guard end.number > told else { return false }
      if end.number > told + 1 {
        let lost = [EventDetail("from", "\(told + 1)"), EventDetail("to", "\(end.number - 1)")]
        log.add(lab: "", subject: name.text, .logGap, lost)
      }
      told = end.number
      return true
    }
    ends = EndSeries(origin: series.origin, acknowledged: told)
    record.ends = ends
    return untold
  }

  /// A word of an unknown session says nothing of the host but that it lives: it isn't lost.
  private mutating func noteLife(of peer: PeerName, at now: Now) {
    if case .agent(let name) = peer { hosts[name]?.lastHeard = now.boot }
  }

  mutating func take(_ heartbeat: Heartbeat, from address: Incoming.Address, at now: Now) -> [Effect] {
    guard case .agent(let name) = address.peer, hosts[name]?.session == heartbeat.session,
      let answer = hosts[name]?.take(heartbeat, at: now)
    else {
      noteLife(of: address.peer, at: now)
      return reply(address, .heartbeat(.register))
    }
    if answer.isNews {
      weighLabs(of: name)
      dirtyHosts.insert(name)
    }
    return reply(address, .heartbeat(answer.wish))
  }
}

extension HostRecord {
  /// What the host is to do next, and whether it has applied another version than before, or says something else of why it hasn't.
  fileprivate mutating func take(_ heartbeat: Heartbeat, at now: Now) -> (wish: HeartbeatAnswer, isNews: Bool) {
    lastHeard = now.boot
    load = heartbeat.load
    lacks = heartbeat.lacks
    let hasNews = reason != heartbeat.reason
    reason = heartbeat.reason
    let isEven = sequence == heartbeat.sequence
    let appliesAnother = isEven && applied != heartbeat.applied
    if appliesAnother { applied = heartbeat.applied }
    let isCurrentView = isCurrent && !(isEven && digest != heartbeat.digest) && sequence <= heartbeat.sequence
    return (isCurrentView ? .current : .reportAll, appliesAnother || hasNews)
  }
}

extension HostView {
  /// The changes that make `old` into this view, in an order that is the same everywhere.
  func difference(from old: HostView) -> [HostChange] {
    var changes: [HostChange] = []
    for (key, node) in nodes.sorted(by: { $0.key < $1.key }) where old.nodes[key] != node { changes.append(.node(node)) }
    for key in old.nodes.keys.sorted() where nodes[key] == nil { changes.append(.nodeGone(key)) }
    for (key, end) in ends.sorted(by: { $0.key < $1.key }) where old.ends[key] != end { changes.append(.end(end)) }
    for key in old.ends.keys.sorted() where ends[key] == nil { changes.append(.endGone(key)) }
    for (remote, path) in paths.sorted(by: { $0.key < $1.key }) where old.paths[remote] != path { changes.append(.path(path)) }
    for remote in old.paths.keys.sorted() where paths[remote] == nil { changes.append(.pathGone(remote)) }
    return changes
  }
}

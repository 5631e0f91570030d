import Machine
import Model

extension ReconcilerCore {
  mutating func answer(_ incoming: Incoming, at now: Now) -> [Effect] {
    guard case .reconciler(let request) = incoming.request else {
      return refuse(incoming.from, LabError(.unimplemented, "reconciler", "the reconciler doesn't answer this request"))
    }
    switch request {
    // The log is here, whoever is away.
    case .events(let query): return [.readEvents(incoming.from, query)]
    // Hosts say more than all others together, and intent is large.
    case .report(let report) where follower.hasIntent: return take(report, from: incoming.from, at: now)
    case .heartbeat(let heartbeat) where follower.hasIntent: return take(heartbeat, from: incoming.from, at: now)
    case .register, .report, .heartbeat, .inspect, .labs, .hosts, .remains, .clearVNIs:
      guard let intent = follower.intent else {
        return refuse(
          incoming.from, LabError(.unavailable, "reconciler", "the reconciler has not heard from the config service yet (try again)"))
      }
      return answer(request, from: incoming.from, in: intent, at: now)
    }
  }

  private mutating func answer(_ request: ReconcilerRequest, from address: Incoming.Address, in intent: Intent, at now: Now) -> [Effect] {
    switch request {
    case .inspect where isSettling(in: intent, at: now), .labs where isSettling(in: intent, at: now),
      .hosts where isSettling(in: intent, at: now):
      return hold(Incoming(from: address, request: .reconciler(request)))
    case .register(let registration): return register(registration, from: address, in: intent, at: now)
    case .inspect(let name):
      guard let lab = intent.labs[name] else {
        return refuse(address, LabError(.notFound, "lab \(name)", "there is no such lab ('archetype list' shows them)"))
      }
      return reply(address, .lab(status(of: lab, in: intent)))
    case .labs(let names):
      let labs = names.isEmpty ? intent.labs.values.sorted { $0.key < $1.key } : names.compactMap { intent.labs[$0] }
      return reply(address, .labs(labs.map { summary(of: $0, in: intent) }, of: intent.store.incarnation))
    case .hosts: return reply(address, .hosts(hostStatuses(in: intent)))
    case .remains(let key, let names):
      let remaining = names.filter { !isClear($0, of: key, in: intent) }
      return reply(address, .remains(remaining, lost: remaining.filter { hosts[$0]?.isLost ?? true }))
    case .clearVNIs(let tombstones):
      let clear = tombstones.map { tombstone in
        ClearVNI(tombstone.vni, hosts: tombstone.hosts.filter { isClear($0, of: tombstone, in: intent) })
      }
      return reply(address, .clearVNIs(clear))
    // Taken above.
    case .events, .report, .heartbeat: return []
    }
  }

  func reply(_ address: Incoming.Address, _ reply: ReconcilerReply) -> [Effect] { [.bus(.reply(address, .success(.reconciler(reply))))] }
  func refuse(_ address: Incoming.Address, _ error: LabError) -> [Effect] { [.bus(.reply(address, .failure(error)))] }

  /// The host's state is known and equal to what it is assigned now.
  func hasApplied(_ host: HostName, in intent: Intent) -> Bool {
    guard let record = hosts[host], record.isTrusted, let assigned = intent.assigned[host] else { return false }
    return record.applied == assigned
  }

  /// Nothing of a destroyed lab is on the host, and nothing of it can come back. A forgotten host counts as clear.
  private func isClear(_ host: HostName, of lab: LabKey, in intent: Intent) -> Bool {
    if intent.labs[lab.name]?.key == lab { return false }
    guard intent.hosts[host] != nil else { return true }
    return hasApplied(host, in: intent) && hosts[host]?.view.isEmpty(of: lab) == true
  }

  /// The host can't send with a freed VNI any more.
  private func isClear(_ host: HostName, of tombstone: Tombstone, in intent: Intent) -> Bool {
    guard intent.hosts[host] != nil else { return true }
    guard intent.revision >= tombstone.freed, hasApplied(host, in: intent), let view = hosts[host]?.view else { return false }
    return !view.ends.values.contains { $0.tunnel?.vni == tombstone.vni }
  }

}

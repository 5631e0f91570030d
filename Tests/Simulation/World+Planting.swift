import AgentCore
import Machine
import Model

/// Where a planted bug takes hold: on what passes between machines, and on what kernels and disks do.
extension World {
  /// nil: it is never sent.
  mutating func corrupt(_ request: Request, from process: Process) -> Request? {
    guard let bug = settings.bug else { return request }
    switch (bug, request) {
    case (.halfPlanned, .configs(.put(var put))):
      for (index, change) in put.changes.enumerated() {
        guard case .segments(let name, var segments?) = change, !segments.segments.isEmpty else { continue }
        segments.segments.removeLast()
        put.changes[index] = .segments(name, segments)
      }
      return .configs(.put(put))
    case (.reusedBirth, .configs(.put(var put))):
      for (index, change) in put.changes.enumerated() {
        guard case .lab(let name, var lab?) = change, lab.key.born == .zero,
          let old = checks?.intent.goneLabs.filter({ $0.name == name }).max()
        else { continue }
        lab.key.born = old.born
        put.changes[index] = .lab(name, lab)
      }
      return .configs(.put(put))
    case (.forgottenJob, .configs(.put(var put))) where process.name == .jobs:
      if let id = checks?.intent.running.keys.min(), !put.changes.contains(where: { $0.key == .job(id) }) {
        put.changes.append(.job(id, nil))
      }
      return .configs(.put(put))
    case (.lostFinish, .configs(.put(let put))):
      return put.changes.contains { if case .job(_, let job?) = $0 { job.phase == .done } else { false } } ? nil : request
    case (.raisedSerial, .configs(.put(var put))):
      for case .job(_, let job?) in put.changes where job.kind == .deploy && job.phase == .running {
        guard !put.changes.contains(where: { $0.key == .lab(job.lab) }), var lab = store.intent.labs[job.lab] else { continue }
        for index in lab.nodes.indices { lab.nodes[index].startSerial += 1 }
        put.changes.append(.lab(job.lab, lab))
      }
      return .configs(.put(put))
    case (.blindPut, .configs(.put(var put))):
      put.expect = []
      put.basis = nil
      return .configs(.put(put))
    case (.staleWiring, .configs(.put(let put))): return .configs(.put(stale(put)))
    case (.deafEvacuation, .configs(.put(let put))): return isEvacuation(put) ? nil : request
    case (.toldDead, .reconciler(.report(var report))):
      for (index, change) in report.changes.enumerated() where !report.isFull {
        if case .node(let node) = change, node.phase == .ready {
          let last = report.changes.compactMap(\.exit).last?.number ?? report.ends.acknowledged
          report.changes[index] = .exited(NodeEnd(number: last + 1, node: node.key, pid: 0, exit: .code(0)))
        }
      }
      return .reconciler(.report(report))
    case (.earlyWord, .agent(.farEnds(let ends))): return .agent(.farEnds(early(ends)))
    case (.blindReport, .reconciler(.report(var report))):
      for (index, change) in report.changes.enumerated() {
        if case .end(var end) = change {
          end.fault = ""
          report.changes[index] = .end(end)
        }
      }
      return .reconciler(.report(report))
    case (_, _): return request
    }
  }

  private func early(_ ends: FarEnds) -> FarEnds {
    var ends = ends
    for index in ends.nodes.indices { ends.nodes[index].reached = Set(Stage.allCases) }
    return ends
  }

  mutating func corrupt(_ result: Result<Reply, LabError>, to peer: PeerName, from process: Process) -> Result<Reply, LabError> {
    guard let bug = settings.bug else { return result }
    switch (bug, result, peer) {
    case (.earlyClear, .success(.reconciler(.clearVNIs(let list))), _):
      return .success(.reconciler(.clearVNIs(list.map { ClearVNI($0.vni, hosts: store.intent.tombstones[$0.vni]?.hosts ?? []) })))
    case (.forgottenLost, .success(.reconciler(.clearVNIs(let list))), _):
      let away = hosts.map(\.name).filter { processes[.agent($0)].map { max($0.mutedUntil, $0.deafUntil, $0.pausedUntil) > time } ?? true }
      return .success(.reconciler(.clearVNIs(list.map { ClearVNI($0.vni, hosts: Set($0.hosts + away).sorted()) })))
    case (.foreignObeyed, _, .agent(let host)):
      guard checks?.isStoreWrong == true, process.name == .configs, let bound = self.host(host)?.cached else { return result }
      return .success(.configs(.assignment(Assignment(host: host, store: bound.store, revision: bound.revision.next, labs: []))))
    case (.othersAssignment, .success(.configs(.assignment(var assignment))), .agent(let host)):
      guard let other = hosts.first(where: { $0.name != host })?.cached else { return result }
      assignment.labs = other.labs
      return .success(.configs(.assignment(assignment)))
    // Whoever doesn't know that the store was recovered begins with the first VNI again.
    case (.rewoundVNIs, .success(.configs(.snapshot(var snapshot))), .links):
      snapshot.store.predecessors = []
      return .success(.configs(.snapshot(snapshot)))
    case (.anySession, .success(.reconciler(.registered(let session))), .agent(let host)):
      planted.sessions[host] = session
      return result
    case (.hastyConvergence, .success(.reconciler(.labs(var labs, let store))), .jobs):
      for index in labs.indices { labs[index].converged = true }
      return .success(.reconciler(.labs(labs, of: store)))
    case (.undeclaredSuccessor, .success(.configs(.assignment(var assignment))), .agent):
      assignment.store.predecessors = []
      return .success(.configs(.assignment(assignment)))
    case (.refusedAcceptance, .success(.jobs(.job)), .client):
      return machines.happens(200) ? .failure(LabError(.failedPrecondition, "lab", "can't be")) : result
    case (_, _, _): return result
    }
  }

  /// What is handed to its addressee in the place of what was sent.
  func corrupt(arrived request: Request, from peer: PeerName) -> Request {
    switch (settings.bug, request, peer) {
    case (.hiddenRevision, .configs(.assignment(var query)), _):
      query.have = .zero
      return .configs(.assignment(query))
    case (.hiddenRevision, .configs(.put(var put)), _):
      put.basis = nil
      return .configs(.put(put))
    case (.anySession, .reconciler(.report(var report)), .agent(let host)):
      report.session = planted.sessions[host] ?? report.session
      return .reconciler(.report(report))
    case (_, _, _): return request
    }
  }

  /// What the kernel does in the place of an action; nil: nothing, and it says that it did.
  mutating func corrupt(_ action: Action, on host: SimulatedHost) -> Action? {
    guard let bug = settings.bug else { return action }
    switch (bug, action) {
    case (.leakedTunnel, .deleteTunnel), (.leakedTap, .deleteTap), (.leakedFolder, .remove), (.blindReport, .patch),
      (.leakedSegment, .deleteSegment):
      return nil
    // One host is slow to delete: a VNI that rested would not be hurt.
    case (.earlyClear, .deleteTunnel): return host === hosts.first && time % 40_000 < 30_000 ? nil : action
    case (.wrongMTU, .start(let node, _)):
      for tap in host.truth.taps.keys where tap.node == node.key { host.shrinkUnseen(tap) }
      return action
    case (.wanderingStart, .start(let node, _)):
      if let other = hosts.first(where: { $0 !== host && $0.isOn }) {
        disturb(other) { other in
          for step in [Action.makeSandbox(node.key), action] { _ = other.perform(step) }
        }
      }
      return action
    case (.sweptVisitors, .unpatch(.tap(let key))): return key.isExternal ? .deleteTap(key) : action
    case (_, _): return action
    }
  }

  mutating func corrupt(_ batch: Batch, of host: SimulatedHost) -> Batch {
    var batch = batch
    if settings.bug == .sweptStart, let making = checks?.agents[host.name]?.making.values.joined(),
      let key = making.compactMap({ if case .node(let key) = $0 { key } else { nil } }).min()
    {
      batch.actions.append(.remove(key))
    }
    if let key = host.truth.taps.keys.min() {
      if settings.bug == .blinkingLink { batch.actions.append(.unpatch(.tap(key))) }
      if settings.bug == .replacedPeer { batch.actions.append(.deleteTap(key)) }
    }
    guard settings.bug == .replayedStart else { return batch }
    for action in batch.actions {
      switch action {
      case .start(let node, let record): planted.starts[node.key] = .start(node, record)
      case .stop(let key, _): if let start = planted.starts[key] { batch.actions.append(start) }
      case .unpatch, .deleteTap, .deleteTunnel, .deleteSandbox, .makeSandbox, .makeTap, .makeTunnel, .makeProbe, .deleteProbe,
        .makeSegment, .deleteSegment, .setMTU, .patch, .setCarrier, .raiseTunnel, .remove:
        break
      }
    }
    return batch
  }

  func corrupt(_ inventory: Inventory, of host: SimulatedHost) -> Inventory {
    var inventory = inventory
    if settings.bug == .blankAfterWipe, host.wasWiped { return Inventory() }
    if settings.bug == .unmarkedTaken { inventory.tunnels.merge(host.foreign.tunnels) { ours, _ in ours } }
    if settings.bug == .unseenVisitors { inventory.taps = inventory.taps.filter { !$0.key.isExternal } }
    if settings.bug == .partialInventory, let key = inventory.taps.keys.min() { inventory.taps[key] = nil }
    return inventory
  }

  /// What goes wrong on a host every 200 ms.
  mutating func spoil(_ host: SimulatedHost) {
    guard settings.bug == .noisyKernel, machines.happens(50), let key = host.truth.taps.keys.min(), var tap = host.truth.taps[key] else {
      return
    }
    tap.fabricUp.toggle()
    disturb(host) { $0.set(key, tap) }
  }
}

/// What planted bugs remember.
struct Planted {
  var starts: [NodeKey: Action] = [:]
  var sessions: [HostName: Session] = [:]
  /// Pulls that go on for ever.
  var endless: [(Instance, UInt64)] = []
  /// Each lab's first cables.
  var segments: [LabKey: Segments] = [:]
}

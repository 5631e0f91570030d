import AgentCore
import Machine
import Model

/// What one host's agents have obeyed and done.
struct AgentHistory {
  var adopted: Assignment?
  /// The agent was started on a host that is as its assignment says; until something happens there it has nothing to do (6).
  var isQuiet = false
  /// Worked out last.
  var goal: (assignment: Assignment, goal: HostGoal)?
  /// Its disk was lost since it last obeyed, or before it did (7).
  var wasWiped = false
  var isNewAgain = false
  /// What batches under way make, by their numbers (18).
  var making: [UInt64: Set<Target>] = [:]
}

extension Checks {
  /// 21: an agent obeys the newest revision of its own store only.
  mutating func adopted(_ new: Assignment, by host: SimulatedHost, _ now: Intent) {
    note()
    if host.isClone { return }
    let name = host.name
    releases(new, by: name)
    wire.forgotten.remove(name)
    // What a host doesn't have to run begins anew when it has to again.
    let serials = Dictionary(uniqueKeysWithValues: new.labs.flatMap(\.nodes).map { ($0.key, $0.startSerial) })
    nodes.lives[name] = nodes.lives[name]?.filter { serials[$0.key] != nil }
    // Another start forgets early deaths, also where an older store takes that start back.
    for key in nodes.lives[name, default: [:]].keys where nodes.lives[name]?[key]?.serial != serials[key] {
      nodes.lives[name]?[key]?.early = 0
    }
    let wasWiped = agents[name]?.wasWiped == true
    let before = wasWiped ? nil : agents[name]?.adopted
    agents[name, default: AgentHistory()].adopted = new
    agents[name]?.isQuiet = wasWiped && HostGoal(new).isReached(by: host.truth)
    agents[name]?.isNewAgain = wasWiped
    agents[name]?.wasWiped = false
    if let before {
      if new.store.deployment != before.store.deployment { fail("21: \(name) obeys another deployment") }
      if new.store.incarnation == before.store.incarnation {
        if new.revision <= before.revision { fail("21: \(name) goes back from revision \(before.revision) to \(new.revision)") }
      } else if !new.store.predecessors.contains(before.store.incarnation) {
        fail("21: \(name) obeys incarnation \(new.store.incarnation), which does not succeed \(before.store.incarnation)")
      }
    }
    guard new.store == intent.store, !isForked else { return }
    guard let known = intent.assignments[name]?[new.revision] else {
      return fail("21: \(name) obeys revision \(new.revision), which it never had")
    }
    if known.labs != new.labs { fail("21: \(name) obeys another revision \(new.revision) than it was given") }
  }

  /// 21: what was obeyed is known after a restart. 6: a restart alone is no reason to do anything.
  mutating func agentStarts(_ host: SimulatedHost, _ cached: Assignment?) {
    let name = host.name
    agents[name]?.making = [:]
    if let adopted = agents[name]?.adopted, agents[name]?.wasWiped != true, !isSameOrNewer(cached, than: adopted) {
      fail("21: \(name) begins with revision \(cached?.revision ?? .zero), but has obeyed \(adopted.revision)")
    }
    guard let cached else { return }
    // It may have been written just before the agent that obeyed the one before it died.
    releases(cached, by: name)
    agents[name, default: AgentHistory()].isQuiet = HostGoal(cached).isReached(by: host.truth)
  }

  /// One that was written when its agent died is newer than what that has obeyed.
  private func isSameOrNewer(_ cached: Assignment?, than adopted: Assignment) -> Bool {
    guard let cached else { return false }
    return cached.store.incarnation == adopted.store.incarnation
      ? cached.revision >= adopted.revision : cached.store.predecessors.contains(adopted.store.incarnation)
  }

  /// What it has obeyed it doesn't know any more.
  mutating func wiped(_ host: SimulatedHost) { agents[host.name]?.wasWiped = true }

  /// 18: what is being made is never taken for an orphan.
  private mutating func isMaking(_ batch: Batch, on host: SimulatedHost) {
    if host.isClone { return }
    let making = agents[host.name]?.making ?? [:]
    for action in batch.actions {
      if let target = action.removed, making.values.contains(where: { $0.contains(target) }) {
        fail("18: \(host.name) removes what it is just making: \(action)")
      }
    }
    agents[host.name, default: AgentHistory()].making[batch.id] = Set(batch.actions.compactMap(\.made))
  }

  mutating func performed(_ batch: UInt64, on host: SimulatedHost) {
    if !host.isClone { agents[host.name]?.making[batch] = nil }
  }

  mutating func disturbed(_ host: SimulatedHost) { agents[host.name]?.isQuiet = false }

  /// What an agent decides, judged by what it has read and was told.
  ///
  /// - Parameter slack: how long, in milliseconds, what an agent sees may be old.
  mutating func planned(_ batch: Batch, by agent: Box<AgentCore>, of instance: Instance, on host: SimulatedHost, slack: UInt64) {
    if !host.isClone { decides(batch, on: host.name) }
    guard let seen = agent.machine.inventory else { return fail("16: \(host.name) acts without having read its host") }
    guard let assignment = agent.machine.assignment else { return fail("21: \(host.name) acts without an assignment") }
    // 39: a copy of a disk acts only once it is known that the copied one is away.
    if host.isClone, !words.admitted.contains(instance) { fail("39: a clone of \(host.name) acts without ever having been admitted") }
    let goal = goal(of: assignment, host.name)
    isMaking(batch, on: host)
    for action in batch.actions {
      if let problem = goal.objection(to: action, seeing: seen) { fail("\(problem): \(action)") }
      if wire.isOld(action, on: host, before: time > slack ? time - slack : 0) {
        fail("16: \(host.name) makes what has long been there: \(action)")
      }
      if case .start(let node, _) = action, host.containers[node.key] == nil, host.lacksImage(of: node) {
        fail("47: \(node.key) starts on \(host.name) before its image is there")
      }
      if case .setCarrier = action { continue }
      if agents[host.name]?.isQuiet == true, !host.isClone {
        fail("\(agents[host.name]?.isNewAgain == true ? "7" : "6"): \(host.name) only began anew, and does \(action)")
      }
    }
  }
}

extension Checks {
  /// Of one assignment it is asked for with each batch.
  private mutating func goal(of assignment: Assignment, _ host: HostName) -> HostGoal {
    if let known = agents[host]?.goal, known.assignment == assignment { return known.goal }
    let goal = HostGoal(assignment)
    agents[host, default: AgentHistory()].goal = (assignment, goal)
    return goal
  }
}

extension Action {
  /// What it makes.
  fileprivate var made: Target? {
    switch self {
    case .makeSandbox, .makeTap, .makeTunnel, .makeProbe, .makeSegment, .start: target
    case .unpatch, .deleteTap, .deleteTunnel, .deleteProbe, .deleteSegment, .deleteSandbox, .setMTU, .patch, .setCarrier, .raiseTunnel,
      .stop,
      .remove:
      nil
    }
  }

  /// What it removes.
  fileprivate var removed: Target? {
    switch self {
    case .deleteTap, .deleteTunnel, .deleteProbe, .deleteSegment, .deleteSandbox, .remove: target
    case .unpatch, .makeSandbox, .makeTap, .makeTunnel, .makeProbe, .makeSegment, .setMTU, .patch, .setCarrier, .raiseTunnel, .start, .stop:
      nil
    }
  }
}

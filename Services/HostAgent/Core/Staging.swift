import Machine
import Model

/// How far nodes have come that others wait for, and who waits.
struct Staging: Sendable {
  /// Of nodes here.
  fileprivate(set) var reached: [NodeKey: Set<Stage>] = [:]
  /// Nodes here whose next stage is held up, and what they wait for.
  fileprivate(set) var held: [NodeKey: String] = [:]

  mutating func keep(_ isWanted: (NodeKey) -> Bool) {
    reached = reached.filter { isWanted($0.key) }
    held = held.filter { isWanted($0.key) }
  }
}

extension AgentCore {
  /// Looks again how far those have come that were touched, and whether those that wait may go on.
  mutating func noteStages(at now: Now) {
    if wanted.waiters.isEmpty, wanted.watched.isEmpty, stages.held.isEmpty { return }
    for key in work.markedNodes {
      guard let node = wanted.nodes[key], wanted.waiters[key] != nil || !node.watchers.isEmpty else { continue }
      let reached = reached(node)
      guard reached != stages.reached[key] ?? [] else { continue }
      stages.reached[key] = reached
      work.markNodes(wanted.waiters[key] ?? [])
      far.isStale.formUnion(node.watchers)
    }
    for key in work.markedNodes {
      guard let node = wanted.nodes[key], !node.spec.stages.waits.isEmpty || stages.held[key] != nil else { continue }
      stages.held[key] = hindrance(to: node, at: now.boot)
    }
  }

  /// Silence of another host is told too, and that it has ended.
  mutating func markHeldNodes() { if !stages.held.isEmpty { work.markNodes(stages.held.keys) } }

  private func reached(_ node: AssignedNode) -> Set<Stage> {
    guard let inventory, blindness(about: node.key) == nil else { return [] }
    // Once ended it stays so, and has begun, until its user starts it anew.
    let hasEnded = crashes[node.key].map { $0.startSerial == node.startSerial && $0.restarts > 0 } ?? false
    let past: Set<Stage> = hasEnded ? [.create, .exit] : []
    guard node.desired == .running, let process = inventory.processes[node.key], isCurrent(process, as: node) else { return past }
    return past.union(process.reached(as: node.spec))
  }

  /// The process is the one that its node should have.
  func isCurrent(_ process: NodeProcess, as node: AssignedNode) -> Bool {
    process.startSerial == node.startSerial && process.specDigest == node.spec.processDigest
  }

  /// What another node has to do before this one's next stage may begin; nil: nothing.
  private func hindrance(to node: AssignedNode, at now: Instant) -> String? {
    guard node.desired == .running else { return nil }
    var stage = Stage.create
    if let process = inventory?.processes[node.key], isCurrent(process, as: node) {
      if process.execDone { return nil }
      stage = node.spec.stage(after: process.ended)
      // Its first commands wait for nobody.
      if stage == .create { return nil }
    }
    for wait in node.spec.stages.waits where wait.stage == stage {
      // Who isn't in the lab is not waited for; such a lab is refused.
      guard let awaited = node.awaited.first(where: { $0.key.name == wait.node }) else { continue }
      let isHere = wanted.nodes[awaited.key] != nil
      let reached = isHere ? stages.reached[awaited.key] ?? [] : far.reached(awaited, at: now)
      if reached?.contains(wait.until) == true { continue }
      return "waits for \(wait.node) on \(awaited.host) \(wait.until.wish)" + (reached == nil ? ", of which nothing is heard" : "")
    }
    return nil
  }

  /// How far nodes here have come that nodes of a host wait for.
  func farNodes(for host: HostName) -> [NodeKey: FarNode] {
    var told: [NodeKey: FarNode] = [:]
    for key in wanted.watched[host] ?? [] {
      guard let node = wanted.nodes[key] else { continue }
      told[key] = FarNode(
        key, startSerial: node.startSerial, specDigest: node.spec.processDigest, reached: stages.reached[key] ?? [])
    }
    return told
  }

  /// Starts the commands of every process's next stage, once that may begin. An agent that died in the middle of one begins it again.
  mutating func runCommands() -> [Effect] {
    guard mayAct, !commands.isEmpty || !work.touchedNodes.isEmpty, let inventory else { return [] }
    if !commands.isEmpty { commands = commands.filter { inventory.processes[$0.key]?.pid == $0.value } }
    var effects: [Effect] = []
    for key in work.touchedNodes.sorted() {
      guard let process = inventory.processes[key], let node = wanted.nodes[key], !process.execDone, commands[key] == nil else { continue }
      let stage = node.spec.stage(after: process.ended)
      guard stage == .create || process.isReady(as: node.spec) && stages.held[key] == nil else { continue }
      commands[key] = process.pid
      effects.append(
        .runCommands(StageRun(key: key, startSerial: process.startSerial, stage: stage, spec: node.spec, warning: process.execWarning)))
    }
    return effects
  }

  mutating func commandsEnded(_ run: StageRun, _ failed: [FailedCommand]) {
    guard let process = inventory?.processes[run.key], process.startSerial == run.startSerial else { return }
    commands[run.key] = nil
    inventory?.processes[run.key]?.end(run.stage, as: run.spec)
    inventory?.processes[run.key]?.execWarning = run.warning(with: failed)
    work.markNodes([run.key])
  }
}

import Machine
import Model

/// When a node was started, and when it may be again.
struct StartTimes: Sendable {
  /// Of its last start or since it was first seen; nil: not in this agent's life.
  var started: Instant?
  /// The end of its back-off.
  var due: Instant?
}

extension AgentCore {
  /// Takes a whole read-back: everything is looked at anew.
  mutating func take(_ new: Inventory, _ found: [FoundEnd], unlisted apart: [String: Set<NodeKey>], at now: Now) {
    inventory = new
    unlisted = Unlisted(apart, at: now.boot)
    for key in earlyExits.keys.sorted() { endIfAlreadyEnded(key, at: now) }
    // An agent that starts from its cache has told nobody yet.
    far.isStale.formUnion(wanted.listeners)
    for key in new.processes.keys where starts[key]?.started == nil { starts[key] = StartTimes(started: now.boot, due: nil) }
    take(found, of: { _ in true }, at: now)
    markAll()
  }

  mutating func markAll() {
    let known = inventory ?? Inventory()
    work.markNodes(wanted.nodes.keys)
    work.markNodes(report.view.nodes.keys)
    work.dirtyEnds.formUnion(report.view.ends.keys)
    work.markNodes(known.sandboxes)
    work.markNodes(known.folders)
    work.markNodes(known.processes.keys)
    work.markTaps(wanted.taps.keys)
    work.markTaps(known.taps.keys)
    work.markTunnels(wanted.tunnels.keys)
    work.markTunnels(known.tunnels.keys)
    work.markSegments(wanted.segments.keys)
    work.markSegments(known.management.keys)
    work.markProbe()
    work.dirtyEnds.formUnion(wanted.tunnels.keys)
    work.dirtyEnds.formUnion(wanted.patches.keys)
    work.dirtyEnds.formUnion(known.tunnels.keys)
  }

  /// The difference between what should be and what is, of all that was touched: pure, and nothing when they are equal.
  mutating func plan(at now: Now) -> [Effect] {
    guard mayAct, foreign == nil, inventory != nil, let revision = assignment?.revision else { return [] }
    var actions: [Lane: [Action]] = [:]
    var starts = work.starting.count { containers[$0] == nil }
    func add(_ action: Action) { actions[action.lane, default: []].append(action) }
    var waiting: [TunnelKey] = []
    if !work.isKernelBusy {
      for key in work.takeTunnels() {
        if waitsForVNI(key) {
          waiting.append(key)
          continue
        }
        let steps = planTunnel(key)
        if steps.isEmpty { forgive(.device(.tunnel(key)), key) }
        steps.forEach(add)
      }
      for lab in work.takeSegments() {
        let steps = planSegment(lab)
        if steps.isEmpty {
          work.forgive(.device(.segment(lab)))
          work.markNodes(wanted.managed[lab] ?? [])
        }
        steps.forEach(add)
      }
      for key in work.takeTaps() {
        let steps = planTap(key)
        if steps.isEmpty { forgive(.device(.tap(key)), wanted.taps[key]?.link) }
        steps.forEach(add)
      }
      if work.takeProbe() {
        let steps = planProbe()
        if steps.isEmpty { work.forgive(.probe) }
        steps.forEach(add)
      }
    }
    let nodes = work.takeNodes()
    var later: [NodeKey] = []
    for key in nodes {
      if work.isKernelBusy, needsKernel(key) { later.append(key) }
      let steps = planNode(key, startsUnderWay: &starts, at: now)
      if steps.isEmpty {
        work.forgive(.sandbox(key))
        work.forgive(.node(key))
      }
      for action in steps where action.lane != .kernel || !work.isKernelBusy { add(action) }
    }
    work.markNodes(later)
    work.markTunnels(waiting)
    if actions.isEmpty {
      if work.isIdle { report.applied = revision }
      return []
    }
    return Lane.allCases.flatMap { lane -> [Effect] in
      guard let chosen = actions[lane], !chosen.isEmpty else { return [] }
      let ordered = chosen.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }.map(\.element)
      for action in ordered { noteStart(action, at: now) }
      return [.perform(work.begin(ordered, lane))]
    }
  }

  private mutating func forgive(_ target: Target, _ link: TunnelKey?) {
    guard work.failure(of: target) != nil else { return }
    work.forgive(target)
    if let link { work.dirtyEnds.insert(link) }
  }

  /// Whether a node's sandbox must be made or removed.
  private func needsKernel(_ key: NodeKey) -> Bool {
    let exists = inventory?.sandboxes.contains(key) ?? false
    return (wanted.nodes[key]?.spec.isExternal == false) != exists
  }

  private mutating func noteStart(_ action: Action, at now: Now) {
    guard case .start(let node, let record) = action else { return }
    earlyExits[node.key] = nil
    crashes[node.key] = record
    delays[node.key] = nil
    containers[node.key] = runtime(for: node.spec) == Self.imageRuntime ? node.spec.processDigest : nil
    starts[node.key] = StartTimes(started: now.boot, due: nil)
  }

  /// - Parameter startsUnderWay: of nodes that aren't containers.
  private mutating func planNode(_ key: NodeKey, startsUnderWay: inout Int, at now: Now) -> [Action] {
    guard let inventory else { return [] }
    admission.forget(key)
    let process = inventory.processes[key]
    let isNodeBlocked = work.isBlocked(.node(key))
    guard let node = wanted.nodes[key], !node.spec.isExternal else { return planRemoval(key, process, inventory, isBlocked: isNodeBlocked) }
    if !inventory.sandboxes.contains(key) {
      // The one that a process lives in may have lost only its pin.
      let isBlind = process == nil && unlisted.mayRun(key)
      return isBlind || work.isBlocked(.sandbox(key)) ? [] : [.makeSandbox(key)]
    }
    if isNodeBlocked || blindness(about: key) != nil { return [] }
    switch (node.desired, process) {
    case (.stopped, nil): return []
    case (.stopped, .some): return [.stop(key, grace: Self.grace)]
    case (.running, let process?):
      return isCurrent(process, as: node) ? [] : [.stop(key, grace: Self.grace)]
    case (.running, nil):
      guard obstacle(to: node) == nil else {
        // A start that was under way may have kept it as it was.
        if let tap = inventory.taps[TapKey(key, .management)], isStale(TapKey(key, .management), tap) {
          work.markTaps([TapKey(key, .management)])
        }
        return []
      }
      if imageObstacle(to: node) != nil { return [] }
      let record = crashRecord(of: node)
      if let due = starts[key]?.due, due > now.boot, record.startSerial == crashes[key]?.startSerial { return [] }
      if stages.held[key] != nil { return [] }
      guard !isDelayed(node, record, at: now), admit(node, underWay: startsUnderWay, at: now) else { return [] }
      if runtime(for: node.spec) != Self.imageRuntime { startsUnderWay += 1 }
      return [.start(node, record)]
    }
  }

  /// Whether its `startup-delay` isn't over, which begins when nothing else keeps it from starting.
  private mutating func isDelayed(_ node: AssignedNode, _ record: CrashRecord, at now: Now) -> Bool {
    guard node.spec.startupDelay > 0, record.restarts == 0 else { return false }
    if let begun = delays[node.key], begun.serial == node.startSerial { return begun.end != nil }
    delays[node.key] = (node.startSerial, now.boot + node.spec.startupDelay)
    return true
  }

  /// How long a stopped node has to end by itself, in milliseconds.
  private static let grace: UInt64 = 5_000
  /// Before a container that has ended starts again, in milliseconds: the word of its end goes first, and a start keeps all processors busy.
  private static let breath: UInt64 = 20

  private func planRemoval(_ key: NodeKey, _ process: NodeProcess?, _ inventory: Inventory, isBlocked: Bool) -> [Action] {
    if process != nil { return isBlocked ? [] : [.stop(key, grace: 0)] }
    if isBlocked || unlisted.mayRun(key) { return [] }
    var actions: [Action] = []
    // The folder is known by its own listing; taps go with their own keys, and the sandbox last: while it is there the node is told of, and
    // with it whatever else is left of its lab.
    if inventory.folders.contains(key) { actions.append(.remove(key)) }
    let isLast = inventory.management[key.lab] == nil || wanted.segments[key.lab] != nil
    if isLast, inventory.sandboxes.contains(key), !work.isBlocked(.sandbox(key)) { actions.append(.deleteSandbox(key)) }
    return actions
  }

  /// What a node waits for before it may start; nil: nothing.
  func obstacle(to node: AssignedNode) -> String? {
    for digest in Wanted.blobs(of: node) where !blobs.contains(digest) {
      return missingBlobs.contains(digest)
        ? "its configuration \(digest) is not in the store (deploy the lab again)" : "waiting for its configuration"
    }
    for key in wanted.tapsOf[node.key] ?? [] {
      guard let tap = inventory?.taps[key] else {
        return work.failure(of: .device(.tap(key))).map { "interface \(key.ordinal): \($0.detail)" }
          ?? "waiting for interface \(key.ordinal)"
      }
      if tap.mtu != wanted.taps[key]?.mtu { return "waiting for the mtu of interface \(key.ordinal)" }
      if tap.addressing != wanted.taps[key]?.addressing.digest { return "waiting for the addresses of interface \(key.ordinal)" }
    }
    let isReady =
      wanted.taps[TapKey(node.key, .management)] == nil || inventory?.management[node.key.lab] == wanted.segments[node.key.lab]?.segment
    return isReady ? nil : segmentFault(of: node.key.lab) ?? "waiting for the management network"
  }

  /// The record that a start by this serial goes on with; another serial is a user's start, which resets it.
  func crashRecord(of node: AssignedNode) -> CrashRecord {
    if let record = crashes[node.key], record.startSerial == node.startSerial { return record }
    return CrashRecord(startSerial: node.startSerial)
  }

  var nextStart: Instant? {
    var first: Instant?
    for key in pausing { first = .earliest(first, starts[key]?.due) }
    for delay in delays.values { first = .earliest(first, delay.end) }
    return first
  }

  mutating func markDueStarts(at now: Now) {
    for (key, delay) in delays {
      guard let end = delay.end, end <= now.boot else { continue }
      delays[key]?.end = nil
      work.markNodes([key])
    }
    for key in pausing {
      if let due = starts[key]?.due, due > now.boot { continue }
      pausing.remove(key)
      guard starts[key]?.due != nil else { continue }
      starts[key]?.due = nil
      work.markNodes([key])
    }
  }

  /// A node's process has ended: the count decides when it starts again.
  mutating func count(_ cause: String, of key: NodeKey, _ process: NodeProcess, at now: Now) {
    guard let node = wanted.nodes[key], node.desired == .running, node.startSerial == process.startSerial,
      node.spec.processDigest == process.specDigest
    else { return }
    count(cause, of: node, at: now)
  }

  mutating func count(_ cause: String, of node: AssignedNode, at now: Now) {
    let key = node.key
    var record = crashRecord(of: node)
    let ran = now.boot.since(starts[key]?.started ?? now.boot)
    record.early = ran < CrashRecord.stable ? record.early + 1 : 0
    record.restarts += 1
    if record.cause.isEmpty || record.early <= 1 { record.cause = cause }
    crashes[key] = record
    let pause = max(record.pause, runtime(for: node.spec) == Self.imageRuntime ? Self.breath : 0)
    starts[key] = StartTimes(started: nil, due: pause == 0 ? nil : now.boot + pause)
    if pause > 0 { pausing.insert(key) }
    if inventory?.sandboxes.contains(key) == false { forgiveDeath(of: key) }
  }

  /// A program can't take its sandbox away: who dies with it is not to blame, and starts again with the next one.
  /// Also of one whose sandbox is seen to vanish during its pause: the two are told by two ways.
  mutating func forgiveDeath(of key: NodeKey) {
    guard starts[key]?.due != nil, let record = crashes[key], record.pause > 0 else { return }
    crashes[key]?.early -= 1
    starts[key]?.due = nil
    pausing.remove(key)
  }
}

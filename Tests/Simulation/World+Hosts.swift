import AgentCore
import Machine
import Model

/// What kernels do.
extension World {
  /// An action that was begun may be finished though its agent is dead; only the living one hears of it.
  mutating func perform(_ process: Process, _ batch: Batch, boot: Int) {
    guard let host = process.host, host.isOn, host.boot == boot else { return }
    var actions = batch.actions
    if !process.isAlive {
      guard machines.happens(faults.lateAction), !actions.isEmpty else { return }
      actions = Array(actions.prefix(1 + machines.below(actions.count)))
      say("\(process.name) is dead, but its batch \(batch.id) goes on: \(actions.count) of \(batch.actions.count)")
    }
    var failures: [Failure] = []
    var lost: Set<BlobDigest> = []
    for action in actions {
      if let config = missingConfig(of: action, on: host) { lost.insert(config) }
      if machines.happens(faults.actionFailure) {
        failures.append(Failure(target: action.target, error: LabError(.internalError, host.name.text, "EBUSY")))
        continue
      }
      let error = perform(action, on: host)
      if let error {
        failures.append(Failure(target: action.target, error: error))
      } else if machines.happens(faults.ambiguity) {
        failures.append(Failure(target: action.target, error: LabError(.deadlineExceeded, host.name.text, "no answer in time")))
      }
    }
    let seen = settle(host)
    checks?.touched(host)
    for digest in lost.sorted() where process.isAlive { drive(process, .blobLost(digest)) }
    if process.isAlive {
      if batch.lane == .starts, machines.happens(faults.earlyExit), let ends = endEarly(seen, on: host) {
        // The kernel tells of an end at once, and of a beginning only with its whole batch.
        drive(process, .observed(ends))
        push(.agent(process, .performed(batch.id, failures: failures, observations: seen)), in: machines.between(1, 20))
      } else {
        drive(process, .performed(batch.id, failures: failures, observations: seen))
      }
    } else if let heir = processes[process.name], heir.host === host {
      push(.observe(heir, seen), in: machines.between(1, 20))
    }
  }

  /// A process that has just begun ends; what is read back of its end.
  private mutating func endEarly(_ seen: [Observation], on host: SimulatedHost) -> [Observation]? {
    let begun = seen.compactMap { if case .process(let key, _) = $0 { key } else { nil } }
    guard let key = machines.pick(begun) else { return nil }
    say("\(key) ends at once")
    host.set(key, nil as NodeProcess?)
    return settle(host)
  }

  /// The runtime reads the configuration from disk and verifies it; what isn't there or is damaged is told.
  private func missingConfig(of action: Action, on host: SimulatedHost) -> BlobDigest? {
    guard case .start(let node, _) = action, let config = node.spec.startupConfig, !host.blobs.contains(config), settings.bug != .lostBlob
    else { return nil }
    return config
  }

  private mutating func perform(_ action: Action, on host: SimulatedHost) -> LabError? {
    if let config = missingConfig(of: action, on: host) {
      return LabError(.notFound, "\(config)", "is not on this host's disk")
    }
    checks?.performs(action, on: host)
    guard let changed = corrupt(action, on: host) else { return nil }
    defer { if settings.bug == .wrongConfig, case .start(let node, _) = action { host.swapConfigUnseen(node.key) } }
    return host.perform(changed)
  }

  /// Takes what has changed on a host, and what follows from it.
  mutating func settle(_ host: SimulatedHost) -> [Observation] {
    let news = host.takeChanges()
    if news.isEmpty { return [] }
    for case .process(let key, let process) in news {
      if loops.contains(key) { push(.nodeDies(host, key, pid: process.pid), in: machines.between(20, 3_000)) }
    }
    if news.contains(where: \.isProbe) { waysChange(at: host) }
    checks?.changed(news, on: host)
    noteStages(news, on: host)
    checks?.measure(news, storeState.right?.labs ?? store.intent.labs, hosts)
    return news
  }

  mutating func commandsEnded(_ process: Process, _ run: StageRun, pid: Int32) {
    guard let host = process.host, var node = host.truth.processes[run.key], node.pid == pid else { return }
    node.end(run.stage, as: run.spec)
    host.set(run.key, node)
    _ = settle(host)
    drive(process, .commandsEnded(run, failed: []))
  }

  /// What passes is kept with the process, though its agent may not live to hear of it.
  mutating func readinessTested(_ process: Process, _ key: NodeKey, pid: Int32) {
    guard let host = process.host else { return }
    var failure: String?
    if var node = host.truth.processes[key], node.pid == pid, !machines.happens(400) {
      node.hasPassed = true
      host.set(key, node)
      _ = settle(host)
    } else {
      failure = settings.bug == .hastyReadiness ? nil : "not yet"
    }
    drive(process, .readinessTested(key, pid: pid, failure: failure))
  }

  /// Tried until it works: a failed read is never an empty host.
  mutating func readInventory(_ process: Process) {
    guard let host = process.host else { return }
    if machines.happens(faults.failedRead) {
      if settings.bug == .failedReadIsEmpty { return drive(process, .inventory(Inventory(), ended: [])) }
      return push(.readInventory(process), in: 1_000)
    }
    if settings.bug == .engineHoldsAll, host.isEngineAway { return push(.readInventory(process), in: 1_000) }
    readRoom(process)
    let (inventory, ended, unlisted) = host.own
    drive(process, .inventory(corrupt(inventory, of: host), ended: settings.bug == .unseenDeaths ? [] : ended, unlisted: unlisted))
  }

  mutating func list(_ process: Process, _ runtime: String) {
    guard let host = process.host else { return }
    guard host.isEngineAway || isHung(host) || engines.happens(faults.failedRead) else {
      return drive(process, .listed(runtime, .success(host.listed)))
    }
    if settings.bug == .unlistedIsEmpty { return drive(process, .listed(runtime, .success(RuntimeList()))) }
    drive(process, .listed(runtime, .failure(LabError(.unavailable, "engine", "doesn't answer"))))
  }

  /// Read back when the news is handled, not when it happened: what is told is never older than what was told before.
  mutating func observe(_ process: Process, _ news: [Observation]) {
    guard let host = process.host else { return }
    if machines.happens(faults.failedRead) { return push(.observe(process, news), in: machines.between(5, 50)) }
    let truth = host.truth
    let seen: [Observation] = news.compactMap { item in
      switch item {
      case .sandbox(let key, _): .sandbox(key, exists: truth.sandboxes.contains(key))
      case .folder(let key, _): .folder(key, exists: truth.folders.contains(key))
      case .tap(let key, _): settings.bug == .unseenVisitors && key.isExternal ? nil : .tap(key, truth.taps[key])
      case .tunnel(let key, _): .tunnel(key, truth.tunnels[key])
      case .probe: .probe(truth.probe)
      case .segment(let lab, _): .segment(lab, truth.management[lab])
      case .process(let key, let process):
        truth.processes[key].map { .process(key, $0) } ?? .process(key, process)
      case .exited, .path: item
      }
    }
    drive(process, .observed(seen))
  }

  /// Something happened on a host without its agent's doing.
  mutating func disturb(_ host: SimulatedHost, _ change: (SimulatedHost) -> Void) {
    guard host.isOn else { return }
    change(host)
    let news = settle(host)
    guard !news.isEmpty else { return }
    checks?.disturbed(host)
    say("\(host.name): \(news.map { String(String(describing: $0).prefix(120)) })")
    guard let process = processes[.agent(host.name)], process.host === host else { return }
    push(.observe(process, news), in: machines.between(1, 20))
  }

  /// An agent's disk is lost with all that is on it; what runs runs on.
  mutating func wipe(_ host: SimulatedHost) {
    say("the disk of \(host.name)'s agent is lost")
    host.wipe()
    checks?.wiped(host)
  }

  mutating func powerOn(_ host: SimulatedHost) {
    guard !host.isOn, host.name != absent else { return }
    host.isOn = true
    waysChange(at: host)
    host.clock = makeClock()
    if isEngined, engines.happens(faults.engineLoss * 5) { loseEngine(of: host) }
    for key in host.visitors.sorted() { push(.visitorReturns(host, key), in: visitors.between(20, 2_000)) }
    push(.start(.agent(host.name)), in: machines.between(10, 300))
  }
}

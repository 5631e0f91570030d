import AgentCore
import ConfigCore
import JobCore
import LinkCore
import Machine
import Model
import ReconcilerCore

/// How each machine's effects are performed.
extension World {
  mutating func driveConfigs(_ process: Process, _ event: ConfigCore.Event) {
    guard case .configs(let box) = process.core else { return }
    count(event, "ConfigCore")
    let effects = box.machine.handle(event, at: now(process.clock))
    var hasWritten = false
    if effects.contains(where: \.isStoreWrite) {
      hasWritten = true
      if disks.happens(faults.fullDisk) {
        say("the store's disk is full, or its power goes within a commit: of that nothing is there")
        if settings.bug == .tornCommit, case .store(let first)? = effects.first(where: \.isStoreWrite) { commit(first, by: process) }
        return kill(.configs, restartIn: machines.between(50, 1_500))
      }
      // Without the disk's own order: what is sent first may never be stored.
      if settings.bug == .sentBeforeStored, disks.happens(100) {
        for effect in effects { if let effect = effect.busEffect { send(effect, from: process) } }
        return kill(.configs, restartIn: machines.between(50, 1_500))
      }
      for case .store(let write) in effects { commit(write, by: process) }
    }
    if hasWritten, disks.happens(faults.crashAfterCommit) {
      say("configs dies between commit and send")
      return kill(.configs, restartIn: machines.between(50, 1_500))
    }
    for effect in effects {
      switch effect {
      case .bus(let effect): send(effect, from: process)
      case .measureDisk:
        push(.configs(process, .disk(free: disks.happens(faults.crashAfterCommit) ? 0 : .max)), in: 1)
      case .readBlob(let address, let digest): push(.readBlob(process, address, digest), in: 1)
      case .copy(let address, let action): if action != .adopt { perform(action, for: address, of: process) }
      case .store: break
      }
    }
    schedule(process)
    // Its life ends once all has been said.
    for case .copy(_, .adopt) in effects { adoptBackup() }
  }

  private mutating func commit(_ write: StoreWrite, by process: Process) {
    var write = write
    if case .change(let change) = write { write = .change(corrupt(change)) }
    store.commit(write)
    if store.backup != nil { checks?.changed(backup: write) }
    switch write {
    case .change(let change):
      checks?.committed(change, store.intent)
      let labs = change.changes.compactMap { if case .lab(let name, .some) = $0 { name } else { nil } }
      if checks?.isStoreWrong == false { checks?.measure(Set(labs), store.intent.labs, hosts) }
      checks?.numbered(change.revision, of: store.intent.store, by: process.instance)
    case .remember(let sender, let id, let made): checks?.remembered(sender, id, made)
    case .succeed: recovered()
    case .forget, .blob, .dropBlob: break
    }
  }

  mutating func driveJobs(_ process: Process, _ event: JobCore.Event) {
    guard case .jobs(let box) = process.core else { return }
    count(event, "JobCore")
    for case .bus(let effect) in box.machine.handle(event, at: now(process.clock)) { send(effect, from: process) }
    schedule(process)
  }

  mutating func driveLinks(_ process: Process, _ event: LinkCore.Event) {
    guard case .links(let box) = process.core else { return }
    count(event, "LinkCore")
    for case .bus(let effect) in box.machine.handle(event, at: now(process.clock)) { send(effect, from: process) }
    schedule(process)
  }

  mutating func driveReconciler(_ process: Process, _ event: ReconcilerCore.Event) {
    guard case .reconciler(let box) = process.core else { return }
    count(event, "ReconcilerCore")
    if case .bus(.request) = event { checks?.note() }
    let effects = box.machine.handle(event, at: now(process.clock))
    for case .append(let append) in effects {
      log.append(append)
      checks?.logged(append, hosts)
      for event in append.events { say("event \(event.index) \(event.kind.rawValue) \(event.lab) \(event.subject) \(event.detail)") }
      if disks.happens(faults.crashAfterCommit) { return kill(.reconciler, restartIn: machines.between(50, 1_500)) }
    }
    for effect in effects {
      switch effect {
      case .bus(let effect): send(effect, from: process)
      case .readEvents(let address, let query): push(.readEvents(process, address, query), in: 1)
      case .append: break
      }
    }
    schedule(process)
  }

  mutating func driveClient(_ process: Process, _ event: Client.Event) {
    guard case .client(let box) = process.core else { return }
    let effects = box.machine.handle(event, at: now(process.clock))
    if box.machine.isIdle { checks?.note() }
    for job in box.machine.takeAcknowledged() { checks?.acknowledged(job, store.intent.jobs) }
    for case .bus(let effect) in effects { send(effect, from: process) }
    schedule(process)
  }

  mutating func drive(_ process: Process, _ event: AgentCore.Event) {
    guard case .agent(let box, let host) = process.core else { return }
    if case .performed(let id, _, _) = event { checks?.performed(id, on: host) }
    count(event, "AgentCore")
    let effects = box.machine.handle(event, at: now(process.clock))
    for effect in effects { perform(effect, of: process, on: host) }
    schedule(process)
  }

  func isHung(_ host: SimulatedHost) -> Bool { hung != nil && (hung == host.name || settings.bug == .hungTogether) }

  private mutating func perform(_ effect: AgentCore.Effect, of process: Process, on host: SimulatedHost) {
    switch effect {
    case .bus(let effect): send(effect, from: process)
    case .perform(let decided):
      if settings.bug == .deafWhileHung, isHung(host) { process.pausedUntil = time + 30_000 }
      let batch = corrupt(decided, of: host)
      say("\(process.name) performs \(batch.id): \(batch.actions.map { String(String(describing: $0).prefix(110)) })")
      let slack = slack
      if let agent = process.agent { checks?.planned(batch, by: agent, of: process.instance, on: host, slack: slack) }
      checkRoom(process, batch, on: host)
      checkStages(batch, on: host)
      push(.perform(process, batch, boot: host.boot), in: isHung(host) ? 30_000 : machines.between(1, 60))
    case .keep(let write): if settings.bug != .forgottenEnds { host.keep(write) }
    case .readInventory: push(.readInventory(process), in: machines.between(1, 40))
    case .list(let runtime):
      // One that hangs may answer late.
      let isLong = isHung(host) || host.isEngineAway && engines.happens(500)
      push(.list(process, runtime), in: isLong ? engines.between(500, 5_000) : engines.between(1, 60))
    case .findImage(let image): push(.findImage(process, image), in: isHung(host) ? 10_000 : engines.between(1, 40))
    case .pull(let id, let image): pull(process, id, image)
    case .dropPull(let id): dropPull(process, id)
    case .saveAssignment(let assignment): save(assignment, of: process, on: host)
    case .saveBlob(let digest, _): save(digest, of: process, on: host)
    case .dropBlobs(let keeping): host.blobs.formIntersection(keeping)
    case .runCommands(let run):
      guard let pid = host.truth.processes[run.key]?.pid else { return }
      push(.commandsEnded(process, run, pid: pid), in: machines.between(1, 200))
    case .testReadiness(let key, let pid, _): push(.readinessTested(process, key, pid: pid), in: machines.between(1, 300))
    case .probe(let needs): probe(process, needs)
    case .serve(let address, _, _), .measure(let address, _, _):
      push(
        .agent(process, .answer(address, .failure(LabError(.unimplemented, "agent", "not simulated")))), in: machines.between(1, 50))
    case .log(let error): say("\(process.name) logs \(error)")
    }
  }
}

extension ConfigCore.Effect {
  var isStoreWrite: Bool {
    if case .store = self { true } else { false }
  }
}

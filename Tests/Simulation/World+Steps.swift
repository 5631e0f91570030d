import AgentCore
import Machine
import Model

/// What each item of the queue comes to.
extension World {
  mutating func run(_ item: Item) {
    if let process = item.process {
      // A dead agent's actions may go on; nothing else of a dead process does.
      guard process.isAlive || item.outlivesItsProcess else { return }
      if process.pausedUntil > time { return queue.push(item, at: process.pausedUntil) }
    }
    switch item {
    case .toHub(let process, let frame, let payload): hubReceives(process, frame, payload)
    case .toPeer(let process, let frame, let payload): peerReceives(process, frame, payload)
    case .published(let process, let publication):
      guard process.topics.contains(publication.topic) else { return }
      fold(publication.number)
      feed(process, .published(publication))
    case .subscribed(let process, let topic): process.follow(topic)
    case .disconnected(let process): feed(process, .disconnected)
    case .hello(let process): greet(process)
    case .wake(let process):
      guard let wake = process.wake, wake <= time else { return }
      process.wake = nil
      // What it wanted to be woken for may be over, as an answer that came in time.
      if let due = process.wakeAt, due.milliseconds <= process.clock.local(time) { tick(process) } else { schedule(process) }
    case .wakeHub(let instance):
      guard hub?.instance == instance else { return }
      if hubPausedUntil > time { return queue.push(item, at: hubPausedUntil) }
      driveHub(.tick)
    case .start(let name): start(name)
    case .startHub: startHub()
    case .powerOn(let host): powerOn(host)
    case .agent(let process, let event): drive(process, event)
    case .observe(let process, let seen): observe(process, seen)
    case .perform(let process, let batch, let boot): perform(process, batch, boot: boot)
    case .commandsEnded(let process, let run, let pid): commandsEnded(process, run, pid: pid)
    case .readinessTested(let process, let key, let pid): readinessTested(process, key, pid: pid)
    case .readInventory(let process): readInventory(process)
    case .list(let process, let runtime): list(process, runtime)
    case .engineReturns(let host): host.isEngineAway = false
    case .visitorReturns(let host, let key): if host.visitors.contains(key) { welcome(key, on: host) }
    case .readRoom(let process):
      readRoom(process)
      push(.readRoom(process), in: 1_000)
    case .findImage(let process, let image): findImage(process, image)
    case .pullEnds(let process, let id): endPull(process, id)
    case .ways(let process, let isSilenceOver): ways(process, isSilenceOver: isSilenceOver)
    case .configs(let process, let event): driveConfigs(process, event)
    case .saved(let process, let assignment): saved(process, assignment)
    case .savedBlob(let process, let digest): savedBlob(process, digest)
    case .readBlob(let process, let address, let digest):
      driveConfigs(process, .blobRead(address, disks.happens(faults.blobLoss) ? nil : store.blobs[digest]))
    case .readEvents(let process, let address, let query):
      let events = log.events.filter { $0.index > query.since }.prefix(query.limit)
      driveReconciler(process, .eventsRead(address, Array(events), last: log.events.last?.index ?? 0))
    case .nodeDies(let host, let key, let pid):
      guard loops.contains(key), host.truth.processes[key]?.pid == pid else { return }
      disturb(host) { $0.set(key, nil as NodeProcess?) }
    case .rival(let process): end(process)
    case .store(let fault): run(fault)
    case .faults: doFaults()
    case .work: doWork()
    }
  }
}

extension World.Item {
  /// Whose it is; nil: the world's, or already on the wire.
  var process: Process? {
    switch self {
    case .toPeer(let process, _, _), .published(let process, _), .subscribed(let process, _), .disconnected(let process),
      .hello(let process), .wake(let process), .agent(let process, _), .observe(let process, _), .perform(let process, _, _),
      .commandsEnded(let process, _, _), .readinessTested(let process, _, _), .readInventory(let process), .list(let process, _),
      .findImage(let process, _), .pullEnds(let process, _), .readRoom(let process),
      .ways(let process, _),
      .configs(let process, _), .readBlob(let process, _, _), .saved(let process, _), .savedBlob(let process, _),
      .readEvents(let process, _, _):
      process
    case .toHub, .wakeHub, .start, .startHub, .powerOn, .engineReturns, .visitorReturns, .nodeDies, .rival, .store, .faults, .work: nil
    }
  }

  var outlivesItsProcess: Bool {
    if case .perform = self { true } else { false }
  }
}

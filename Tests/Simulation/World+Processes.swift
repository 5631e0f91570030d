import AgentCore
import ConfigCore
import HubCore
import JobCore
import LinkCore
import Machine
import Model
import ReconcilerCore

/// Lives and deaths of processes, and how each one's effects are performed.
extension World {
  mutating func start(_ name: PeerName) {
    guard processes[name] == nil else { return }
    if case .agent(let host) = name, hosts[host]?.isOn != true { return }
    lives += 1
    let instance = Instance(lives)
    let core: SimulatedProcess.Core
    switch name {
    case .configs: core = .configs(ConfigCore(intent: store.intent, remembered: store.remembered, blobs: Set(store.blobs.keys)))
    case .jobs: core = .jobs(JobCore(instance: instance))
    case .links: core = .links(LinkCore(instance: instance))
    case .reconciler: core = .reconciler(ReconcilerCore(instance: instance, log: log.state))
    case .agent(let host): core = .agent(agent(on: host, instance))
    case .client: core = .client(Client(instance: instance))
    }
    let routing = RoutingID(withUnsafeBytes(of: instance.number.bigEndian) { Array($0) })
    processes[name] = SimulatedProcess(core: core, instance: instance, routing: routing)
    names[routing] = name
    say("\(name) starts, instance \(instance)")
    push(.hello(name, instance), in: 1)
    tick(name)
  }

  private func agent(on host: HostName, _ instance: Instance) -> AgentCore {
    let disk = hosts[host]
    return AgentCore(
      AgentCore.Start(
        spec: Self.spec(host), instance: instance, cached: disk?.cached, isCacheTrusted: true, blobs: disk?.blobs ?? [],
        crashes: disk?.crashes ?? [:]))
  }

  static func spec(_ host: HostName) -> HostSpec {
    let number = host.text.dropFirst()
    guard let address = try? IPAddress("10.0.0.\(number)") else { fatalError("host \(host) has no address") }
    return HostSpec(name: host, underlay: address, underlayMTU: 1500, capacity: 12, runtimes: ["namespace"], capabilities: [])
  }

  /// `kill -9`.
  mutating func kill(_ name: PeerName, restartIn delay: UInt64) {
    guard let process = processes.removeValue(forKey: name) else { return }
    names[process.routing] = nil
    say("\(name) dies")
    push(.start(name), in: delay)
  }

  /// Time and the bus, to whichever machine it is.
  mutating func feed(_ name: PeerName, _ event: BusEvent) {
    switch name {
    case .configs: driveConfigs(.bus(event))
    case .jobs: driveJobs(.bus(event))
    case .links: driveLinks(.bus(event))
    case .reconciler: driveReconciler(.bus(event))
    case .agent(let host): drive(host, .bus(event))
    case .client: driveClient(.bus(event))
    }
  }

  mutating func tick(_ name: PeerName) {
    switch name {
    case .configs: driveConfigs(.tick)
    case .jobs: driveJobs(.tick)
    case .links: driveLinks(.tick)
    case .reconciler: driveReconciler(.tick)
    case .agent(let host): drive(host, .tick)
    case .client: driveClient(.tick)
    }
  }

  /// Asks to be woken when the machine wants it, at the earliest in a millisecond.
  private mutating func schedule(_ name: PeerName) {
    guard let process = processes[name], let wake = process.wakeAt else { return }
    let at = max(wake.milliseconds, time + 1)
    if let known = process.wake, known <= at, known > time { return }
    processes[name]?.wake = at
    queue.push(.wake(name, process.instance), at: at)
  }

  mutating func driveConfigs(_ event: ConfigCore.Event) {
    guard var process = processes[.configs], case .configs(var core) = process.core else { return }
    let effects = core.handle(event, at: now)
    process.core = .configs(core)
    processes[.configs] = process
    let writes = effects.compactMap { if case .store(let write) = $0 { write } else { nil } }
    store.commit(writes)
    if let problem = checks.afterCommit(store.intent) { violation = problem }
    if !writes.isEmpty, disks.happens(faults.crashAfterCommit) {
      say("configs dies between commit and send")
      return kill(.configs, restartIn: machines.between(50, 1_500))
    }
    for case .readBlob(let address, let digest) in effects { push(.readBlob(process.instance, address, digest), in: 1) }
    send(effects.compactMap(\.busEffect), from: .configs)
    schedule(.configs)
  }

  private mutating func driveJobs(_ event: JobCore.Event) {
    guard var process = processes[.jobs], case .jobs(var core) = process.core else { return }
    let effects = core.handle(event, at: now)
    process.core = .jobs(core)
    processes[.jobs] = process
    send(effects.compactMap(\.busEffect), from: .jobs)
    schedule(.jobs)
  }

  private mutating func driveLinks(_ event: LinkCore.Event) {
    guard var process = processes[.links], case .links(var core) = process.core else { return }
    let effects = core.handle(event, at: now)
    process.core = .links(core)
    processes[.links] = process
    send(effects.compactMap(\.busEffect), from: .links)
    schedule(.links)
  }

  mutating func driveReconciler(_ event: ReconcilerCore.Event) {
    guard var process = processes[.reconciler], case .reconciler(var core) = process.core else { return }
    let effects = core.handle(event, at: now)
    process.core = .reconciler(core)
    processes[.reconciler] = process
    for case .append(let append) in effects {
      log.append(append)
      for event in append.events { say("event \(event.index) \(event.kind.rawValue) \(event.lab) \(event.subject) \(event.detail)") }
      if disks.happens(faults.crashAfterCommit) { return kill(.reconciler, restartIn: machines.between(50, 1_500)) }
    }
    for case .readEvents(let address, let query) in effects { push(.readEvents(process.instance, address, query), in: 1) }
    send(effects.compactMap(\.busEffect), from: .reconciler)
    schedule(.reconciler)
  }

  mutating func driveClient(_ event: Client.Event) {
    guard var process = processes[Self.client], case .client(var core) = process.core else { return }
    let effects = core.handle(event, at: now)
    process.core = .client(core)
    processes[Self.client] = process
    send(effects.compactMap(\.busEffect), from: Self.client)
    schedule(Self.client)
  }

  mutating func drive(_ host: HostName, _ event: AgentCore.Event) {
    let name = PeerName.agent(host)
    guard var process = processes[name], case .agent(var core) = process.core else { return }
    let before = core.assignment
    let effects = core.handle(event, at: now)
    process.core = .agent(core)
    processes[name] = process
    if let problem = checks.afterAgent(host, before: before, core: core, effects: effects) { violation = problem }
    for effect in effects { perform(effect, on: host, process.instance) }
    send(effects.compactMap(\.busEffect), from: name)
    schedule(name)
  }

  private mutating func perform(_ effect: AgentCore.Effect, on host: HostName, _ instance: Instance) {
    switch effect {
    case .bus: break
    case .perform(let batch):
      say("agent/\(host) performs \(batch.id): \(batch.actions.map { String(String(describing: $0).prefix(110)) })")
      push(.perform(host, instance, batch), in: machines.between(1, 60))
    case .readInventory: push(.readInventory(host, instance), in: machines.between(1, 40))
    case .saveAssignment(let assignment): hosts[host]?.cached = assignment
    case .saveBlob(let digest, _):
      hosts[host]?.blobs.insert(digest)
      push(.agent(host, instance, .blobSaved(digest, nil)), in: machines.between(1, 20))
    case .dropBlobs(let keeping): hosts[host]?.blobs.formIntersection(keeping)
    case .runCommands(let key, let serial, _):
      push(.agent(host, instance, .commandsEnded(key, startSerial: serial, failed: [])), in: machines.between(1, 200))
    case .probe(let addresses):
      let paths = addresses.keys.sorted().map { Observation.path(ObservedPath(remote: $0, reachable: true, mtu: 1500)) }
      push(.agent(host, instance, .observed(paths)), in: machines.between(1, 50))
    case .serve(let address, _, _):
      send([.reply(address, .failure(LabError(.unimplemented, "agent", "not simulated")))], from: .agent(host))
    case .log(let error): say("agent/\(host) logs \(error)")
    }
  }
}

import AgentCore
import ConfigCore
import JobCore
import Kinds
import LinkCore
import Machine
import Model
import ReconcilerCore

/// Lives and deaths of processes.
extension World {
  mutating func start(_ name: PeerName) {
    guard processes[name] == nil else { return }
    switch name {
    case .agent(let host):
      guard let host = self.host(host), host.isOn else { return }
      processes[name] = begin(name, on: host)
    case .bus: startHub()
    case .configs, .jobs, .links, .reconciler, .client: processes[name] = begin(name, on: nil)
    }
  }

  /// Starts a process, also beside another one of its name.
  @discardableResult
  mutating func begin(_ name: PeerName, on host: SimulatedHost?) -> Process {
    lives += 1
    let instance = Instance(lives)
    let core: Process.Core
    switch name {
    case .configs:
      checks?.storeOpens()
      let remembered = settings.bug == .forgottenRequests ? RememberedRequests() : store.remembered
      let backup = settings.bug == .unmarkedBackup ? nil : store.backup
      core = .configs(
        Box(
          ConfigCore(
            intent: store.intent, remembered: remembered, blobs: Set(store.blobs.keys), instance: instance, backup: backup)))
    case .jobs:
      // What it refused it remembers, but not beyond its life: a repetition on its way to the next one is asked anew.
      checks?.words.refused = []
      core = .jobs(Box(JobCore(instance: instance)))
    case .links: core = .links(Box(LinkCore(instance: instance)))
    case .reconciler:
      log.open()
      core = .reconciler(Box(ReconcilerCore(instance: instance, log: log.state(isComplete: settings.bug != .lostSequences))))
    case .agent(let name):
      let host = host ?? SimulatedHost(name: name, clock: makeClock())
      core = .agent(Box(agent(on: host, instance)), host)
    case .client: core = .client(Box(Client(instance: instance)))
    case .bus: preconditionFailure("the hub is no process of its own here")
    }
    var clock = host?.clock ?? makeClock()
    if settings.bug == .hastyReconciler, name == .reconciler { clock.rate *= 3 }
    let process = Process(name, core, instance: instance, clock: clock)
    living.append(process)
    byRouting[process.routing] = process
    say("\(name) starts, instance \(instance)")
    if let host, !host.isClone { checks?.agentStarts(host, process.agent?.machine.assignment) }
    push(.hello(process), in: 1)
    if isCrowded, host != nil { push(.readRoom(process), in: 1_000) }
    tick(process)
    return process
  }

  private mutating func agent(on host: SimulatedHost, _ instance: Instance) -> AgentCore {
    var spec = Self.spec(host.name, capacity: capacity, runtimes: host.runtimes)
    // In the storm each start may be an upgrade's, or one back to an older version.
    if isMixed, healed == 0 { older[host.name] = versions.happens(400) }
    if older[host.name] == true { spec.capabilities = [] }
    return AgentCore(
      AgentCore.Start(
        spec: spec, instance: instance, cached: host.cached,
        isCacheTrusted: host.isClone ? settings.bug == .trustedClone : settings.bug != .timidBoot, blobs: host.blobs,
        crashes: settings.bug == .forgottenCrashes ? [:] : host.crashes, ends: host.ends))
  }

  static func spec(_ host: HostName, capacity: Int = 12, runtimes: [String] = [Kind.namespaceRuntime]) -> HostSpec {
    guard let number = Int(host.text.dropFirst()), let address = try? IPAddress("10.0.\(number >> 8).\(number & 255)") else {
      fatalError("host \(host) has no address")
    }
    return HostSpec(
      name: host, underlay: address, underlayMTU: 1500, capacity: capacity, runtimes: runtimes, capabilities: Capability.spoken)
  }

  /// `kill -9`.
  mutating func kill(_ name: PeerName, restartIn delay: UInt64) {
    guard let process = processes[name] else { return }
    end(process)
    push(.start(name), in: delay)
  }

  mutating func end(_ process: Process) {
    guard process.isAlive else { return }
    process.isAlive = false
    byRouting[process.routing] = nil
    living.removeAll { $0 === process }
    if processes[process.name] === process { processes[process.name] = nil }
    say("\(process.name) dies, instance \(process.instance)")
  }

  /// Time and the bus, to whichever machine it is.
  mutating func feed(_ process: Process, _ event: BusEvent) {
    switch process.core {
    case .configs: driveConfigs(process, .bus(event))
    case .jobs: driveJobs(process, .bus(event))
    case .links: driveLinks(process, .bus(event))
    case .reconciler: driveReconciler(process, .bus(event))
    case .agent: drive(process, .bus(event))
    case .client: driveClient(process, .bus(event))
    }
  }

  mutating func tick(_ process: Process) {
    switch process.core {
    case .configs: driveConfigs(process, .tick)
    case .jobs: driveJobs(process, .tick)
    case .links: driveLinks(process, .tick)
    case .reconciler: driveReconciler(process, .tick)
    case .agent: drive(process, .tick)
    case .client: driveClient(process, .tick)
    }
    process.spins = process.wakeAt.map { process.clock.local(time) >= $0.milliseconds } == true ? process.spins + 1 : 0
    if process.spins > Self.mostSpins { checks?.fail("\(process.name) spins: it wants to be woken at once, again and again") }
  }

  /// A machine that has something to do at once does it; one that keeps asking would use a whole processor.
  private static let mostSpins = 60

  /// Asks to be woken when the machine wants it, at the earliest in a millisecond.
  mutating func schedule(_ process: Process) {
    guard let wake = process.wakeAt else { return }
    let at = max(process.clock.world(wake.milliseconds), time + 1)
    if let known = process.wake, known <= at, known > time { return }
    process.wake = at
    queue.push(.wake(process), at: at)
  }

  /// Counts one case of a machine's events.
  mutating func count(_ event: @autoclosure () -> some CountedEvent, _ machine: String) {
    if settings.isCounting { coverage["\(machine).\(event().name)", default: 0] += 1 }
  }
}

import AgentCore
import Glibc
import Journal
import Kernel
import Logging
import Machine
import Model
import Reactor
import Runtime

/// The host agent's performer: kernel, runtime, disk and probes behind the core.
struct AgentApp: App, ~Copyable {
  struct Settings: Sendable {
    var host: HostName
    var data: String
    /// The preferred one first.
    var runtimes: [OfferedRuntime]
    /// Folder of the programs that belong to the agent.
    var programs: String
    /// Whose cache is trusted: name, machine and address.
    var identity: String
  }

  var core: AgentCore
  let settings: Settings
  let disk: AgentDisk
  let box: BlackBox
  /// What the core was told of the black box and the kernel.
  var told: (fault: String, lacks: [String]) = ("", [])
  let kernel: KernelPerformer
  private let monitor: KernelMonitor
  private let mounts: MountMonitor
  private let outside: HostMonitor
  var prober: Prober
  private var ends: EndJournal
  let execs: ExecTable
  /// Made when the deployment is known: what it marks.
  var runtime: NodeRuntimes?
  let kernelWorker: Workers<AgentCore.Event>
  /// For questions to an engine, which may be long in coming.
  let engineWorkers: Workers<AgentCore.Event>
  let pullWorkers: Workers<AgentCore.Event>
  /// Pulls under way, and what was last told of each.
  var pulls: [UInt64: (pull: ImagePull, told: String?)] = [:]
  private let diskWorker: Workers<AgentCore.Event>
  let nodeWorkers: Workers<AgentCore.Event>
  let execWorkers: Workers<AgentCore.Event>
  let commandWorkers: Workers<AgentCore.Event>
  let readinessWorkers: Workers<AgentCore.Event>
  /// Nodes' commands for which there was no room; they are given again.
  var waitingCommands: [StageRun] = []
  private let clock: IntervalTimer
  /// The fabric has changed since it was last read.
  private var isStale = false
  /// Mounts have changed since the sandboxes were last read.
  private var areMountsStale = false
  var seconds = 0
  private var isReading = false

  private static let nodeThreads = 4
  private static let engineThreads = 2
  private static let execThreads = 8
  private static let commandThreads = 16
  private static let readinessThreads = 4
  private static let mostWaiting = 4_096

  init(_ start: AgentCore.Start, _ settings: Settings, disk: AgentDisk, pins: NamespacePins, token: UInt64) throws(LabError) {
    let host = try Self.ask { () throws(KernelError) in try NetworkNamespace.current() }
    let fabric = try Self.ask { () throws(KernelError) in try Fabric.open(in: pins) }
    let table = try Self.ask { () throws(KernelError) in try LinuxLinkTable(fabric: fabric, host: host) }
    let kernel = KernelPerformer(host: settings.host, pins: pins, table: table)
    try Self.ask { () throws(KernelError) in try kernel.removeUnfinished() }
    let monitor = try Self.ask { () throws(KernelError) in try KernelMonitor(fabric: fabric) }
    let mounts = try Self.ask { () throws(KernelError) in try MountMonitor() }
    let outside = try Self.ask { () throws(KernelError) in try HostMonitor(of: host) }
    let address = start.spec.underlay
    let prober = try Prober(
      tunnel: try Self.ask { () throws(KernelError) in try TunnelProbe(fabric: fabric, local: address, token: token) },
      echoes: try Self.ask { () throws(KernelError) in try PathProbe(host: host, token: token) })
    let kernelWorker = try Workers<AgentCore.Event>(threads: 1, most: Self.mostWaiting)
    let engineWorkers = try Workers<AgentCore.Event>(threads: Self.engineThreads, most: Self.mostWaiting)
    let pullWorkers = try Workers<AgentCore.Event>(threads: AgentCore.pullsAtOnce, most: Self.mostWaiting)
    let diskWorker = try Workers<AgentCore.Event>(threads: 1, most: Self.mostWaiting)
    let nodeWorkers = try Workers<AgentCore.Event>(threads: Self.nodeThreads, most: Self.mostWaiting)
    let commandWorkers = try Workers<AgentCore.Event>(threads: Self.commandThreads, most: Self.mostWaiting)
    let readinessWorkers = try Workers<AgentCore.Event>(threads: Self.readinessThreads, most: Self.mostWaiting)
    let clock = try IntervalTimer(milliseconds: 1_000)
    let execWorkers = try Workers<AgentCore.Event>(threads: Self.execThreads, most: Self.mostWaiting)
    let journal = ExecJournal()
    var start = start
    start.execs = journal.addresses
    var ends = EndJournal()
    for complaint in ends.takeComplaints() { Log.error("ends of nodes", ["error": complaint]) }
    start.ends = ends.kept
    var runtime: NodeRuntimes?
    if let cached = start.cached {
      let known = try Self.makeRuntime(cached.store.deployment, settings)
      for node in cached.labs.flatMap(\.nodes) {
        if let bytes = known.loadBackoff(node.key), let record = CrashRecord(bytes: bytes) { start.crashes[node.key] = record }
      }
      runtime = known
    }
    let box = try Self.openBox(settings, start.instance)
    self.settings = settings
    self.disk = disk
    self.box = box
    self.kernel = kernel
    self.monitor = monitor
    self.mounts = mounts
    self.outside = outside
    self.prober = prober
    self.ends = ends
    self.kernelWorker = kernelWorker
    self.engineWorkers = engineWorkers
    self.pullWorkers = pullWorkers
    self.diskWorker = diskWorker
    self.nodeWorkers = nodeWorkers
    self.execWorkers = execWorkers
    self.commandWorkers = commandWorkers
    self.readinessWorkers = readinessWorkers
    self.clock = clock
    self.runtime = runtime
    execs = ExecTable(instance: start.instance, journal: journal, box: box)
    core = AgentCore(start)
  }

  /// A kernel's refusal as the agent's.
  private static func ask<Value: ~Copyable>(_ question: () throws(KernelError) -> Value) throws(LabError) -> Value {
    do throws(KernelError) { return try question() } catch { throw error.labError("fabric") }
  }

  var descriptors: [Int32] {
    [
      monitor.number, mounts.number, clock.number, kernelWorker.descriptor, engineWorkers.descriptor, pullWorkers.descriptor,
      diskWorker.descriptor, nodeWorkers.descriptor, execWorkers.descriptor, commandWorkers.descriptor, readinessWorkers.descriptor,
    ] + outside.numbers + prober.descriptors + (runtime?.eventDescriptors ?? [])
  }

  /// With a cached assignment the host is brought up whether or not there is a bus.
  var servesAlone: Bool { core.assignment != nil && core.inventory != nil }

  mutating func perform(_ effects: [AgentCore.Effect], at now: Now) throws(LabError) -> [AgentCore.Event] {
    var events: [AgentCore.Event] = []
    for effect in effects {
      switch effect {
      case .bus: break
      case .perform(let batch): events += perform(batch)
      case .readInventory(let deployment): try readInventory(deployment)
      case .list(let runtime): events += list(runtime)
      case .findImage(let image): events += find(image)
      case .pull(let id, let image): events += pull(image, id)
      case .dropPull(let id): pulls[id]?.pull.cancel()
      case .keep(let write): keep(write)
      case .saveAssignment(let assignment):
        let (disk, identity) = (disk, settings.identity)
        events += write { .assignmentSaved(Self.failure { () throws(LabError) in try disk.save(assignment, for: identity) }) }
      case .saveBlob(let digest, let content):
        let disk = disk
        events += write { .blobSaved(digest, Self.failure { () throws(LabError) in try disk.saveBlob(digest, content) }) }
      case .dropBlobs(let kept):
        let disk = disk
        _ = diskWorker.submit {
          disk.dropBlobs(keeping: kept)
          return []
        }
      case .runCommands(let run): self.run(run)
      case .measure(let address, let nodes, let last): events += measure(nodes, last: last, for: address)
      case .testReadiness(let key, let pid, let spec): events += testReadiness(of: spec, key, pid)
      case .probe(let needs): try prober.follow(needs, in: core.assignment?.store.deployment)
      case .serve(let address, let node, let request): events += serve(address, node, request)
      case .log(let error): Log.warning("agent", ["subject": error.subject, "error": error])
      }
    }
    return events
  }

  /// On the disk's own thread: a slow or full disk delays nothing else.
  private mutating func write(_ body: @escaping @Sendable () -> AgentCore.Event) -> [AgentCore.Event] {
    diskWorker.submit { [body()] } ? [] : [body()]
  }

  private static func failure(_ body: () throws(LabError) -> Void) -> LabError? {
    do throws(LabError) {
      try body()
      return nil
    } catch { return error }
  }

  private mutating func perform(_ batch: Batch) -> [AgentCore.Event] {
    let isTaken: Bool
    let box = box
    if batch.lane == .kernel {
      let kernel = kernel
      let runtime = runtime
      isTaken = kernelWorker.submit { box.record(batch) { [kernel.perform(batch, runtime)] } }
    } else if let runtime, let deployment = core.assignment?.store.deployment {
      let performer = NodePerformer(runtime: runtime, disk: disk, deployment: deployment, pins: kernel.pins)
      isTaken = nodeWorkers.submit { box.record(batch) { performer.perform(batch) } }
    } else {
      isTaken = false
    }
    if isTaken { return [] }
    let error = LabError(.resourceExhausted, "agent", "too much is under way (it is tried again)")
    return [.performed(batch.id, failures: batch.actions.map { Failure(target: $0.target, error: error) }, observations: [])]
  }

  /// First the end and then, at its node, that it is kept: an heir that finds only the first doesn't tell it again.
  private mutating func keep(_ write: EndWrite) {
    ends.write(write)
    for complaint in ends.takeComplaints() { Log.error("ends of nodes", ["error": complaint]) }
    if case .add(let end) = write { runtime?.markEndTold(end.node, pid: end.pid) }
  }

  /// On the disk's own thread, which may hang with it.
  func measureDisk() {
    let (measured, folder) = (disk.measured, settings.data)
    _ = diskWorker.submit {
      let space = DiskSpace(of: folder)
      measured.space.withLock { $0 = space }
      return []
    }
  }

  mutating func readable(_ descriptor: Int32, at now: Now) throws(LabError) -> [AgentCore.Event] {
    if descriptor == monitor.number || outside.numbers.contains(descriptor) { return try hearKernel() }
    if descriptor == mounts.number {
      mounts.drain()
      areMountsStale = true
      readFabric()
      return []
    }
    if descriptor == kernelWorker.descriptor { return collectKernel() }
    if descriptor == engineWorkers.descriptor { return engineWorkers.collect() }
    if descriptor == pullWorkers.descriptor { return collectPulls() }
    if descriptor == diskWorker.descriptor { return diskWorker.collect() }
    if descriptor == nodeWorkers.descriptor { return nodeWorkers.collect() }
    if descriptor == execWorkers.descriptor { return execWorkers.collect() }
    if descriptor == commandWorkers.descriptor { return commandWorkers.collect() }
    if descriptor == readinessWorkers.descriptor { return readinessWorkers.collect() }
    if descriptor == clock.number {
      clock.drain()
      return second(at: now)
    }
    if let runtime, runtime.eventDescriptors.contains(descriptor) {
      let ended = runtime.drain().map { Observation.exited($0.key, ProcessEnd(pid: $0.pid, exit: $0.exit, reason: $0.reason)) }
      return [.observed(ended + runtime.takeFound().map { .process($0.key, $0.process) })]
    }
    let seen = try prober.readable(descriptor)
    return seen.isEmpty ? [] : [.observed(seen)]
  }

  /// The kernel's news are hints: what is true is read when it is told, so that it is never older than what was told before.
  private mutating func hearKernel() throws(LabError) -> [AgentCore.Event] {
    outside.drain()
    do throws(KernelError) { _ = try monitor.drain() } catch { throw error.labError("fabric") }
    isStale = true
    readFabric()
    return []
  }

  /// A read that failed is done again, and any other where it is asked for.
  mutating func readFabricAgain(all: Bool) {
    if kernel.takeFailedRead() || all { (isStale, areMountsStale) = (true, true) }
    readFabric()
  }

  private mutating func readFabric() {
    guard isStale || areMountsStale, !isReading else { return }
    let kernel = kernel
    let (devices, sandboxes) = (isStale, areMountsStale)
    isReading = kernelWorker.submit {
      [.observed(kernel.observeOrNote(devices: devices, sandboxes: sandboxes))]
    }
    if isReading { (isStale, areMountsStale) = (false, false) }
  }

  private mutating func collectKernel() -> [AgentCore.Event] {
    let events = kernelWorker.collect()
    for case .observed in events { isReading = false }
    readFabric()
    return events
  }
}

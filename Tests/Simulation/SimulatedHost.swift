import AgentCore
import Kinds
import Machine
import Model

/// A host's kernel, runtime and disk: what the agent's actions change, and what outlives the agent.
final class SimulatedHost {
  let name: HostName
  /// A copy of another host under the same name: another kernel, the same disk and key.
  let isClone: Bool
  let address: IPAddress
  var isOn = true
  var room = Room.plenty
  /// What it runs nodes with, the preferred one first.
  var runtimes = [Kind.namespaceRuntime]
  /// Its engine, if it has one, answers nothing: nobody learns what it has, and nothing is done to that.
  var isEngineAway = false
  /// Nodes whose folders the engine has, their containers, with the specs that these were made from.
  var containers: [NodeKey: UInt64] = [:]
  /// What its engine has images of.
  var images: Set<String> = []
  /// Its firewall lets no tunnel in.
  var dropsTunnels = false
  /// Ends that others' containers take; they come back with its power.
  var visitors: Set<TapKey> = []
  /// Lives of its kernel: what was begun in an earlier one is gone.
  private(set) var boot = 0
  var clock: Clock
  private(set) var truth = Inventory()
  /// What others have on it: it bears no mark of ours.
  private(set) var foreign = Inventory()
  /// Networks that others' devices on it have a way to.
  var foreignSubnets: Set<Subnet> = []
  /// Of others' things, what an action of ours has changed.
  private(set) var touchedForeign: [Target] = []
  /// On disk, and what of it is there after a power cut at the latest.
  private(set) var cached: Assignment?
  private var synced: Assignment?
  var blobs: Set<BlobDigest> = []
  private(set) var wasWiped = false
  /// In /run.
  var crashes: [NodeKey: CrashRecord] = [:]
  private(set) var ends: KeptEnds?
  /// The last life of each node that doesn't run.
  private(set) var ended: [NodeKey: FoundEnd] = [:]
  private var lastPID: Int32 = 100
  /// Actions ever performed.
  private(set) var performed = 0
  /// What has changed since it was last asked.
  private var changes: [Observation] = []

  init(name: HostName, clock: Clock, isClone: Bool = false) {
    self.name = name
    address = World.spec(name).underlay
    self.clock = clock
    self.isClone = isClone
  }

  /// What a read-back shows of the things that have changed, in the order in which they did.
  func takeChanges() -> [Observation] {
    defer { changes = [] }
    return changes
  }

  // MARK: Truth

  func set(sandbox key: NodeKey, _ exists: Bool) {
    guard truth.sandboxes.contains(key) != exists else { return }
    if exists { truth.sandboxes.insert(key) } else { truth.sandboxes.remove(key) }
    changes.append(.sandbox(key, exists: exists))
  }

  func set(folder key: NodeKey, _ exists: Bool) {
    guard truth.folders.contains(key) != exists else { return }
    if exists { truth.folders.insert(key) } else { truth.folders.remove(key) }
    changes.append(.folder(key, exists: exists))
  }

  func set(_ key: TapKey, _ tap: Tap?) {
    guard truth.taps[key] != tap else { return }
    truth.taps[key] = tap
    changes.append(.tap(key, tap))
    if tap == nil { unpatch(whatLeadsTo: .tap(key)) }
  }

  func set(_ key: TunnelKey, _ tunnel: Tunnel?) {
    guard truth.tunnels[key] != tunnel else { return }
    truth.tunnels[key] = tunnel
    changes.append(.tunnel(key, tunnel))
    if tunnel == nil { unpatch(whatLeadsTo: .tunnel(key)) }
  }

  func set(_ lab: LabKey, _ segment: ManagementSegment?) {
    guard truth.management[lab] != segment else { return }
    truth.management[lab] = segment
    changes.append(.segment(lab, segment))
    if segment == nil { unpatch(whatLeadsTo: .segment(lab)) }
  }

  func set(probe: ProbeTunnel?) {
    guard truth.probe != probe else { return }
    truth.probe = probe
    changes.append(.probe(probe))
  }

  func set(_ key: NodeKey, _ process: NodeProcess?) {
    guard truth.processes[key] != process else { return }
    let before = truth.processes[key]
    truth.processes[key] = process
    let end = ProcessEnd(pid: before?.pid, exit: .signal(9))
    ended[key] = process == nil ? before.map { FoundEnd(key: key, process: $0, end: end, isTold: false) } : nil
    changes.append(process.map { .process(key, $0) } ?? .exited(key, end))
  }

  /// An interface's MTU changes and nobody is told.
  func shrinkUnseen(_ key: TapKey) { truth.taps[key]?.mtu = 1_300 }

  /// A process has another configuration, and nobody is told.
  func swapConfigUnseen(_ key: NodeKey) { truth.processes[key]?.config = nil }

  /// A device goes, and every filter that sends to it sends nowhere.
  private func unpatch(whatLeadsTo device: DeviceKey) {
    for (key, var tap) in truth.taps where tap.patchedTo == device {
      tap.patchedTo = nil
      set(key, tap)
    }
    for (key, var tunnel) in truth.tunnels where tunnel.patchedTo == device {
      tunnel.patchedTo = nil
      set(key, tunnel)
    }
  }

  /// What an agent writes to /run.
  func keep(_ write: EndWrite) {
    _ = ends.take(write)
    if case .add(let end) = write, ended[end.node]?.process.pid == end.pid { ended[end.node]?.isTold = true }
  }

  /// Processes, namespaces and /run go; disks stay.
  ///
  /// - Parameter keepsAll: also what wasn't synced.
  func cutPower(keepsAll: Bool) {
    isOn = false
    if keepsAll { synced = cached } else { cached = synced }
    boot += 1
    let folders = truth.folders
    truth = Inventory()
    truth.folders = folders
    clearForeign()
    crashes = [:]
    (ends, ended) = (nil, [:])
    changes = []
  }

  func write(_ assignment: Assignment, isSynced: Bool) {
    cached = assignment
    if isSynced { synced = assignment }
  }

  /// Another machine with the same disk.
  func copy(clock: Clock) -> SimulatedHost {
    let copy = SimulatedHost(name: name, clock: clock, isClone: true)
    (copy.cached, copy.synced, copy.blobs) = (cached, cached, blobs)
    copy.runtimes = runtimes
    return copy
  }

  /// The agent's disk is lost.
  func wipe() {
    (cached, synced) = (nil, nil)
    blobs = []
    wasWiped = true
  }

  /// Everything of it is lost, folders of nodes too; without power.
  func reinstall() {
    wipe()
    truth.folders = []
    containers = [:]
    images = []
  }

  // MARK: Others' things

  /// Another's tunnel comes or goes.
  func setForeign(_ key: TunnelKey, _ tunnel: Tunnel?) { foreign.tunnels[key] = tunnel }
  func clearForeign() {
    foreign = Inventory()
    foreignSubnets = []
  }

  /// Performs one action as the kernel would: refuses what it depends on if that is missing.
  func perform(_ action: Action) -> LabError? {
    performed += 1
    switch action {
    case .makeSandbox(let key): set(sandbox: key, true)
    case .deleteSandbox(let key):
      if truth.processes[key] != nil { return refusal("\(key)", "has a process") }
      set(sandbox: key, false)
      for tap in truth.taps.keys.filter({ $0.node == key }).sorted() { set(tap, nil) }
    case .makeTap(let key, _, let mtu, let addressing, let carrier):
      guard truth.sandboxes.contains(key.node) else { return refusal("\(key)", "no sandbox") }
      if truth.taps[key] == nil {
        set(key, Tap(mtu: mtu, nodeUp: true, fabricUp: carrier, patchedTo: nil, addressing: addressing.digest))
      }
    case .deleteTap(let key): set(key, nil)
    case .makeTunnel(let key, let wish):
      let isTaken = truth.tunnels.contains { $0.key != key && $0.value.vni == wish.vni }
      if isTaken || foreign.tunnels.values.contains(where: { $0.vni == wish.vni }) { return refusal("\(key)", "EEXIST: VNI exists") }
      if truth.tunnels[key] == nil {
        set(key, Tunnel(vni: wish.vni, local: wish.local, remote: wish.remote, mtu: wish.mtu, up: true, patchedTo: nil))
      }
    case .deleteTunnel(let key):
      if truth.tunnels[key] == nil, foreign.tunnels.removeValue(forKey: key) != nil { touchedForeign.append(action.target) }
      set(key, nil)
    case .makeProbe(let wish):
      if foreign.tunnels.values.contains(where: { $0.vni == wish.vni }) { return refusal("probe", "EEXIST: VNI exists") }
      if let probe = truth.probe, probe.vni != wish.vni || probe.local != wish.local { return refusal("probe", "EEXIST: name exists") }
      set(probe: wish)
    case .deleteProbe: set(probe: nil)
    case .makeSegment(let lab, let wish):
      if foreignSubnets.contains(where: { subnet in wish.gateways.contains { $0.subnet.overlaps(subnet) } })
        || truth.management.contains(where: { $0.key != lab && wish.overlaps($0.value) })
      {
        return refusal("\(lab)", "EADDRINUSE: the host has a route there")
      }
      set(lab, wish.segment)
    case .deleteSegment(let lab): set(lab, nil as ManagementSegment?)
    case .setMTU(let device, let mtu): return change(device, { $0.mtu = mtu }, { $0.mtu = mtu })
    case .patch(let device, let peer):
      guard exists(peer) else { return refusal("\(device)", "no target") }
      return change(device, { $0.patchedTo = peer }, { $0.patchedTo = peer })
    case .unpatch(let device): return change(device, { $0.patchedTo = nil }, { $0.patchedTo = nil })
    case .setCarrier(let key, let isUp): return change(.tap(key), { $0.fabricUp = isUp }, { _ in })
    case .raiseTunnel(let key): return change(.tunnel(key), { _ in }, { $0.up = true })
    case .start(let node, let record): return start(node, record)
    case .stop(let key, _):
      if isEngineAway, containers[key] != nil { return away }
      set(key, nil as NodeProcess?)
    case .remove(let key):
      if isEngineAway, containers[key] != nil { return away }
      containers[key] = nil
      set(folder: key, false)
      crashes[key] = nil
      ended[key] = nil
    }
    return nil
  }

  private func start(_ node: AssignedNode, _ record: CrashRecord) -> LabError? {
    guard truth.sandboxes.contains(node.key) else { return refusal(node.key.id, "no sandbox") }
    if let process = truth.processes[node.key] {
      // Ensure: the same start twice is one.
      let isSame = process.startSerial == node.startSerial && process.specDigest == node.spec.processDigest
      return isSame ? nil : refusal(node.key.id, "has a process")
    }
    let isContainer = needsEngine(node.spec)
    if isEngineAway, isContainer { return away }
    if lacksImage(of: node) { return LabError(.notFound, node.spec.image, "isn't on this host") }
    crashes[node.key] = record
    containers[node.key] = isContainer ? node.spec.processDigest : nil
    set(folder: node.key, true)
    lastPID += 1
    set(
      node.key,
      NodeProcess(
        pid: lastPID, startSerial: node.startSerial, specDigest: node.spec.processDigest, config: node.spec.startupConfig,
        execDone: node.spec.exec.isEmpty && node.spec.stages.isEmpty))
    return nil
  }

  private var away: LabError { LabError(.unavailable, "engine", "doesn't answer") }

  private func refusal(_ subject: String, _ text: String) -> LabError { LabError(.failedPrecondition, subject, text) }

  private func exists(_ device: DeviceKey) -> Bool {
    switch device {
    case .tap(let key): truth.taps[key] != nil
    case .tunnel(let key): truth.tunnels[key] != nil
    case .segment(let lab): truth.management[lab] != nil
    }
  }

  private func change(_ device: DeviceKey, _ tap: (inout Tap) -> Void, _ tunnel: (inout Tunnel) -> Void) -> LabError? {
    switch device {
    case .tap(let key):
      guard var value = truth.taps[key] else { return refusal("\(device)", "no such device") }
      tap(&value)
      set(key, value)
    case .tunnel(let key):
      guard var value = truth.tunnels[key] else { return refusal("\(device)", "no such device") }
      tunnel(&value)
      set(key, value)
    case .segment: return refusal("\(device)", "has no such setting")
    }
    return nil
  }
}

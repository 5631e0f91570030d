import AgentCore
import Machine
import Model

/// A host's kernel, runtime and disk: what the agent's actions change, and what outlives the agent.
struct SimulatedHost: Sendable {
  let name: HostName
  var isOn = true
  var truth = Inventory()
  /// On disk.
  var cached: Assignment?
  var blobs: Set<BlobDigest> = []
  /// In /run.
  var crashes: [NodeKey: CrashRecord] = [:]
  private var lastPID: Int32 = 100
  /// Actions ever performed.
  var performed = 0

  init(name: HostName) { self.name = name }

  /// Processes, namespaces and /run go; disks stay.
  mutating func cutPower() {
    isOn = false
    truth.sandboxes = []
    truth.taps = [:]
    truth.tunnels = [:]
    truth.processes = [:]
    crashes = [:]
  }

  /// Performs one action as the kernel would: refuses what it depends on if that is missing.
  mutating func perform(_ action: Action) -> LabError? {
    performed += 1
    switch action {
    case .makeSandbox(let key): truth.sandboxes.insert(key)
    case .deleteSandbox(let key):
      if truth.processes[key] != nil { return refusal("\(key)", "has a process") }
      truth.sandboxes.remove(key)
      for tap in truth.taps.keys where tap.node == key { remove(.tap(tap)) }
    case .makeTap(let key, _, let mtu, let carrier):
      guard truth.sandboxes.contains(key.node) else { return refusal("\(key)", "no sandbox") }
      if truth.taps[key] == nil { truth.taps[key] = Tap(mtu: mtu, nodeUp: true, fabricUp: carrier, patchedTo: nil) }
    case .deleteTap(let key): remove(.tap(key))
    case .makeTunnel(let key, let wish):
      if truth.tunnels.contains(where: { $0.key != key && $0.value.vni == wish.vni }) { return refusal("\(key)", "VNI exists") }
      if truth.tunnels[key] == nil {
        truth.tunnels[key] = Tunnel(
          vni: wish.vni, local: wish.local, remote: wish.remote, mtu: wish.mtu, up: true, patchedTo: nil)
      }
    case .deleteTunnel(let key): remove(.tunnel(key))
    case .setMTU(let device, let mtu): return change(device, { $0.mtu = mtu }, { $0.mtu = mtu })
    case .patch(let device, let peer):
      guard exists(peer) else { return refusal("\(device)", "no target") }
      return change(device, { $0.patchedTo = peer }, { $0.patchedTo = peer })
    case .unpatch(let device): return change(device, { $0.patchedTo = nil }, { $0.patchedTo = nil })
    case .setCarrier(let key, let isUp): return change(.tap(key), { $0.fabricUp = isUp }, { _ in })
    case .raiseTunnel(let key): return change(.tunnel(key), { _ in }, { $0.up = true })
    case .start(let node, let record):
      guard truth.sandboxes.contains(node.key) else { return refusal(node.key.id, "no sandbox") }
      crashes[node.key] = record
      truth.folders.insert(node.key)
      lastPID += 1
      truth.processes[node.key] = NodeProcess(
        pid: lastPID, startSerial: node.startSerial, specDigest: node.spec.processDigest, config: node.spec.startupConfig,
        execDone: node.spec.exec.isEmpty)
    case .stop(let key, _): truth.processes[key] = nil
    case .remove(let key):
      truth.folders.remove(key)
      crashes[key] = nil
    }
    return nil
  }

  private func refusal(_ subject: String, _ text: String) -> LabError { LabError(.failedPrecondition, subject, text) }

  private func exists(_ device: DeviceKey) -> Bool {
    switch device {
    case .tap(let key): truth.taps[key] != nil
    case .tunnel(let key): truth.tunnels[key] != nil
    }
  }

  private mutating func change(_ device: DeviceKey, _ tap: (inout Tap) -> Void, _ tunnel: (inout Tunnel) -> Void) -> LabError? {
    guard exists(device) else { return refusal("\(device)", "no such device") }
    switch device {
    case .tap(let key):
      if var value = truth.taps[key] {
        tap(&value)
        truth.taps[key] = value
      }
    case .tunnel(let key):
      if var value = truth.tunnels[key] {
        tunnel(&value)
        truth.tunnels[key] = value
      }
    }
    return nil
  }

  /// A device goes, and every filter that sends to it sends nowhere.
  mutating func remove(_ device: DeviceKey) {
    switch device {
    case .tap(let key): truth.taps[key] = nil
    case .tunnel(let key): truth.tunnels[key] = nil
    }
    for key in truth.taps.keys where truth.taps[key]?.patchedTo == device { truth.taps[key]?.patchedTo = nil }
    for key in truth.tunnels.keys where truth.tunnels[key]?.patchedTo == device { truth.tunnels[key]?.patchedTo = nil }
  }

  /// What a read-back shows of the things that differ from an earlier one, in an order that is the same everywhere.
  func differences(from old: Inventory) -> [Observation] {
    var seen: [Observation] = []
    for key in old.sandboxes.union(truth.sandboxes).sorted() where old.sandboxes.contains(key) != truth.sandboxes.contains(key) {
      seen.append(.sandbox(key, exists: truth.sandboxes.contains(key)))
    }
    for key in old.folders.union(truth.folders).sorted() where old.folders.contains(key) != truth.folders.contains(key) {
      seen.append(.folder(key, exists: truth.folders.contains(key)))
    }
    for key in Set(old.taps.keys).union(truth.taps.keys).sorted() where old.taps[key] != truth.taps[key] {
      seen.append(.tap(key, truth.taps[key]))
    }
    for key in Set(old.tunnels.keys).union(truth.tunnels.keys).sorted() where old.tunnels[key] != truth.tunnels[key] {
      seen.append(.tunnel(key, truth.tunnels[key]))
    }
    for key in Set(old.processes.keys).union(truth.processes.keys).sorted() where old.processes[key] != truth.processes[key] {
      if let process = truth.processes[key] { seen.append(.process(key, process)) } else { seen.append(.exited(key, .signal(9))) }
    }
    return seen
  }
}

import AgentCore
import Kernel
import Kinds
import Model
import Runtime

/// One batch on its way through the kernel: actions of one form go together.
struct BatchRun {
  let table: LinuxLinkTable
  let pins: NamespacePins
  let deployment: Deployment
  let host: HostName
  let group: UInt32
  var runtime: NodeRuntimes?
  /// Grows with what the batch makes.
  var indices: [DeviceKey: UInt32]
  /// Number of the probe tunnel; nil: there is none.
  let probe: UInt32?
  /// What bears the mark of a management network.
  let segments: [LabKey: SegmentDevices]
  var failures: [Failure] = []
  var observations: [Observation] = []
  private var failed: Set<Target> = []

  init(
    table: LinuxLinkTable, pins: NamespacePins, deployment: Deployment, host: HostName, group: UInt32, indices: [DeviceKey: UInt32],
    probe: UInt32?, segments: [LabKey: SegmentDevices]
  ) {
    self.probe = probe
    self.segments = segments
    self.table = table
    self.pins = pins
    self.deployment = deployment
    self.host = host
    self.group = group
    self.indices = indices
  }

  mutating func perform(_ actions: [Action]) {
    unpatch(actions)
    delete(actions)
    sandboxes(actions)
    makeTaps(actions)
    makeTunnels(actions)
    makeProbe(actions)
    makeSegments(actions)
    setMTU(actions)
    patch(actions)
    raise(actions)
  }

  private mutating func fail(_ target: Target, _ error: KernelError) {
    guard failed.insert(target).inserted else { return }
    failures.append(Failure(target: target, error: error.labError("\(target)")))
  }

  private mutating func note(_ targets: [Target], _ errors: [KernelError?]) {
    for (target, error) in zip(targets, errors) { if let error { fail(target, error) } }
  }

  private mutating func unpatch(_ actions: [Action]) {
    let devices = actions.compactMap { action -> (DeviceKey, UInt32)? in
      if case .unpatch(let device) = action { indices[device].map { (device, $0) } } else { nil }
    }
    note(devices.map { .device($0.0) }, table.unpatch(devices.map(\.1)))
  }

  private mutating func delete(_ actions: [Action]) {
    let devices = actions.flatMap { action -> [(Target, UInt32)] in
      switch action {
      case .deleteTap(let key): indices[.tap(key)].map { [(action.target, $0)] } ?? []
      case .deleteTunnel(let key): indices[.tunnel(key)].map { [(action.target, $0)] } ?? []
      case .deleteProbe: probe.map { [(.probe, $0)] } ?? []
      case .deleteSegment(let lab): (segments[lab]?.all ?? []).map { (action.target, $0) }
      case .makeSegment(let lab, _): (segments[lab]?.strays ?? []).map { (action.target, $0) }
      case .unpatch, .deleteSandbox, .makeSandbox, .makeTap, .makeTunnel, .makeProbe, .setMTU, .patch, .setCarrier, .raiseTunnel, .start,
        .stop, .remove:
        []
      }
    }
    for case .deleteSegment(let lab) in actions where segments[lab]?.hasRules == true {
      if let error = table.deleteRules(of: DeviceName.hostGate(of: lab, in: deployment)) { fail(.device(.segment(lab)), error) }
    }
    if devices.isEmpty { return }
    note(devices.map(\.0), table.delete(devices.map(\.1)))
    for case .device(let device) in devices.map(\.0) { indices[device] = nil }
  }

  private mutating func sandboxes(_ actions: [Action]) {
    for case .deleteSandbox(let key) in actions {
      do throws(KernelError) {
        try pins.unpin(SandboxName.of(key, in: deployment))
        observations.append(.sandbox(key, exists: false))
      } catch { fail(.sandbox(key), error) }
    }
    let made = actions.compactMap { action -> NodeKey? in
      if case .makeSandbox(let key) = action, !repin(key) { key } else { nil }
    }
    if made.isEmpty { return }
    for (key, outcome) in zip(made, pins.createMany(made.map { SandboxName.of($0, in: deployment) })) {
      switch outcome {
      case .success: observations.append(.sandbox(key, exists: true))
      case .failure(let error): fail(.sandbox(key), error)
      }
    }
  }

  /// A node that runs keeps its sandbox: the pin was lost, not the namespace. False where the node doesn't run.
  private mutating func repin(_ key: NodeKey) -> Bool {
    do throws(LabError) {
      guard let descriptor = try runtime?.sandbox(of: key) else { return false }
      do throws(KernelError) {
        try pins.pin(try NetworkNamespace(Descriptor(owning: descriptor)), as: SandboxName.of(key, in: deployment))
        observations.append(.sandbox(key, exists: true))
      } catch { fail(.sandbox(key), error) }
    } catch { failures.append(Failure(target: .sandbox(key), error: error)) }
    return true
  }

  private mutating func makeTaps(_ actions: [Action]) {
    var keys: [TapKey] = []
    var specs: [TapSpec] = []
    for case .makeTap(let key, let kind, let mtu, let addressing, let carrier) in actions where !failed.contains(.sandbox(key.node)) {
      keys.append(key)
      let mark = Mark(deployment: deployment, host: host, subject: .tap(key.node, key.ordinal, addressing: addressing.digest))
      specs.append(
        TapSpec(
          name: DeviceName.tap(key.node, key.ordinal, in: deployment), sandbox: pins.path(SandboxName.of(key.node, in: deployment)),
          nodeName: InterfaceNaming.name(of: key.ordinal, kind: kind), nodeIndex: LinkLimits.nodeIndex(of: key.ordinal),
          mac: MACAddress(of: key.node, key.ordinal, in: deployment), mtu: mtu, addressing: addressing, group: group, alias: mark.alias,
          isUp: carrier))
    }
    if specs.isEmpty { return }
    for (key, outcome) in zip(keys, table.createTaps(specs)) { take(.tap(key), outcome) }
  }

  private mutating func makeTunnels(_ actions: [Action]) {
    var keys: [TunnelKey] = []
    var specs: [TunnelSpec] = []
    for case .makeTunnel(let key, let wish) in actions {
      keys.append(key)
      let far = key.link.a == wish.near ? key.link.b : key.link.a
      let mark = Mark(deployment: deployment, host: host, subject: .tunnel(key.lab, near: wish.near, far: far))
      specs.append(
        TunnelSpec(
          name: DeviceName.tunnel(key.link, of: key.lab, in: deployment), vni: wish.vni, local: wish.local, remote: wish.remote,
          mtu: wish.mtu,
          group: group, alias: mark.alias))
    }
    if specs.isEmpty { return }
    for (key, outcome) in zip(keys, table.createTunnels(specs)) { take(.tunnel(key), outcome) }
  }

  private mutating func makeProbe(_ actions: [Action]) {
    for case .makeProbe(let wish) in actions {
      guard let local = wish.local else { continue }
      let mark = Mark(deployment: deployment, host: host, subject: .probe)
      let spec = ProbeSpec(
        name: DeviceName.probe(in: deployment), vni: wish.vni, local: local, peers: wish.peers, group: group, alias: mark.alias)
      if case .failure(let error) = table.ensureProbe(spec) { fail(.probe, error) }
    }
  }

  private mutating func makeSegments(_ actions: [Action]) {
    for case .makeSegment(let lab, let wish) in actions where !failed.contains(.device(.segment(lab))) {
      let spec = SegmentSpec(lab, wish, in: deployment, on: host, group: group)
      take(.segment(lab), table.ensureSegment(spec))
    }
  }

  private mutating func take(_ device: DeviceKey, _ outcome: LinkOutcome) {
    switch outcome {
    case .success(let index): indices[device] = index
    case .failure(let error): fail(.device(device), error)
    }
  }

  private mutating func setMTU(_ actions: [Action]) {
    let changes = actions.compactMap { action -> (DeviceKey, UInt32, Int)? in
      if case .setMTU(let device, let mtu) = action { indices[device].map { (device, $0, mtu) } } else { nil }
    }
    if changes.isEmpty { return }
    note(changes.map { .device($0.0) }, table.setMTU(changes.map { (device: $0.1, mtu: $0.2) }))
  }

  private mutating func patch(_ actions: [Action]) {
    var devices: [DeviceKey] = []
    var redirections: [Redirection] = []
    var ports: [(key: DeviceKey, device: UInt32, bridge: UInt32)] = []
    for case .patch(let device, let peer) in actions where !failed.contains(.device(peer)) {
      guard let from = indices[device], let to = indices[peer] else { continue }
      if case .segment = peer {
        ports.append((device, from, to))
        continue
      }
      devices.append(device)
      redirections.append(Redirection(from: from, to: to))
    }
    if !ports.isEmpty { note(ports.map { .device($0.key) }, table.join(ports.map { ($0.device, $0.bridge) })) }
    if devices.isEmpty { return }
    note(devices.map { .device($0) }, table.patch(redirections))
  }

  private mutating func raise(_ actions: [Action]) {
    let changes = actions.compactMap { action -> (DeviceKey, UInt32, Bool)? in
      switch action {
      case .setCarrier(let key, let isUp): indices[.tap(key)].map { (.tap(key), $0, isUp) }
      case .raiseTunnel(let key): indices[.tunnel(key)].map { (.tunnel(key), $0, true) }
      case .unpatch, .deleteTap, .deleteTunnel, .deleteProbe, .deleteSegment, .deleteSandbox, .makeSandbox, .makeTap, .makeTunnel,
        .makeProbe, .makeSegment, .setMTU, .patch, .start, .stop, .remove:
        nil
      }
    }
    if changes.isEmpty { return }
    note(changes.map { .device($0.0) }, table.setUp(changes.map { (device: $0.1, isUp: $0.2) }))
  }
}

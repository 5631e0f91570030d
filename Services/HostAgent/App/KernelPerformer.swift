import AgentCore
import Kernel
import Kinds
import Locks
import Logging
import Model
import Runtime

/// Performs batches of the kernel's lane and reads the fabric back. One thread uses it at a time: what it tells is in the order in which it
/// was true.
final class KernelPerformer: Sendable {
  /// What the fabric holds of one deployment and host.
  struct Links {
    var taps: [TapKey: Tap] = [:]
    var tunnels: [TunnelKey: Tunnel] = [:]
    var segments: [LabKey: SegmentDevices] = [:]
    var indices: [DeviceKey: UInt32] = [:]
    var probe: (index: UInt32, tunnel: ProbeTunnel)?
    var sandboxes: Set<NodeKey> = []
  }

  /// Of every device of ours, from its creation on: also of one whose mark isn't there yet.
  private static let group: UInt32 = 0x6172_6368

  private let table: LinuxLinkTable
  let pins: NamespacePins
  private let host: HostName
  private let last = Guarded(Links())
  private let deployment = Guarded<Deployment?>(nil)
  /// What changed since the last read-back isn't known: a read failed.
  private let hasFailedRead = Guarded(false)

  init(host: HostName, pins: NamespacePins, table: LinuxLinkTable) {
    self.host = host
    self.pins = pins
    self.table = table
  }

  /// Devices that an earlier life began and didn't finish: of our group and number range, without a mark.
  func removeUnfinished() throws(KernelError) {
    let unfinished = try table.dump().filter {
      $0.state.alias.isEmpty && $0.state.group == Self.group && $0.index >= LinkLimits.firstFabricIndex && $0.name.utf8.count == 14
    }
    _ = table.delete(unfinished.map(\.index))
  }

  /// All of this deployment's on this host.
  func read(_ deployment: Deployment) throws(KernelError) -> Inventory {
    self.deployment.withLock { $0 = deployment }
    var links = try readLinks(deployment)
    links.sandboxes = try readSandboxes(deployment)
    last.withLock { $0 = links }
    var inventory = Inventory()
    inventory.taps = links.taps
    inventory.tunnels = links.tunnels
    inventory.management = links.segments.mapValues(\.segment)
    inventory.probe = links.probe?.tunnel
    inventory.sandboxes = links.sandboxes
    return inventory
  }

  private func readSandboxes(_ deployment: Deployment) throws(KernelError) -> Set<NodeKey> {
    Set(try pins.list().compactMap { SandboxName.key(of: $0, in: deployment) })
  }

  /// What differs from the last read-back.
  ///
  /// - Parameters:
  ///   - devices: whether the fabric is read. An engine changes mounts a dozen times for each container, and no device of ours.
  ///   - sandboxes: whether they are read: mounts have changed.
  func observe(devices: Bool = true, sandboxes: Bool = false) throws(KernelError) -> [Observation] {
    guard let deployment = deployment.withLock({ $0 }) else { return [] }
    let before = last.withLock { $0 }
    var now = devices ? try readLinks(deployment) : before
    now.sandboxes = sandboxes ? try readSandboxes(deployment) : before.sandboxes
    last.withLock { $0 = now }
    var seen: [Observation] = []
    for key in before.sandboxes.symmetricDifference(now.sandboxes).sorted() {
      seen.append(.sandbox(key, exists: now.sandboxes.contains(key)))
    }
    for key in Set(before.taps.keys).union(now.taps.keys).sorted() where before.taps[key] != now.taps[key] {
      seen.append(.tap(key, now.taps[key]))
    }
    for key in Set(before.tunnels.keys).union(now.tunnels.keys).sorted() where before.tunnels[key] != now.tunnels[key] {
      seen.append(.tunnel(key, now.tunnels[key]))
    }
    for lab in Set(before.segments.keys).union(now.segments.keys).sorted() where before.segments[lab]?.segment != now.segments[lab]?.segment
    {
      seen.append(.segment(lab, now.segments[lab]?.segment))
    }
    if before.probe?.tunnel != now.probe?.tunnel { seen.append(.probe(now.probe?.tunnel)) }
    return seen
  }

  /// As `observe`; nothing where it can't be read, which is noted: it is no news, and has to be read again.
  func observeOrNote(devices: Bool, sandboxes: Bool) -> [Observation] {
    do throws(KernelError) { return try observe(devices: devices, sandboxes: sandboxes) } catch {
      Log.warning("fabric can't be read (it is tried again)", ["error": error])
      hasFailedRead.withLock { $0 = true }
      return []
    }
  }

  /// Whether a read has failed since this was last asked.
  func takeFailedRead() -> Bool {
    hasFailedRead.withLock { hasFailed in
      defer { hasFailed = false }
      return hasFailed
    }
  }

  private func readLinks(_ deployment: Deployment) throws(KernelError) -> Links {
    var links = Links()
    var keys: [UInt32: DeviceKey] = [:]
    var addressings: [UInt32: UInt64] = [:]
    var parts = SegmentParts()
    let devices = try table.dump()
    for device in devices {
      if let tap = ExternalMark(alias: device.state.alias)?.tap {
        keys[device.index] = .tap(tap)
        links.indices[.tap(tap)] = device.index
        continue
      }
      guard let mark = Mark(alias: device.state.alias), mark.deployment == deployment, mark.host == host else { continue }
      let key: DeviceKey? =
        switch mark.subject {
        case .tap(let node, let ordinal, _): .tap(TapKey(node, ordinal))
        case .tunnel(let lab, let near, let far): .tunnel(TunnelKey(lab, LinkID(near, far)))
        case .bridge(let lab): parts.add(bridge: device, of: lab, in: deployment)
        case .gate(let lab): parts.add(gate: device, of: lab, in: deployment)
        case .probe, .rules: nil
        }
      if case .tap(_, _, let addressing) = mark.subject { addressings[device.index] = addressing }
      guard let key else {
        guard mark.subject == .probe else { continue }
        // What isn't what its mark says comes first: it goes, and the right one is read after it.
        if let probe = try readProbe(device, deployment), links.probe == nil || probe.tunnel.local == nil { links.probe = probe }
        continue
      }
      keys[device.index] = key
      links.indices[key] = device.index
    }
    for rules in try table.ruleTables() {
      guard let mark = Mark(alias: rules.mark), mark.deployment == deployment, mark.host == host,
        case .rules(let lab, let digest, let count) = mark.subject
      else { continue }
      parts.add(rules: rules, digest, count: count, of: lab, in: deployment)
    }
    if !parts.isEmpty { links.segments = parts.segments(try table.hostSide(), deployment) }
    for device in devices {
      guard let key = keys[device.index] else { continue }
      let master = device.state.master.flatMap { keys[$0] }
      let target: DeviceKey? = if case .to(let index) = device.redirect { keys[index] } else { master }
      switch (key, device.state.kind) {
      case (.tap(let key), _):
        links.taps[key] = Tap(
          mtu: device.nodeEnd?.mtu ?? 0, nodeUp: device.nodeEnd?.isUp ?? false, fabricUp: device.state.isUp, patchedTo: target,
          addressing: addressings[device.index] ?? 0)
      case (.tunnel(let key), .vxlan(let tunnel)):
        guard let vni = try? VNI(tunnel.vni), let local = tunnel.local, let remote = tunnel.remote else { continue }
        links.tunnels[key] = Tunnel(
          vni: vni, local: local, remote: remote, mtu: device.state.mtu, up: device.state.isUp, patchedTo: target)
      case (.tunnel, _), (.segment, _): continue
      }
    }
    return links
  }

  /// nil: it has gone meanwhile.
  private func readProbe(_ device: Device, _ deployment: Deployment) throws(KernelError) -> (index: UInt32, tunnel: ProbeTunnel)? {
    guard device.name == DeviceName.probe(in: deployment), case .vxlan(let tunnel) = device.state.kind, let vni = try? VNI(tunnel.vni),
      let local = tunnel.local
    else { return (device.index, ProbeTunnel(vni: VNI(ofProbesIn: deployment), local: nil, peers: [], isWhole: false)) }
    guard let state = try table.probe(device.index, at: local) else { return nil }
    return (device.index, ProbeTunnel(vni: vni, local: local, peers: state.peers, isWhole: device.state.isUp && state.sendsBack))
  }

  /// Performs a batch phase by phase, as its order has it, and reads back.
  ///
  /// - Parameter runtime: what knows the sandbox of a node that runs though its pin was lost.
  func perform(_ batch: Batch, _ runtime: NodeRuntimes?) -> AgentCore.Event {
    guard let deployment = deployment.withLock({ $0 }) else {
      let error = LabError(.internalError, "fabric", "was not read yet")
      return .performed(batch.id, failures: batch.actions.map { Failure(target: $0.target, error: error) }, observations: [])
    }
    var run = BatchRun(
      table: table, pins: pins, deployment: deployment, host: host, group: Self.group, indices: last.withLock { $0.indices },
      probe: last.withLock { $0.probe?.index }, segments: last.withLock { $0.segments })
    run.runtime = runtime
    run.perform(batch.actions)
    noteSandboxes(run.observations)
    do throws(KernelError) {
      return .performed(batch.id, failures: run.failures, observations: run.observations + (try observe()))
    } catch {
      // A failed read changes nothing: everything that was tried counts as not known, and is tried again.
      let failed = error.labError("fabric")
      return .performed(batch.id, failures: batch.actions.map { Failure(target: $0.target, error: failed) }, observations: run.observations)
    }
  }
}

extension KernelPerformer {
  /// What passed nodes' interfaces since they were made, as the nodes see it, by ordinal.
  func traffic(of nodes: [MeasuredNode]) throws(KernelError) -> [NodeKey: [InterfaceUsage]] {
    let kinds = Dictionary(nodes.map { ($0.key, $0.kind) }, uniquingKeysWith: { first, _ in first })
    let indices = last.withLock { $0.indices }
    var taps: [(key: TapKey, index: UInt32)] = []
    for case (.tap(let key), let index) in indices where kinds[key.node] != nil { taps.append((key, index)) }
    taps.sort { $0.key < $1.key }
    var found: [NodeKey: [InterfaceUsage]] = [:]
    for (tap, traffic) in zip(taps, try table.traffic(of: taps.map(\.index))) {
      guard let traffic else { continue }
      // What the fabric's end receives its node has sent.
      found[tap.key.node, default: []].append(
        InterfaceUsage(
          tap.key.ordinal, name: InterfaceNaming.name(of: tap.key.ordinal, kind: kinds[tap.key.node] ?? ""),
          received: .init(bytes: traffic.sentBytes, packets: traffic.sentPackets),
          sent: .init(bytes: traffic.receivedBytes, packets: traffic.receivedPackets)))
    }
    return found
  }

  /// What a batch made and removed is told by itself.
  private func noteSandboxes(_ observations: [Observation]) {
    last.withLock { links in
      for case .sandbox(let key, let exists) in observations {
        if exists { links.sandboxes.insert(key) } else { links.sandboxes.remove(key) }
      }
    }
  }
}

/// The name of a sandbox's pin: whose it is, readable back.
enum SandboxName {
  static func of(_ key: NodeKey, in deployment: Deployment) -> String { "\(deployment)%\(key.lab)%\(key.name)@\(key.born)" }

  static func key(of name: String, in deployment: Deployment) -> NodeKey? {
    let parts = name.split(separator: "%").map(String.init)
    guard parts.count == 3, parts[0] == deployment.text, let lab = named(parts[1]), let node = named(parts[2]),
      let labName = try? LabName(lab.0), let nodeName = try? NodeName(node.0)
    else { return nil }
    return NodeKey(LabKey(labName, born: lab.1), nodeName, born: node.1)
  }

  private static func named(_ text: String) -> (String, Revision)? {
    let parts = text.split(separator: "@")
    guard parts.count == 2, let born = UInt64(parts[1]) else { return nil }
    return (String(parts[0]), Revision(born))
  }
}

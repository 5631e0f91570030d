import Machine
import Model

extension AgentCore {
  /// A batch has ended. What failed waits, and is logged once.
  mutating func performed(_ id: UInt64, _ failures: [Failure], _ observations: [Observation], at now: Now) -> [Effect] {
    observe(observations, at: now)
    for failure in failures {
      switch failure.target {
      case .device(.tap(let key)): if let link = wanted.taps[key]?.link { work.dirtyEnds.insert(link) }
      case .device(.tunnel(let key)): work.dirtyEnds.insert(key)
      case .device(.segment(let lab)): work.markNodes(wanted.managed[lab] ?? [])
      case .node(let key):
        images.doubt(of: key)
        containers[key] = nil
      case .sandbox, .probe: break
      }
    }
    let news = work.end(id, failures, at: now)
    markWaitingStarts()
    return news.map { .log($0.error) }
  }

  /// Compares what was touched with what was last told of it, and tells the difference.
  mutating func observeSelf(at now: Now) {
    guard inventory != nil, !unlisted.isComing else { return }
    for key in work.takeTouchedNodes() {
      if let node = observed(key, at: now) { report.add(.node(node)) } else { report.add(.nodeGone(key)) }
    }
    for key in work.takeDirtyEnds() {
      if let end = end(key) { report.add(.end(end)) } else { report.add(.endGone(key)) }
    }
  }

  private func observed(_ key: NodeKey, at now: Now) -> ObservedNode? {
    guard let inventory else { return nil }
    let process = inventory.processes[key]
    var node = ObservedNode(
      key: key, phase: .stopping, pid: process?.pid, startSerial: process?.startSerial ?? 0, config: process?.config,
      restarts: crashes[key]?.restarts ?? 0, execDone: process?.execDone ?? false, interfaces: interfaces(of: key))
    guard let wish = wanted.nodes[key] else {
      let isHere =
        process != nil || inventory.sandboxes.contains(key) || inventory.folders.contains(key) || !node.interfaces.isEmpty
        || unlisted.mayRun(key)
      if let blindness = blindness(about: key) { node.reason = blindness }
      if let error = work.failure(of: .node(key)) { node.reason = error.detail }
      return isHere ? node : nil
    }
    if wish.spec.isExternal { return external(node, wish) }
    if let blindness = blindness(about: key), wish.desired == .running || unlisted.mayRun(key) {
      (node.phase, node.reason) = (.unknown, blindness)
      return node
    }
    switch (wish.desired, process) {
    case (.stopped, nil): node.phase = .stopped
    case (.stopped, .some): (node.phase, node.reason) = (.stopping, work.failure(of: .node(key))?.detail ?? "")
    case (.running, let process?):
      if !isCurrent(process, as: wish) {
        (node.phase, node.reason) = (.stopping, work.failure(of: .node(key))?.detail ?? "")
      } else if let readiness = wish.spec.readiness, !process.hasPassed {
        (node.phase, node.reason) = bootingPhase(key, readiness)
      } else {
        (node.phase, node.reason) = (.ready, stages.held[key] ?? process.execWarning)
        if node.reason.isEmpty, wanted.managed[key.lab]?.contains(key) == true { node.reason = segmentFault(of: key.lab) ?? "" }
      }
    case (.running, nil): (node.phase, node.reason) = waiting(wish)
    }
    return node
  }

  private func waiting(_ node: AssignedNode) -> (Phase, String) {
    if let error = work.failure(of: .node(node.key)) { return (.failed, error.detail) }
    if let image = imageObstacle(to: node) { return image }
    if let obstacle = obstacle(to: node) {
      return (.preparing, work.failure(of: .sandbox(node.key))?.detail ?? obstacle)
    }
    let record = crashRecord(of: node)
    if starts[node.key]?.due != nil, record.pause > 0 {
      return (.failed, "\(record.cause); \(record.early) early deaths in a row, next start after a pause of \(record.pause / 1_000) s")
    }
    if let held = stages.held[node.key] { return (.preparing, held) }
    if let delay = delays[node.key], delay.serial == node.startSerial, delay.end != nil {
      return (.preparing, "starts after its startup-delay of \(node.spec.startupDelay / 1_000) s")
    }
    if let hindrance = admission.waiting[node.key] { return (hindrance.isLasting ? .failed : .preparing, hindrance.words) }
    let isStarting = work.isBusy(.node(node.key)) || starts[node.key]?.due != nil
    return isStarting ? (.starting, record.cause.isEmpty ? "" : "again after \(record.cause)") : (.preparing, "")
  }

  private func interfaces(of key: NodeKey) -> [ObservedInterface] {
    (wanted.tapsOf[key] ?? []).compactMap { tap in
      inventory?.taps[tap].map { ObservedInterface(ordinal: tap.ordinal, mtu: $0.mtu, up: isUp(tap, $0)) }
    }
  }

  /// One link as the kernel has it here; nil when nothing of it is wanted or left.
  private func end(_ key: TunnelKey) -> ObservedEnd? {
    guard let inventory else { return nil }
    if let (a, b) = wanted.patches[key] {
      let ends = [(a, b), (b, a)]
      let faults = ends.compactMap { fault(of: $0.0, to: .tap($0.1)) }
      let taps = [a, b].compactMap { inventory.taps[$0] }
      return ObservedEnd(
        key: key, fault: faults.first ?? "", up: taps.count == 2 && taps.allSatisfy(\.nodeUp), tunnel: nil, mtu: min(mtu(of: a), mtu(of: b))
      )
    }
    let device = inventory.tunnels[key]
    let tunnel = device.map { ObservedTunnel(vni: $0.vni, local: $0.local, remote: $0.remote) }
    guard wanted.tunnels[key] != nil, let tapKey = wanted.tapOfTunnel[key] else {
      return device.map { ObservedEnd(key: key, fault: "is being removed", up: false, tunnel: tunnel, mtu: $0.mtu) }
    }
    let tap = inventory.taps[tapKey]
    return ObservedEnd(
      key: key, fault: fault(of: tapKey, to: .tunnel(key)) ?? fault(of: key, to: tapKey) ?? "", up: tap?.nodeUp ?? false, tunnel: tunnel,
      mtu: min(mtu(of: tapKey), device?.mtu ?? 0))
  }

  /// An end that nobody has taken yet carries all that it is to.
  private func mtu(of key: TapKey) -> Int { inventory?.taps[key]?.mtu ?? (key.isExternal ? wanted.taps[key]?.mtu : nil) ?? 0 }

  private func fault(of key: TapKey, to peer: DeviceKey) -> String? {
    if isAwaited(.tap(key)) { return nil }
    let name = "interface \(key.ordinal) of \(key.node.name)"
    if let error = work.failure(of: .device(.tap(key))) { return "\(name): \(error.detail)" }
    guard let tap = inventory?.taps[key] else { return "\(name) is missing" }
    if tap.patchedTo != peer, !isAwaited(peer) { return "\(name) is not patched" }
    if let wish = wanted.taps[key], let carrier = carrier(of: key, wish, isNew: false), carrier != tap.fabricUp {
      return "\(name) has not the right carrier yet"
    }
    return nil
  }

  private func fault(of key: TunnelKey, to tap: TapKey) -> String? {
    if let error = work.failure(of: .device(.tunnel(key))) { return "tunnel: \(error.detail)" }
    if let error = work.failure(of: .probe) { return "the ways to other hosts can't be probed: \(error.detail)" }
    guard let tunnel = inventory?.tunnels[key] else { return "the tunnel is missing" }
    if !tunnel.up { return "the tunnel is down" }
    return tunnel.patchedTo == .tap(tap) || isAwaited(.tap(tap)) ? nil : "the tunnel is not patched"
  }
}

import Machine
import Model

extension AgentCore {
  /// A tap belongs to a node's interface: only its MTU, its target and its carrier ever change.
  func planTap(_ key: TapKey) -> [Action] {
    guard let inventory else { return [] }
    let tap = inventory.taps[key]
    if work.isBlocked(.device(.tap(key))) { return [] }
    if key.isExternal { return tap.map { planExternal(key, $0) } ?? [] }
    guard let wish = wanted.taps[key] else {
      guard tap != nil else { return [] }
      // A node that goes keeps its interfaces until its process is gone: it never sees itself cut into pieces.
      if wanted.nodes[key.node] == nil, inventory.processes[key.node] != nil || unlisted.mayRun(key.node) { return [] }
      return [.deleteTap(key)]
    }
    guard wanted.nodes[key.node] != nil, !work.isBlocked(.sandbox(key.node)) else { return [] }
    guard let tap else {
      if unlisted.mayRun(key.node), !inventory.sandboxes.contains(key.node) { return [] }
      let carrier = carrier(of: key, wish, isNew: true) ?? true
      return [.makeTap(key, kind: wish.kind, mtu: wish.mtu, addressing: wish.addressing, carrier: carrier)]
        + patching(.tap(key), to: wish.peer, from: nil)
    }
    // Its addresses are the node's business once it runs: it is made anew between two lives.
    if tap.addressing != wish.addressing.digest { return mayRemake(key) ? [.deleteTap(key)] : [] }
    return adjust(key, tap, to: wish)
  }

  /// What of a tap may change while it is there.
  func adjust(_ key: TapKey, _ tap: Tap, to wish: Wanted.Tap) -> [Action] {
    var actions: [Action] = []
    if tap.mtu != wish.mtu { actions.append(.setMTU(.tap(key), wish.mtu)) }
    actions += patching(.tap(key), to: wish.peer, from: tap.patchedTo)
    // As with a tap of ours that is made: what the far host says may be long in coming.
    let isNew = key.isExternal && tap.patchedTo != wish.peer
    if let carrier = carrier(of: key, wish, isNew: false) ?? (isNew ? true : nil), carrier != tap.fabricUp {
      actions.append(.setCarrier(key, carrier))
    }
    return actions
  }

  /// Whether it goes as soon as its node doesn't run.
  func isStale(_ key: TapKey, _ tap: Tap) -> Bool { wanted.taps[key]?.addressing.digest != tap.addressing }

  private func mayRemake(_ key: TapKey) -> Bool {
    inventory?.processes[key.node] == nil && !work.isBusy(.node(key.node)) && !unlisted.mayRun(key.node)
  }

  /// A VNI is used once in an underlay: what holds it goes first.
  func waitsForVNI(_ key: TunnelKey) -> Bool {
    guard let inventory, inventory.tunnels[key] == nil, let wish = wanted.tunnels[key] else { return false }
    return inventory.tunnels.contains { $0.value.vni == wish.vni }
  }

  func planTunnel(_ key: TunnelKey) -> [Action] {
    guard let inventory else { return [] }
    let tunnel = inventory.tunnels[key]
    if work.isBlocked(.device(.tunnel(key))) { return [] }
    guard let wish = wanted.tunnels[key], let tap = wanted.tapOfTunnel[key] else { return tunnel == nil ? [] : [.deleteTunnel(key)] }
    guard let tunnel else { return [.makeTunnel(key, wish)] + patching(.tunnel(key), to: .tap(tap), from: nil) }
    // Its addresses and its VNI can't be changed: it is made again.
    if tunnel.vni != wish.vni || tunnel.local != wish.local || tunnel.remote != wish.remote { return [.deleteTunnel(key)] }
    var actions: [Action] = []
    if tunnel.mtu != wish.mtu { actions.append(.setMTU(.tunnel(key), wish.mtu)) }
    if !tunnel.up { actions.append(.raiseTunnel(key)) }
    return actions + patching(.tunnel(key), to: .tap(tap), from: tunnel.patchedTo)
  }

  /// A filter's target must be there, or be made in the same batch.
  private func patching(_ device: DeviceKey, to peer: DeviceKey, from current: DeviceKey?) -> [Action] {
    if current == peer { return [] }
    return isThereSoon(peer) ? [.patch(device, to: peer)] : []
  }

  private func isThereSoon(_ device: DeviceKey) -> Bool {
    switch device {
    case .tap(let key):
      inventory?.taps[key] != nil || !key.isExternal && wanted.taps[key] != nil && !work.isBlocked(.device(device))
    case .tunnel(let key):
      if let tunnel = inventory?.tunnels[key], let wish = wanted.tunnels[key] {
        tunnel.vni == wish.vni && tunnel.local == wish.local && tunnel.remote == wish.remote
      } else {
        wanted.tunnels[key] != nil && !work.isBlocked(.device(device))
      }
    case .segment(let lab):
      inventory?.management[lab]?.isWhole == true || wanted.segments[lab] != nil && !work.isBlocked(.device(device))
    }
  }

  /// Carrier is intent: the far interface's admin state, never anybody's carrier (dataplane.md, rule 1). nil: not known, leave it.
  func carrier(of key: TapKey, _ wish: Wanted.Tap, isNew: Bool) -> Bool? {
    switch wish.peer {
    case .tap(let peer):
      if let tap = inventory?.taps[peer] { return tap.nodeUp }
      if peer.isExternal { return false }
      // The peer is made in the same batch, and its node's end is up then; one that has vanished is no carrier.
      return isNew || isThereSoon(wish.peer)
    case .tunnel(let tunnel):
      guard let host = wanted.tunnels[tunnel]?.farHost else { return nil }
      return far.isUp(tunnel, on: host)
    case .segment: return true
    }
  }

  /// Notes what was read back, and what of it has to be looked at again.
  mutating func observe(_ observations: [Observation], at now: Now) {
    for observation in observations {
      // The way to another host is known without this host's inventory; all else before it will be read with it.
      if inventory == nil, !observation.isPath {
        if case .exited(let key, let end) = observation, mayBegin(key) { earlyExits[key] = end }
        continue
      }
      switch observation {
      case .sandbox(let key, let exists):
        if exists { inventory?.sandboxes.insert(key) } else if inventory?.sandboxes.remove(key) != nil { forgiveDeath(of: key) }
        work.markNodes([key])
        work.markTaps(wanted.tapsOf[key] ?? [])
      case .folder(let key, let exists):
        if exists { inventory?.folders.insert(key) } else { inventory?.folders.remove(key) }
        work.markNodes([key])
      case .tap(let key, let tap):
        guard inventory?.taps[key] != tap else { continue }
        inventory?.taps[key] = tap
        touch(key)
      case .tunnel(let key, let tunnel):
        guard inventory?.tunnels[key] != tunnel else { continue }
        inventory?.tunnels[key] = tunnel
        work.markTunnels([key])
        work.dirtyEnds.insert(key)
        if let tap = wanted.tapOfTunnel[key] { work.markTaps([tap]) }
      case .segment(let lab, let segment):
        guard inventory?.management[lab] != segment else { continue }
        inventory?.management[lab] = segment
        noteSegment(lab)
      case .probe(let probe):
        guard inventory?.probe != probe else { continue }
        inventory?.probe = probe
        work.markProbe()
      case .process(let key, let process) where blindness(about: key) != nil: unlisted.found[key] = process
      case .process(let key, let process):
        inventory?.processes[key] = process
        inventory?.folders.insert(key)
        if starts[key]?.started == nil { starts[key] = StartTimes(started: now.boot, due: nil) }
        work.markNodes([key])
        endIfAlreadyEnded(key, at: now)
      case .exited(let key, let end): ended(key, end, at: now)
      case .path(let path):
        // Of one that nobody asks about any more it is too late.
        if wanted.needs[path.remote] != nil { report.add(.path(path)) }
      }
    }
  }

  /// The kernel tells of an end at once, and of a beginning only with its whole batch: so the end may come first.
  mutating func endIfAlreadyEnded(_ key: NodeKey, at now: Now) {
    if let end = earlyExits.removeValue(forKey: key), end.pid == inventory?.processes[key]?.pid { ended(key, end, at: now) }
  }

  /// Whether a process of the node may be told of yet; also of one that isn't wanted any more, while its start is under way.
  func mayBegin(_ key: NodeKey) -> Bool { wanted.nodes[key] != nil || work.isBusy(.node(key)) }

  private mutating func ended(_ key: NodeKey, _ end: ProcessEnd, at now: Now) {
    if let pid = end.pid, unlisted.found[key]?.pid == pid { unlisted.found[key] = nil }
    guard let process = inventory?.processes[key], end.pid == nil || end.pid == process.pid else {
      if end.pid != nil, mayBegin(key) { earlyExits[key] = end }
      return
    }
    inventory?.processes[key] = nil
    // An end that we asked for is no news.
    if !work.isEnding(key) { report.add(key, pid: process.pid, end) }
    count(end.cause, of: key, process, at: now)
    work.markNodes([key])
    work.markTaps(inventory?.taps.filter { $0.key.node == key && isStale($0.key, $0.value) }.map(\.key) ?? [])
  }

  /// A tap has changed: so have its peer's carrier, its link's report and what the far host is told.
  private mutating func touch(_ key: TapKey) {
    work.markTaps([key])
    if let owner = wanted.owner(of: key) { work.markNodes([owner]) }
    if key.ordinal == .management, wanted.segments[key.node.lab] == nil { work.markSegments([key.node.lab]) }
    guard let wish = wanted.tap(key) else { return }
    work.mark(wish.peer)
    if let link = wish.link { work.dirtyEnds.insert(link) }
    if case .tunnel(let tunnel) = wish.peer, let host = wanted.tunnels[tunnel]?.farHost { far.isStale.insert(host) }
  }
}

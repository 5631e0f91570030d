import AgentCore
import Model

/// What a host should have by its assignment, worked out without the agent's code.
struct HostGoal {
  private var nodes: [NodeKey: AssignedNode] = [:]
  private var taps: [TapKey: (mtu: Int, peer: DeviceKey, addressing: UInt64)] = [:]
  private var segments: [LabKey: AssignedManagement] = [:]
  /// This host's end of each tunnel.
  private var near: [TunnelKey: TapKey] = [:]
  private var tunnels: [TunnelKey: AssignedTunnel] = [:]
  private var probe: ProbeTunnel?

  init(_ assignment: Assignment) {
    for lab in assignment.labs {
      var keys: [Endpoint: (key: TapKey, mtu: Int)] = [:]
      for node in lab.nodes {
        if !node.spec.isExternal { nodes[node.key] = node }
        for interface in node.interfaces {
          let key =
            node.spec.isExternal
            ? TapKey(external: lab.key.name, node.key.name, interface.ordinal) : TapKey(node.key, interface.ordinal)
          keys[Endpoint(node.key.name, interface.ordinal)] = (key, interface.mtu)
          if interface.ordinal == .management { taps[key] = (interface.mtu, .segment(lab.key), interface.addressing.digest) }
        }
      }
      if let management = lab.management { segments[lab.key] = management }
      for link in lab.links {
        let key = TunnelKey(lab.key, link.link)
        switch link.path {
        case .patch:
          guard let a = keys[link.link.a], let b = keys[link.link.b] else { continue }
          taps[a.key] = (a.mtu, .tap(b.key), 0)
          taps[b.key] = (b.mtu, .tap(a.key), 0)
        case .tunnel(let tunnel):
          guard let near = keys[tunnel.near] else { continue }
          taps[near.key] = (near.mtu, .tunnel(key), 0)
          self.near[key] = near.key
          tunnels[key] = tunnel
        }
      }
    }
    if tunnels.isEmpty { return }
    probe = ProbeTunnel(
      vni: VNI(ofProbesIn: assignment.store.deployment), local: World.spec(assignment.host).underlay,
      peers: Set(tunnels.values.map(\.remote)))
  }

  /// Carrier left aside: the other ends decide it.
  ///
  /// - Parameter alone: nodes that wait for others may still wait.
  func isReached(by truth: Inventory, alone: Bool = false) -> Bool {
    guard truth.sandboxes == Set(nodes.keys), truth.folders.isSubset(of: truth.sandboxes),
      truth.taps.keys.filter({ !$0.isExternal }).count == taps.keys.filter({ !$0.isExternal }).count,
      truth.tunnels.count == tunnels.count, truth.probe == probe, truth.management == segments.mapValues(\.segment)
    else { return false }
    for (key, node) in nodes where !isRight(truth.processes[key], for: node) {
      guard alone, waits(node), truth.processes[key] == nil else { return false }
    }
    /// No container has come there: nothing can be patched to it.
    func isVacant(_ device: DeviceKey?) -> Bool {
      if case .tap(let key)? = device { key.isExternal && truth.taps[key] == nil } else { false }
    }
    for (key, wish) in taps where !isVacant(.tap(key)) {
      guard let tap = truth.taps[key], tap.mtu == wish.mtu, tap.patchedTo == wish.peer || isVacant(wish.peer),
        tap.addressing == wish.addressing
      else { return false }
    }
    for (key, wish) in tunnels {
      guard let tunnel = truth.tunnels[key], isRight(tunnel, wish), tunnel.mtu == wish.mtu, tunnel.up,
        tunnel.patchedTo != nil || isVacant(near[key].map { .tap($0) })
      else { return false }
    }
    for (key, tap) in truth.taps where key.isExternal && taps[key] == nil {
      let segment = key.ordinal == .management ? segments.keys.first { $0.name == key.node.lab.name } : nil
      guard tap.fabricUp == (segment != nil), tap.patchedTo == segment.map({ .segment($0) }) else { return false }
    }
    return truth.processes.keys.allSatisfy { nodes[$0] != nil }
  }

  /// Nodes that should run without its engine.
  func running(withoutEngine host: SimulatedHost) -> Set<NodeKey> {
    Set(nodes.filter { $0.value.desired == .running && !host.needsEngine($0.value.spec) && !waits($0.value) }.keys)
  }

  private func waits(_ node: AssignedNode) -> Bool { node.spec.stages.waits.contains { $0.stage == .create } }

  private func isRight(_ process: NodeProcess?, for node: AssignedNode) -> Bool {
    switch node.desired {
    case .stopped: process == nil
    case .running: process?.startSerial == node.startSerial && process?.specDigest == node.spec.processDigest
    }
  }

  private func isRight(_ tunnel: Tunnel, _ wish: AssignedTunnel) -> Bool {
    tunnel.vni == wish.vni && tunnel.local == wish.local && tunnel.remote == wish.remote
  }

  /// Which invariant an action breaks, given what its agent sees; nil: none.
  func objection(to action: Action, seeing seen: Inventory) -> String? {
    switch action {
    // 32, 31: what should stay is left alone.
    case .makeTap(let key, _, _, _, _) where key.isExternal: "50: a container's end is made"
    case .deleteTap(let key) where key.isExternal: "50: a container's end goes that nobody asked for"
    case .deleteTap(let key):
      // One whose addresses have become others is made anew between two lives of its node.
      if let wish = taps[key], seen.taps[key]?.addressing == wish.addressing || seen.processes[key.node] != nil {
        "32: an interface goes that should stay"
      } else {
        nil
      }
    case .deleteSandbox(let key), .remove(let key): nodes[key] == nil ? nil : "32: a node's place goes that should stay"
    case .deleteTunnel(let key):
      if let wish = tunnels[key], let tunnel = seen.tunnels[key], isRight(tunnel, wish) { "31: a tunnel goes that is right" } else { nil }
    case .unpatch(.tap(let key)): taps[key] == nil ? nil : "31: a patch goes that should stay"
    case .unpatch(.tunnel(let key)): tunnels[key] == nil ? nil : "31: a patch goes that should stay"
    case .stop(let key, _):
      if let node = nodes[key], node.desired == .running, isRight(seen.processes[key], for: node) {
        "6: a node is stopped that is right"
      } else if seen.processes[key] == nil {
        "17: what is done is done again"
      } else {
        nil
      }
    // 23: what was stopped stays so.
    case .start(let node, _):
      if nodes[node.key]?.desired != .running || nodes[node.key]?.startSerial != node.startSerial {
        "23: a node starts that should not"
      } else if seen.processes[node.key] != nil {
        "17: what is done is done again"
      } else {
        nil
      }
    // 17: what is so already is no reason to act.
    case .makeSandbox(let key): seen.sandboxes.contains(key) ? "17: what is done is done again" : nil
    case .makeTap(let key, _, _, _, _): seen.taps[key] != nil ? "17: what is done is done again" : nil
    case .makeTunnel(let key, _): seen.tunnels[key] != nil ? "17: what is done is done again" : nil
    case .makeProbe(let wish): wish != probe ? "31: another probe tunnel" : seen.probe == probe ? "17: what is done is done again" : nil
    case .deleteProbe:
      probe != nil && seen.probe?.vni == probe?.vni && seen.probe?.local == probe?.local ? "31: a probe tunnel goes that is right" : nil
    case .makeSegment(let lab, let wish):
      wish != segments[lab]
        ? "31: another management network" : seen.management[lab] == wish.segment ? "17: what is done is done again" : nil
    case .deleteSegment(let lab): segments[lab] != nil ? "31: a management network goes that should stay" : nil
    case .setMTU(.segment, _), .patch(.segment, _), .unpatch(.segment): "31: a management network is no cable"
    case .setMTU(.tap(let key), let mtu): seen.taps[key]?.mtu == mtu ? "17: what is done is done again" : nil
    case .setMTU(.tunnel(let key), let mtu): seen.tunnels[key]?.mtu == mtu ? "17: what is done is done again" : nil
    case .patch(.tap(let key), let peer): seen.taps[key]?.patchedTo == peer ? "17: what is done is done again" : nil
    case .patch(.tunnel(let key), let peer): seen.tunnels[key]?.patchedTo == peer ? "17: what is done is done again" : nil
    case .setCarrier(let key, let isUp): seen.taps[key]?.fabricUp == isUp ? "17: what is done is done again" : nil
    case .raiseTunnel(let key): seen.tunnels[key]?.up == true ? "17: what is done is done again" : nil
    }
  }
}

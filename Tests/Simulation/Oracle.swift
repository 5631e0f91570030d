import AgentCore
import Machine
import Model

/// What hosts should have, worked out from the store's records without any service's code.
struct Oracle {
  var intent: Intent
  var hosts: [SimulatedHost]
  /// What was last told of each host.
  var told: [HostName: String]
  /// Dead: nobody asks what it has.
  var absent: HostName?

  /// The first difference; nil when every host is as it should be.
  var difference: String? {
    var goals: [HostName: Goal] = [:]
    for (_, lab) in intent.labs.sorted(by: { $0.key < $1.key }) {
      if let problem = difference(of: lab, &goals) { return problem }
    }
    for host in hosts where host.name != absent {
      let goal = goals[host.name] ?? Goal()
      let truth = host.truth
      if truth.sandboxes != goal.nodes {
        return "14: \(host.name) has sandboxes \(truth.sandboxes.sorted()), should \(goal.nodes.sorted())"
      }
      if Set(truth.processes.keys) != goal.running {
        return "14: \(host.name) has processes \(truth.processes.keys.sorted()), should \(goal.running.sorted())"
      }
      let taps = Set(truth.taps.keys.filter { !$0.isExternal })
      if taps != goal.taps { return "14: \(host.name) has taps \(taps.sorted()), should \(goal.taps.sorted())" }
      if Set(truth.tunnels.keys) != goal.tunnels {
        return "14: \(host.name) has tunnels \(truth.tunnels.keys.sorted()), should \(goal.tunnels.sorted())"
      }
      let probe =
        goal.peers.isEmpty
        ? nil : ProbeTunnel(vni: VNI(ofProbesIn: intent.store.deployment), local: host.address, peers: goal.peers)
      if truth.management != goal.management.mapValues(\.segment) {
        return "14: \(host.name) has management networks \(truth.management), should \(goal.management)"
      }
      if truth.probe != probe {
        return "14: \(host.name) has the probe tunnel \(String(describing: truth.probe)), should \(String(describing: probe))"
      }
      if !truth.folders.isSubset(of: goal.nodes) {
        return "26: \(host.name) is left with folders \(truth.folders.subtracting(goal.nodes).sorted())"
      }
      if let problem = visitors(on: host, goal) { return problem }
    }
    return nil
  }

  /// What of a drained host's nodes could be elsewhere, and isn't.
  var crowd: String? {
    var room = intent.hosts.mapValues(\.capacity)
    for lab in intent.labs.values { for node in lab.nodes { room[node.host, default: 0] -= 1 } }
    let free = room.filter { $0.value > 0 && intent.restraints[$0.key] == nil && $0.key != absent }.keys.sorted()
    for (name, restraint) in intent.restraints.sorted(by: { $0.key < $1.key }) where restraint == .drained {
      for (_, lab) in intent.labs.sorted(by: { $0.key < $1.key }) {
        let staged = lab.spec.staged
        for (node, place) in zip(lab.spec.nodes, lab.nodes) where place.host == name && node.host != name {
          guard let host = free.first(where: { !staged.contains(node.name) || intent.hosts[$0]?.knowsStages == true }) else { continue }
          return "42: \(node.name) is on \(name), which is drained, though \(host) has room"
        }
      }
    }
    for name in intent.hosts.keys.sorted() {
      let isEmpty = intent.restraints[name] == .drained && !intent.labs.values.contains { $0.hosts.contains(name) }
      let should = name == absent ? "lost" : isEmpty ? "drained" : "online"
      // What obeys another store is told as lost, with that reason.
      if told[name] != should, !(name == absent && told[name] == "foreign") {
        return "42: \(name) is told \(told[name] ?? "nothing"), should be \(should)"
      }
    }
    return nil
  }

  /// 50: containers on ends that no lab has here send nowhere; those on a management network are on the one that is here.
  private func visitors(on host: SimulatedHost, _ goal: Goal) -> String? {
    for (key, tap) in host.truth.taps.sorted(by: { $0.key < $1.key }) where key.isExternal && !goal.places.contains(key) {
      let lab = key.ordinal == .management ? goal.management.keys.first { $0.name == key.node.lab.name } : nil
      if tap.fabricUp != (lab != nil) || tap.patchedTo != lab.map({ .segment($0) }) {
        return "50: \(key) on \(host.name) is patched to \(String(describing: tap.patchedTo)), carrier \(tap.fabricUp)"
      }
    }
    return nil
  }

  private struct Goal {
    var nodes: Set<NodeKey> = []
    var running: Set<NodeKey> = []
    var taps: Set<TapKey> = []
    /// Ends that labs have for containers.
    var places: Set<TapKey> = []
    var tunnels: Set<TunnelKey> = []
    var management: [LabKey: AssignedManagement] = [:]
    /// Hosts that it has cables to.
    var peers: Set<IPAddress> = []
  }

  private func difference(of lab: Lab, _ goals: inout [HostName: Goal]) -> String? {
    var places: [NodeName: (key: NodeKey, host: HostName)] = [:]
    let waits = Waits(of: lab, absent: absent)
    for index in lab.nodes.indices {
      let wish = lab.nodes[index]
      let key = lab.key(at: index)
      places[key.name] = (key, wish.host)
      if lab.spec.nodes[index].isExternal {
        goals[wish.host, default: Goal()].places.formUnion([])
        continue
      }
      goals[wish.host, default: Goal()].nodes.insert(key)
      if let problem = management(of: lab, wish, key, &goals) { return problem }
      guard wish.desired == .running, wish.host != absent else { continue }
      guard let process = host(wish.host)?.truth.processes[key] else {
        if !waits.isSure(key.name, .create) { continue }
        return "\(key) does not run on \(wish.host)"
      }
      goals[wish.host]?.running.insert(key)
      if process.startSerial != wish.startSerial { return "\(key) runs for start \(process.startSerial), not \(wish.startSerial)" }
      if process.config != lab.spec.nodes[index].startupConfig { return "1: \(key) runs with another startup configuration" }
      if process.specDigest != lab.spec.nodes[index].processDigest { return "\(key) runs as an older version of itself" }
    }
    for link in lab.spec.links {
      guard let a = places[link.a.node], let b = places[link.b.node] else { return "link \(link.id) has no ends" }
      let key = TunnelKey(lab.key, link.id)
      guard let tapA = lab.tap(of: link.a), let tapB = lab.tap(of: link.b) else { return "link \(link.id) has no ends" }
      let ends = (tapA, tapB)
      for (near, place, far, farPlace) in [(ends.0, a.host, ends.1, b.host), (ends.1, b.host, ends.0, a.host)] where place != absent {
        if near.isExternal { goals[place, default: Goal()].places.insert(near) } else { goals[place]?.taps.insert(near) }
        if place != farPlace {
          goals[place]?.tunnels.insert(key)
          if let far = host(farPlace) { goals[place]?.peers.insert(far.address) }
        }
        let peer: DeviceKey = place == farPlace ? .tap(far) : .tunnel(key)
        if let problem = problem(of: near, on: place, peer, far, on: farPlace, mtu: link.mtu) { return problem }
      }
    }
    return nil
  }

  /// Interface 0 of a node, and what it is on.
  private func management(of lab: Lab, _ node: NodeIntent, _ key: NodeKey, _ goals: inout [HostName: Goal]) -> String? {
    guard let spec = lab.spec.management, !node.addresses.isEmpty, node.host != absent else { return nil }
    let tap = TapKey(key, .management)
    goals[node.host]?.taps.insert(tap)
    let network = AssignedManagement(
      gateways: lab.networks.map { InterfaceAddress($0.gateway, in: $0.subnet) }, mtu: spec.mtu, reachesOutside: spec.reachesOutside)
    let ports = lab.spec.nodes.first { $0.name == key.name }.map { lab.ports(of: $0, node) } ?? []
    goals[node.host]?.management[lab.key, default: network].ports += ports
    guard let truth = host(node.host)?.truth.taps[tap] else { return "tap \(tap) is missing" }
    if truth.patchedTo != .segment(lab.key) { return "tap \(tap) is not on its management network" }
    if truth.addressing != lab.addressing(of: node).digest || truth.mtu != spec.mtu { return "tap \(tap) was made otherwise" }
    return nil
  }

  private func host(_ name: HostName) -> SimulatedHost? { hosts.first { $0.name == name } }

  private func problem(of near: TapKey, on name: HostName, _ peer: DeviceKey, _ far: TapKey, on farName: HostName, mtu: Int?) -> String? {
    guard let truth = host(name)?.truth, let farTruth = host(farName)?.truth else { return "host \(name) or \(farName) is unknown" }
    guard let tap = truth.taps[near] else { return near.isExternal ? nil : "tap \(near) is missing" }
    let isVacant = far.isExternal && farTruth.taps[far] == nil
    if tap.patchedTo != peer, !(isVacant && name == farName) {
      return "\(near.isExternal || far.isExternal ? "50: " : "")tap \(near) is patched to \(String(describing: tap.patchedTo)), not \(peer)"
    }
    if farName == absent { return nil }
    if isVacant { return tap.fabricUp ? "50: \(near) has a carrier, though nobody has come to \(far)" : nil }
    guard let other = farTruth.taps[far] else { return "the far tap \(far) is missing" }
    if tap.fabricUp != other.nodeUp { return "carrier of \(near) is \(tap.fabricUp), the far interface \(other.nodeUp)" }
    if tap.mtu != other.mtu || tap.mtu != mtu ?? tap.mtu { return "33: mtu of \(near) is \(tap.mtu), of \(far) \(other.mtu)" }
    guard case .tunnel(let key) = peer else { return nil }
    guard let tunnel = truth.tunnels[key], let facing = farTruth.tunnels[key] else { return "tunnel \(key) is missing" }
    if tunnel.patchedTo != .tap(near) { return "tunnel \(key) is not patched" }
    if tunnel.vni != facing.vni || tunnel.local != facing.remote || tunnel.remote != facing.local {
      return "9: tunnel \(key) doesn't meet its other end"
    }
    return nil
  }
}

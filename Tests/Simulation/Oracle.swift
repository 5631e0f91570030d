import AgentCore
import Machine
import Model

/// What one host should have, worked out from the store's records without any service's code.
struct Oracle {
  var intent: Intent
  var host: SimulatedHost
  var others: [HostName: SimulatedHost]

  /// The first difference; nil when the host is as it should be.
  var difference: String? {
    var nodes: Set<NodeKey> = []
    var running: Set<NodeKey> = []
    var taps: Set<TapKey> = []
    var tunnels: Set<TunnelKey> = []
    for lab in intent.labs.values {
      let places = Dictionary(
        uniqueKeysWithValues: lab.nodes.indices.map { (lab.spec.nodes[$0].name, (lab.key(at: $0), lab.nodes[$0])) })
      for (key, wish) in places.values where wish.host == host.name {
        nodes.insert(key)
        guard wish.desired == .running else { continue }
        running.insert(key)
        guard let process = host.truth.processes[key] else { return "\(key) does not run" }
        if process.startSerial != wish.startSerial { return "\(key) runs for start \(process.startSerial), not \(wish.startSerial)" }
      }
      for link in lab.spec.links {
        guard let a = places[link.a.node], let b = places[link.b.node] else { return "link \(link.id) has no ends" }
        let ends = [
          (TapKey(a.0, link.a.ordinal), a.1.host, TapKey(b.0, link.b.ordinal), b.1.host),
          (TapKey(b.0, link.b.ordinal), b.1.host, TapKey(a.0, link.a.ordinal), a.1.host),
        ]
        let key = TunnelKey(lab.key, link.id)
        for (near, place, far, farPlace) in ends where place == host.name {
          taps.insert(near)
          if place != farPlace { tunnels.insert(key) }
          if let problem = self.problem(of: near, place == farPlace ? .tap(far) : .tunnel(key), far, on: farPlace) { return problem }
        }
      }
    }
    if host.truth.sandboxes != nodes { return "14: sandboxes are \(host.truth.sandboxes.sorted()), should be \(nodes.sorted())" }
    if Set(host.truth.processes.keys) != running {
      return "14: processes are \(host.truth.processes.keys.sorted()), should be \(running.sorted())"
    }
    if Set(host.truth.taps.keys) != taps { return "14: taps are \(host.truth.taps.keys.sorted()), should be \(taps.sorted())" }
    if Set(host.truth.tunnels.keys) != tunnels {
      return "14: tunnels are \(host.truth.tunnels.keys.sorted()), should be \(tunnels.sorted())"
    }
    if !host.truth.folders.isSubset(of: nodes) { return "26: folders \(host.truth.folders.subtracting(nodes).sorted()) are left" }
    return nil
  }

  private func problem(of near: TapKey, _ peer: DeviceKey, _ far: TapKey, on farHost: HostName) -> String? {
    guard let tap = host.truth.taps[near] else { return "tap \(near) is missing" }
    if tap.patchedTo != peer { return "tap \(near) is patched to \(String(describing: tap.patchedTo)), not \(peer)" }
    guard let other = others[farHost]?.truth.taps[far] else { return "the far tap \(far) is missing" }
    if tap.fabricUp != other.nodeUp { return "carrier of \(near) is \(tap.fabricUp), the far interface \(other.nodeUp)" }
    if case .tunnel(let key) = peer {
      guard let tunnel = host.truth.tunnels[key], let facing = others[farHost]?.truth.tunnels[key] else {
        return "tunnel \(key) is missing"
      }
      if tunnel.patchedTo != .tap(near) { return "tunnel \(key) is not patched" }
      if tunnel.vni != facing.vni || tunnel.local != facing.remote || tunnel.remote != facing.local {
        return "tunnel \(key) doesn't meet its other end"
      }
    }
    return nil
  }
}

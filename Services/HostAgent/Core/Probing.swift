import Model

/// What was last asked of the prober.
struct Probing: Sendable, Hashable {
  var needs: [IPAddress: Int] = [:]
  var tunnel: ProbeTunnel?
  /// Why the tunnel can't be made; empty: nothing is known against it.
  var fault = ""
}

extension AgentCore {
  /// The probe tunnel that this host should have; nil: no cable of ours leaves it.
  private var wantedProbe: ProbeTunnel? {
    let peers = wanted.needs.keys.filter { $0.isIPv6 == spec.underlay.isIPv6 }
    guard let assignment, !peers.isEmpty else { return nil }
    return ProbeTunnel(vni: VNI(ofProbesIn: assignment.store.deployment), local: spec.underlay, peers: Set(peers))
  }

  func planProbe() -> [Action] {
    guard let inventory, !work.isBlocked(.probe) else { return [] }
    guard let wish = wantedProbe else { return inventory.probe == nil ? [] : [.deleteProbe] }
    guard let probe = inventory.probe else { return [.makeProbe(wish)] }
    // Its address and its VNI can't be changed: it is made again.
    if probe.vni != wish.vni || probe.local != wish.local { return [.deleteProbe] }
    return probe == wish ? [] : [.makeProbe(wish)]
  }

  /// The prober is told of whatever changes what it can ask. A tunnel that can't be made speaks for every cable that it should watch.
  mutating func probe() -> [Effect] {
    let before = probing
    probing = Probing(needs: wanted.needs, tunnel: inventory?.probe, fault: work.failure(of: .probe)?.detail ?? "")
    if probing.fault != before.fault { work.dirtyEnds.formUnion(wanted.tunnels.keys) }
    guard probing.needs != before.needs || probing.tunnel != before.tunnel else { return [] }
    return [.probe(probing.needs)]
  }
}

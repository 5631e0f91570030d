import Model

/// What two hosts' probes say of the way between them.
extension ReconcilerCore {
  /// What speaks against a cable between two hosts; nil: nothing.
  func objection(to a: TunnelEnd, _ b: TunnelEnd, mtu: Int) -> Verdict? {
    let ways = [(a, b), (b, a)].map { (here: $0.0, there: $0.1, path: hosts[$0.0.host]?.view.paths[$0.1.address]) }
    let silent = ways.filter { $0.path?.reachable == false }
    // Who doesn't receive: the far host where its own probes arrive and ours don't come back, else this one, which hears nothing.
    let deaf = Set(silent.compactMap { $0.path?.heard == true ? $0.there.host : $0.path?.answers == true ? $0.here.host : nil })
    let port = "UDP \(VXLAN.port)"
    if deaf.count == 2 {
      return Verdict(
        state: .down, reason: "neither \(a.host) nor \(b.host) receives \(port) from the other (accept inbound \(port) in both firewalls)")
    }
    if let host = deaf.first {
      let other = host == a.host ? b : a
      return Verdict(
        state: .down,
        reason: "\(host) does not receive \(port) from \(other.host) (accept inbound \(port) from \(other.address) in its firewall)")
    }
    if let way = silent.first {
      return Verdict(state: .down, reason: "\(way.here.host): \(way.there.host) (\(way.there.address)) does not answer in the underlay")
    }
    for way in ways {
      guard let path = way.path else {
        return Verdict(state: .unknown, reason: "\(way.here.host): the way to \(way.there.host) has not been probed yet")
      }
      let needed = mtu + CableMTU.overhead(way.there.address)
      guard path.mtu == 0 || path.mtu >= needed else {
        return Verdict(
          state: .down,
          reason: "\(way.here.host): the path to \(way.there.host) carries packets of \(path.mtu), the link needs \(needed)")
      }
    }
    return nil
  }
}

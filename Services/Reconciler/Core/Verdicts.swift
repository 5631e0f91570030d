import Machine
import Model

/// What is true of one link: a pure function of both ends' read-back and of the probe between the two hosts.
struct Verdict: Hashable {
  var state: LinkState
  var reason: String
  /// It is down only because a node's own interface is: the cable itself is as it should be.
  var isNodesChoice = false

  var isAsDesired: Bool { state == .up || isNodesChoice }
}

/// How far a lab is.
enum Convergence: Hashable {
  /// The newest version isn't in place everywhere.
  case pending(String)
  /// It is, but something isn't as desired yet.
  case applied(String)
  case converged

  var reason: String {
    switch self {
    case .pending(let reason), .applied(let reason): reason
    case .converged: ""
    }
  }
}

extension ReconcilerCore {
  func segment(of link: LinkID, in lab: LabName, _ intent: Intent) -> Segment? {
    guard let segments = intent.projections[lab]?.segments.segments else { return nil }
    // Sorted by link: found by halving.
    var low = 0
    var high = segments.count
    while low < high {
      let middle = (low + high) / 2
      if segments[middle].link < link { low = middle + 1 } else { high = middle }
    }
    return low < segments.count && segments[low].link == link ? segments[low] : nil
  }

  func verdict(on link: LinkSpec, of lab: Lab, in intent: Intent) -> Verdict {
    guard let segment = segment(of: link.id, in: lab.key.name, intent) else { return Verdict(state: .down, reason: "not planned yet") }
    let key = TunnelKey(lab.key, link.id)
    switch segment.path {
    case .patch(let host):
      guard let end = observed(key, on: host) else { return missing(on: host) }
      if !end.fault.isEmpty { return Verdict(state: .down, reason: "\(host): \(end.fault)") }
      if end.mtu != segment.mtu { return Verdict(state: .down, reason: "\(host): mtu is \(end.mtu), not \(segment.mtu)") }
      return end.up
        ? Verdict(state: .up, reason: "") : Verdict(state: .down, reason: "an interface is down in its node", isNodesChoice: true)
    case .tunnel(let vni, let a, let b):
      guard let endA = observed(key, on: a.host) else { return missing(on: a.host) }
      guard let endB = observed(key, on: b.host) else { return missing(on: b.host) }
      for (end, here, there) in [(endA, a, b), (endB, b, a)] {
        if let fault = fault(of: end, vni, here, there, mtu: segment.mtu) { return Verdict(state: .down, reason: "\(here.host): \(fault)") }
      }
      if let verdict = objection(to: a, b, mtu: segment.mtu) { return verdict }
      for (end, node) in [(endA, link.id.a), (endB, link.id.b)] where !end.up {
        return Verdict(state: .down, reason: "the interface is down in node \(node.node)", isNodesChoice: true)
      }
      return Verdict(state: .up, reason: "")
    }
  }

  private func observed(_ key: TunnelKey, on host: HostName) -> ObservedEnd? {
    guard let record = hosts[host], record.isTrusted else { return nil }
    return record.view.ends[key]
  }

  private func missing(on host: HostName) -> Verdict {
    guard let record = hosts[host], record.isTrusted else {
      let isLost = hosts[host]?.isLost ?? false
      return Verdict(state: .unknown, reason: isLost ? "host \(host) is lost" : "host \(host) has not reported yet")
    }
    return Verdict(state: .down, reason: "not made yet on host \(host)")
  }

  private func fault(of end: ObservedEnd, _ vni: VNI, _ here: TunnelEnd, _ there: TunnelEnd, mtu: Int) -> String? {
    if !end.fault.isEmpty { return end.fault }
    guard let tunnel = end.tunnel else { return "the tunnel is missing" }
    if tunnel.vni != vni { return "VNI is \(tunnel.vni), not \(vni)" }
    if tunnel.local != here.address || tunnel.remote != there.address {
      return "goes from \(tunnel.local) to \(tunnel.remote), not from \(here.address) to \(there.address)"
    }
    return end.mtu == mtu ? nil : "mtu is \(end.mtu), not \(mtu)"
  }

  /// By position in the lab's links.
  func verdicts(of lab: Lab, in intent: Intent) -> [Verdict] { lab.spec.links.map { verdict(on: $0, of: lab, in: intent) } }

  /// Why its newest version isn't in place on all of its hosts; nil: it is.
  func obstacle(to lab: Lab, on its: [HostName], in intent: Intent) -> String? {
    guard let projection = intent.projections[lab.key.name], projection.lab == lab else { return "its cables are being planned" }
    for host in its where !hasApplied(host, in: intent) {
      guard let record = hosts[host], record.isTrusted else { return missing(on: host).reason }
      if !record.reason.isEmpty { return "host \(host): \(record.reason)" }
      return "host \(host) has applied \(record.applied) of \(intent.assigned[host] ?? .zero)"
    }
    return nil
  }

  func convergence(of lab: Lab, in intent: Intent, _ verdicts: [Verdict]) -> Convergence {
    if let reason = obstacle(to: lab, on: lab.hosts, in: intent) { return .pending(reason) }
    for index in lab.nodes.indices {
      if let reason = reason(why: index, of: lab) { return .applied("\(lab.spec.nodes[index].name): \(reason)") }
    }
    for (link, verdict) in zip(lab.spec.links, verdicts) where !verdict.isAsDesired {
      return .applied("\(link.id): \(verdict.reason)")
    }
    return .converged
  }

  /// Why a node isn't as desired; nil when it is.
  func reason(why index: Int, of lab: Lab) -> String? {
    let wish = lab.nodes[index]
    guard let node = hosts[wish.host]?.view.nodes[lab.key(at: index)] else { return "not made yet on host \(wish.host)" }
    // Who runs it takes it away as he likes: the lab is as it should be without it.
    if lab.spec.nodes[index].isExternal { return nil }
    switch wish.desired {
    case .stopped: return node.phase == .stopped ? nil : "\(node.phase.rawValue), should be stopped"
    case .running:
      guard node.phase == .ready else { return node.reason.isEmpty ? node.phase.rawValue : "\(node.phase.rawValue): \(node.reason)" }
      if node.startSerial != wish.startSerial { return "runs for start \(node.startSerial), not \(wish.startSerial)" }
      if node.config != lab.spec.nodes[index].startupConfig { return "runs with another startup config" }
      if node.execDone { return nil }
      return "its exec commands have not ended" + (node.reason.isEmpty ? "" : ": \(node.reason)")
    }
  }
}

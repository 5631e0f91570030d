import Machine
import Model

extension ReconcilerCore {
  func summary(of lab: Lab, in intent: Intent) -> LabSummary {
    let judgement = judgement(of: lab, in: intent)
    let reason = obstacle(to: lab, on: judgement.hosts, in: intent) ?? defect(of: lab, in: intent, judgement)
    return LabSummary(
      key: lab.key, revision: intent.revision, generation: lab.generation, nodes: lab.nodes.count, ready: judgement.ready.count,
      links: lab.spec.links.count, up: judgement.up.count, hosts: judgement.hosts, converged: reason == nil,
      reason: reason ?? warning(of: lab, judgement))
  }

  /// The first thing that isn't as desired.
  private func defect(of lab: Lab, in intent: Intent, _ judgement: Judgement) -> String? {
    if let index = judgement.nodes.min(), let reason = reason(why: index, of: lab) { return "\(lab.spec.nodes[index].name): \(reason)" }
    guard let index = judgement.links.min() else { return nil }
    let link = lab.spec.links[index]
    return "\(link.id): \(verdict(on: link, of: lab, in: intent).reason)"
  }

  /// What went wrong in a lab that has converged all the same; empty: nothing.
  private func warning(of lab: Lab, _ judgement: Judgement) -> String {
    guard let first = judgement.warned.min() else { return "" }
    let count = judgement.warned.count
    let more = count > 1 ? " (and in \(count - 1) more nodes: archetype inspect \(lab.key.name))" : ""
    return "\(lab.spec.nodes[first].name): \(observed(first, of: lab).reason)\(more)"
  }

  func status(of lab: Lab, in intent: Intent) -> LabStatus {
    let verdicts = verdicts(of: lab, in: intent)
    let state = convergence(of: lab, in: intent, verdicts)
    let placement = lab.placement
    var linkOf: [Endpoint: LinkState] = [:]
    var mtuOf: [Endpoint: Int] = [:]
    var ordinalsOf: [NodeName: [Ordinal]] = [:]
    var links: [LinkStatus] = []
    for (link, verdict) in zip(lab.spec.links, verdicts) {
      let segment = segment(of: link.id, in: lab.key.name, intent)
      var vni: VNI?
      if case .tunnel(let number, _, _)? = segment?.path { vni = number }
      for end in [link.a, link.b] {
        if linkOf.updateValue(verdict.state, forKey: end) == nil { ordinalsOf[end.node, default: []].append(end.ordinal) }
        mtuOf[end] = segment?.mtu
      }
      guard let hostA = placement[link.a.node], let hostB = placement[link.b.node] else { continue }
      links.append(
        LinkStatus(
          spec: link, hostA: hostA, hostB: hostB, state: verdict.state, reason: verdict.reason, vni: vni, mtu: segment?.mtu ?? link.mtu ?? 0
        ))
    }
    var nodes: [NodeStatus] = []
    for index in lab.nodes.indices {
      let wish = lab.nodes[index]
      let spec = lab.spec.nodes[index]
      let seen = observed(index, of: lab)
      nodes.append(
        NodeStatus(
          name: spec.name, key: seen.key, kind: spec.kind, host: wish.host, desired: wish.desired, phase: seen.phase, reason: seen.reason,
          pid: seen.pid, configDesired: spec.startupConfig, configApplied: seen.config, restarts: seen.restarts,
          interfaces: management(of: wish, seen, in: lab, intent)
            + ordinalsOf[spec.name, default: []].sorted().map { ordinal in
              let end = Endpoint(spec.name, ordinal)
              return InterfaceStatus(
                ordinal: ordinal, mac: MACAddress(of: seen.key, ordinal, in: intent.store.deployment), mtu: mtuOf[end] ?? 0,
                state: linkOf[end] ?? .unknown)
            }))
    }
    return LabStatus(
      lab: lab.key.name, generation: lab.generation, revision: intent.revision, converged: state == .converged, reason: state.reason,
      nodes: nodes, links: links)
  }

  /// Interface 0, if it has one.
  private func management(of wish: NodeIntent, _ seen: ObservedNode, in lab: Lab, _ intent: Intent) -> [InterfaceStatus] {
    if wish.addresses.isEmpty { return [] }
    let interface = seen.interfaces.first { $0.ordinal == .management }
    let state = interface.map { $0.up ? LinkState.up : .down } ?? .unknown
    return [
      InterfaceStatus(
        ordinal: .management, mac: MACAddress(of: seen.key, .management, in: intent.store.deployment),
        mtu: interface?.mtu ?? lab.spec.management?.mtu ?? 0, state: state, addresses: lab.addressing(of: wish).addresses)
    ]
  }

  /// What was last seen of a node, honest about its host.
  func observed(_ index: Int, of lab: Lab) -> ObservedNode {
    let key = lab.key(at: index)
    let host = lab.nodes[index].host
    guard let record = hosts[host], record.isTrusted else {
      let isLost = hosts[host]?.isLost ?? false
      return ObservedNode(key: key, phase: .unknown, reason: isLost ? "host \(host) is lost" : "host \(host) has not reported yet")
    }
    return record.view.nodes[key] ?? ObservedNode(key: key, phase: .pending)
  }
}

import Machine
import Model

/// What is told of hosts as such.
extension ReconcilerCore {
  func hostStatuses(in intent: Intent) -> [HostStatus] {
    var placed: [HostName: [NodePlace]] = [:]
    for (_, lab) in intent.labs.sorted(by: { $0.key < $1.key }) {
      for (spec, node) in zip(lab.spec.nodes, lab.nodes) {
        placed[node.host, default: []].append(NodePlace(id: NodeID(lab.key.name, spec.name), isPinned: spec.host == node.host))
      }
    }
    return intent.hosts.sorted { $0.key < $1.key }.map { name, spec in
      let record = hosts[name]
      let nodes = placed[name] ?? []
      let state = state(of: name, in: intent)
      let restraint = intent.restraints[name]
      let reason = record?.reason ?? ""
      return HostStatus(
        name: name, state: state, session: record?.session, nodes: record?.view.nodes.count ?? 0, links: record?.view.ends.count ?? 0,
        revision: record?.applied ?? .zero, load: record?.load ?? HostLoad(), restraint: restraint, placed: nodes.count,
        reason: reason.isEmpty && restraint == .drained && state != .drained ? remainder(nodes) : reason, lacks: record?.lacks ?? [],
        spec: spec)
    }
  }

  private struct NodePlace {
    var id: NodeID
    var isPinned: Bool
  }

  /// Why a host isn't empty that should be.
  private func remainder(_ nodes: [NodePlace]) -> String {
    guard let first = nodes.first(where: \.isPinned) ?? nodes.first else { return "what it ran is being removed" }
    let more = nodes.count > 1 ? " (and \(nodes.count - 1) more)" : ""
    return first.isPinned ? "\(first.id) is pinned to it\(more)" : "\(first.id) waits for room elsewhere\(more)"
  }

  private func state(of name: HostName, in intent: Intent) -> HostState {
    guard let record = hosts[name] else { return .lost }
    if record.isTrusted { return isDrained(name, in: intent) ? .drained : .online }
    if record.session != nil { return .online }
    // Right after a restart a host that was there counts as such until its lease is over.
    let told = record.isLost ? nil : log.state(of: .host(name)).flatMap { HostState(rawValue: $0) }
    return told ?? .lost
  }

  /// Nothing is placed on it, and nothing is left there.
  private func isDrained(_ name: HostName, in intent: Intent) -> Bool {
    guard intent.restraints[name] == .drained, hasApplied(name, in: intent), let view = hosts[name]?.view, view.nodes.isEmpty,
      view.ends.isEmpty
    else { return false }
    return !intent.labs.values.contains { lab in lab.nodes.contains { $0.host == name } }
  }

  /// Tells when a host has become empty as it was asked to, and when it takes part again.
  mutating func judgeHosts() {
    guard let intent = follower.intent, !dirtyHosts.isEmpty else { return }
    for name in dirtyHosts.sorted() where hosts[name]?.isTrusted == true && intent.hosts[name] != nil {
      announceHost(name, isDrained(name, in: intent) ? .drained : .online)
    }
    dirtyHosts = []
  }
}

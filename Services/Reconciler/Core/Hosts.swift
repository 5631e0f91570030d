import Machine
import Model

/// What is told of hosts as such.
extension ReconcilerCore {
  func hostStatuses(in intent: Intent) -> [HostStatus] {
    return intent.hosts.sorted { $0.key < $1.key }.map { name, spec in
      let record = hosts[name]
      let state = state(of: name, in: intent)
      let restraint = intent.restraints[name]
      let reason = record?.reason ?? ""
      return HostStatus(
        name: name, state: state, session: record?.session, nodes: record?.view.nodes.count ?? 0, links: record?.view.ends.count ?? 0,
        revision: record?.applied ?? .zero, load: record?.load, restraint: restraint, placed: intent.index.nodes(on: name),
        reason: reason.isEmpty && restraint == .drained && state != .drained ? remainder(on: name, in: intent) : reason,
        lacks: (record?.lacks ?? []) + spec.lacks.sorted().map { "its agent is older and doesn't know \($0.rawValue) (upgrade it)" },
        spec: spec)
    }
  }

  /// Why a host isn't empty that should be.
  private func remainder(on host: HostName, in intent: Intent) -> String {
    var first: (id: NodeID, isPinned: Bool)?
    for name in (intent.index.placed[host] ?? [:]).keys.sorted() {
      guard let lab = intent.labs[name] else { continue }
      for (spec, node) in zip(lab.spec.nodes, lab.nodes) where node.host == host && (first == nil || spec.host == host) {
        first = (NodeID(name, spec.name), spec.host == host)
        if spec.host == host { break }
      }
      if first?.isPinned == true { break }
    }
    guard let first else { return "what it ran is being removed" }
    let count = intent.index.nodes(on: host)
    let more = count > 1 ? " (and \(count - 1) more)" : ""
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
    return intent.index.placed[name] == nil
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

import Machine
import Model

extension ReconcilerCore {
  mutating func announceHost(_ name: HostName, _ state: HostState) {
    guard log.note(.host(name), state.rawValue) else { return }
    switch state {
    case .online: log.add(lab: "", subject: name.text, .hostOnline)
    case .lost: log.add(lab: "", subject: name.text, .hostLost)
    case .drained: log.add(lab: "", subject: name.text, .hostDrained)
    }
  }

  mutating func announce(_ job: Job) {
    guard log.note(.job(job.id), job.phase.rawValue) else { return }
    let detail = [EventDetail("kind", job.kind.rawValue)] + (job.reason.isEmpty ? [] : [EventDetail("reason", job.reason)])
    let kind: EventKind =
      switch job.phase {
      case .running: .jobStarted
      case .done: .jobDone
      case .failed, .cancelled: .jobFailed
      }
    log.add(lab: job.lab.text, subject: job.id.text, kind, detail)
  }

  /// Turns a host's changes into events, in their order, and marks what has to be judged anew.
  mutating func announce(_ changes: [HostChange], of host: HostName) {
    for change in changes {
      switch change {
      case .exited(let key, let exit):
        log.add(lab: key.lab.name.text, subject: key.name.text, .nodeExited, [EventDetail("host", host.text)] + exit.detail)
        dirtyLabs.insert(key.lab.name)
      case .node(let node):
        announce(node, on: host)
        dirtyLabs.insert(node.key.lab.name)
      case .nodeGone(let key):
        log.forget(.node(key))
        dirtyLabs.insert(key.lab.name)
      case .end(let end): dirtyLabs.insert(end.key.lab.name)
      case .endGone(let key): dirtyLabs.insert(key.lab.name)
      case .path: touchLabs(of: host)
      }
    }
  }

  private mutating func announce(_ node: ObservedNode, on host: HostName) {
    let kind: EventKind
    switch node.phase {
    case .starting: kind = .nodeStarting
    case .ready: kind = .nodeReady
    case .stopped: kind = .nodeStopped
    case .failed: kind = .nodeFailed
    case .unknown: kind = .nodeUnknown
    case .pending, .preparing, .booting, .stopping: return
    }
    // A node that runs again has another process, even where nobody saw the change between.
    // One that is ready is told once more when a command of its `exec:` has failed.
    let warning = node.phase == .ready && !node.reason.isEmpty ? " warned" : ""
    guard log.note(.node(node.key), "\(kind.rawValue) \(node.startSerial) \(node.pid ?? 0) \(node.restarts)\(warning)") else { return }
    var detail = [EventDetail("host", host.text)]
    if let pid = node.pid { detail.append(EventDetail("pid", "\(pid)")) }
    if !node.reason.isEmpty { detail.append(EventDetail("reason", node.reason)) }
    log.add(lab: node.key.lab.name.text, subject: node.key.name.text, kind, detail)
  }

  /// Links, labs and lost nodes of every lab that something was heard of.
  mutating func judgeLabs(at now: Now) {
    guard let intent = follower.intent, !dirtyLabs.isEmpty else { return }
    let names = dirtyLabs.sorted()
    dirtyLabs = []
    for name in names {
      if let lab = intent.labs[name] { judge(lab, in: intent) }
    }
    for key in log.announcedLabs where intent.labs[key.name]?.key != key && isGoneEverywhere(key, in: intent) {
      // Of one that is known only by what hosts still had of it, the end was told before.
      if log.state(of: .lab(key)) != nil { log.add(lab: key.name.text, subject: key.name.text, .labDestroyed) }
      log.forgetAll(of: key)
    }
  }

  private func isGoneEverywhere(_ key: LabKey, in intent: Intent) -> Bool {
    intent.hosts.keys.allSatisfy { name in
      guard let host = hosts[name] else { return false }
      return host.isLost || (hasApplied(name, in: intent) && host.view.isEmpty(of: key))
    }
  }

  private mutating func judge(_ lab: Lab, in intent: Intent) {
    for index in lab.nodes.indices where hosts[lab.nodes[index].host]?.isLost ?? false {
      let key = lab.key(at: index)
      guard let state = log.state(of: .node(key)), !state.hasPrefix(EventKind.nodeUnknown.rawValue) else { continue }
      log.note(.node(key), EventKind.nodeUnknown.rawValue)
      log.add(
        lab: lab.key.name.text, subject: key.name.text, .nodeUnknown, [EventDetail("reason", "host \(lab.nodes[index].host) is lost")])
    }
    if log.state(of: .lab(lab.key))?.hasSuffix(" \(lab.generation)") != true {
      log.keepLinks(Set(lab.spec.links.map(\.id)), of: lab.key)
    }
    let verdicts = verdicts(of: lab, in: intent)
    for (link, verdict) in zip(lab.spec.links, verdicts) {
      let subject = Subject.link(TunnelKey(lab.key, link.id))
      switch verdict.state {
      case .up:
        if log.note(subject, LinkState.up.rawValue) { log.add(lab: lab.key.name.text, subject: "\(link.id)", .linkUp) }
      case .down:
        // A link that has never been up is on its way, not down.
        guard log.state(of: subject) == LinkState.up.rawValue else { continue }
        log.note(subject, LinkState.down.rawValue)
        log.add(lab: lab.key.name.text, subject: "\(link.id)", .linkDown, [EventDetail("reason", verdict.reason)])
      case .unknown: break
      }
    }
    announceConvergence(of: lab, convergence(of: lab, in: intent, verdicts))
  }

  private mutating func announceConvergence(of lab: Lab, _ state: Convergence) {
    let before = log.state(of: .lab(lab.key))
    let generation = [EventDetail("generation", "\(lab.generation)")]
    switch state {
    case .pending: log.note(.lab(lab.key), "pending \(lab.generation)")
    case .applied:
      guard log.note(.lab(lab.key), "applied \(lab.generation)"), before != "converged \(lab.generation)" else { return }
      log.add(lab: lab.key.name.text, subject: lab.key.name.text, .labApplied, generation)
    case .converged:
      guard log.note(.lab(lab.key), "converged \(lab.generation)") else { return }
      log.add(lab: lab.key.name.text, subject: lab.key.name.text, .labConverged, generation)
    }
  }
}

extension Exit {
  var detail: [EventDetail] {
    switch self {
    case .code(let code): [EventDetail("exit", "\(code)")]
    case .signal(let signal): [EventDetail("signal", "\(signal)")]
    case .unknown: [EventDetail("exit", "unknown")]
    }
  }
}

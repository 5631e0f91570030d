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
      case .exited(let end):
        let reason = end.reason.isEmpty ? [] : [EventDetail("reason", end.reason)]
        let detail = [EventDetail("host", host.text), EventDetail("pid", "\(end.pid)")] + end.exit.detail + reason
        log.add(lab: end.node.lab.name.text, subject: end.node.name.text, .nodeExited, detail)
        touched[end.node.lab.name, default: Touched()].nodes.insert(end.node.name)
      case .node(let node):
        announce(node, on: host)
        touched[node.key.lab.name, default: Touched()].nodes.insert(node.key.name)
      case .nodeGone(let key):
        log.forget(.node(key))
        touched[key.lab.name, default: Touched()].nodes.insert(key.name)
      case .end(let end): touched[end.key.lab.name, default: Touched()].links.insert(end.key.link)
      case .endGone(let key): touched[key.lab.name, default: Touched()].links.insert(key.link)
      case .path, .pathGone: touchLabs(of: host)
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

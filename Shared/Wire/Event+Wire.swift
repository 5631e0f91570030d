import Model

extension LabEvent: WireValue {
  init(_ message: Proto.LabEvent) throws(LabError) {
    self.init(
      index: message.index, at: message.at, lab: message.lab, subject: message.subject, kind: try EventKind(message.kind),
      detail: message.detail.map { EventDetail($0.name, $0.value) })
  }
  var message: Proto.LabEvent {
    Proto.LabEvent(
      index: index, at: at, lab: lab, subject: subject, kind: kind.message,
      detail: detail.map { Proto.EventDetail(name: $0.name, value: $0.value) })
  }
}

extension EventKind: WireEnumeration {
  var message: Proto.EventKind {
    switch self {
    case .nodeStarting: .nodeStarting
    case .nodeReady: .nodeReady
    case .nodeExited: .nodeExited
    case .nodeStopped: .nodeStopped
    case .nodeFailed: .nodeFailed
    case .nodeUnknown: .nodeUnknown
    case .linkUp: .linkUp
    case .linkDown: .linkDown
    case .hostOnline: .hostOnline
    case .hostLost: .hostLost
    case .hostDrained: .hostDrained
    case .labApplied: .labApplied
    case .labConverged: .labConverged
    case .labDestroyed: .labDestroyed
    case .jobStarted: .jobStarted
    case .jobDone: .jobDone
    case .jobFailed: .jobFailed
    case .logGap: .logGap
    }
  }
}

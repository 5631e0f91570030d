import Model

extension Job: WireValue {
  init(_ message: Proto.Job) throws(LabError) {
    self.init(
      id: try JobID(message.id), kind: try JobKind(message.kind), lab: try LabName(message.lab), born: Revision(message.born),
      generation: message.generation, phase: try JobPhase(message.phase), reason: message.reason, started: message.started,
      ended: message.ended, hosts: try names(message.hosts), nodes: try names(message.nodes))
  }

  var message: Proto.Job {
    Proto.Job(
      id: id.text, kind: kind.message, lab: lab.text, born: born.number, generation: generation, phase: phase.message, reason: reason,
      started: started, ended: ended, hosts: hosts.map(\.text), nodes: nodes.map(\.text))
  }
}

extension JobKind: WireEnumeration {
  var message: Proto.JobKind {
    switch self {
    case .deploy: .deploy
    case .destroy: .destroy
    case .start: .start
    case .stop: .stop
    case .restart: .restart
    }
  }
}

extension JobPhase: WireEnumeration {
  var message: Proto.JobPhase {
    switch self {
    case .running: .running
    case .done: .done
    case .failed: .failed
    case .cancelled: .cancelled
    }
  }
}

extension LabChange: WireValue {
  init(_ message: Proto.LabChange) throws(LabError) {
    self.init(try LabAction(message.action), message.subject, hosts: try names(message.hosts), blinks: message.blinks)
  }

  var message: Proto.LabChange {
    Proto.LabChange(action: action.message, subject: subject, hosts: hosts.map(\.text), blinks: blinks)
  }
}

extension LabAction: WireEnumeration {
  var message: Proto.LabAction {
    switch self {
    case .start: .start
    case .replace: .replace
    case .move: .move
    case .update: .update
    case .remove: .remove
    case .connect: .connect
    case .resize: .resize
    case .rewire: .rewire
    case .disconnect: .disconnect
    }
  }
}

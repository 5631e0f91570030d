// swift-format-ignore-file
// Generated from proto/facts.proto by proto/generate.sh. Do not edit.

import CMessages

extension Proto {
  enum EventKind: Sendable, Hashable {
    case unspecified
    case nodeStarting
    case nodeReady
    case nodeExited
    case nodeStopped
    case nodeFailed
    case nodeUnknown
    case linkUp
    case linkDown
    case hostOnline
    case hostLost
    case hostDrained
    case labApplied
    case labConverged
    case labDestroyed
    case jobStarted
    case jobDone
    case jobFailed
    case logGap
    case unrecognized(Int32)

    init(rawValue: Int32) {
      switch rawValue {
        case 0: self = .unspecified
        case 1: self = .nodeStarting
        case 2: self = .nodeReady
        case 3: self = .nodeExited
        case 4: self = .nodeStopped
        case 5: self = .nodeFailed
        case 6: self = .nodeUnknown
        case 7: self = .linkUp
        case 8: self = .linkDown
        case 9: self = .hostOnline
        case 10: self = .hostLost
        case 11: self = .hostDrained
        case 12: self = .labApplied
        case 13: self = .labConverged
        case 14: self = .labDestroyed
        case 15: self = .jobStarted
        case 16: self = .jobDone
        case 17: self = .jobFailed
        case 18: self = .logGap
        default: self = .unrecognized(rawValue)
      }
    }

    var rawValue: Int32 {
      switch self {
        case .unspecified: 0
        case .nodeStarting: 1
        case .nodeReady: 2
        case .nodeExited: 3
        case .nodeStopped: 4
        case .nodeFailed: 5
        case .nodeUnknown: 6
        case .linkUp: 7
        case .linkDown: 8
        case .hostOnline: 9
        case .hostLost: 10
        case .hostDrained: 11
        case .labApplied: 12
        case .labConverged: 13
        case .labDestroyed: 14
        case .jobStarted: 15
        case .jobDone: 16
        case .jobFailed: 17
        case .logGap: 18
        case .unrecognized(let value): value
      }
    }
  }

  struct IntentChange: ProtoMessage {
    var revision: UInt64 = 0
    var changes: [Proto.RecordChange] = []
  }

  struct AssignedFact: ProtoMessage {
    var revision: UInt64 = 0
  }

  struct LabEvent: ProtoMessage {
    var index: UInt64 = 0
    /// Milliseconds since 1970.
    var at: Int64 = 0
    /// Empty: of no lab.
    var lab: String = ""
    var subject: String = ""
    var kind: Proto.EventKind = .unspecified
    var detail: [Proto.EventDetail] = []
  }

  struct EventDetail: ProtoMessage {
    var name: String = ""
    var value: String = ""
  }
}

extension Proto.IntentChange {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__IntentChange>) { archetype__intent_change__init(_c) }

  init(c _c: UnsafePointer<Archetype__IntentChange>) {
    self.revision = _c.pointee.revision
    self.changes = Arena.list(_c.pointee.changes, _c.pointee.n_changes) { Arena.message($0, Proto.RecordChange.self) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__IntentChange>, _ _arena: borrowing Arena) {
    _c.pointee.revision = self.revision
    _c.pointee.n_changes = self.changes.count
    _c.pointee.changes = _arena.list(self.changes) { _value, _arena in _value.c(in: _arena) }
  }
}

extension Proto.AssignedFact {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__AssignedFact>) { archetype__assigned_fact__init(_c) }

  init(c _c: UnsafePointer<Archetype__AssignedFact>) {
    self.revision = _c.pointee.revision
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__AssignedFact>, _ _arena: borrowing Arena) {
    _c.pointee.revision = self.revision
  }
}

extension Proto.LabEvent {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__LabEvent>) { archetype__lab_event__init(_c) }

  init(c _c: UnsafePointer<Archetype__LabEvent>) {
    self.index = _c.pointee.index
    self.at = _c.pointee.at
    self.lab = Arena.text(_c.pointee.lab)
    self.subject = Arena.text(_c.pointee.subject)
    self.kind = Proto.EventKind(rawValue: .init(truncatingIfNeeded: _c.pointee.kind.rawValue))
    self.detail = Arena.list(_c.pointee.detail, _c.pointee.n_detail) { Arena.message($0, Proto.EventDetail.self) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__LabEvent>, _ _arena: borrowing Arena) {
    _c.pointee.index = self.index
    _c.pointee.at = self.at
    _c.pointee.lab = _arena.string(self.lab)
    _c.pointee.subject = _arena.string(self.subject)
    _c.pointee.kind = Archetype__EventKind(rawValue: .init(truncatingIfNeeded: self.kind.rawValue))
    _c.pointee.n_detail = self.detail.count
    _c.pointee.detail = _arena.list(self.detail) { _value, _arena in _value.c(in: _arena) }
  }
}

extension Proto.EventDetail {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__EventDetail>) { archetype__event_detail__init(_c) }

  init(c _c: UnsafePointer<Archetype__EventDetail>) {
    self.name = Arena.text(_c.pointee.name)
    self.value = Arena.text(_c.pointee.value)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__EventDetail>, _ _arena: borrowing Arena) {
    _c.pointee.name = _arena.string(self.name)
    _c.pointee.value = _arena.string(self.value)
  }
}

extension Proto {
  /// What is published on topics. Nobody answers.
  enum FactMethod: String, CaseIterable, Sendable {
    /// On `intent`: the next change of the store.
    case intent = "Fact.Intent"
    /// On `assign.HOST`: the host's assignment has this revision now.
    case assigned = "Fact.Assigned"
    /// On `lab.LAB` and `all`: the reconciler's log has one more event.
    case event = "Fact.Event"
    /// On any: nothing new, the envelope repeats the last number.
    case head = "Fact.Head"

    /// Whether the reply opens a numbered stream of events.
    var isStream: Bool {
      false
    }

    /// What is sent, and what comes back.
    var types: (request: any ProtoMessage.Type, reply: any ProtoMessage.Type) {
      switch self {
        case .intent: (Proto.IntentChange.self, Proto.Nothing.self)
        case .assigned: (Proto.AssignedFact.self, Proto.Nothing.self)
        case .event: (Proto.LabEvent.self, Proto.Nothing.self)
        case .head: (Proto.Nothing.self, Proto.Nothing.self)
      }
    }
  }

  /// What answers Fact: one method an operation.
  protocol FactHandler {
    associatedtype Output
    func intent(_ request: Proto.IntentChange) throws -> Output
    func assigned(_ request: Proto.AssignedFact) throws -> Output
    func event(_ request: Proto.LabEvent) throws -> Output
    func head(_ request: Proto.Nothing) throws -> Output
  }

  /// What takes the replies of Fact: one method an operation.
  protocol FactReplies {
    associatedtype Output
    func intent(_ reply: Proto.Nothing) throws -> Output
    func assigned(_ reply: Proto.Nothing) throws -> Output
    func event(_ reply: Proto.Nothing) throws -> Output
    func head(_ reply: Proto.Nothing) throws -> Output
  }

  /// Calls Fact over a channel.
  struct FactClient<Channel: RequestChannel> {
    let channel: Channel

    /// On `intent`: the next change of the store.
    func intent(_ request: Proto.IntentChange) throws -> Channel.Result {
      try channel.call("Fact.Intent", request, returning: Proto.Nothing.self)
    }

    /// On `assign.HOST`: the host's assignment has this revision now.
    func assigned(_ request: Proto.AssignedFact) throws -> Channel.Result {
      try channel.call("Fact.Assigned", request, returning: Proto.Nothing.self)
    }

    /// On `lab.LAB` and `all`: the reconciler's log has one more event.
    func event(_ request: Proto.LabEvent) throws -> Channel.Result {
      try channel.call("Fact.Event", request, returning: Proto.Nothing.self)
    }

    /// On any: nothing new, the envelope repeats the last number.
    func head(_ request: Proto.Nothing) throws -> Channel.Result {
      try channel.call("Fact.Head", request, returning: Proto.Nothing.self)
    }
  }
}

extension Proto.FactHandler {
  /// Decodes the request and calls its method; throws `WireError` for bytes that are none.
  func handle(_ method: Proto.FactMethod, _ body: [UInt8]) throws -> Output {
    switch method {
      case .intent: try self.intent(Proto.IntentChange(decoding: body))
      case .assigned: try self.assigned(Proto.AssignedFact(decoding: body))
      case .event: try self.event(Proto.LabEvent(decoding: body))
      case .head: try self.head(Proto.Nothing(decoding: body))
    }
  }
}

extension Proto.FactReplies {
  /// Decodes the reply and calls its method; throws `WireError` for bytes that are none.
  func handleReply(_ method: Proto.FactMethod, _ body: [UInt8]) throws -> Output {
    switch method {
      case .intent: try self.intent(Proto.Nothing(decoding: body))
      case .assigned: try self.assigned(Proto.Nothing(decoding: body))
      case .event: try self.event(Proto.Nothing(decoding: body))
      case .head: try self.head(Proto.Nothing(decoding: body))
    }
  }
}

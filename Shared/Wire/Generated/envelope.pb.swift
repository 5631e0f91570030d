// swift-format-ignore-file
// Generated from proto/envelope.proto by proto/generate.sh. Do not edit.

import CMessages

extension Proto {
  /// gRPC's canonical status codes.
  enum ErrorCode: Sendable, Hashable {
    case unspecified
    case invalidArgument
    case notFound
    case alreadyExists
    case permissionDenied
    case unauthenticated
    case resourceExhausted
    case failedPrecondition
    case aborted
    case outOfRange
    case unimplemented
    case `internal`
    case unavailable
    case deadlineExceeded
    case cancelled
    case unknown
    case unrecognized(Int32)

    init(rawValue: Int32) {
      switch rawValue {
        case 0: self = .unspecified
        case 1: self = .invalidArgument
        case 2: self = .notFound
        case 3: self = .alreadyExists
        case 4: self = .permissionDenied
        case 5: self = .unauthenticated
        case 6: self = .resourceExhausted
        case 7: self = .failedPrecondition
        case 8: self = .aborted
        case 9: self = .outOfRange
        case 10: self = .unimplemented
        case 11: self = .`internal`
        case 12: self = .unavailable
        case 13: self = .deadlineExceeded
        case 14: self = .cancelled
        case 15: self = .unknown
        default: self = .unrecognized(rawValue)
      }
    }

    var rawValue: Int32 {
      switch self {
        case .unspecified: 0
        case .invalidArgument: 1
        case .notFound: 2
        case .alreadyExists: 3
        case .permissionDenied: 4
        case .unauthenticated: 5
        case .resourceExhausted: 6
        case .failedPrecondition: 7
        case .aborted: 8
        case .outOfRange: 9
        case .unimplemented: 10
        case .`internal`: 11
        case .unavailable: 12
        case .deadlineExceeded: 13
        case .cancelled: 14
        case .unknown: 15
        case .unrecognized(let value): value
      }
    }
  }

  /// First frame: what the hub is told, and what it tells.
  struct HubFrame: ProtoMessage {
    var frame: Frame?

    enum Frame: Sendable, Hashable {
      case hello(Proto.Hello)
      case welcome(Proto.Welcome)
      case helloRequired(Proto.Nothing)
      case refused(Proto.Refused)
      /// Are you there? The answer repeats the number.
      case probe(UInt64)
      case probed(UInt64)
      /// The addressee of a request or reply.
      case request(String)
      /// The sender of a request or reply.
      case delivered(String)
      /// A topic.
      case publish(String)
      case published(Proto.Published)
      case undelivered(Proto.Undelivered)
      /// All subscriptions made before the one to this number are in place.
      case synced(UInt64)
    }
  }

  struct Hello: ProtoMessage {
    var name: String = ""
    var instance: UInt64 = 0
    /// A hub refuses any but its own.
    var protocolVersion: UInt32 = 0
    /// Of the hub's frames, beyond that version: none yet.
    var capabilities: [String] = []
    var build: String = ""
  }

  struct Welcome: ProtoMessage {
    var hub: UInt64 = 0
  }

  struct Refused: ProtoMessage {
    var code: Proto.ErrorCode = .unspecified
    var message: String = ""
  }

  struct Published: ProtoMessage {
    var from: String = ""
    var topic: String = ""
  }

  struct Undelivered: ProtoMessage {
    var to: String = ""
    var requestId: String = ""
    var code: Proto.ErrorCode = .unspecified
    var message: String = ""
  }

  /// Second frame.
  struct Envelope: ProtoMessage {
    /// `JobService.ApplyLab`, `Fact.Event`.
    var kind: String = ""
    var reply: Bool = false
    var requestId: String = ""
    /// The sender's life.
    var instance: UInt64 = 0
    /// Of a publication, with the one before it on the topic.
    var number: UInt64 = 0
    var previous: UInt64 = 0
    /// The 16 bytes of a W3C trace id.
    var traceHigh: UInt64 = 0
    var traceLow: UInt64 = 0
    var parentSpan: UInt64 = 0
    /// Milliseconds that the sender will wait.
    var deadline: UInt64 = 0
    /// Part of a longer message, from 0, and how many there are.
    var part: UInt32 = 0
    var parts: UInt32 = 0
    /// In a reply: why there is no result.
    var failure: Proto.Failure?
    var body: [UInt8] = []
  }

  struct Failure: ProtoMessage {
    var code: Proto.ErrorCode = .unspecified
    var subject: String = ""
    var message: String = ""
    var cause: String = ""
  }

  /// Third frame, only where needed: what may be secret. The other frames refer to the values by index.
  struct Secrets: ProtoMessage {
    var values: [[UInt8]] = []
  }
}

extension Proto.HubFrame {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__HubFrame>) { archetype__hub_frame__init(_c) }

  init(c _c: UnsafePointer<Archetype__HubFrame>) {
    switch _c.pointee.frame_case.rawValue {
      case 1: self.frame = .hello(Arena.message(_c.pointee.hello, Proto.Hello.self))
      case 2: self.frame = .welcome(Arena.message(_c.pointee.welcome, Proto.Welcome.self))
      case 3: self.frame = .helloRequired(Arena.message(_c.pointee.hello_required, Proto.Nothing.self))
      case 4: self.frame = .refused(Arena.message(_c.pointee.refused, Proto.Refused.self))
      case 5: self.frame = .probe(_c.pointee.probe)
      case 6: self.frame = .probed(_c.pointee.probed)
      case 7: self.frame = .request(Arena.text(_c.pointee.request))
      case 8: self.frame = .delivered(Arena.text(_c.pointee.delivered))
      case 9: self.frame = .publish(Arena.text(_c.pointee.publish))
      case 10: self.frame = .published(Arena.message(_c.pointee.published, Proto.Published.self))
      case 11: self.frame = .undelivered(Arena.message(_c.pointee.undelivered, Proto.Undelivered.self))
      case 12: self.frame = .synced(_c.pointee.synced)
      default: self.frame = nil
    }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__HubFrame>, _ _arena: borrowing Arena) {
    switch self.frame {
      case nil: break
      case .hello(let _value)?:
        _c.pointee.frame_case.rawValue = 1
        _c.pointee.hello = _value.c(in: _arena)
      case .welcome(let _value)?:
        _c.pointee.frame_case.rawValue = 2
        _c.pointee.welcome = _value.c(in: _arena)
      case .helloRequired(let _value)?:
        _c.pointee.frame_case.rawValue = 3
        _c.pointee.hello_required = _value.c(in: _arena)
      case .refused(let _value)?:
        _c.pointee.frame_case.rawValue = 4
        _c.pointee.refused = _value.c(in: _arena)
      case .probe(let _value)?:
        _c.pointee.frame_case.rawValue = 5
        _c.pointee.probe = _value
      case .probed(let _value)?:
        _c.pointee.frame_case.rawValue = 6
        _c.pointee.probed = _value
      case .request(let _value)?:
        _c.pointee.frame_case.rawValue = 7
        _c.pointee.request = _arena.string(_value)
      case .delivered(let _value)?:
        _c.pointee.frame_case.rawValue = 8
        _c.pointee.delivered = _arena.string(_value)
      case .publish(let _value)?:
        _c.pointee.frame_case.rawValue = 9
        _c.pointee.publish = _arena.string(_value)
      case .published(let _value)?:
        _c.pointee.frame_case.rawValue = 10
        _c.pointee.published = _value.c(in: _arena)
      case .undelivered(let _value)?:
        _c.pointee.frame_case.rawValue = 11
        _c.pointee.undelivered = _value.c(in: _arena)
      case .synced(let _value)?:
        _c.pointee.frame_case.rawValue = 12
        _c.pointee.synced = _value
    }
  }
}

extension Proto.Hello {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__Hello>) { archetype__hello__init(_c) }

  init(c _c: UnsafePointer<Archetype__Hello>) {
    self.name = Arena.text(_c.pointee.name)
    self.instance = _c.pointee.instance
    self.protocolVersion = _c.pointee.protocol_version
    self.capabilities = Arena.list(_c.pointee.capabilities, _c.pointee.n_capabilities) { Arena.text($0) }
    self.build = Arena.text(_c.pointee.build)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__Hello>, _ _arena: borrowing Arena) {
    _c.pointee.name = _arena.string(self.name)
    _c.pointee.instance = self.instance
    _c.pointee.protocol_version = self.protocolVersion
    _c.pointee.n_capabilities = self.capabilities.count
    _c.pointee.capabilities = _arena.list(self.capabilities) { _value, _arena in _arena.string(_value) }
    _c.pointee.build = _arena.string(self.build)
  }
}

extension Proto.Welcome {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__Welcome>) { archetype__welcome__init(_c) }

  init(c _c: UnsafePointer<Archetype__Welcome>) {
    self.hub = _c.pointee.hub
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__Welcome>, _ _arena: borrowing Arena) {
    _c.pointee.hub = self.hub
  }
}

extension Proto.Refused {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__Refused>) { archetype__refused__init(_c) }

  init(c _c: UnsafePointer<Archetype__Refused>) {
    self.code = Proto.ErrorCode(rawValue: .init(truncatingIfNeeded: _c.pointee.code.rawValue))
    self.message = Arena.text(_c.pointee.message)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__Refused>, _ _arena: borrowing Arena) {
    _c.pointee.code = Archetype__ErrorCode(rawValue: .init(truncatingIfNeeded: self.code.rawValue))
    _c.pointee.message = _arena.string(self.message)
  }
}

extension Proto.Published {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__Published>) { archetype__published__init(_c) }

  init(c _c: UnsafePointer<Archetype__Published>) {
    self.from = Arena.text(_c.pointee.from)
    self.topic = Arena.text(_c.pointee.topic)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__Published>, _ _arena: borrowing Arena) {
    _c.pointee.from = _arena.string(self.from)
    _c.pointee.topic = _arena.string(self.topic)
  }
}

extension Proto.Undelivered {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__Undelivered>) { archetype__undelivered__init(_c) }

  init(c _c: UnsafePointer<Archetype__Undelivered>) {
    self.to = Arena.text(_c.pointee.to)
    self.requestId = Arena.text(_c.pointee.request_id)
    self.code = Proto.ErrorCode(rawValue: .init(truncatingIfNeeded: _c.pointee.code.rawValue))
    self.message = Arena.text(_c.pointee.message)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__Undelivered>, _ _arena: borrowing Arena) {
    _c.pointee.to = _arena.string(self.to)
    _c.pointee.request_id = _arena.string(self.requestId)
    _c.pointee.code = Archetype__ErrorCode(rawValue: .init(truncatingIfNeeded: self.code.rawValue))
    _c.pointee.message = _arena.string(self.message)
  }
}

extension Proto.Envelope {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__Envelope>) { archetype__envelope__init(_c) }

  init(c _c: UnsafePointer<Archetype__Envelope>) {
    self.kind = Arena.text(_c.pointee.kind)
    self.reply = _c.pointee.reply != 0
    self.requestId = Arena.text(_c.pointee.request_id)
    self.instance = _c.pointee.instance
    self.number = _c.pointee.number
    self.previous = _c.pointee.previous
    self.traceHigh = _c.pointee.trace_high
    self.traceLow = _c.pointee.trace_low
    self.parentSpan = _c.pointee.parent_span
    self.deadline = _c.pointee.deadline
    self.part = _c.pointee.part
    self.parts = _c.pointee.parts
    self.failure = _c.pointee.failure.map { Proto.Failure(c: $0) }
    self.body = Arena.octets(_c.pointee.body)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__Envelope>, _ _arena: borrowing Arena) {
    _c.pointee.kind = _arena.string(self.kind)
    _c.pointee.reply = self.reply ? 1 : 0
    _c.pointee.request_id = _arena.string(self.requestId)
    _c.pointee.instance = self.instance
    _c.pointee.number = self.number
    _c.pointee.previous = self.previous
    _c.pointee.trace_high = self.traceHigh
    _c.pointee.trace_low = self.traceLow
    _c.pointee.parent_span = self.parentSpan
    _c.pointee.deadline = self.deadline
    _c.pointee.part = self.part
    _c.pointee.parts = self.parts
    _c.pointee.failure = self.failure?.c(in: _arena)
    _c.pointee.body = _arena.bytes(self.body)
  }
}

extension Proto.Failure {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__Failure>) { archetype__failure__init(_c) }

  init(c _c: UnsafePointer<Archetype__Failure>) {
    self.code = Proto.ErrorCode(rawValue: .init(truncatingIfNeeded: _c.pointee.code.rawValue))
    self.subject = Arena.text(_c.pointee.subject)
    self.message = Arena.text(_c.pointee.message)
    self.cause = Arena.text(_c.pointee.cause)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__Failure>, _ _arena: borrowing Arena) {
    _c.pointee.code = Archetype__ErrorCode(rawValue: .init(truncatingIfNeeded: self.code.rawValue))
    _c.pointee.subject = _arena.string(self.subject)
    _c.pointee.message = _arena.string(self.message)
    _c.pointee.cause = _arena.string(self.cause)
  }
}

extension Proto.Secrets {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__Secrets>) { archetype__secrets__init(_c) }

  init(c _c: UnsafePointer<Archetype__Secrets>) {
    self.values = Arena.list(_c.pointee.values, _c.pointee.n_values) { Arena.octets($0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__Secrets>, _ _arena: borrowing Arena) {
    _c.pointee.n_values = self.values.count
    _c.pointee.values = _arena.list(self.values) { _value, _arena in _arena.bytes(_value) }
  }
}

// swift-format-ignore-file
// Generated from proto/status.proto by proto/generate.sh. Do not edit.

import CMessages

extension Proto {
  struct StatusRequest: ProtoMessage {
  }

  struct StatusReply: ProtoMessage {
    var name: String = ""
    var build: String = ""
    var instance: UInt64 = 0
    /// Milliseconds since it was started, and of processor time.
    var uptime: UInt64 = 0
    var processor: UInt64 = 0
    /// Bytes that it has in memory.
    var memory: UInt64 = 0
    /// Whether it does its work.
    var serving: Bool = false
    /// Events handled since it was started, and those that wait.
    var handled: UInt64 = 0
    var waiting: UInt64 = 0
    /// Microseconds: the longest round of the last minute.
    var longestRound: UInt64 = 0
    var lastComplaint: Proto.Complaint?
    var figures: [Proto.Figure] = []
    /// Of the bus: who is connected.
    var peers: [String] = []
    /// What it understands of labs beyond version 1 of the protocol, as `stages`.
    var capabilities: [String] = []
  }

  /// The last line of its log that is a warning or graver.
  struct Complaint: ProtoMessage {
    /// Milliseconds since 1970.
    var at: Int64 = 0
    var text: String = ""
  }

  /// A number that only this service has.
  struct Figure: ProtoMessage {
    var name: String = ""
    var value: UInt64 = 0
  }

  struct RecentRequest: ProtoMessage {
    /// Those after this number.
    var after: UInt64 = 0
  }

  struct RecentReply: ProtoMessage {
    /// Oldest first; empty: there are no more.
    var records: [Proto.TraceRecord] = []
  }

  /// A message as it reached the bus: what the tap shows, what the bus remembers, and a recording's entry.
  struct TraceRecord: ProtoMessage {
    /// Of this life of the bus, from 1.
    var number: UInt64 = 0
    /// Microseconds since 1970.
    var at: Int64 = 0
    /// The sender's name; empty: it has none yet.
    var from: String = ""
    /// Of what the bus itself says: to whom.
    var to: String = ""
    /// A HubFrame and an Envelope; the second may be absent.
    var frame: [UInt8] = []
    var envelope: [UInt8] = []
    /// Of secrets only their length and digest; 0: there are none.
    var secretBytes: UInt64 = 0
    var secretDigest: String = ""
  }

  struct AuditRequest: ProtoMessage {
    /// Those after this number, of which the reply has at most this many.
    var after: UInt64 = 0
    var limit: UInt32 = 0
  }

  struct AuditReply: ProtoMessage {
    /// Oldest first.
    var records: [Proto.AuditRecord] = []
    /// Of the newest that there is; 0: there is none.
    var last: UInt64 = 0
  }

  /// A request of a command line that changes something, or was refused for want of a right.
  struct AuditRecord: ProtoMessage {
    var number: UInt64 = 0
    /// Milliseconds since 1970.
    var at: Int64 = 0
    /// The sender's name, and the one that its key is bound to; empty: it came by the local folder.
    var peer: String = ""
    var key: String = ""
    /// Of the envelope.
    var kind: String = ""
    var requestId: String = ""
    /// What it is about, in words; no secrets.
    var subject: String = ""
    /// Why it was not passed on; empty: it was.
    var refusal: String = ""
  }

  struct EnrollRequest: ProtoMessage {
    /// CURVE, in Z85 text.
    var publicKey: String = ""
  }

  struct EnrollReply: ProtoMessage {
  }
}

extension Proto.StatusRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__StatusRequest>) { archetype__status_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__StatusRequest>) {
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__StatusRequest>, _ _arena: borrowing Arena) {
  }
}

extension Proto.StatusReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__StatusReply>) { archetype__status_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__StatusReply>) {
    self.name = Arena.text(_c.pointee.name)
    self.build = Arena.text(_c.pointee.build)
    self.instance = _c.pointee.instance
    self.uptime = _c.pointee.uptime
    self.processor = _c.pointee.processor
    self.memory = _c.pointee.memory
    self.serving = _c.pointee.serving != 0
    self.handled = _c.pointee.handled
    self.waiting = _c.pointee.waiting
    self.longestRound = _c.pointee.longest_round
    self.lastComplaint = _c.pointee.last_complaint.map { Proto.Complaint(c: $0) }
    self.figures = Arena.list(_c.pointee.figures, _c.pointee.n_figures) { Arena.message($0, Proto.Figure.self) }
    self.peers = Arena.list(_c.pointee.peers, _c.pointee.n_peers) { Arena.text($0) }
    self.capabilities = Arena.list(_c.pointee.capabilities, _c.pointee.n_capabilities) { Arena.text($0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__StatusReply>, _ _arena: borrowing Arena) {
    _c.pointee.name = _arena.string(self.name)
    _c.pointee.build = _arena.string(self.build)
    _c.pointee.instance = self.instance
    _c.pointee.uptime = self.uptime
    _c.pointee.processor = self.processor
    _c.pointee.memory = self.memory
    _c.pointee.serving = self.serving ? 1 : 0
    _c.pointee.handled = self.handled
    _c.pointee.waiting = self.waiting
    _c.pointee.longest_round = self.longestRound
    _c.pointee.last_complaint = self.lastComplaint?.c(in: _arena)
    _c.pointee.n_figures = self.figures.count
    _c.pointee.figures = _arena.list(self.figures) { _value, _arena in _value.c(in: _arena) }
    _c.pointee.n_peers = self.peers.count
    _c.pointee.peers = _arena.list(self.peers) { _value, _arena in _arena.string(_value) }
    _c.pointee.n_capabilities = self.capabilities.count
    _c.pointee.capabilities = _arena.list(self.capabilities) { _value, _arena in _arena.string(_value) }
  }
}

extension Proto.Complaint {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__Complaint>) { archetype__complaint__init(_c) }

  init(c _c: UnsafePointer<Archetype__Complaint>) {
    self.at = _c.pointee.at
    self.text = Arena.text(_c.pointee.text)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__Complaint>, _ _arena: borrowing Arena) {
    _c.pointee.at = self.at
    _c.pointee.text = _arena.string(self.text)
  }
}

extension Proto.Figure {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__Figure>) { archetype__figure__init(_c) }

  init(c _c: UnsafePointer<Archetype__Figure>) {
    self.name = Arena.text(_c.pointee.name)
    self.value = _c.pointee.value
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__Figure>, _ _arena: borrowing Arena) {
    _c.pointee.name = _arena.string(self.name)
    _c.pointee.value = self.value
  }
}

extension Proto.RecentRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__RecentRequest>) { archetype__recent_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__RecentRequest>) {
    self.after = _c.pointee.after
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__RecentRequest>, _ _arena: borrowing Arena) {
    _c.pointee.after = self.after
  }
}

extension Proto.RecentReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__RecentReply>) { archetype__recent_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__RecentReply>) {
    self.records = Arena.list(_c.pointee.records, _c.pointee.n_records) { Arena.message($0, Proto.TraceRecord.self) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__RecentReply>, _ _arena: borrowing Arena) {
    _c.pointee.n_records = self.records.count
    _c.pointee.records = _arena.list(self.records) { _value, _arena in _value.c(in: _arena) }
  }
}

extension Proto.TraceRecord {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__TraceRecord>) { archetype__trace_record__init(_c) }

  init(c _c: UnsafePointer<Archetype__TraceRecord>) {
    self.number = _c.pointee.number
    self.at = _c.pointee.at
    self.from = Arena.text(_c.pointee.from)
    self.to = Arena.text(_c.pointee.to)
    self.frame = Arena.octets(_c.pointee.frame)
    self.envelope = Arena.octets(_c.pointee.envelope)
    self.secretBytes = _c.pointee.secret_bytes
    self.secretDigest = Arena.text(_c.pointee.secret_digest)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__TraceRecord>, _ _arena: borrowing Arena) {
    _c.pointee.number = self.number
    _c.pointee.at = self.at
    _c.pointee.from = _arena.string(self.from)
    _c.pointee.to = _arena.string(self.to)
    _c.pointee.frame = _arena.bytes(self.frame)
    _c.pointee.envelope = _arena.bytes(self.envelope)
    _c.pointee.secret_bytes = self.secretBytes
    _c.pointee.secret_digest = _arena.string(self.secretDigest)
  }
}

extension Proto.AuditRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__AuditRequest>) { archetype__audit_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__AuditRequest>) {
    self.after = _c.pointee.after
    self.limit = _c.pointee.limit
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__AuditRequest>, _ _arena: borrowing Arena) {
    _c.pointee.after = self.after
    _c.pointee.limit = self.limit
  }
}

extension Proto.AuditReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__AuditReply>) { archetype__audit_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__AuditReply>) {
    self.records = Arena.list(_c.pointee.records, _c.pointee.n_records) { Arena.message($0, Proto.AuditRecord.self) }
    self.last = _c.pointee.last
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__AuditReply>, _ _arena: borrowing Arena) {
    _c.pointee.n_records = self.records.count
    _c.pointee.records = _arena.list(self.records) { _value, _arena in _value.c(in: _arena) }
    _c.pointee.last = self.last
  }
}

extension Proto.AuditRecord {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__AuditRecord>) { archetype__audit_record__init(_c) }

  init(c _c: UnsafePointer<Archetype__AuditRecord>) {
    self.number = _c.pointee.number
    self.at = _c.pointee.at
    self.peer = Arena.text(_c.pointee.peer)
    self.key = Arena.text(_c.pointee.key)
    self.kind = Arena.text(_c.pointee.kind)
    self.requestId = Arena.text(_c.pointee.request_id)
    self.subject = Arena.text(_c.pointee.subject)
    self.refusal = Arena.text(_c.pointee.refusal)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__AuditRecord>, _ _arena: borrowing Arena) {
    _c.pointee.number = self.number
    _c.pointee.at = self.at
    _c.pointee.peer = _arena.string(self.peer)
    _c.pointee.key = _arena.string(self.key)
    _c.pointee.kind = _arena.string(self.kind)
    _c.pointee.request_id = _arena.string(self.requestId)
    _c.pointee.subject = _arena.string(self.subject)
    _c.pointee.refusal = _arena.string(self.refusal)
  }
}

extension Proto.EnrollRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__EnrollRequest>) { archetype__enroll_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__EnrollRequest>) {
    self.publicKey = Arena.text(_c.pointee.public_key)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__EnrollRequest>, _ _arena: borrowing Arena) {
    _c.pointee.public_key = _arena.string(self.publicKey)
  }
}

extension Proto.EnrollReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__EnrollReply>) { archetype__enroll_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__EnrollReply>) {
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__EnrollReply>, _ _arena: borrowing Arena) {
  }
}

extension Proto {
  /// What every peer but a command line answers by itself, whatever it is busy with.
  enum PeerServiceMethod: String, CaseIterable, Sendable {
    case status = "PeerService.Status"
    /// Of the bus only: messages that have lately reached it.
    case recent = "PeerService.Recent"
    /// Of the bus only: what command lines have asked for.
    case audit = "PeerService.Audit"
    /// Of the bus only, by who holds a one-time key: from now on this is the key of the host that it was made for.
    case enroll = "PeerService.Enroll"

    /// Whether the reply opens a numbered stream of events.
    var isStream: Bool {
      false
    }

    /// What is sent, and what comes back.
    var types: (request: any ProtoMessage.Type, reply: any ProtoMessage.Type) {
      switch self {
        case .status: (Proto.StatusRequest.self, Proto.StatusReply.self)
        case .recent: (Proto.RecentRequest.self, Proto.RecentReply.self)
        case .audit: (Proto.AuditRequest.self, Proto.AuditReply.self)
        case .enroll: (Proto.EnrollRequest.self, Proto.EnrollReply.self)
      }
    }
  }

  /// What answers PeerService: one method an operation.
  protocol PeerServiceHandler {
    associatedtype Output
    func status(_ request: Proto.StatusRequest) throws -> Output
    func recent(_ request: Proto.RecentRequest) throws -> Output
    func audit(_ request: Proto.AuditRequest) throws -> Output
    func enroll(_ request: Proto.EnrollRequest) throws -> Output
  }

  /// What takes the replies of PeerService: one method an operation.
  protocol PeerServiceReplies {
    associatedtype Output
    func status(_ reply: Proto.StatusReply) throws -> Output
    func recent(_ reply: Proto.RecentReply) throws -> Output
    func audit(_ reply: Proto.AuditReply) throws -> Output
    func enroll(_ reply: Proto.EnrollReply) throws -> Output
  }

  /// Calls PeerService over a channel.
  struct PeerServiceClient<Channel: RequestChannel> {
    let channel: Channel

    func status(_ request: Proto.StatusRequest) throws -> Channel.Result {
      try channel.call("PeerService.Status", request, returning: Proto.StatusReply.self)
    }

    /// Of the bus only: messages that have lately reached it.
    func recent(_ request: Proto.RecentRequest) throws -> Channel.Result {
      try channel.call("PeerService.Recent", request, returning: Proto.RecentReply.self)
    }

    /// Of the bus only: what command lines have asked for.
    func audit(_ request: Proto.AuditRequest) throws -> Channel.Result {
      try channel.call("PeerService.Audit", request, returning: Proto.AuditReply.self)
    }

    /// Of the bus only, by who holds a one-time key: from now on this is the key of the host that it was made for.
    func enroll(_ request: Proto.EnrollRequest) throws -> Channel.Result {
      try channel.call("PeerService.Enroll", request, returning: Proto.EnrollReply.self)
    }
  }
}

extension Proto.PeerServiceHandler {
  /// Decodes the request and calls its method; throws `WireError` for bytes that are none.
  func handle(_ method: Proto.PeerServiceMethod, _ body: [UInt8]) throws -> Output {
    switch method {
      case .status: try self.status(Proto.StatusRequest(decoding: body))
      case .recent: try self.recent(Proto.RecentRequest(decoding: body))
      case .audit: try self.audit(Proto.AuditRequest(decoding: body))
      case .enroll: try self.enroll(Proto.EnrollRequest(decoding: body))
    }
  }
}

extension Proto.PeerServiceReplies {
  /// Decodes the reply and calls its method; throws `WireError` for bytes that are none.
  func handleReply(_ method: Proto.PeerServiceMethod, _ body: [UInt8]) throws -> Output {
    switch method {
      case .status: try self.status(Proto.StatusReply(decoding: body))
      case .recent: try self.recent(Proto.RecentReply(decoding: body))
      case .audit: try self.audit(Proto.AuditReply(decoding: body))
      case .enroll: try self.enroll(Proto.EnrollReply(decoding: body))
    }
  }
}

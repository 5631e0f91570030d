public import Model

/// PeerService's requests to bytes.
extension PeerRequest {
  func encode() -> (kind: String, body: [UInt8]) {
    let client = Proto.PeerServiceClient(channel: Encoder())
    return Codec.encoded {
      switch self {
      case .status: try client.status(Proto.StatusRequest())
      case .recent(let number): try client.recent(Proto.RecentRequest(after: number))
      case .audit(let number, let limit): try client.audit(Proto.AuditRequest(after: number, limit: UInt32(clamping: limit)))
      case .enroll(let key): try client.enroll(Proto.EnrollRequest(publicKey: key))
      }
    }
  }
}

/// And back.
struct PeerRequestReader: Proto.PeerServiceHandler {
  func status(_ request: Proto.StatusRequest) -> PeerRequest { .status }
  func recent(_ request: Proto.RecentRequest) -> PeerRequest { .recent(after: request.after) }
  func audit(_ request: Proto.AuditRequest) -> PeerRequest { .audit(after: request.after, limit: Int(request.limit)) }
  func enroll(_ request: Proto.EnrollRequest) -> PeerRequest { .enroll(request.publicKey) }
}

/// PeerService's replies to bytes.
extension PeerReply {
  func encode() -> (kind: String, body: [UInt8]) {
    let (method, body): (Proto.PeerServiceMethod, [UInt8]) =
      switch self {
      case .status(let status): (.status, Codec.bytes(status.message))
      case .recent(let records): (.recent, Codec.bytes(Proto.RecentReply(records: records.messages)))
      case .audit(let records, let last): (.audit, Codec.bytes(Proto.AuditReply(records: records.messages, last: last)))
      case .enrolled: (.enroll, Codec.bytes(Proto.EnrollReply()))
      }
    return (method.rawValue, body)
  }
}

/// And back.
struct PeerReplyReader: Proto.PeerServiceReplies {
  func status(_ reply: Proto.StatusReply) throws -> PeerReply { .status(try PeerStatus(reply)) }
  func recent(_ reply: Proto.RecentReply) throws -> PeerReply { .recent(try TraceRecord.list(reply.records)) }
  func audit(_ reply: Proto.AuditReply) throws -> PeerReply { .audit(try AuditRecord.list(reply.records), last: reply.last) }
  func enroll(_ reply: Proto.EnrollReply) -> PeerReply { .enrolled }
}

extension TraceRecord: WireValue {
  init(_ message: Proto.TraceRecord) {
    self.init(
      number: message.number, at: message.at, from: message.from, to: message.to, frame: message.frame, envelope: message.envelope,
      secretBytes: Int(clamping: message.secretBytes), secretDigest: message.secretDigest)
  }

  var message: Proto.TraceRecord {
    Proto.TraceRecord(
      number: number, at: at, from: from, to: to, frame: frame, envelope: envelope, secretBytes: UInt64(clamping: secretBytes),
      secretDigest: secretDigest)
  }

  public func encode() -> [UInt8] { Codec.bytes(message) }

  /// - Throws: `INVALID_ARGUMENT` for bytes that are no record.
  public init(decoding bytes: [UInt8]) throws(LabError) {
    self = try Codec.decoding("TraceRecord") { TraceRecord(try Proto.TraceRecord(decoding: bytes)) }
  }
}

extension PeerStatus: WireValue {
  init(_ message: Proto.StatusReply) throws(LabError) {
    let program = ProgramStatus(
      build: message.build, instance: Instance(message.instance), uptime: message.uptime, processor: message.processor,
      memory: message.memory, isServing: message.serving, handled: message.handled, waiting: message.waiting,
      longestRound: message.longestRound, complaint: message.lastComplaint.map { ProgramStatus.Complaint(at: $0.at, text: $0.text) },
      figures: message.figures.map { Figure($0.name, $0.value) })
    self.init(
      name: try PeerName(message.name), program: program,
      peers: try message.peers.map { text throws(LabError) in try PeerName(text) }, capabilities: message.capabilities)
  }

  var message: Proto.StatusReply {
    Proto.StatusReply(
      name: name.description, build: program.build, instance: program.instance.number, uptime: program.uptime,
      processor: program.processor, memory: program.memory, serving: program.isServing, handled: program.handled,
      waiting: program.waiting, longestRound: program.longestRound,
      lastComplaint: program.complaint.map { Proto.Complaint(at: $0.at, text: $0.text) },
      figures: program.figures.map { Proto.Figure(name: $0.name, value: $0.value) }, peers: peers.map(\.description),
      capabilities: capabilities)
  }
}

extension AuditRecord: WireValue {
  init(_ message: Proto.AuditRecord) throws(LabError) {
    self.init(
      number: message.number, at: message.at, peer: try PeerName(message.peer), key: message.key.isEmpty ? nil : try PeerName(message.key),
      kind: message.kind, requestID: message.requestId, subject: message.subject, refusal: message.refusal)
  }

  var message: Proto.AuditRecord {
    Proto.AuditRecord(
      number: number, at: at, peer: peer.description, key: key?.description ?? "", kind: kind, requestId: requestID, subject: subject,
      refusal: refusal)
  }

  public func encode() -> [UInt8] { Codec.bytes(message) }

  /// - Throws: `INVALID_ARGUMENT` for bytes that are no record.
  public init(decoding bytes: [UInt8]) throws(LabError) {
    self = try Codec.decoding("AuditRecord") { try AuditRecord(try Proto.AuditRecord(decoding: bytes)) }
  }
}

import Model

/// ReconcilerService's requests to bytes.
extension ReconcilerRequest {
  func encode() -> (kind: String, body: [UInt8]) {
    let client = Proto.ReconcilerServiceClient(channel: Encoder())
    return Codec.encoded {
      switch self {
      case .register(let registration): try client.register(registration.message)
      case .report(let report): try client.report(report.message)
      case .heartbeat(let heartbeat): try client.heartbeat(heartbeat.message)
      case .inspect(let lab): try client.inspect(Proto.InspectRequest(lab: lab.text))
      case .labs(let names): try client.labs(Proto.LabsRequest(labs: names.map(\.text)))
      case .hosts: try client.hosts(Proto.HostsRequest())
      case .events(let query):
        try client.events(
          Proto.EventsRequest(since: query.since, from: query.from, lab: query.lab?.text ?? "", limit: UInt32(count: query.limit)))
      case .remains(let lab, let hosts): try client.remains(Proto.RemainsRequest(lab: lab.message, hosts: hosts.map(\.text)))
      case .clearVNIs(let tombstones): try client.clearVNIs(Proto.ClearVNIsRequest(tombstones: tombstones.messages))
      }
    }
  }
}

/// And back.
struct ReconcilerRequestReader: Proto.ReconcilerServiceHandler {
  func register(_ request: Proto.RegisterRequest) throws -> ReconcilerRequest { .register(try Registration(request)) }
  func report(_ request: Proto.ReportRequest) throws -> ReconcilerRequest { .report(try Report(request)) }
  func heartbeat(_ request: Proto.HeartbeatRequest) throws -> ReconcilerRequest { .heartbeat(try Heartbeat(request)) }
  func inspect(_ request: Proto.InspectRequest) throws -> ReconcilerRequest { .inspect(try LabName(request.lab)) }
  func labs(_ request: Proto.LabsRequest) throws -> ReconcilerRequest { .labs(try names(request.labs)) }
  func hosts(_ request: Proto.HostsRequest) -> ReconcilerRequest { .hosts }
  func events(_ request: Proto.EventsRequest) throws -> ReconcilerRequest {
    .events(
      EventQuery(since: request.since, from: request.from, lab: try optionalName(request.lab), limit: Int(request.limit)))
  }
  func remains(_ request: Proto.RemainsRequest) throws -> ReconcilerRequest {
    .remains(try LabKey(required: request.lab), of: try names(request.hosts))
  }
  func clearVNIs(_ request: Proto.ClearVNIsRequest) throws -> ReconcilerRequest {
    .clearVNIs(try Tombstone.list(request.tombstones))
  }
}

extension Registration: WireValue {
  init(_ message: Proto.RegisterRequest) throws(LabError) {
    self.init(
      spec: try HostSpec(required: message.spec), instance: Instance(message.instance), store: try StoreIdentity.optional(message.store))
  }
  var message: Proto.RegisterRequest {
    Proto.RegisterRequest(spec: spec.message, instance: instance.number, store: store?.message)
  }
}

extension Report: WireValue {
  init(_ message: Proto.ReportRequest) throws(LabError) {
    // Only a whole view may stand before the first change.
    guard message.sequence <= Limits.sequence, message.full || message.sequence > 0 else {
      throw LabError(.outOfRange, "report \(message.sequence)", "changes are numbered 1 to \(Limits.sequence)")
    }
    self.init(
      session: Session(message.session), sequence: message.sequence, isFull: message.full, changes: try HostChange.list(message.changes),
      applied: Revision(message.applied), digest: message.digest, ends: try EndSeries(required: message.ends))
  }
  var message: Proto.ReportRequest {
    Proto.ReportRequest(
      session: session.number, sequence: sequence, full: isFull, changes: changes.messages, applied: applied.number, digest: digest,
      ends: ends.message)
  }
}

extension Heartbeat: WireValue {
  init(_ message: Proto.HeartbeatRequest) throws(LabError) {
    self.init(
      session: Session(message.session), sequence: message.sequence, applied: Revision(message.applied), digest: message.digest,
      load: try HostLoad(required: message.load), reason: message.reason, lacks: message.lacks)
  }
  var message: Proto.HeartbeatRequest {
    Proto.HeartbeatRequest(
      session: session.number, sequence: sequence, applied: applied.number, digest: digest, load: load.message,
      reason: reason, lacks: lacks)
  }
}

extension HeartbeatAnswer: WireEnumeration {
  var message: Proto.HeartbeatAnswer {
    switch self {
    case .current: .current
    case .reportAll: .reportAll
    case .register: .register
    }
  }
}

extension ClearVNI: WireValue {
  init(_ message: Proto.ClearVNI) throws(LabError) { self.init(try VNI(message.vni), hosts: try names(message.hosts)) }
  var message: Proto.ClearVNI { Proto.ClearVNI(vni: vni.number, hosts: hosts.map(\.text)) }
}

/// ReconcilerService's replies to bytes.
extension ReconcilerReply {
  func encode() -> (kind: String, body: [UInt8]) {
    let (method, body): (Proto.ReconcilerServiceMethod, [UInt8]) =
      switch self {
      case .registered(let session): (.register, Codec.bytes(Proto.RegisterReply(session: session.number)))
      case .reported(let number): (.report, Codec.bytes(Proto.ReportReply(stored: number)))
      case .heartbeat(let answer): (.heartbeat, Codec.bytes(Proto.HeartbeatReply(answer: answer.message)))
      case .lab(let status): (.inspect, Codec.bytes(Proto.InspectReply(lab: status.message)))
      case .labs(let labs, let store): (.labs, Codec.bytes(Proto.LabsReply(labs: labs.messages, incarnation: store.text)))
      case .hosts(let hosts): (.hosts, Codec.bytes(Proto.HostsReply(hosts: hosts.messages)))
      case .events(let events, let last): (.events, Codec.bytes(Proto.EventsReply(events: events.messages, last: last)))
      case .remains(let hosts, let lost):
        (.remains, Codec.bytes(Proto.RemainsReply(hosts: hosts.map(\.text), lost: lost.map(\.text))))
      case .clearVNIs(let clear): (.clearVNIs, Codec.bytes(Proto.ClearVNIsReply(clear: clear.messages)))
      }
    return (method.rawValue, body)
  }
}

/// And back.
struct ReconcilerReplyReader: Proto.ReconcilerServiceReplies {
  func register(_ reply: Proto.RegisterReply) -> ReconcilerReply { .registered(Session(reply.session)) }
  func report(_ reply: Proto.ReportReply) -> ReconcilerReply { .reported(reply.stored) }
  func heartbeat(_ reply: Proto.HeartbeatReply) throws -> ReconcilerReply { .heartbeat(try HeartbeatAnswer(reply.answer)) }
  func inspect(_ reply: Proto.InspectReply) throws -> ReconcilerReply { .lab(try LabStatus(required: reply.lab)) }
  func labs(_ reply: Proto.LabsReply) throws -> ReconcilerReply {
    .labs(try LabSummary.list(reply.labs), of: try Incarnation(reply.incarnation))
  }
  func hosts(_ reply: Proto.HostsReply) throws -> ReconcilerReply { .hosts(try HostStatus.list(reply.hosts)) }
  func events(_ reply: Proto.EventsReply) throws -> ReconcilerReply { .events(try LabEvent.list(reply.events), last: reply.last) }
  func remains(_ reply: Proto.RemainsReply) throws -> ReconcilerReply {
    .remains(try names(reply.hosts), lost: try names(reply.lost))
  }
  func clearVNIs(_ reply: Proto.ClearVNIsReply) throws -> ReconcilerReply { .clearVNIs(try ClearVNI.list(reply.clear)) }
}

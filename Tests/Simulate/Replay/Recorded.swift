import Bus
import Machine
import Model
import Wire

/// A message of a recording as one service sees it.
struct Recorded {
  enum What {
    /// A life of the service begins, or a known one greets the bus again.
    case hello(Instance)
    case heard(BusEvent)
    case sent(Said)
  }

  /// Of the recording, from 1.
  var number: UInt64
  /// Milliseconds since 1970.
  var at: Int64
  var what: What
}

/// What a recording holds of one service.
struct RecordedService {
  private(set) var messages: [Recorded] = []
  /// Messages with secrets, of which a recording has only the length: they are taken with empty ones.
  private(set) var withSecrets = 0
  /// Messages that can't be read without their secrets, by kind.
  private(set) var unread: [String: Int] = [:]
  private let name: PeerName
  private var assembler = Assembler()

  /// - Throws: `INVALID_ARGUMENT` for a file that is no recording.
  init(_ name: PeerName, reading path: String) throws(LabError) {
    self.name = name
    let recording = try TraceRecording(reading: path)
    while let record = try recording.next() { take(record) }
  }

  private mutating func take(_ record: TraceRecord) {
    guard let frame = try? HubFrame(decoding: record.frame) else { return }
    switch frame {
    case .hello(let hello): if hello.name == name { add(record, .hello(hello.instance)) }
    case .undelivered(let to, let id, let code, let text):
      guard record.to == "\(name)" else { return }
      add(record, .heard(.reply(id, .failure(LabError(code, "\(to)", text)))))
    case .request(let to): take(record, to: to)
    case .publish(let topic): take(record, on: topic)
    case .welcome, .helloRequired, .refused, .probe, .probed, .delivered, .published, .synced: return
    }
  }

  private mutating func add(_ record: TraceRecord, _ what: Recorded.What) {
    messages.append(Recorded(number: record.number, at: record.at / 1_000, what: what))
  }

  /// Nil: not yet, or never.
  private mutating func whole(_ record: TraceRecord, _ message: String) -> Envelope? {
    guard let envelope = try? Envelope(decoding: record.envelope) else { return nil }
    if record.secretBytes > 0 { withSecrets += 1 }
    let key = Assembler.Key(from: record.from, message: message.isEmpty ? envelope.requestID : message, isReply: envelope.isReply)
    guard case .whole(let whole, _) = assembler.take(envelope, secret: [], as: key, at: UInt64(clamping: record.at / 1_000)) else {
      return nil
    }
    return whole
  }

  private mutating func take(_ record: TraceRecord, to: PeerName) {
    let isFrom = record.from == "\(name)"
    guard isFrom || to == name, let from = try? PeerName(record.from), let envelope = whole(record, "") else { return }
    // Answered beside the core.
    guard !envelope.kind.hasPrefix("PeerService."), let id = try? RequestID(envelope.requestID) else { return }
    if envelope.isReply {
      guard let result = reading(envelope.kind, { () throws(LabError) in try Self.result(envelope, record) }) else { return }
      add(record, isFrom ? .sent(Said(.reply(Incoming.Address(to, id), result))) : .heard(.reply(id, result)))
    } else {
      let secret = Self.placeholders(record)
      let request = reading(envelope.kind) { () throws(LabError) in
        try Codec.decodeRequest(kind: envelope.kind, body: envelope.body, secret: secret)
      }
      guard let request else { return }
      let outgoing = Outgoing(to: to, id: id, request: request, deadline: envelope.deadline)
      add(
        record, isFrom ? .sent(Said(.send(outgoing))) : .heard(.request(Incoming(from: Incoming.Address(from, id), request: request))))
    }
  }

  private mutating func take(_ record: TraceRecord, on topic: Topic) {
    guard let peek = try? Envelope(decoding: record.envelope), let envelope = whole(record, "\(topic) \(peek.number)") else { return }
    let secret = Self.placeholders(record)
    let fact = reading(envelope.kind) { () throws(LabError) in
      try Codec.decodeFact(kind: envelope.kind, body: envelope.body, secret: secret)
    }
    guard let fact else { return }
    let publication = Publication(
      topic: topic, number: envelope.number, previous: envelope.previous, fact: fact, instance: Instance(envelope.instance))
    add(record, record.from == "\(name)" ? .sent(Said(.publish(publication))) : .heard(.published(publication)))
  }

  private mutating func reading<Value>(_ kind: String, _ body: () throws(LabError) -> Value) -> Value? {
    do throws(LabError) { return try body() } catch {
      unread[kind, default: 0] += 1
      return nil
    }
  }

  private static func result(_ envelope: Envelope, _ record: TraceRecord) throws(LabError) -> Result<Reply, LabError> {
    if let failure = envelope.failure { return .failure(failure) }
    return .success(try Codec.decodeReply(kind: envelope.kind, body: envelope.body, secret: placeholders(record)))
  }

  /// As many empty secrets as there can have been: each takes two bytes at least (field 1 of `Secrets`, and its length).
  private static func placeholders(_ record: TraceRecord) -> [UInt8] {
    Array(repeatElement([0x0a, 0x00] as [UInt8], count: record.secretBytes / 2).joined())
  }
}

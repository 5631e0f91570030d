import Machine
public import Model
import Wire

/// The model's messages as frames, and back.
enum Messages {
  /// The kind of a reply that is a failure: an envelope must have one.
  private static let failureKind = "Failure"

  static func hubFrame(_ bytes: [UInt8]) -> HubFrame? { try? HubFrame(decoding: bytes) }
  static func envelope(_ frames: [[UInt8]]) -> Envelope? { frames.count > 1 ? try? Envelope(decoding: frames[1]) : nil }

  static func encode(_ outgoing: Outgoing, _ instance: Instance, _ trace: Trace) -> (Envelope, secret: [UInt8]) {
    let coded = Codec.encode(outgoing.request)
    let envelope = Envelope(
      kind: coded.kind, requestID: outgoing.id.text, instance: instance.number, traceID: trace.id, parentSpan: trace.span,
      deadline: outgoing.deadline, body: coded.body)
    return (envelope, coded.secret)
  }

  static func encode(
    _ result: Result<Reply, LabError>, to id: RequestID, _ instance: Instance, _ trace: Trace
  ) -> (Envelope, secret: [UInt8]) {
    var envelope = Envelope(
      kind: failureKind, isReply: true, requestID: id.text, instance: instance.number, traceID: trace.id, parentSpan: trace.span)
    switch result {
    case .failure(let error):
      envelope.failure = error
      return (envelope, [])
    case .success(let reply):
      let coded = Codec.encode(reply)
      envelope.kind = coded.kind
      envelope.body = coded.body
      return (envelope, coded.secret)
    }
  }

  static func encode(_ publication: Publication, _ instance: Instance, _ trace: Trace) -> (Envelope, secret: [UInt8]) {
    let coded = Codec.encode(publication.fact)
    let envelope = Envelope(
      kind: coded.kind, instance: instance.number, number: publication.number, previous: publication.previous, traceID: trace.id,
      parentSpan: trace.span, body: coded.body)
    return (envelope, coded.secret)
  }

  static func request(_ envelope: Envelope, _ secret: [UInt8]) -> Result<Request, LabError> {
    Result { () throws(LabError) in try Codec.decodeRequest(kind: envelope.kind, body: envelope.body, secret: secret) }
  }

  static func reply(_ envelope: Envelope, _ secret: [UInt8]) -> Result<Reply, LabError> {
    if let failure = envelope.failure { return .failure(failure) }
    return Result { () throws(LabError) in try Codec.decodeReply(kind: envelope.kind, body: envelope.body, secret: secret) }
  }

  static func fact(_ envelope: Envelope, _ secret: [UInt8]) -> Result<Fact, LabError> {
    Result { () throws(LabError) in try Codec.decodeFact(kind: envelope.kind, body: envelope.body, secret: secret) }
  }
}

/// What a subscriber asks for. It ends in NUL, because ZeroMQ compares beginnings: `assign.h1` would also be `assign.h10`.
public enum Subscription: Sendable, Hashable {
  case topic(Topic)
  /// Answered with `HubFrame.synced`, when all before it are in place.
  case sync(UInt64)

  /// '~' comes after every letter: a socket that connects again repeats its subscriptions in their order, so this one is the last.
  private static let syncWord = "~sync."

  public var bytes: [UInt8] {
    switch self {
    case .topic(let topic): Array(topic.description.utf8) + [0]
    case .sync(let number): Array("\(Self.syncWord)\(number)".utf8) + [0]
    }
  }

  /// - Parameter bytes: all of a subscription; nil for what is none of ours, as for one without the NUL, which would catch too much.
  public init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count > 1, bytes.count <= 256, bytes.dropFirst(bytes.count - 1).first == 0 else { return nil }
    let text = String(decoding: bytes.dropLast(), as: UTF8.self)
    if text.hasPrefix(Self.syncWord) {
      guard let number = UInt64(text.dropFirst(Self.syncWord.count)) else { return nil }
      self = .sync(number)
    } else {
      guard let topic = try? Topic(text) else { return nil }
      self = .topic(topic)
    }
  }
}

public import Model

/// A W3C trace id: 16 bytes. Zero: not traced.
public struct TraceID: Sendable, Hashable {
  public var high: UInt64
  public var low: UInt64
  public static let none = TraceID(high: 0, low: 0)
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }
}

/// The second frame of a message: what it is, whose, and its body. Peers read it, the hub doesn't.
public struct Envelope: Sendable, Hashable {
  /// What the body is: `JobService.ApplyLab` for a request or a reply, `Fact.Event` for a publication.
  public var kind: String
  public var isReply: Bool
  /// The request's idempotency key, the same in its reply; empty in a publication.
  public var requestID: String
  /// The sender's life.
  public var instance: UInt64
  /// A publication's number on its topic, and the number before it there; zero in requests and replies.
  public var number: UInt64
  public var previous: UInt64
  public var traceID: TraceID
  /// The sender's span, under which the receiver opens its own.
  public var parentSpan: UInt64
  /// Milliseconds that the sender will wait; zero in replies and publications.
  public var deadline: UInt64
  /// Of a message longer than `Limits.partBytes`: which part this is, from 0, and how many there are. A whole message is part 0 of 1.
  public var part: UInt32
  public var parts: UInt32
  /// In a reply: why there is no result.
  public var failure: LabError?
  public var body: [UInt8]

  public init(
    kind: String, isReply: Bool = false, requestID: String = "", instance: UInt64 = 0, number: UInt64 = 0, previous: UInt64 = 0,
    traceID: TraceID = .none, parentSpan: UInt64 = 0, deadline: UInt64 = 0, part: UInt32 = 0, parts: UInt32 = 1,
    failure: LabError? = nil, body: [UInt8] = []
  ) {
    self.kind = kind
    self.isReply = isReply
    self.requestID = requestID
    self.instance = instance
    self.number = number
    self.previous = previous
    self.traceID = traceID
    self.parentSpan = parentSpan
    self.deadline = deadline
    self.part = part
    self.parts = parts
    self.failure = failure
    self.body = body
  }
}

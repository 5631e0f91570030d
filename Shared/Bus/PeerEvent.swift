public import Machine
public import Model
public import Wire

/// What joins the messages of one operation over all services: W3C's trace id, and the span that caused a message.
public struct Trace: Sendable, Hashable {
  public var id: TraceID
  public var span: UInt64

  public init(id: TraceID, span: UInt64) {
    self.id = id
    self.span = span
  }

  /// The begin of an operation.
  public static func fresh() -> Trace {
    var chance = SystemRandomNumberGenerator()
    return Trace(id: TraceID(high: chance.next(), low: chance.next() | 1), span: chance.next())
  }
}

/// What a peer hears.
public enum PeerEvent: Sendable {
  case bus(BusEvent, Trace)
  /// The hub won't have us: another live process has the name, or the key is for another. Nothing more will come.
  case refused(LabError)
  /// Something was wrong with a message; it is dropped, and its sender told if it waits for an answer.
  case complaint(Complaint)
}

/// A message that a peer could not take or send.
public struct Complaint: Sendable, Hashable {
  /// A constant text.
  public var what: String
  /// The other side: a peer's name, a topic or `hub`.
  public var peer: String
  /// What in it was wrong, without content.
  public var detail: String
  public init(_ what: String, peer: String, detail: String) {
    self.what = what
    self.peer = peer
    self.detail = detail
  }
}

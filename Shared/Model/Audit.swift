/// What the holder of a command line's key may do. Each may what those before it may.
public enum Role: String, Sendable, Hashable, CaseIterable, Comparable {
  /// The holder of a one-time key: hand in a host's own key, once.
  case newcomer
  /// Look at labs, hosts, jobs and events.
  case viewer
  /// Change labs, run commands in nodes, keep hosts from new work, trace.
  case `operator`
  /// Everything else.
  case admin

  public static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }
  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// A request of a command line that changes something, or was refused for want of a right, as the bus passed it.
public struct AuditRecord: Sendable, Hashable {
  /// From 1, without holes, over all lives of a bus that keeps its file.
  public var number: UInt64
  /// Milliseconds since 1970.
  public var at: Int64
  public var peer: PeerName
  /// The name that its key is bound to; nil: it came by the local folder.
  public var key: PeerName?
  /// `JobService.ApplyLab`.
  public var kind: String
  /// What a change is remembered by: a job's id.
  public var requestID: String
  /// What it is about, in words; no secrets.
  public var subject: String
  /// Why it was not passed on; empty: it was.
  public var refusal: String

  public init(
    number: UInt64, at: Int64, peer: PeerName, key: PeerName?, kind: String, requestID: String, subject: String, refusal: String
  ) {
    self.number = number
    self.at = at
    self.peer = peer
    self.key = key
    self.kind = kind
    self.requestID = requestID
    self.subject = subject
    self.refusal = refusal
  }
}

/// What every peer but a command line answers, beside its core.
public enum PeerRequest: Sendable, Hashable {
  /// How it is.
  case status
  /// Of the bus only: messages that have lately reached it, those after a number.
  case recent(after: UInt64)
  /// Of the bus only: what command lines have asked for, after a number, at most so many.
  case audit(after: UInt64, limit: Int)
  /// Of the bus only: the public key (CURVE, in Z85 text) of the host for which the asker's one-time key was made.
  case enroll(String)
}

public enum PeerReply: Sendable, Hashable {
  case status(PeerStatus)
  /// Oldest first; empty: there are no more.
  case recent([TraceRecord])
  /// Oldest first, and the number of the newest that there is (0: none).
  case audit([AuditRecord], last: UInt64)
  case enrolled
}

/// How a peer of the bus is: what the bus, every service and every agent says of itself, whatever it is busy with.
public struct PeerStatus: Sendable, Hashable {
  public var name: PeerName
  public var program: ProgramStatus
  /// Of the bus: who is connected, sorted. The others name nobody.
  public var peers: [PeerName]
  /// What it understands of labs beyond the protocol's first version, as in `HostSpec`.
  public var capabilities: [String]

  public init(name: PeerName, program: ProgramStatus, peers: [PeerName] = [], capabilities: [String] = Capability.spoken) {
    self.name = name
    self.program = program
    self.peers = peers
    self.capabilities = capabilities
  }
}

/// How a program is that serves, on the bus or not.
public struct ProgramStatus: Sendable, Hashable {
  /// The last line of its log that is a warning or graver.
  public struct Complaint: Sendable, Hashable {
    /// Milliseconds since 1970.
    public var at: Int64
    public var text: String
    public init(at: Int64, text: String) {
      self.at = at
      self.text = text
    }
  }

  public var build: String
  public var instance: Instance
  /// Milliseconds since it was started.
  public var uptime: UInt64
  /// Milliseconds of processor time.
  public var processor: UInt64
  /// Bytes that it has in memory.
  public var memory: UInt64
  /// Whether it does its work.
  public var isServing: Bool
  /// Events since it was started.
  public var handled: UInt64
  /// Events that have come and are not handled yet.
  public var waiting: UInt64
  /// Microseconds: the longest round of the last minute.
  public var longestRound: UInt64
  /// Nil: it had nothing to complain of.
  public var complaint: Complaint?
  /// What only this program has.
  public var figures: [Figure]

  public init(
    build: String, instance: Instance, uptime: UInt64, processor: UInt64, memory: UInt64, isServing: Bool, handled: UInt64, waiting: UInt64,
    longestRound: UInt64, complaint: Complaint?, figures: [Figure]
  ) {
    self.build = build
    self.instance = instance
    self.uptime = uptime
    self.processor = processor
    self.memory = memory
    self.isServing = isServing
    self.handled = handled
    self.waiting = waiting
    self.longestRound = longestRound
    self.complaint = complaint
    self.figures = figures
  }
}

/// A number that a service has, such as the revision of its store.
public struct Figure: Sendable, Hashable {
  /// One word, the same in each version.
  public var name: String
  public var value: UInt64
  public init(_ name: String, _ value: UInt64) {
    self.name = name
    self.value = value
  }
}

/// One thing that a host's agent wrote down: what it was about to do, or how the host was.
public struct BoxRecord: Sendable, Hashable {
  /// The life of the host, from a boot to the next.
  public var boot: String
  /// Milliseconds since 1970, by the host's clock.
  public var wall: Int64
  /// Milliseconds since that boot.
  public var up: UInt64
  public var entry: BoxEntry
  public init(boot: String, wall: Int64, up: UInt64, entry: BoxEntry) {
    self.boot = boot
    self.wall = wall
    self.up = up
    self.entry = entry
  }
}

public enum BoxEntry: Sendable, Hashable {
  /// An agent's life begins.
  case began(Instance, build: String)
  /// The agent is about to do this.
  case actions(BoxActions)
  /// What has this number is over, so many of it failed.
  case over(UInt64, failures: Int)
  case load(HostLoad)
  /// Something about the black box itself, or what was found damaged.
  case note(String)
  /// The agent ends because it was told to.
  case stopped
}

/// Actions that are begun together.
public struct BoxActions: Sendable, Hashable {
  /// Counts within the agent's life.
  public var number: UInt64
  /// What kind of work: `kernel`, `starts`, `exec`….
  public var kind: String
  /// In words, in order; at most `Limits.boxActions`.
  public var words: [String]
  /// How many more there are.
  public var more: Int
  /// - Parameter words: of all; what is beyond the limit is only counted.
  public init(number: UInt64, kind: String, words: some Collection<String>) {
    self.init(number: number, kind: kind, words: Array(words.prefix(Limits.boxActions)), more: max(0, words.count - Limits.boxActions))
  }
  public init(number: UInt64, kind: String, words: [String], more: Int) {
    self.number = number
    self.kind = kind
    self.words = words
    self.more = more
  }
}

/// What is known of a host's last death: its black box beside what its kernel and its system's log say.
public struct Postmortem: Sendable, Hashable {
  public var host: HostName
  /// When this was read, by the clock of whoever read it; milliseconds since 1970.
  public var at: Int64
  /// The life of the host in which it was read.
  public var boot: String
  /// Actions and what is about them, oldest first, at most `Limits.postmortemRecords`.
  public var records: [BoxRecord]
  /// How the host was, oldest first, as many at most.
  public var loads: [BoxRecord]
  /// What is wrong with the black box.
  public var remarks: [String]
  /// What the kernel has said since this boot; of what it says ordinarily, nothing.
  public var kernel: SystemLines
  /// The end of the system's log of the boot before.
  public var system: SystemLines
  public init(
    host: HostName, at: Int64, boot: String, records: [BoxRecord], loads: [BoxRecord], remarks: [String], kernel: SystemLines,
    system: SystemLines
  ) {
    self.host = host
    self.at = at
    self.boot = boot
    self.records = records
    self.loads = loads
    self.remarks = remarks
    self.kernel = kernel
    self.system = system
  }
}

/// Lines of a log that isn't ours: bounded, with what looks like a secret taken out.
public struct SystemLines: Sendable, Hashable {
  public var lines: [String]
  /// Why there are none; empty: there are, or there is nothing to say.
  public var reason: String
  public init(_ lines: [String], reason: String = "") {
    self.lines = lines
    self.reason = reason
  }
}

/// The host's last death, as the records show it.
public struct HostDeath: Sendable, Hashable {
  /// The boot that ended.
  public var boot: String
  /// The last that was written in it.
  public var last: BoxRecord
  /// The agent had been told to end before.
  public var isClean: Bool
}

extension Postmortem {
  /// The newest boot that isn't the one in which this was read; nil: none is on record.
  public var death: HostDeath? {
    guard let last = (records + loads).filter({ $0.boot != boot }).max(by: { ($0.wall, $0.up) < ($1.wall, $1.up) }) else { return nil }
    let ended = records.last { $0.boot == last.boot }
    return HostDeath(boot: last.boot, last: last, isClean: ended?.entry == .stopped)
  }

  /// The last actions that were begun before the death or, where there was none, at all; and whether they came to their end.
  public var lastActions: (record: BoxRecord, actions: BoxActions, isOver: Bool)? {
    let life = death?.boot ?? boot
    for (index, record) in records.enumerated().reversed() where record.boot == life {
      guard case .actions(let actions) = record.entry else { continue }
      let isOver = records[index...].contains { if case .over(actions.number, _) = $0.entry { $0.boot == life } else { false } }
      return (record, actions, isOver)
    }
    return nil
  }
}

import Files
public import Model
import Wire

/// The reconciler's numbered events in one SQLite file, `FOLDER/events.db`, with what it must know to number and announce further: the last
/// change of each host and the last announced state of each subject, all written in the transaction of the events that follow from them.
///
/// Commits survive the process's death at once, a power cut only after the next `mostUnsynced` events. So after a changed boot id the index
/// skips beyond that many, to a `log.gap` record: no number is used twice.
public struct EventLog: ~Copyable {
  static let schema = Migrations(
    application: 0x4172_6345, name: "an Archetype event log",
    steps: [
      """
      CREATE TABLE meta (one INTEGER PRIMARY KEY CHECK (one = 1), boot TEXT NOT NULL);
      CREATE TABLE events (number INTEGER PRIMARY KEY, at INTEGER NOT NULL, lab TEXT NOT NULL, body BLOB NOT NULL);
      CREATE INDEX events_of_lab ON events (lab);
      CREATE INDEX events_at ON events (at);
      CREATE TABLE sequences (host TEXT PRIMARY KEY, instance INTEGER NOT NULL, sequence INTEGER NOT NULL) WITHOUT ROWID;
      CREATE TABLE announced (subject TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;
      """,
      """
      ALTER TABLE sequences ADD COLUMN series INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE sequences ADD COLUMN ends INTEGER NOT NULL DEFAULT 0;
      """,
    ])

  /// Events kept: at 200 bytes each 200 MB, weeks of a busy lab.
  public static let mostKept: UInt64 = 1_000_000
  /// Events that a power cut may take; one commit in so many waits for the disk.
  static let mostUnsynced: UInt64 = 1_000
  /// Old events that go at once, so that no append waits long for it; more than an append of ordinary size brings.
  static let trimmedAtOnce: UInt64 = 2_000
  /// Events of one answer; the asker pages on by `since`.
  public static let mostRead = 10_000

  private let statements: EventStatements
  private let database: Database
  private let lock: FolderLock
  private let kept: UInt64
  /// The newest event's number; 0: none yet.
  public private(set) var last: UInt64
  /// The oldest event's number, or the one that the first event will get.
  private var first: UInt64
  /// Events since the last commit that reached the disk. What an earlier process left is unknown, so the first commit is synced.
  private var unsynced = EventLog.mostUnsynced

  /// Opens the log in a folder, or makes an empty one.
  ///
  /// - Parameters:
  ///   - wall: milliseconds since 1970, for the record of a gap.
  ///   - boot: the kernel's boot id; empty: read from `/proc`.
  ///   - kept: how many of the newest events stay.
  /// - Throws: as `SQLiteIntentStore.init`.
  public init(folder: String, wall: Int64, boot: String = "", kept: UInt64 = EventLog.mostKept) throws(LabError) {
    let boot = boot.isEmpty ? try Self.bootID() : boot
    let lock = try FolderLock(folder, "events")
    let database = try Database(folder + "/events.db", Self.schema, durability: .normal, check: false)
    let statements = EventStatements(database)
    let bounds = try statements.bounds()
    last = try Self.begin(boot, wall, after: bounds.last, database, statements)
    first = bounds.first
    self.kept = kept
    self.statements = statements
    self.database = database
    self.lock = lock
  }

  /// Writes events with what they follow from, as one transaction.
  ///
  /// - Parameters:
  ///   - events: numbered on from `last` without holes.
  ///   - sequences: the last change that is stored of each host named.
  ///   - announced: the state last told of each subject named; nil: nothing is.
  public mutating func append(
    events: [LabEvent], sequences: [HostSequence] = [], announced: [(String, String?)] = []
  ) throws(LabError) {
    guard !(events.isEmpty && sequences.isEmpty && announced.isEmpty) else { return }
    for (offset, event) in events.enumerated() where event.index != last + UInt64(offset) + 1 {
      throw LabError(.internalError, database.path, "event \(event.index) doesn't follow \(last + UInt64(offset)) (report this)")
    }
    try database.refuseIfMoved()
    // A long batch is more than may be lost, so it waits itself.
    let isSynced = unsynced + UInt64(events.count) > Self.mostUnsynced
    let trimmed = firstKept(upTo: last + UInt64(events.count))
    if isSynced { try database.setDurability(.full) }
    try database.transaction { () throws(LabError) in
      for event in events { try statements.insert(event) }
      for sequence in sequences { try statements.set(sequence) }
      for (subject, state) in announced { try statements.setAnnounced(subject, state) }
      if trimmed > first { try statements.trim(below: trimmed) }
    }
    if isSynced { try database.setDurability(.normal) }
    unsynced = isSynced ? 0 : unsynced + UInt64(events.count)
    last += UInt64(events.count)
    first = trimmed
  }

  /// Events after `since`, oldest first, at most `limit` of them and `mostRead`; and the log's last number.
  public func read(_ query: EventQuery) throws(LabError) -> (events: [LabEvent], last: UInt64) {
    let limit = min(max(query.limit, 0), Self.mostRead)
    guard limit > 0, query.since < last else { return ([], last) }
    var since = query.since
    if query.from > 0 {
      guard let start = try statements.firstNumber(from: query.from) else { return ([], last) }
      since = max(since, start - 1)
    }
    return (try statements.read(since: since, from: query.from, lab: query.lab, limit: limit), last)
  }

  public func contents() throws(LabError) -> EventLogContents {
    let sequences = database.prepare("SELECT host, instance, sequence, series, ends FROM sequences ORDER BY host")
    let announced = database.prepare("SELECT subject, state FROM announced")
    let labs = database.prepare("SELECT lab, max(number) FROM events WHERE lab != '' GROUP BY lab")
    var contents = EventLogContents(last: last)
    while try sequences.step() {
      contents.sequences.append(
        HostSequence(
          host: try HostName(sequences.text(0)), instance: Instance(sequences.bits(1)), sequence: sequences.bits(2),
          ends: EndSeries(origin: Instance(sequences.bits(3)), acknowledged: sequences.bits(4))))
    }
    while try announced.step() { contents.announced[announced.text(0)] = announced.text(1) }
    while try labs.step() { contents.lastOfLab[try LabName(labs.text(0))] = labs.bits(1) }
    return contents
  }

  /// The lowest number that stays after an append up to `newest`; it moves in steps, so that most appends trim nothing.
  private func firstKept(upTo newest: UInt64) -> UInt64 {
    let step = min(Self.trimmedAtOnce / 2, kept / 10)
    guard newest >= first + kept + step else { return first }
    return min(newest - kept + 1, first + Self.trimmedAtOnce)
  }

  /// Skips ahead where a power cut may have taken events. Returns the newest number.
  private static func begin(
    _ boot: String, _ wall: Int64, after last: UInt64, _ database: borrowing Database, _ statements: borrowing EventStatements
  ) throws(LabError) -> UInt64 {
    let known = try statements.boot()
    guard known != boot else { return last }
    let index = last + mostUnsynced + 1
    let isGap = known != nil && last > 0
    try database.setDurability(.full)
    // The closure may not capture what is only borrowed.
    try database.execute("BEGIN IMMEDIATE")
    try statements.setBoot(boot)
    if isGap {
      let detail = [EventDetail("from", "\(last + 1)"), EventDetail("to", "\(index - 1)")]
      try statements.insert(LabEvent(index: index, at: wall, lab: "", subject: "log", kind: .logGap, detail: detail))
    }
    try database.execute("COMMIT")
    try database.setDurability(.normal)
    return isGap ? index : last
  }

  private static func bootID() throws(LabError) -> String {
    let path = "/proc/sys/kernel/random/boot_id"
    do throws(FileError) { return String(decoding: try File.read(path, most: 64).prefix { $0 > 0x20 }, as: UTF8.self) } catch {
      throw LabError(.failedPrecondition, path, "can't be read (is /proc mounted?)", cause: "\(error)")
    }
  }
}

/// What an event log holds beside its events.
public struct EventLogContents: Sendable {
  public var last: UInt64
  /// One of each host, sorted by its name.
  public var sequences: [HostSequence] = []
  /// The state last told of each subject.
  public var announced: [String: String] = [:]
  /// The newest event of each lab that has one.
  public var lastOfLab: [LabName: UInt64] = [:]
}

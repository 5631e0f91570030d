import Model
import Wire

/// The statements of the event log, prepared once, and what binds them.
struct EventStatements: ~Copyable {
  private let selectBounds: Statement
  private let selectBoot: Statement
  private let upsertBoot: Statement
  private let insertEvent: Statement
  private let upsertSequence: Statement
  private let upsertAnnounced: Statement
  private let deleteAnnounced: Statement
  private let deleteEvents: Statement
  private let selectFrom: Statement
  private let selectAll: Statement
  private let selectOfLab: Statement
  private let path: String

  init(_ database: borrowing Database) {
    selectBounds = database.prepare("SELECT (SELECT min(number) FROM events), (SELECT max(number) FROM events)")
    selectBoot = database.prepare("SELECT boot FROM meta")
    upsertBoot = database.prepare("INSERT INTO meta VALUES (1, ?1) ON CONFLICT (one) DO UPDATE SET boot = excluded.boot")
    insertEvent = database.prepare("INSERT INTO events VALUES (?1, ?2, ?3, ?4)")
    upsertSequence = database.prepare(
      """
      INSERT INTO sequences (host, instance, sequence, series, ends) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (host) DO UPDATE
      SET instance = excluded.instance, sequence = excluded.sequence, series = excluded.series, ends = excluded.ends
      """)
    upsertAnnounced = database.prepare(
      "INSERT INTO announced VALUES (?1, ?2) ON CONFLICT (subject) DO UPDATE SET state = excluded.state")
    deleteAnnounced = database.prepare("DELETE FROM announced WHERE subject = ?1")
    deleteEvents = database.prepare("DELETE FROM events WHERE number < ?1")
    // The clock may have stepped: the lowest number counts, not that of the earliest time.
    selectFrom = database.prepare("SELECT min(number) FROM events INDEXED BY events_at WHERE at >= ?1")
    selectAll = database.prepare("SELECT body FROM events WHERE number > ?1 AND at >= ?2 ORDER BY number LIMIT ?3")
    selectOfLab = database.prepare(
      "SELECT body FROM events INDEXED BY events_of_lab WHERE lab = ?4 AND number > ?1 AND at >= ?2 ORDER BY number LIMIT ?3")
    path = database.path
  }

  /// The oldest and the newest event's number; 1 and 0: none.
  func bounds() throws(LabError) -> (first: UInt64, last: UInt64) {
    defer { selectBounds.reset() }
    guard try selectBounds.step(), !selectBounds.isNull(0) else { return (1, 0) }
    return (selectBounds.bits(0), selectBounds.bits(1))
  }

  /// The boot that wrote last; nil in a new log.
  func boot() throws(LabError) -> String? {
    defer { selectBoot.reset() }
    return try selectBoot.step() ? selectBoot.text(0) : nil
  }

  func setBoot(_ boot: String) throws(LabError) {
    try upsertBoot.bind(1, boot)
    try upsertBoot.run()
  }

  func insert(_ event: LabEvent) throws(LabError) {
    try insertEvent.bind(1, bits: event.index)
    try insertEvent.bind(2, event.at)
    try insertEvent.bind(3, event.lab)
    try insertEvent.bind(4, Codec.encode(event))
    try insertEvent.run()
  }

  func set(_ sequence: HostSequence) throws(LabError) {
    try upsertSequence.bind(1, sequence.host.text)
    try upsertSequence.bind(2, bits: sequence.instance.number)
    try upsertSequence.bind(3, bits: sequence.sequence)
    try upsertSequence.bind(4, bits: sequence.ends.origin.number)
    try upsertSequence.bind(5, bits: sequence.ends.acknowledged)
    try upsertSequence.run()
  }

  func setAnnounced(_ subject: String, _ state: String?) throws(LabError) {
    guard let state else {
      try deleteAnnounced.bind(1, subject)
      return try deleteAnnounced.run()
    }
    try upsertAnnounced.bind(1, subject)
    try upsertAnnounced.bind(2, state)
    try upsertAnnounced.run()
  }

  func trim(below number: UInt64) throws(LabError) {
    try deleteEvents.bind(1, bits: number)
    try deleteEvents.run()
  }

  func firstNumber(from wall: Int64) throws(LabError) -> UInt64? {
    try selectFrom.bind(1, wall)
    defer { selectFrom.reset() }
    guard try selectFrom.step(), !selectFrom.isNull(0) else { return nil }
    return selectFrom.bits(0)
  }

  func read(since: UInt64, from wall: Int64, lab: LabName?, limit: Int) throws(LabError) -> [LabEvent] {
    if let lab {
      try selectOfLab.bind(4, lab.text)
      return try rows(of: selectOfLab, since: since, from: wall, limit: limit)
    }
    return try rows(of: selectAll, since: since, from: wall, limit: limit)
  }

  private func rows(of select: borrowing Statement, since: UInt64, from wall: Int64, limit: Int) throws(LabError) -> [LabEvent] {
    try select.bind(1, bits: since)
    try select.bind(2, wall > 0 ? wall : Int64.min)
    try select.bind(3, Int64(limit))
    defer { select.reset() }
    var events: [LabEvent] = []
    while try select.step() {
      do {
        events.append(try Codec.decodeEvent(select.bytes(0)))
      } catch {
        throw LabError(
          .internalError, path, "an event after \(events.last?.index ?? since) can't be read (start the program version that wrote it)",
          cause: error.description)
      }
    }
    return events
  }
}

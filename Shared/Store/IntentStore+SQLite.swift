import Glibc
public import Machine
public import Model
import Wire

/// Intent in one SQLite file, `FOLDER/intent.db`, committed at FULL: acknowledged means durable.
public struct SQLiteIntentStore: IntentStore, ~Copyable {
  /// Never edit a step that was released; add one.
  static let schema = Migrations(
    application: 0x4172_6349, name: "an Archetype intent store",
    steps: [
      """
      CREATE TABLE meta (
        one INTEGER PRIMARY KEY CHECK (one = 1), deployment TEXT NOT NULL, incarnation TEXT NOT NULL, predecessor TEXT,
        revision INTEGER NOT NULL);
      CREATE TABLE records (key TEXT PRIMARY KEY, revision INTEGER NOT NULL, body BLOB NOT NULL);
      CREATE TABLE requests (
        number INTEGER PRIMARY KEY, sender TEXT NOT NULL, id TEXT NOT NULL, revision INTEGER, code TEXT, subject TEXT, message TEXT,
        cause TEXT, UNIQUE (sender, id));
      CREATE TABLE blobs (digest TEXT PRIMARY KEY, content BLOB NOT NULL);
      """,
      // Refusals were never written: a request is remembered by the revision that it made.
      """
      CREATE TABLE made (
        number INTEGER PRIMARY KEY, sender TEXT NOT NULL, id TEXT NOT NULL, revision INTEGER NOT NULL, UNIQUE (sender, id));
      INSERT INTO made SELECT number, sender, id, revision FROM requests WHERE revision IS NOT NULL;
      DROP TABLE requests;
      ALTER TABLE made RENAME TO requests;
      """,
      // Of a copy the name, until it is declared the right one.
      "ALTER TABLE meta ADD COLUMN backup TEXT;",
    ])

  // In this order they are given back: the lock last, when nobody can write any more.
  private let statements: IntentStatements
  let database: Database
  private let lock: FolderLock
  private let folder: String
  private var identity: StoreIdentity
  private var revision: Revision
  private let backup: RequestID?

  /// Opens the store in a folder, or makes a new one, with a deployment and an incarnation of its own, where there is none. The store is
  /// this process's until the store is given back.
  ///
  /// - Throws: `ALREADY_EXISTS` when another process has the folder; `FAILED_PRECONDITION` when the file is a newer program's or not a store;
  ///   `INTERNAL` for a damaged file. What is refused is not changed.
  public init(folder: String) throws(LabError) {
    let lock = try FolderLock(folder, "intent")
    try StoreCopies.putInPlace(in: folder)
    let database = try Database(folder + "/intent.db", Self.schema, durability: .full, check: true)
    if try database.connection.integer("SELECT count(*) FROM meta") == 0 { try Self.begin(database) }
    let statements = IntentStatements(database)
    (identity, revision, backup) = try statements.identity()
    self.statements = statements
    self.database = database
    self.lock = lock
    self.folder = folder
  }

  /// Gives an empty store its identity.
  private static func begin(_ database: borrowing Database) throws(LabError) {
    let insert = database.prepare("INSERT INTO meta (one, deployment, incarnation, revision) VALUES (1, ?1, ?2, 0)")
    // The system's generator draws from getrandom(2).
    var chance = SystemRandomNumberGenerator()
    try insert.bind(1, Deployment(random: chance.next()).text)
    try insert.bind(2, Incarnation(random: chance.next()).text)
    try insert.run()
  }

  public var freeBytes: UInt64 {
    var status = statvfs()
    return statvfs(folder, &status) == 0 ? UInt64(status.f_bavail) * UInt64(status.f_frsize) : .max
  }

  public func contents() throws(LabError) -> StoreContents {
    StoreContents(
      identity: identity, revision: revision, records: try loadRecords(), remembered: try loadRemembered(), blobs: try loadBlobs(),
      backup: backup)
  }

  public mutating func commit(_ batch: [StoreWrite]) throws(LabError) {
    guard !batch.isEmpty else { return }
    let before = revision
    var last = before
    var successor = identity
    try database.refuseIfMoved()
    try database.transaction { () throws(LabError) in
      try refuseOther(than: before)
      for write in batch {
        if case .succeed(let new, _) = write { successor = new }
        try perform(write, after: &last)
      }
      if last != before { try statements.setRevision(last) }
    }
    revision = last
    identity = successor
  }

  public func blob(_ digest: BlobDigest) throws(LabError) -> [UInt8]? { try statements.blob(digest) }

  /// Says that this is a copy, before it takes a store's place.
  func mark(_ backup: RequestID) throws(LabError) { try statements.mark(backup) }

  private func refuseOther(than expected: Revision) throws(LabError) {
    let (found, at, _) = try statements.identity()
    guard found == identity else {
      throw LabError(
        .failedPrecondition, database.path,
        "incarnation \(found.incarnation) is in the store now, not \(identity.incarnation) (start again)")
    }
    guard at == expected else {
      throw LabError(
        .failedPrecondition, database.path, "the store is at revision \(at), not \(expected): another program wrote it (start again)")
    }
  }

  private func perform(_ write: StoreWrite, after last: inout Revision) throws(LabError) {
    switch write {
    case .change(let change):
      guard change.revision == last.next else {
        throw LabError(.internalError, database.path, "revision \(change.revision) doesn't follow \(last) (report this)")
      }
      for record in change.changes { try statements.write(record, at: change.revision) }
      last = change.revision
    case .succeed(let new, let revision):
      try statements.succeed(new)
      last = revision
    case .remember(let sender, let id, let made): try statements.remember(sender, id, made)
    case .forget(let sender, let id): try statements.forget(sender, id)
    case .blob(let digest, let content): try statements.add(digest, content)
    case .dropBlob(let digest): try statements.drop(digest)
    }
  }

  private func loadRecords() throws(LabError) -> [VersionedRecord] {
    let select = database.prepare("SELECT key, revision, body FROM records ORDER BY key")
    var records: [VersionedRecord] = []
    while try select.step() {
      let key = select.text(0)
      let record: RecordChange
      do {
        record = try Codec.decodeRecord(select.bytes(2))
      } catch {
        throw unreadable("record \(key)", error)
      }
      guard record.key.text == key else { throw unreadable("record \(key)", nil) }
      records.append(VersionedRecord(revision: Revision(select.bits(1)), record: record))
    }
    return records
  }

  private func loadRemembered() throws(LabError) -> [Remembered] {
    let select = database.prepare("SELECT sender, id, revision FROM requests ORDER BY number")
    var all: [Remembered] = []
    while try select.step() {
      do {
        let (sender, id) = (try PeerName(select.text(0)), try RequestID(select.text(1)))
        all.append(Remembered(sender: sender, id: id, revision: Revision(select.bits(2))))
      } catch {
        throw unreadable("request \(select.text(1))", error)
      }
    }
    return all
  }

  private func loadBlobs() throws(LabError) -> [BlobDigest] {
    let select = database.prepare("SELECT digest FROM blobs ORDER BY digest")
    var all: [BlobDigest] = []
    while try select.step() {
      do { all.append(try BlobDigest(select.text(0))) } catch { throw unreadable("blob \(select.text(0))", error) }
    }
    return all
  }

  private func unreadable(_ what: String, _ cause: LabError?) -> LabError {
    LabError(
      .internalError, database.path, "\(what) can't be read (start the program version that wrote it, or restore a backup)",
      cause: cause?.description ?? "its content is of another key")
  }
}

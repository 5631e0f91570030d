import CSQLite
import Glibc
import Model

/// One connection to one SQLite file, in write-ahead mode. Its owner's alone; closing happens exactly once.
struct Database: ~Copyable {
  enum Durability: String {
    /// A commit is on the disk when it returns.
    case full = "FULL"
    /// A commit survives the process's death, not necessarily a power cut; the file stays sound.
    case normal = "NORMAL"
  }

  let handle: OpaquePointer
  let path: String

  /// The write-ahead file is cut back to this after a checkpoint: one burst of large labs must not stay on disk for ever.
  private static let journalBytes = 64 << 20
  /// The file is locked by its folder's lock, so waiting is only for programs such as `sqlite3` that look at it.
  private static let busyMilliseconds: Int32 = 2_000

  /// Opens or creates the file, and brings its schema to the program's.
  ///
  /// - Throws: `FAILED_PRECONDITION` for a file of a newer program or of another application; `UNAVAILABLE` for one in use; `INTERNAL` for a
  ///   damaged one; `RESOURCE_EXHAUSTED` for a full disk. A file that is refused is not changed.
  init(_ path: String, _ schema: Migrations, durability: Durability, check: Bool) throws(LabError) {
    // What is stored may be secret, whatever the folder's mode; SQLite gives its other files the same permissions.
    let created = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    if created >= 0 { close(created) }
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    let code = sqlite3_open_v2(path, &opened, flags, nil)
    guard code == SQLITE_OK, let opened else {
      let error = DatabaseError.make(code, opened, path)
      sqlite3_close_v2(opened)
      throw error
    }
    let connection = Connection(handle: opened, path: path)
    do {
      sqlite3_busy_timeout(opened, Self.busyMilliseconds)
      try schema.refuseForeign(connection)
      if check { try connection.check() }
      try connection.execute(
        """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = \(durability.rawValue);
        PRAGMA journal_size_limit = \(Self.journalBytes);
        PRAGMA trusted_schema = OFF;
        """)
      try schema.migrate(connection)
    } catch {
      sqlite3_close_v2(opened)
      throw error
    }
    handle = opened
    self.path = path
  }

  deinit { sqlite3_close_v2(handle) }

  var connection: Connection { Connection(handle: handle, path: path) }

  func execute(_ sql: String) throws(LabError) { try connection.execute(sql) }

  /// A statement that is kept and used again.
  func prepare(_ sql: String) -> Statement { Statement(connection, sql) }

  /// All of `body` or nothing.
  func transaction(_ body: () throws(LabError) -> Void) throws(LabError) { try connection.transaction(body) }

  /// How much of later commits is on the disk when they return.
  func setDurability(_ durability: Durability) throws(LabError) { try execute("PRAGMA synchronous = \(durability.rawValue)") }

  /// Writes all that a file holds at one moment into another, which is empty; whoever has the file writes on meanwhile.
  static func copy(_ path: String, to other: String) throws(LabError) {
    var opened: OpaquePointer?
    let code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
    defer { sqlite3_close_v2(opened) }
    guard code == SQLITE_OK, let opened else { throw DatabaseError.make(code, opened, path) }
    sqlite3_busy_timeout(opened, busyMilliseconds)
    let statement = Statement(Connection(handle: opened, path: path), "VACUUM INTO ?1")
    try statement.bind(1, other)
    try statement.run()
  }

  /// Whether somebody has moved, replaced or deleted the file under us; what we would write would be lost.
  ///
  /// - Throws: `FAILED_PRECONDITION`.
  func refuseIfMoved() throws(LabError) {
    var moved: Int32 = 0
    let code = sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved)
    guard code == SQLITE_OK else { throw DatabaseError.make(code, handle, path) }
    guard moved == 0 else {
      throw LabError(
        .failedPrecondition, path, "the file was moved or replaced while in use (stop the service, put the folder right, start)")
    }
  }
}

/// A borrowed connection: what opening and migrations use before there is an owner.
struct Connection {
  let handle: OpaquePointer
  let path: String

  func execute(_ sql: String) throws(LabError) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw DatabaseError.make(code, handle, path) }
  }

  /// The first column of the first row.
  func integer(_ sql: String) throws(LabError) -> Int64 {
    let statement = Statement(self, sql)
    return try statement.step() ? statement.integer(0) : 0
  }

  /// - Throws: `INTERNAL` where the file's pages don't fit together.
  func check() throws(LabError) {
    let statement = Statement(self, "PRAGMA quick_check(1)")
    guard try statement.step() else { return }
    let words = statement.text(0)
    guard words == "ok" else { throw DatabaseError.make(SQLITE_CORRUPT, nil, path).because(words) }
  }

  func transaction(_ body: () throws(LabError) -> Void) throws(LabError) {
    try execute("BEGIN IMMEDIATE")
    do {
      try body()
      try execute("COMMIT")
    } catch {
      // SQLite may have rolled back by itself, as on a full disk; the first error is the one that says why.
      if sqlite3_get_autocommit(handle) == 0 { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
      throw error
    }
  }
}

extension LabError {
  func because(_ cause: String) -> LabError { LabError(code, subject, message, cause: cause) }
}

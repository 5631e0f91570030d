import CSQLite
import Glibc
import Machine
import Model
import Testing

@testable import Store

/// Opening files of every sort.
struct StoreDatabaseTests {
  private func schema(_ steps: String...) -> Migrations { Migrations(application: 0x4172_6354, name: "a test store", steps: steps) }

  private func open(_ folder: borrowing StoreFolder, _ schema: Migrations) throws(LabError) -> Database {
    try Database(folder.path + "/t.db", schema, durability: .full, check: true)
  }

  @Test("A file of an older version is brought forward and keeps its rows")
  func forward() throws {
    let folder = StoreFolder()
    let first = "CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (7);"
    do {
      let old = try open(folder, schema(first))
      #expect(try old.connection.integer("PRAGMA user_version") == 1)
    }
    let new = try open(folder, schema(first, "ALTER TABLE a ADD COLUMN y INTEGER DEFAULT 3", "CREATE TABLE b (z)"))
    #expect(try new.connection.integer("SELECT x * y FROM a") == 21)
    #expect(try new.connection.integer("PRAGMA user_version") == 3)
    #expect(try new.connection.integer("SELECT count(*) FROM b") == 0)
  }

  @Test("A step that fails leaves the file as it was")
  func failedStep() throws {
    let folder = StoreFolder()
    let first = "CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (7);"
    do { _ = try open(folder, schema(first)) }
    let error = refusal { () throws(LabError) in _ = try open(folder, schema(first, "DELETE FROM a; CREATE TABLE b (z)", "nonsense")) }
    #expect(error?.code == .internalError)
    let again = try open(folder, schema(first))
    #expect(try again.connection.integer("SELECT x FROM a") == 7)
    #expect(try again.connection.integer("SELECT count(*) FROM sqlite_schema") == 1)
  }

  @Test("A file of a newer program, of another application or full of garbage is refused and not changed")
  func refused() throws {
    func expect(_ code: ErrorCode, _ words: String, _ prepare: (borrowing StoreFolder) throws -> Void) throws {
      let folder = StoreFolder()
      try prepare(folder)
      let before = folder.read("t.db")
      let error = refusal { () throws(LabError) in _ = try open(folder, schema("CREATE TABLE a (x)")) }
      #expect(error?.code == code)
      #expect(error?.subject == folder.path + "/t.db")
      #expect(error?.message.contains(words) == true, "\(String(describing: error))")
      #expect(folder.read("t.db") == before)
    }
    try expect(.failedPrecondition, "newer program: schema 2, this one knows 1") { folder in
      _ = try open(folder, schema("CREATE TABLE a (x)", "CREATE TABLE b (x)"))
    }
    try expect(.failedPrecondition, "not a test store") { folder in
      _ = try Database(
        folder.path + "/t.db", Migrations(application: 99, name: "other", steps: ["CREATE TABLE z (x)"]), durability: .full, check: false)
    }
    try expect(.internalError, "damaged") { folder in folder.write("t.db", Array(repeating: 0x5a, count: 8_192)) }
    try expect(.internalError, "damaged") { folder in
      do {
        let database = try open(folder, schema("CREATE TABLE a (x)"))
        try database.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000) INSERT INTO a SELECT i FROM n")
      }
      var bytes = folder.read("t.db")
      for index in 8_192..<12_288 { bytes[index] = 0xa5 }
      folder.write("t.db", bytes)
    }
  }

  @Test("A second opener of a data folder is told which process has it")
  func lock() throws {
    let folder = StoreFolder()
    do {
      let store = try SQLiteIntentStore(folder: folder.path)
      let error = refusal { () throws(LabError) in _ = try SQLiteIntentStore(folder: folder.path) }
      #expect(error?.code == .alreadyExists)
      #expect(error?.message.contains("process \(getpid())") == true)
      #expect(try store.contents().revision == .zero)
    }
    #expect(refusal { () throws(LabError) in _ = try SQLiteIntentStore(folder: folder.path) } == nil)
  }

  private func link(_ path: String) -> String {
    var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let length = target.withUnsafeMutableBytes { bytes in
      bytes.baseAddress.map { readlink(path, $0.assumingMemoryBound(to: CChar.self), bytes.count) } ?? 0
    }
    return String(decoding: target.prefix(max(0, length)), as: UTF8.self)
  }

  @Test("A closed store is free, though a child that is being started has a copy of its lock")
  func lockOfChild() throws {
    let folder = StoreFolder()
    var copies: [Int32] = []
    defer { for copy in copies { close(copy) } }
    do {
      let store = try SQLiteIntentStore(folder: folder.path)
      #expect(try store.contents().revision == .zero)
      let held = (3..<1_024 as Range<Int32>).filter { link("/proc/self/fd/\($0)") == "\(folder.path)/intent.lock" }
      copies = held.map { dup($0) }
    }
    #expect(copies.count == 1)
    #expect(refusal { () throws(LabError) in _ = try SQLiteIntentStore(folder: folder.path) } == nil)
  }

  @Test("An intent store and an event log may share a folder")
  func sharedFolder() throws {
    let folder = StoreFolder()
    let store = try SQLiteIntentStore(folder: folder.path)
    let log = try EventLog(folder: folder.path, wall: 1)
    #expect(try store.contents().revision == .zero && log.last == 0)
  }

  @Test("Nobody else can read what is stored")
  func permissions() throws {
    let folder = StoreFolder()
    chmod(folder.path, 0o755)
    let store = try SQLiteIntentStore(folder: folder.path)
    for name in ["intent.db", "intent.db-wal", "intent.lock"] {
      var status = stat()
      #expect(stat("\(folder.path)/\(name)", &status) == 0)
      #expect(status.st_mode & 0o777 == 0o600, "\(name)")
    }
    #expect(try store.contents().revision == .zero)
  }

  @Test("A folder that can't be made is said")
  func noFolder() {
    let error = refusal { () throws(LabError) in _ = try SQLiteIntentStore(folder: "/proc/archetype-store/x") }
    #expect(error?.code == .failedPrecondition)
    #expect(error?.subject.hasPrefix("/proc/archetype-store") == true)
  }

  @Test("SQLite's codes become what a user can do")
  func codes() {
    let table: [(Int32, ErrorCode)] = [
      (SQLITE_FULL, .resourceExhausted), (SQLITE_NOMEM, .resourceExhausted), (SQLITE_CORRUPT, .internalError),
      (SQLITE_CORRUPT | 2 << 8, .internalError), (SQLITE_NOTADB, .internalError), (SQLITE_IOERR | 4 << 8, .internalError),
      (SQLITE_BUSY, .unavailable), (SQLITE_BUSY | 1 << 8, .unavailable), (SQLITE_READONLY, .failedPrecondition),
      (SQLITE_CANTOPEN, .failedPrecondition), (SQLITE_CONSTRAINT, .internalError),
    ]
    for (code, expected) in table {
      let error = DatabaseError.make(code, nil, "/x")
      #expect(error.code == expected, "\(code)")
      #expect(error.message.contains("("), "\(error.message) says what to do")
    }
  }
}

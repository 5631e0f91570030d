import Glibc
import Machine
import Model
import Testing
import Wire

@testable import Store

/// Backups of a store that goes on, and what takes its place.
struct StoreCopiesTests {
  private func change(_ revision: UInt64, _ names: String...) throws -> StoreWrite {
    .change(IntentChange(revision: Revision(revision), changes: try names.map { .assigned(try HostName($0), Revision(revision)) }))
  }

  private func bytes(of copies: StoreCopies) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let part = try copies.read(at: UInt64(bytes.count))
      if part.isEmpty { return bytes }
      bytes += part
    }
  }

  private func give(_ bytes: [UInt8], to copies: StoreCopies) throws {
    for start in stride(from: 0, to: bytes.count, by: 1 << 20) {
      try copies.take(Array(bytes[start..<min(start + 1 << 20, bytes.count)]), isFirst: start == 0)
    }
  }

  /// More than one part long.
  private static let content = (0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }

  /// A store with something of each kind.
  private func filled(_ folder: borrowing StoreFolder) throws -> SQLiteIntentStore {
    var store = try SQLiteIntentStore(folder: folder.path)
    try store.commit([
      try change(1, "a"), .blob(Digest.sha256(Self.content), Self.content), .remember(sender: .jobs, try RequestID("r.1"), Revision(1)),
    ])
    return store
  }

  @Test("A backup holds all that was stored when it was made, says that it is one, and only its owner may read it")
  func backup() throws {
    let folder = StoreFolder()
    var store = try filled(folder)
    let copies = StoreCopies(folder: folder.path)
    let before = try store.contents()
    let copy = try copies.make(try RequestID("backup.1"))
    var status = stat()
    #expect(stat(folder.path + "/outgoing.db", &status) == 0 && status.st_mode & 0o777 == 0o600)
    try store.commit([try change(2, "b")])
    let bytes = try bytes(of: copies)
    #expect(copy == StoreCopy(store: before.identity, revision: Revision(1), bytes: UInt64(bytes.count)))
    #expect(access(folder.path + "/outgoing.db", F_OK) != 0, "it is dropped once it was read")
    #expect(throws: LabError.self) { try copies.read(at: 0) }

    let other = StoreFolder()
    other.write("intent.db", bytes)
    var restored = try SQLiteIntentStore(folder: other.path)
    var expected = before
    expected.backup = try RequestID("backup.1")
    #expect(try restored.contents() == expected)
    #expect(try restored.blob(Digest.sha256(Self.content)) == Self.content)
    // Until it is declared the right one, whatever else is written.
    try restored.commit([.succeed(before.identity.successor(Incarnation(random: 7), alsoOf: []), after: Revision(8))])
    _ = consume restored
    #expect(try SQLiteIntentStore(folder: other.path).contents().backup == nil)
  }

  @Test("What was adopted is in the store's place the next time, wherever the process died, and what was there is kept")
  func adoption() throws {
    let folder = StoreFolder()
    let id = try RequestID("restore.1")
    let older: [UInt8]
    let contents: StoreContents
    do {
      var store = try filled(folder)
      contents = try store.contents()
      let copies = StoreCopies(folder: folder.path)
      _ = try copies.make(try RequestID("backup.1"))
      older = try bytes(of: copies)
      try store.commit([try change(2, "b")])
      try give(older, to: copies)
      let copy = try copies.verify(id, bytes: UInt64(older.count))
      #expect(copy == StoreCopy(store: contents.identity, revision: Revision(1), bytes: UInt64(older.count)))
      // Verified isn't adopted.
      try store.commit([try change(3, "c")])
      try copies.adopt()
    }
    // Of the moves that follow, a death lets any number happen.
    for moved in [[], ["intent.db-wal"], ["intent.db-wal", "intent.db"]] {
      let torn = StoreFolder()
      mkdir(torn.path + "/restored", 0o700)
      mkdir(torn.path + "/replaced", 0o700)
      torn.write("restored/intent.db", folder.read("restored/intent.db"))
      torn.write("intent.db", folder.read("intent.db"))
      torn.write("intent.db-wal", folder.read("intent.db-wal"))
      for name in moved { rename("\(torn.path)/\(name)", "\(torn.path)/replaced/\(name)") }
      var expected = contents
      expected.backup = id
      #expect(try SQLiteIntentStore(folder: torn.path).contents() == expected, "\(moved)")
      #expect(try SQLiteIntentStore(folder: torn.path).contents() == expected)
      #expect(access(torn.path + "/restored", F_OK) != 0)
      let kept = try SQLiteIntentStore(folder: torn.path + "/replaced").contents()
      #expect(kept.revision == Revision(3) && kept.backup == nil)
    }
  }

  @Test("A file that is damaged, cut, newer or something else is refused, and nothing of it stays") func refusals() throws {
    let folder = StoreFolder()
    let store = try filled(folder)
    let copies = StoreCopies(folder: folder.path)
    _ = try copies.make(try RequestID("backup.1"))
    let good = try bytes(of: copies)
    let newer = StoreFolder()
    newer.write("intent.db", good)
    do {
      let schema = SQLiteIntentStore.schema
      let next = Migrations(application: schema.application, name: schema.name, steps: schema.steps + ["CREATE TABLE later (x INTEGER)"])
      let database = try Database(newer.path + "/intent.db", next, durability: .full, check: true)
      try database.execute("PRAGMA journal_mode = DELETE")
    }
    let log = StoreFolder()
    do { _ = try EventLog(folder: log.path, wall: 1) }
    var flipped = good
    // In the middle of the content, where SQLite itself has no means to see it.
    flipped[good.count / 2] ^= 1
    var torn = good
    for place in 4_096..<8_192 { torn[place] = 0xff }
    let cases: [(String, [UInt8], UInt64?, ErrorCode)] = [
      ("a flipped bit", flipped, nil, .internalError), ("a torn page", torn, nil, .internalError),
      ("half of it", Array(good.prefix(good.count / 2)), nil, .internalError),
      ("no database", Array("no database at all".utf8), nil, .internalError),
      ("nothing", [], nil, .failedPrecondition), ("not all that was said", good, UInt64(good.count) + 1, .failedPrecondition),
      ("a newer schema", newer.read("intent.db"), nil, .failedPrecondition),
      ("an event log", log.read("events.db"), nil, .failedPrecondition),
    ]
    let before = try store.contents()
    for (name, bytes, count, code) in cases {
      if bytes.isEmpty { try copies.take([], isFirst: true) } else { try give(bytes, to: copies) }
      let error = refusal { () throws(LabError) in _ = try copies.verify(try RequestID("restore.1"), bytes: count ?? UInt64(bytes.count)) }
      #expect(error?.code == code && error?.subject == "backup", "\(name): \(error.map { "\($0)" } ?? "taken")")
      #expect(access(folder.path + "/incoming", F_OK) != 0, "\(name)")
      if name == "a newer schema" { #expect(error?.message.hasPrefix("written by a newer program") == true) }
    }
    #expect(try store.contents() == before)
  }

  @Test("A backup of an older program is brought to this one's schema") func forward() throws {
    let folder = StoreFolder()
    let old = StoreFolder()
    let schema = SQLiteIntentStore.schema
    let first = Migrations(application: schema.application, name: schema.name, steps: Array(schema.steps.prefix(2)))
    do {
      let database = try Database(old.path + "/intent.db", first, durability: .full, check: true)
      try database.execute("INSERT INTO meta VALUES (1, '00000000000000a1', '00000000000000b2', NULL, 7); PRAGMA journal_mode = DELETE")
    }
    let copies = StoreCopies(folder: folder.path)
    let bytes = old.read("intent.db")
    try give(bytes, to: copies)
    #expect(try copies.verify(try RequestID("restore.1"), bytes: UInt64(bytes.count)).revision == Revision(7))
    try copies.adopt()
    let contents = try SQLiteIntentStore(folder: folder.path).contents()
    let id = try RequestID("restore.1")
    #expect(contents.revision == Revision(7) && contents.backup == id)
  }
}

import Machine
import Model
import Testing

@testable import Store

/// The intent store on real files.
struct StoreIntentTests {
  private func change(_ revision: UInt64, _ names: String...) throws -> StoreWrite {
    .change(IntentChange(revision: Revision(revision), changes: try names.map { .assigned(try HostName($0), Revision(revision)) }))
  }

  private func digest(_ digit: String) throws -> BlobDigest { try BlobDigest(String(repeating: digit, count: 64)) }

  @Test("An empty folder becomes a store with an identity of its own, which it keeps")
  func newStore() throws {
    let folder = StoreFolder()
    let other = StoreFolder()
    let first = try SQLiteIntentStore(folder: folder.path + "/deep/er").contents()
    #expect(first.revision == .zero)
    #expect(first.records.isEmpty && first.remembered.isEmpty && first.blobs.isEmpty)
    let again = try SQLiteIntentStore(folder: folder.path + "/deep/er").contents()
    #expect(again == first)
    let stranger = try SQLiteIntentStore(folder: other.path).contents()
    #expect(stranger.identity.deployment != first.identity.deployment)
    #expect(stranger.identity.incarnation != first.identity.incarnation)
  }

  @Test("What was committed is there after a kill, and a repeated request finds its result")
  func kill() throws {
    let folder = StoreFolder()
    var store = try SQLiteIntentStore(folder: folder.path)
    let id = try RequestID("r.1")
    try store.commit([try change(1, "a", "b"), .remember(sender: .jobs, id, Revision(1))])
    try store.commit([try change(2, "b"), .remember(sender: .links, id, Revision(2))])
    let killed = folder.killed()
    let contents = try SQLiteIntentStore(folder: killed.path).contents()
    #expect(contents.identity == (try store.contents().identity))
    #expect(contents.revision == Revision(2))
    #expect(contents.intent.version(of: .assigned(try HostName("a"))) == Revision(1))
    #expect(contents.intent.version(of: .assigned(try HostName("b"))) == Revision(2))
    #expect(
      contents.remembered == [
        Remembered(sender: .jobs, id: id, revision: Revision(1)), Remembered(sender: .links, id: id, revision: Revision(2)),
      ])
  }

  @Test("A store that goes on as another incarnation says so after a restart, and numbers on from where it was told")
  func succession() throws {
    let folder = StoreFolder()
    var store = try SQLiteIntentStore(folder: folder.path)
    try store.commit([try change(1, "a")])
    let first = try store.contents().identity
    var last = first
    for (number, base) in [(UInt64(7), UInt64(1) << 32), (8, 2 << 32)] {
      let next = last.successor(Incarnation(random: number), alsoOf: [Incarnation(random: 90 + number)])
      try store.commit([.succeed(next, after: Revision(base)), try change(base + 1, "a")])
      try store.commit([try change(base + 2, "a")])
      last = next
    }
    let killed = folder.killed()
    let contents = try SQLiteIntentStore(folder: killed.path).contents()
    #expect(contents.identity == last)
    #expect(contents.revision == Revision(2 << 32 + 2))
    #expect(last.succeeds(first))
    #expect(!first.succeeds(last))
    #expect(last.predecessors == [Incarnation(random: 7), Incarnation(random: 98), first.incarnation, Incarnation(random: 97)])
  }

  @Test("At every length of a torn write-ahead file the store is as after some commit")
  func torn() throws {
    let folder = StoreFolder()
    var store = try SQLiteIntentStore(folder: folder.path)
    for number in 1...8 as ClosedRange<UInt64> { try store.commit([try change(number, "a", "b\(number)")]) }
    let killed = folder.killed()
    let journal = killed.read("intent.db-wal")
    var seen: Set<Revision> = []
    for length in stride(from: journal.count, to: 0, by: -1_999) {
      let torn = folder.killed()
      torn.write("intent.db-wal", Array(journal.prefix(length)))
      // The first commits make the tables; before them there is no store yet, so a new one is begun.
      let contents = try SQLiteIntentStore(folder: torn.path).contents()
      seen.insert(contents.revision)
      let latest = contents.records.map(\.revision).max() ?? .zero
      #expect(latest == contents.revision)
      #expect(contents.records.count == (contents.revision == .zero ? 0 : Int(contents.revision.number) + 1))
    }
    #expect(seen.contains(Revision(8)) && seen.count > 4)
  }

  @Test("A batch is one transaction: when its last part can't be, its first isn't")
  func allOrNothing() throws {
    let folder = StoreFolder()
    var store = try SQLiteIntentStore(folder: folder.path)
    try store.commit([try change(1, "a")])
    let before = try store.contents()
    let gap = refusal { () throws(LabError) in
      try store.commit([
        .change(IntentChange(revision: Revision(2), changes: [])), .blob(try BlobDigest.zeros, [1]),
        .change(IntentChange(revision: Revision(4), changes: [])),
      ])
    }
    #expect(gap?.code == .internalError)
    #expect(try store.contents() == before)
    try store.commit([try change(2, "a"), try change(3, "a", "b"), try change(4)])
    #expect(try store.contents().revision == Revision(4))
  }

  @Test("A thousand requests of one round are one commit")
  func group() throws {
    let folder = StoreFolder()
    var store = try SQLiteIntentStore(folder: folder.path)
    var batch: [StoreWrite] = []
    for number in 1...1_000 as ClosedRange<UInt64> {
      batch.append(try change(number, "h\(number % 100)"))
      batch.append(.remember(sender: .jobs, try RequestID("j.\(number)"), Revision(number)))
    }
    try store.commit(batch)
    let killed = folder.killed()
    let contents = try SQLiteIntentStore(folder: killed.path).contents()
    #expect(contents.revision == Revision(1_000))
    #expect(contents.records.count == 100)
    #expect(contents.remembered.count == 1_000)
    let inOrder = contents.remembered.enumerated().allSatisfy { $1.id.text == "j.\($0 + 1)" }
    #expect(inOrder)
  }

  @Test("A store of the first schema keeps what it remembers") func forward() throws {
    let folder = StoreFolder()
    let schema = SQLiteIntentStore.schema
    let first = Migrations(application: schema.application, name: schema.name, steps: Array(schema.steps.prefix(1)))
    do {
      let old = try Database(folder.path + "/intent.db", first, durability: .full, check: true)
      try old.execute(
        """
        INSERT INTO meta VALUES (1, '00000000000000a1', '00000000000000b2', NULL, 7);
        INSERT INTO requests (sender, id, revision) VALUES ('jobs', 'r.1', 7);
        INSERT INTO requests (sender, id, code, subject) VALUES ('jobs', 'r.2', 'ABORTED', 'lab/x');
        """)
    }
    let contents = try SQLiteIntentStore(folder: folder.path).contents()
    #expect(contents.revision == Revision(7))
    #expect(contents.remembered == [Remembered(sender: .jobs, id: try RequestID("r.1"), revision: Revision(7))])
  }

  @Test("Records go, requests are forgotten")
  func deletion() throws {
    let folder = StoreFolder()
    var store = try SQLiteIntentStore(folder: folder.path)
    let id = try RequestID("r.1")
    try store.commit([try change(1, "a", "b"), .remember(sender: .jobs, id, Revision(1))])
    let gone = IntentChange(revision: Revision(2), changes: [.assigned(try HostName("a"), nil)])
    try store.commit([.change(gone), .forget(sender: .jobs, id)])
    let contents = try store.contents()
    #expect(contents.records.map(\.record) == [.assigned(try HostName("b"), Revision(1))])
    #expect(contents.remembered.isEmpty)
  }

  @Test("A blob is kept by its digest, also an empty one, and goes when it is dropped")
  func blobs() throws {
    let folder = StoreFolder()
    var store = try SQLiteIntentStore(folder: folder.path)
    let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try store.commit([.blob(try digest("b"), content), .blob(try digest("a"), []), .blob(try digest("b"), [1])])
    #expect(try store.contents().blobs == [try digest("a"), try digest("b")])
    #expect(try store.blob(try digest("b")) == content)
    #expect(try store.blob(try digest("a")) == [])
    try store.commit([.dropBlob(try digest("b"))])
    #expect(try store.blob(try digest("b")) == nil)
    #expect(try store.contents().blobs == [try digest("a")])
  }

  @Test("A commit is refused when another incarnation or revision is in the store, or its file was replaced")
  func otherWriter() throws {
    let folder = StoreFolder()
    var store = try SQLiteIntentStore(folder: folder.path)
    try store.commit([try change(1, "a")])
    try store.database.execute("UPDATE meta SET revision = 7")
    let newer = refusal { () throws(LabError) in try store.commit([.dropBlob(try BlobDigest.zeros)]) }
    #expect(newer?.code == .failedPrecondition)
    try store.database.execute("UPDATE meta SET revision = 1, incarnation = '0123456789abcdef'")
    let other = refusal { () throws(LabError) in try store.commit([.dropBlob(try BlobDigest.zeros)]) }
    #expect(other?.message.contains("0123456789abcdef") == true)
    try store.database.execute("UPDATE meta SET incarnation = '\(try store.contents().identity.incarnation)'")
    #expect(refusal { () throws(LabError) in try store.commit([.dropBlob(try BlobDigest.zeros)]) } == nil)
    folder.replace("intent.db")
    let moved = refusal { () throws(LabError) in try store.commit([.dropBlob(try BlobDigest.zeros)]) }
    #expect(moved?.code == .failedPrecondition)
    #expect(moved?.subject == folder.path + "/intent.db")
  }

  @Test("A full disk is said, changes nothing, and once there is room the store goes on")
  func fullDisk() throws {
    let folder = StoreFolder()
    var store = try SQLiteIntentStore(folder: folder.path)
    try store.commit([try change(1, "a")])
    let before = try store.contents()
    try store.database.execute("PRAGMA max_page_count = 30")
    let full = refusal { () throws(LabError) in
      try store.commit([
        .change(IntentChange(revision: Revision(2), changes: [])), .blob(try BlobDigest.zeros, [UInt8](repeating: 7, count: 1 << 20)),
      ])
    }
    #expect(full?.code == .resourceExhausted)
    #expect(try store.contents() == before)
    try store.database.execute("PRAGMA max_page_count = 100000")
    try store.commit([try change(2, "a")])
    #expect(try store.contents().revision == Revision(2))
  }
}

extension BlobDigest {
  fileprivate static var zeros: BlobDigest {
    get throws(LabError) { try BlobDigest(String(repeating: "0", count: 64)) }
  }
}

import Bus
import CSQLite
import Machine
import Model
import Support
import Testing
import Wire

@testable import Store

/// What an older version has said and stored (Tests/Recorded/README.md).
struct OlderVersionTests {
  struct Missing: Error {}
  private static let folder = TestLab.repository + "/Tests/Recorded"

  /// A recording has only the length of secrets: empty ones in their place, of which each takes two bytes.
  private func placeholders(_ record: TraceRecord) -> [UInt8] { (0..<record.secretBytes / 2).flatMap { _ in [0x0a, 0x00] as [UInt8] } }

  private func records() throws -> [TraceRecord] {
    let recording = try TraceRecording(reading: Self.folder + "/older.trace")
    var records: [TraceRecord] = []
    while let record = try recording.next() { records.append(record) }
    return records
  }

  @Test("Every message of an older version is read")
  func messages() throws {
    var kinds: Set<String> = []
    for record in try records() {
      let frame = try HubFrame(decoding: record.frame)
      guard !record.envelope.isEmpty else { continue }
      let envelope = try Envelope(decoding: record.envelope)
      #expect(envelope.parts == 1)
      let secret = placeholders(record)
      if case .publish = frame {
        _ = try Codec.decodeFact(kind: envelope.kind, body: envelope.body, secret: secret)
      } else if !envelope.isReply {
        _ = try Codec.decodeRequest(kind: envelope.kind, body: envelope.body, secret: secret)
      } else if envelope.failure == nil {
        _ = try Codec.decodeReply(kind: envelope.kind, body: envelope.body, secret: secret)
      }
      kinds.insert(envelope.kind)
    }
    #expect(kinds.count > 20, "\(kinds.sorted())")
  }

  /// A copy of its store, with its schema's number changed; 0: as it is.
  private func store(schema: Int = 0) throws -> StoreFolder {
    let folder = StoreFolder()
    let path = folder.path + "/intent.db"
    let run = try CommandRun.run("/bin/cp", [Self.folder + "/older.db", path])
    guard run.exit == 0 else { throw Missing() }
    if schema > 0 {
      var opened: OpaquePointer?
      #expect(sqlite3_open(path, &opened) == SQLITE_OK)
      #expect(sqlite3_exec(opened, "PRAGMA user_version = \(schema); PRAGMA journal_mode = DELETE;", nil, nil, nil) == SQLITE_OK)
      #expect(sqlite3_close(opened) == SQLITE_OK)
    }
    return folder
  }

  @Test("An older version's store is brought forward and has all that it had, under the digests by which its agents know it")
  func storeForward() throws {
    let folder = try store()
    var contents: StoreContents?
    for _ in 0..<2 {
      let read = try SQLiteIntentStore(folder: folder.path).contents()
      #expect(contents == nil || contents == read)
      contents = read
    }
    let intent = try #require(contents).intent
    #expect(intent.revision == Revision(7))
    #expect(contents?.remembered.count == 7)
    #expect(contents?.backup == nil)
    let lab = try #require(intent.labs[try LabName("older")])
    #expect(lab.hosts.map(\.text) == ["h1", "h2"])
    #expect(lab.spec.nodes[0].environment == [EnvironmentVariable("WORD", "secret")])
    for host in lab.hosts { #expect(intent.hosts[host]?.lacks == Set(Capability.allCases)) }

    // As its agents have written them down: with another one now, the first agent of this version would start a node anew.
    #expect(lab.spec.nodes.map(\.processDigest) == [14_998_940_265_281_099_416, 16_102_606_844_692_104_235])
  }

  @Test("A newer version's store is refused with what to do, and stays as it is")
  func storeBackward() throws {
    let folder = try store(schema: 99)
    let before = folder.read("intent.db")
    let error = refusal { () throws(LabError) in _ = try SQLiteIntentStore(folder: folder.path) }
    #expect(error?.code == .failedPrecondition)
    #expect(error?.message.contains("written by a newer program: schema 99, this one knows") == true)
    #expect(error?.message.contains("(start the newer program, or restore an older backup)") == true)
    #expect(folder.read("intent.db") == before)
  }
}

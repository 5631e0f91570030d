import Files
import Glibc
import Locks
import Model
import Support
import Testing

@testable import Journal

/// The black box on a real disk.
struct BlackBoxTests {
  private let host: HostName

  init() throws { host = try HostName("h1") }

  /// A clock that goes on by a millisecond each time it is asked.
  private func clock() -> BlackBox.Clock {
    let time = Counter()
    return {
      let now = time.next()
      return (1_700_000_000_000 + Int64(now), now)
    }
  }

  /// - Parameter patience: by default longer than a busy machine's disk takes.
  private func open(_ folder: borrowing StoreFolder, patience: UInt64 = 60_000) throws -> BlackBox {
    try BlackBox(folder: folder.path, boot: "boot-1", patience: patience, clock: clock())
  }

  private func read(_ folder: borrowing StoreFolder) throws -> Postmortem {
    try Postmortem.read(of: host, in: folder.path, at: 1_700_000_100_000)
  }

  private func words(_ postmortem: Postmortem) -> [String] {
    postmortem.records.flatMap { record -> [String] in if case .actions(let actions) = record.entry { actions.words } else { [] } }
  }

  @Test func aFolderFromElsewhereIsReadAndThisMachinesLogsAreNotItsOwn() throws {
    let folder = StoreFolder()
    let box = try open(folder)
    let begun = box.begin("kernel", ["make sandbox"])
    func reason() throws -> String { try Postmortem.read(of: host, from: folder.path, at: 0).system.reason }
    #expect(try !reason().contains("another machine"))
    folder.write("identity", Array("\(host)\n\(String(repeating: "0", count: 32))\n192.0.2.1\n".utf8))
    let postmortem = try Postmortem.read(of: host, from: folder.path, at: 0)
    #expect(words(postmortem) == ["make sandbox"])
    for lines in [postmortem.kernel, postmortem.system] { #expect(lines.lines == [] && lines.reason.contains("another machine")) }
    folder.write("identity", Array("other\n".utf8))
    let error = refusal { () throws(LabError) in _ = try Postmortem.read(of: host, from: folder.path, at: 0) }
    #expect(error?.code == .invalidArgument && error?.message.contains("host other") == true)
    withExtendedLifetime((box, begun)) {}
  }

  @Test func whatBeginsIsOnTheDiskBeforeItIsDone() throws {
    let folder = StoreFolder()
    let box = try open(folder)
    for number in 0..<20 {
      let begun = box.begin("kernel", ["make sandbox \(number)"])
      let postmortem = try read(folder)
      #expect(words(postmortem).last == "make sandbox \(number)")
      #expect(postmortem.lastActions?.isOver == false && postmortem.remarks == [])
      box.end(begun, failures: 0)
    }
    box.finish()
    let death = try read(folder).death
    #expect(death?.boot == "boot-1" && death?.isClean == true)
    #expect(try read(folder).lastActions?.isOver == true)
  }

  @Test func threadsShareAFlushAndLoseNothing() throws {
    let folder = StoreFolder()
    let box = try open(folder)
    let done = Counter()
    for thread in 0..<8 {
      let error = OwnThread.start {
        for number in 0..<20 { box.end(box.begin("starts", ["start \(thread).\(number)"]), failures: 0) }
        _ = done.next()
      }
      #expect(error == nil)
    }
    #expect(eventually { done.last == 8 })
    box.finish()
    let words = try words(read(folder))
    #expect(Set(words).count == 160 && words.count == 160)
  }

  @Test func moreActionsThanItNamesAreCounted() throws {
    let folder = StoreFolder()
    let box = try open(folder)
    let all = (0..<5_000).map { "make tap lab@1/a-node-with-a-long-name@\($0):1, mtu 1500" }
    _ = box.begin("kernel", all)
    let last = try #require(try read(folder).lastActions)
    #expect(last.actions.words == Array(all.prefix(Limits.boxActions)) && last.actions.more == 5_000 - Limits.boxActions)
    box.finish()
  }

  @Test("A damaged box is put aside with what it holds, a bounded number of times", arguments: ["flip", "cut", "garbage", "empty"])
  func damaged(how: String) throws {
    let folder = StoreFolder()
    let path = folder.path + "/" + BlackBox.actionsName
    for round in 0..<4 {
      let box = try open(folder)
      for number in 0..<6 { _ = box.begin("kernel", ["action \(round).\(number)"]) }
      box.finish()
      #expect(eventually { (try? read(folder))?.records.last?.entry == .stopped })
      var bytes = try File.read(path, most: .max)
      switch how {
      case "flip": for place in stride(from: 1_100, to: 2_600, by: 512) { bytes[place] ^= 0xff }
      case "cut": bytes.removeLast(bytes.count / 2)
      case "garbage": bytes = bytes.indices.map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
      case _: bytes = []
      }
      try File.replace(path, with: bytes, isDurable: false)
      let damaged = try read(folder)
      #expect(!damaged.remarks.isEmpty && damaged.records.allSatisfy { $0.boot == "boot-1" })
    }
    let box = try open(folder)
    _ = box.begin("kernel", ["after"])
    #expect(box.takeRemarks().contains { $0.contains("was damaged") && $0.contains("damaged-1") })
    let postmortem = try read(folder)
    #expect(words(postmortem).last == "after" && postmortem.remarks == [])
    let notes = postmortem.records.compactMap { record -> String? in if case .note(let note) = record.entry { note } else { nil } }
    #expect(notes.contains { $0.contains("was damaged") })
    let kept = try File.names(in: folder.path).filter { $0.contains("damaged-") }
    #expect(kept.count == RingFile.mostKept)
    // What could be read was taken over.
    #expect(how != "flip" || words(postmortem).contains("action 3.5"))
    box.finish()
  }

  @Test func aDiskThatHangsHoldsUpOneActionAndNoneAfterIt() throws {
    let folder = StoreFolder()
    let path = folder.path + "/" + BlackBox.actionsName
    // Whoever opens it waits for a writer.
    #expect(mkfifo(path, 0o600) == 0)
    let box = try open(folder, patience: BlackBox.patience)
    for number in 0..<50 { _ = box.begin("kernel", ["action \(number)"]) }
    #expect(box.fault.contains("flush"))
    let writer = Glibc.open(path, O_WRONLY | O_CLOEXEC)
    #expect(writer >= 0)
    close(writer)
    #expect(eventually { box.fault.isEmpty })
    let postmortem = try read(folder)
    #expect(words(postmortem).count == 50)
    #expect(
      postmortem.records.contains { record in
        if case .note(let note) = record.entry { note.contains("before they were on the disk") } else { false }
      })
    box.finish()
  }

  @Test func whereItCantBeWrittenNobodyWaitsAndItIsTold() throws {
    let folder = StoreFolder()
    mkdir(folder.path + "/" + BlackBox.actionsName, 0o700)
    let box = try open(folder)
    for number in 0..<2_000 { _ = box.begin("kernel", ["action \(number)"]) }
    #expect(eventually { box.fault.contains("can't be written") })
    box.finish()
  }
}

/// What is made of records and of others' logs.
struct PostmortemTests {
  private func record(_ boot: String, _ wall: Int64, _ entry: BoxEntry) -> BoxRecord {
    BoxRecord(boot: boot, wall: wall, up: 0, entry: entry)
  }

  private func postmortem(_ records: [BoxRecord], loads: [BoxRecord] = []) throws -> Postmortem {
    Postmortem(
      host: try HostName("h1"), at: 100_000, boot: "now", records: records, loads: loads, remarks: [], kernel: SystemLines([]),
      system: SystemLines([]))
  }

  private func actions(_ number: UInt64, _ words: String...) -> BoxEntry {
    .actions(BoxActions(number: number, kind: "kernel", words: words))
  }

  @Test func theLastActionBeforeTheDeathIsNamed() throws {
    let found = try postmortem(
      [
        record("old", 1_000, actions(1, "x")), record("was", 2_000, actions(1, "a")), record("was", 2_500, .over(1, failures: 0)),
        record("was", 3_000, actions(2, "b", "c")), record("now", 9_000, .began(Instance(1), build: "")),
        record("now", 9_500, actions(1, "d")),
        record("now", 9_600, .over(2, failures: 0)),
      ], loads: [record("was", 7_000, .load(HostLoad()))])
    #expect(found.death?.boot == "was" && found.death?.last.wall == 7_000 && found.death?.isClean == false)
    #expect(found.lastActions?.actions.words == ["b", "c"] && found.lastActions?.isOver == false)
  }

  @Test func withoutADeathTheLastActionOfThisLifeIsNamed() throws {
    let found = try postmortem([record("now", 1, actions(1, "a")), record("now", 2, .over(1, failures: 1))])
    #expect(found.death == nil && found.lastActions?.actions.words == ["a"] && found.lastActions?.isOver == true)
    #expect(try postmortem([]).lastActions == nil)
  }

  @Test(
    "Secrets are taken out of others' lines",
    arguments: [
      ("password=hunter2 user=x", "password=*** user=x"), ("DB_PASSWORD: \"a b\" next", "DB_PASSWORD: *** next"),
      ("Authorization: Bearer abc.def", "Authorization: ***"), ("got bearer 0123456789abcdef", "got bearer ***"),
      ("GET https://u:pw@host/x", "GET https://u:***@host/x"), ("api_key='k' x", "api_key=*** x"),
      ("kernel: Out of memory: Killed process 12 (frr)", "kernel: Out of memory: Killed process 12 (frr)"),
    ])
  func redacted(line: String, expected: String) { #expect(Redaction.line(line) == expected) }

  @Test(
    "Warnings of the kernel are kept, what it says ordinarily isn't",
    arguments: [
      ("4,12,3456789,-;br0: port 1 entered\n SUBSYSTEM=x\n", "[3.456] br0: port 1 entered"), ("6,12,3456789,-;ordinary\n", nil),
      ("3,1,5,c;x;y\n", "[0.000] x;y"), ("nonsense", nil), ("a,b,c;d", nil),
    ])
  func kernel(record: String, expected: String?) { #expect(SystemLogs.kernelLine(record) == expected) }

  @Test func theLivesOfAHostDiffer() {
    #expect(HostLife.current.split(separator: ".").count == 2, "\(HostLife.current)")
  }
}

/// Counts, on any thread.
private final class Counter: Sendable {
  private let count = Guarded<UInt64>(0)
  var last: UInt64 { count.withLock { $0 } }
  func next() -> UInt64 {
    count.withLock { count in
      count += 1
      return count
    }
  }
}

import Files
import Model
import Testing

@testable import Journal

/// What an agent keeps in /run of ends that weren't told yet, on a real file system.
struct EndJournalTests {
  private let deployment = Deployment(random: 7)
  private let series = EndSeries(origin: Instance(3))
  private let node: NodeKey

  init() throws { node = NodeKey(LabKey(try LabName("ring"), born: Revision(3)), try NodeName("a"), born: Revision(4)) }

  private func end(_ number: UInt64) -> NodeEnd {
    NodeEnd(number: number, node: node, pid: Int32(number) + 100, exit: .signal(9), reason: "it was \(number)")
  }

  private func journal(_ folder: borrowing StoreFolder) -> EndJournal { EndJournal(path: folder.path + "/ends") }

  @Test func whatOneLifeHasWrittenTheNextOneReads() {
    let folder = StoreFolder()
    var first = journal(folder)
    #expect(first.kept == nil && first.takeComplaints() == [])
    for write in [.begin(deployment, series), .add(end(1)), .add(end(2)), .acknowledged(1), .add(end(3))] as [EndWrite] {
      first.write(write)
    }
    var second = journal(folder)
    #expect(second.kept == first.kept && second.takeComplaints() == [])
    #expect(second.kept?.pending.map(\.number) == [2, 3] && second.kept?.series.acknowledged == 1)
    second.write(.add(end(4)))
    #expect(journal(folder).kept?.pending.map(\.number) == [2, 3, 4])
    second.write(.begin(deployment, EndSeries(origin: Instance(9))))
    #expect(journal(folder).kept == KeptEnds(deployment: deployment, series: EndSeries(origin: Instance(9))))
  }

  @Test func aLastRecordThatWasCutAnywhereIsNotThereAndTheNextFollowsTheOneBefore() throws {
    let folder = StoreFolder()
    let path = folder.path + "/ends"
    var first = journal(folder)
    first.write(.begin(deployment, series))
    first.write(.add(end(1)))
    let before = try File.read(path, most: .max)
    first.write(.add(end(2)))
    let whole = try File.read(path, most: .max)
    for cut in before.count + 1..<whole.count {
      try File.replace(path, with: Array(whole.prefix(cut)), isDurable: false)
      var next = journal(folder)
      #expect(next.kept?.pending == [end(1)] && next.takeComplaints() == [], "cut at \(cut)")
      next.write(.add(end(2)))
      #expect(journal(folder).kept?.pending == [end(1), end(2)], "cut at \(cut)")
    }
  }

  @Test func whatCantBeReadIsPutAside() throws {
    let folder = StoreFolder()
    let path = folder.path + "/ends"
    var first = journal(folder)
    first.write(.begin(deployment, series))
    first.write(.add(end(1)))
    first.write(.add(end(2)))
    var bytes = try File.read(path, most: .max)
    // The kind of the last record.
    let last = bytes.count - (bytes.count - 4 - Int(bytes[3])) / 2
    for place in last + 4..<bytes.count { bytes[place] = 0xff }
    try File.replace(path, with: bytes, isDurable: false)
    var next = journal(folder)
    #expect(next.kept?.pending == [end(1)])
    #expect(next.takeComplaints().map(\.subject) == [path] && next.takeComplaints() == [])
    #expect(try File.read(path + ".damaged", most: .max) == bytes)
    var again = journal(folder)
    #expect(again.kept == next.kept && again.takeComplaints() == [])
  }

  @Test func itIsBoundedByWhatIsPending() throws {
    let folder = StoreFolder()
    var first = journal(folder)
    first.write(.begin(deployment, series))
    for number in 1...5_000 as ClosedRange<UInt64> {
      first.write(.add(end(number)))
      first.write(.acknowledged(number))
    }
    #expect(try File.read(folder.path + "/ends", most: .max).count < 20_000)
    #expect(journal(folder).kept?.series.acknowledged == 5_000)
    for number in 5_001...UInt64(5_000 + 2 * Limits.unacknowledgedChanges) { first.write(.add(end(number))) }
    let kept = try #require(journal(folder).kept)
    #expect(kept == first.kept && kept.pending.count == Limits.unacknowledgedChanges)
    #expect(kept.pending.last == end(UInt64(5_000 + 2 * Limits.unacknowledgedChanges)))
  }

  @Test func whereItCantBeWrittenThatIsToldOnce() {
    var journal = EndJournal(path: "/nowhere/ends")
    for write in [.begin(deployment, series), .add(end(1)), .add(end(2))] as [EndWrite] { journal.write(write) }
    #expect(journal.takeComplaints().count == 1)
    #expect(journal.kept?.pending.count == 2)
  }
}

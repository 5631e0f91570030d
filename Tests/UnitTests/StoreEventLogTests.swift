import Model
import Testing

@testable import Store

/// The reconciler's event log on real files.
struct StoreEventLogTests {
  private func open(_ folder: borrowing StoreFolder, boot: String = "boot-1", kept: UInt64 = EventLog.mostKept) throws(LabError) -> EventLog
  {
    try EventLog(folder: folder.path, wall: 5_000, boot: boot, kept: kept)
  }

  private func event(_ index: UInt64, lab: String = "", at: Int64? = nil) -> LabEvent {
    LabEvent(
      index: index, at: at ?? Int64(index) * 10, lab: lab, subject: "\(lab)/n\(index)", kind: .nodeReady, detail: [EventDetail("pid", "1")])
  }

  private func sequence(_ host: HostName, _ instance: Instance, _ number: UInt64) -> HostSequence {
    HostSequence(host: host, instance: instance, sequence: number, ends: EndSeries(origin: instance, acknowledged: number + 70))
  }

  private func query(since: UInt64 = 0, from: Int64 = 0, lab: String? = nil, limit: Int = 100) throws -> EventQuery {
    EventQuery(since: since, from: from, lab: try lab.map { try LabName($0) }, limit: limit)
  }

  @Test("Events, sequences and announcements of one append survive a kill together")
  func kill() throws {
    let folder = StoreFolder()
    var log = try open(folder)
    let (h1, h2) = (try HostName("h1"), try HostName("h2"))
    let large = Instance(UInt64.max - 3)
    try log.append(
      events: [event(1, lab: "x"), event(2), event(3, lab: "y")], sequences: [sequence(h1, large, 9), sequence(h2, Instance(4), 1)],
      announced: [("node a", "ready"), ("node b", "failed")])
    try log.append(
      events: [event(4, lab: "x")], sequences: [sequence(h2, Instance(5), 2)], announced: [("node b", nil), ("node a", "stopped")])
    let killed = folder.killed()
    let again = try open(killed)
    let contents = try again.contents()
    #expect(contents.last == 4)
    #expect(contents.sequences == [sequence(h1, large, 9), sequence(h2, Instance(5), 2)])
    #expect(contents.announced == ["node a": "stopped"])
    #expect(contents.lastOfLab == [try LabName("x"): 4, try LabName("y"): 3])
    let all = try again.read(try query())
    #expect(all.events == [event(1, lab: "x"), event(2), event(3, lab: "y"), event(4, lab: "x")])
    #expect(all.last == 4)
  }

  @Test("Events are read after a number, of a lab, from a time, and no more than asked")
  func read() throws {
    let folder = StoreFolder()
    var log = try open(folder)
    for index in 1...20 as ClosedRange<UInt64> { try log.append(events: [event(index, lab: index % 2 == 0 ? "even" : "odd")]) }
    func read(_ query: EventQuery) throws -> [UInt64] { try log.read(query).events.map(\.index) }
    #expect(try read(try query(since: 17)) == [18, 19, 20])
    #expect(try read(try query(since: 10, lab: "even", limit: 3)) == [12, 14, 16])
    #expect(try read(try query(from: 185)) == [19, 20])
    #expect(try read(try query(from: 185, lab: "odd")) == [19])
    #expect(try read(try query(from: 201)) == [])
    #expect(try read(try query(since: 20)) == [])
    #expect(try read(try query(lab: "none")) == [])
    #expect(try read(try query(limit: 0)) == [])
    #expect(try read(try query(limit: -1)) == [])
    #expect(try log.read(try query(lab: "none")).last == 20)
  }

  @Test("After a step of the clock, reading from a time finds all that is at or after it")
  func clockStep() throws {
    let folder = StoreFolder()
    var log = try open(folder)
    try log.append(events: [event(1, at: 900), event(2, at: 950), event(3, at: 100), event(4, at: 910)])
    #expect(try log.read(try query(from: 905)).events.map(\.index) == [2, 4])
  }

  @Test("After another boot the index skips what a power cut may have taken, and says so; after a restart alone it doesn't")
  func gap() throws {
    let folder = StoreFolder()
    do {
      var log = try open(folder)
      try log.append(events: [event(1), event(2, lab: "x")])
    }
    do { #expect(try open(folder).last == 2) }
    do {
      var log = try open(folder, boot: "boot-2")
      // A thousand events after the second may have been told and lost.
      #expect(log.last == 1_003)
      let gap = try log.read(try query(since: 2)).events
      #expect(gap.map(\.index) == [1_003])
      #expect(gap.first?.kind == .logGap && gap.first?.at == 5_000)
      #expect(gap.first?.detail == [EventDetail("from", "3"), EventDetail("to", "1002")])
      try log.append(events: [event(1_004)])
    }
    #expect(try open(folder, boot: "boot-2").last == 1_004)
    #expect(try open(folder, boot: "boot-3").last == 2_005)
  }

  @Test("A log without events has no gap after another boot")
  func noGap() throws {
    let folder = StoreFolder()
    do { #expect(try open(folder).last == 0) }
    #expect(try open(folder, boot: "boot-2").last == 0)
  }

  @Test("A number that doesn't follow is refused, and nothing of its append is written")
  func order() throws {
    let folder = StoreFolder()
    var log = try open(folder)
    try log.append(events: [event(1)])
    for wrong in [[event(1)], [event(3)], [event(2), event(4)]] {
      let error = refusal { () throws(LabError) in try log.append(events: wrong, announced: [("node a", "ready")]) }
      #expect(error?.code == .internalError)
    }
    #expect(try log.contents().announced.isEmpty)
    #expect(log.last == 1)
  }

  @Test("The newest events are kept, the oldest go in steps, also over restarts and long batches")
  func retention() throws {
    let folder = StoreFolder()
    var next: UInt64 = 1
    for size in [250, 1, 99, 700, 1, 1, 1] as [UInt64] {
      var log = try open(folder, kept: 100)
      try log.append(events: (next..<next + size).map { event($0) })
      next += size
      let left = try log.read(try query(limit: 10_000)).events.map(\.index)
      #expect(left.last == next - 1)
      #expect(left.count >= 100 && left.count <= 110)
      #expect(left == Array((next - UInt64(left.count))..<next))
    }
  }

  @Test("The kernel's boot id is read where none is given")
  func realBoot() throws {
    let folder = StoreFolder()
    do {
      var log = try EventLog(folder: folder.path, wall: 1)
      try log.append(events: [event(1)])
    }
    #expect(try EventLog(folder: folder.path, wall: 1).last == 1)
  }
}

import CLinux
import Files
import Glibc
import Locks
import Model
import Wire

/// The black box's thread and what it shares with those who act.
final class BoxWriter: Sendable {
  /// Records that wait for a disk; the oldest go first.
  private static let mostWaiting = 1_024
  /// A ring that couldn't be opened is tried again after so many milliseconds.
  private static let pause: UInt64 = 30_000

  private struct Waiter {
    var number: UInt64
    var bell: Int32
  }

  private struct State {
    var actions: [BoxRecord] = []
    var loads: [BoxRecord] = []
    var dropped = 0
    /// Of the newest record that was given, and of the newest that is on the disk.
    var given: UInt64 = 0
    var flushed: UInt64 = 0
    var waiters: [Waiter] = []
    /// Actions that were begun before they were on the disk.
    var late = 0
    /// Nobody waits: the last flush failed, or is taking too long.
    var isSlow = false
    var isOver = false
    /// What is wrong now, for the host's list of what it lacks; empty: nothing.
    var fault = ""
    var remarks: [String] = []
    var number: UInt64 = 0
  }

  /// What the thread has taken to write.
  private struct Work {
    var actions: [BoxRecord]
    var loads: [BoxRecord]
    var dropped: Int
    var late: Int
    var given: UInt64
    var isOver: Bool
  }

  private let folder: String
  private let boot: String
  private let clock: BlackBox.Clock
  private let patience: UInt64
  private let queued: Int32
  private let state = Guarded(State())

  init(folder: String, boot: String, patience: UInt64, clock: @escaping BlackBox.Clock) throws(LabError) {
    self.folder = folder
    self.boot = boot
    self.clock = clock
    self.patience = patience
    queued = clinux_eventfd(1, 1)
    guard queued >= 0 else { throw LabError(.resourceExhausted, "black box", "no descriptors left") }
  }

  deinit { Glibc.close(queued) }

  // MARK: For who acts

  func number() -> UInt64 {
    state.withLock { state in
      state.number += 1
      return state.number
    }
  }

  /// - Parameter waits: whether it is on the disk when this returns, if that doesn't take too long.
  func add(_ entry: BoxEntry, waits: Bool) {
    let bell = waits ? clinux_eventfd(0, 0) : -1
    let (number, mustWait) = state.withLock { state in
      let time = clock()
      let record = BoxRecord(boot: boot, wall: time.wall, up: time.up, entry: entry)
      if case .load = entry {
        Self.append(record, to: &state.loads, &state.dropped)
      } else {
        Self.append(record, to: &state.actions, &state.dropped)
      }
      state.given += 1
      let mustWait = bell >= 0 && !state.isSlow
      if mustWait { state.waiters.append(Waiter(number: state.given, bell: bell)) } else if waits { state.late += 1 }
      return (state.given, mustWait)
    }
    ring(queued)
    if mustWait { wait(for: number, bell) }
    if bell >= 0 { Glibc.close(bell) }
  }

  private static func append(_ record: BoxRecord, to records: inout [BoxRecord], _ dropped: inout Int) {
    records.append(record)
    guard records.count > mostWaiting else { return }
    records.removeFirst(mostWaiting / 2)
    dropped += mostWaiting / 2
  }

  private func wait(for number: UInt64, _ bell: Int32) {
    var watched = pollfd(fd: bell, events: Int16(POLLIN), revents: 0)
    let isFlushed = poll(&watched, 1, Int32(clamping: patience)) == 1
    if isFlushed { return }
    state.withLock { state in
      state.waiters.removeAll { $0.bell == bell }
      guard state.flushed < number else { return }
      state.isSlow = true
      state.late += 1
      if state.fault.isEmpty { state.fault = "its disk takes more than \(patience) ms to flush its black box" }
    }
  }

  private func ring(_ bell: Int32) {
    var one: UInt64 = 1
    _ = Glibc.write(bell, &one, 8)
  }

  // MARK: For who watches

  /// What is wrong with it now; empty: nothing.
  var fault: String { state.withLock { $0.fault } }

  /// What was found damaged, each thing once.
  func takeRemarks() -> [String] {
    state.withLock { state in
      defer { state.remarks = [] }
      return state.remarks
    }
  }

  /// Its thread ends once it has written what waits.
  func close() {
    state.withLock { $0.isOver = true }
    ring(queued)
  }

  // MARK: The thread

  func run() {
    var actions: RingFile?
    var loads: RingFile?
    var nextTry: UInt64 = 0
    var count: UInt64 = 0
    while true {
      if read(queued, &count, 8) < 0 && errno == EINTR { continue }
      let work = state.withLock { state in
        let work = Work(
          actions: state.actions, loads: state.loads, dropped: state.dropped, late: state.late, given: state.given, isOver: state.isOver)
        state.actions = []
        state.loads = []
        state.dropped = 0
        state.late = 0
        return work
      }
      if work.actions.isEmpty, work.loads.isEmpty {
        if work.isOver { break }
        continue
      }
      do throws(FileError) {
        var remarks: [String] = []
        if actions == nil || loads == nil {
          guard clock().up >= nextTry else { throw FileError(EAGAIN) }
          nextTry = clock().up + Self.pause
          actions = try RingFile("\(folder)/\(BlackBox.actionsName)", length: BlackBox.actionSectors, remarks: &remarks)
          loads = try RingFile("\(folder)/\(BlackBox.loadsName)", length: BlackBox.loadSectors, remarks: &remarks)
          state.withLock { $0.remarks += remarks }
        }
        let notes = remarks + Self.notes(dropped: work.dropped, late: work.late)
        try write(notes.map { record(.note($0)) } + work.actions, to: &actions)
        try write(work.loads, to: &loads)
        flushed(upTo: work.given)
      } catch { failed(error, work) }
    }
  }

  /// In as many groups as it takes.
  private func write(_ records: [BoxRecord], to file: inout RingFile?) throws(FileError) {
    var rest = records[...]
    while !rest.isEmpty {
      var count = rest.count
      var group = Codec.encode(Array(rest))
      let most = file?.mostBytes ?? 0
      while group.count > most, count > 1 {
        count = (count + 1) / 2
        group = Codec.encode(Array(rest.prefix(count)))
      }
      // One record alone is far below.
      if group.count <= most { try file?.write(group) }
      rest = rest.dropFirst(count)
    }
  }

  private static func notes(dropped: Int, late: Int) -> [String] {
    var notes: [String] = []
    if dropped > 0 { notes.append("\(dropped) records were lost: the disk took too long") }
    if late > 0 { notes.append("\(late) of the next actions were begun before they were on the disk: it took too long") }
    return notes
  }

  private func record(_ entry: BoxEntry) -> BoxRecord {
    let time = clock()
    return BoxRecord(boot: boot, wall: time.wall, up: time.up, entry: entry)
  }

  private func flushed(upTo number: UInt64) {
    state.withLock { state in
      state.flushed = number
      state.isSlow = false
      state.fault = ""
      // Within the lock: who waits closes its bell once it is no longer here.
      for waiter in state.waiters where waiter.number <= number { ring(waiter.bell) }
      state.waiters.removeAll { $0.number <= number }
    }
  }

  /// They wait for the next try, and nobody waits for them.
  private func failed(_ error: FileError, _ work: Work) {
    state.withLock { state in
      state.actions.insert(contentsOf: work.actions.suffix(Self.mostWaiting / 2), at: 0)
      state.loads.insert(contentsOf: work.loads.suffix(Self.mostWaiting / 2), at: 0)
      state.dropped += work.dropped
      state.late += work.late + state.waiters.count
      state.isSlow = true
      if error.code != EAGAIN { state.fault = "its black box can't be written in \(folder): \(error)" }
      for waiter in state.waiters { ring(waiter.bell) }
      state.waiters = []
    }
  }
}

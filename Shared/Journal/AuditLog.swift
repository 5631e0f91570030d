import CLinux
import Files
import Glibc
import Locks
public import Model
import Wire

/// Who asked for what: the last of it, in memory and in a ring on disk that outlives the bus. A thread of its own writes, so that whoever adds never
/// waits for a disk.
public final class AuditLog: Sendable {
  /// Sectors of the ring, of which a record takes one as a rule; as many records are remembered.
  private static let length = 8_192
  /// Records that wait for a disk; beyond that they are only remembered.
  private static let mostWaiting = 4_096
  /// Milliseconds that the end of a bus waits for a disk.
  private static let patience: UInt64 = 2_000
  /// Of what nobody has asked for yet.
  private static let mostRemarks = 8
  /// A page of records travels in one message.
  private static let mostInPage = 512

  private struct State {
    var records: [AuditRecord] = []
    var last: UInt64 = 0
    var waiting: [[UInt8]] = []
    var isWriting = false
    var remarks: [String] = []
  }

  /// The thread's; opened at the first record, and anew after a failure.
  private struct Disk: ~Copyable, Sendable { var ring: RingFile? }

  private let path: String
  private let state = Guarded(State())
  private let disk = Guarded(Disk())

  /// - Parameter folder: where it is kept, if there is one; it isn't made.
  public init(folder: String) {
    path = "\(folder)/audit"
    guard access(folder, F_OK) == 0 else {
      state.withLock { $0.remarks.append("there is no \(folder): what is asked for is remembered only until the bus ends") }
      return
    }
    // Sorted: a ring that was damaged may have lost some.
    let kept = RingFile.groups(path, length: Self.length).compactMap { try? AuditRecord(decoding: $0) }.sorted { $0.number < $1.number }
    state.withLock { state in
      state.records = kept
      state.last = kept.last?.number ?? 0
    }
  }

  /// Of the newest record; 0: there is none.
  public var last: UInt64 { state.withLock { $0.last } }

  /// Numbers a record and remembers it.
  public func add(_ record: AuditRecord) {
    let isAlone = state.withLock { state in
      state.last += 1
      var record = record
      record.number = state.last
      if state.records.count >= 2 * Self.length { state.records.removeFirst(Self.length) }
      state.records.append(record)
      guard access(File.parent(of: path), F_OK) == 0 else { return false }
      guard state.waiting.count < Self.mostWaiting else {
        if state.remarks.isEmpty { state.remarks.append("\(path): the disk is too slow, some records are not kept") }
        return false
      }
      state.waiting.append(record.encode())
      defer { state.isWriting = true }
      return !state.isWriting
    }
    guard isAlone else { return }
    guard let error = OwnThread.start({ self.write() }) else { return }
    state.withLock { state in
      state.isWriting = false
      state.remarks.append("\(path): no thread to write it: \(error)")
    }
  }

  /// Until nothing waits.
  private func write() {
    while true {
      let records = state.withLock { state in
        defer { state.waiting = [] }
        state.isWriting = !state.waiting.isEmpty
        return state.waiting
      }
      if records.isEmpty { return }
      let remarks = disk.withLock { keep(records, &$0) }
      state.withLock { $0.remarks = ($0.remarks + remarks).suffix(Self.mostRemarks) }
    }
  }

  /// - Returns: what somebody should know.
  private func keep(_ records: [[UInt8]], _ disk: inout Disk) -> [String] {
    var remarks: [String] = []
    do throws(FileError) {
      if disk.ring == nil { disk.ring = try RingFile(path, length: Self.length, remarks: &remarks) }
      try disk.ring?.write(records)
    } catch {
      disk.ring = nil
      remarks.append("\(path) can't be written, \(records.count) records are not kept: \(error)")
    }
    return remarks
  }

  /// Records after a number, oldest first, at most `limit` and as many as one message carries.
  public func page(after number: UInt64, limit: Int) -> [AuditRecord] {
    let most = min(max(limit, 0), Self.mostInPage)
    return state.withLock { state in
      let start = state.records.firstIndex { $0.number > number } ?? state.records.endIndex
      return Array(state.records[start...].prefix(most))
    }
  }

  /// What somebody should know and wasn't told.
  public func takeRemarks() -> [String] {
    state.withLock { state in
      defer { state.remarks = [] }
      return state.remarks
    }
  }

  /// Returns when the disk has what was added, or after some seconds.
  public func finish() {
    let deadline = clinux_boot_milliseconds() + Self.patience
    while state.withLock({ $0.isWriting }), clinux_boot_milliseconds() < deadline { usleep(1_000) }
  }
}

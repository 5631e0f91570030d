import CLinux
import Glibc
import Locks
import Model

/// Watches the first processes of nodes for their end.
final class NodeWatch: Sendable {
  private struct Watched {
    var key: NodeKey
    var record: NodeRecord
    var descriptor: Int32
  }

  private struct State {
    var watched: [UInt64: Watched] = [:]
    var token: [NodeKey: UInt64] = [:]
    var next: UInt64 = 1
    /// Ended before they could be watched.
    var ended: [NodeExit] = []
  }

  /// Readable when `drain` has something.
  let descriptor: Int32
  /// Readable while `ended` isn't empty.
  private let bell: Int32
  private let folders: NodeFolders
  private let state = Guarded(State())

  private static let bellToken: UInt64 = 0

  init(_ folders: NodeFolders) throws(LabError) {
    self.folders = folders
    descriptor = clinux_watch_new()
    bell = clinux_eventfd(0, 0)
    guard descriptor >= 0, bell >= 0 else { throw LabError(.resourceExhausted, "agent", "no descriptors left", cause: words(errno)) }
  }

  deinit {
    state.withLock { state in for watched in state.watched.values { close(watched.descriptor) } }
    close(bell)
    close(descriptor)
  }

  /// Watches a node that runs, from `process`, which it takes over. Success also if it is watched already.
  func add(_ key: NodeKey, _ record: NodeRecord, process: Int32) {
    state.withLock { state in
      if let token = state.token[key], let present = state.watched[token] {
        // The end of another life of it that wasn't drained yet stays watched: both ends will be told.
        if present.record.pid == record.pid, present.record.startTime == record.startTime {
          close(process)
          return
        }
      }
      let token = state.next
      state.next += 1
      guard clinux_watch_add(descriptor, process, token) == 0 else {
        close(process)
        return
      }
      state.token[key] = token
      state.watched[token] = Watched(key: key, record: record, descriptor: process)
    }
  }

  /// Tells the end of a node that was gone before it could be watched.
  func addEnded(_ key: NodeKey, _ record: NodeRecord) {
    let end = exit(key, record, descriptor: nil)
    state.withLock { state in
      state.ended.append(end)
      var one: UInt64 = 1
      write(bell, &one, 8)
      // Fails if it is there already, which is as good.
      clinux_watch_add(descriptor, bell, Self.bellToken)
    }
  }

  func drain() -> [NodeExit] {
    state.withLock { state in
      var ends = state.ended
      state.ended = []
      var tokens = [UInt64](repeating: 0, count: 64)
      while true {
        let count = Int(clinux_watch_ready(descriptor, &tokens, Int32(tokens.count)))
        if count < 0 && errno == EINTR { continue }
        for token in tokens.prefix(max(count, 0)) {
          if token == Self.bellToken {
            clearBell()
          } else if let watched = state.watched.removeValue(forKey: token) {
            ends.append(exit(watched.key, watched.record, descriptor: watched.descriptor))
            close(watched.descriptor)
            if state.token[watched.key] == token { state.token[watched.key] = nil }
          }
        }
        if count < tokens.count { return ends }
      }
    }
  }

  private func clearBell() {
    var count: UInt64 = 0
    read(bell, &count, 8)
    clinux_watch_remove(descriptor, bell)
  }

  private func exit(_ key: NodeKey, _ record: NodeRecord, descriptor: Int32?) -> NodeExit {
    let end = Ending(folder: folders.run(key), record: record, descriptor: descriptor)
    return NodeExit(key: key, pid: record.pid, startSerial: record.startSerial, exit: end.exit, reason: end.reason)
  }
}

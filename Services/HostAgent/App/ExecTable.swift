import Glibc
import Model
import Runtime
import Synchronization

/// Commands that run in nodes for a client. Output stays in the pipes until its client reads; who doesn't read holds up only its command.
final class ExecTable: Sendable {
  private struct Entry {
    var process: ExecProcess
    /// All output so far, bounded.
    var output: [UInt8] = []
    var errors: [UInt8] = []
    var truncated = false
    var outputIsOpen = true
    var errorsAreOpen = true
    var exit: Exit?
    var deadline: UInt64
    var lastRead: UInt64
  }

  /// Commands at a time on one host.
  private static let most = 64
  /// One whose client hasn't asked for this long is ended and forgotten, in milliseconds.
  private static let patience: UInt64 = 60_000

  private let instance: Instance
  private let entries = Mutex<(last: UInt64, all: [UInt64: Entry])>((0, [:]))

  init(instance: Instance) { self.instance = instance }

  func start(_ request: ExecRequest, _ key: NodeKey, _ runtime: NamespaceRuntime, at now: UInt64) -> Result<Reply, LabError> {
    guard entries.withLock({ $0.all.count }) < Self.most else {
      return .failure(LabError(.resourceExhausted, "exec", "\(Self.most) commands run on this host already (try again)"))
    }
    do throws(LabError) {
      let process = try runtime.exec(key, ExecCommand(request.argv))
      let number = entries.withLock { state in
        state.last += 1
        state.all[state.last] = Entry(process: process, deadline: now + min(request.timeout, Limits.deadline), lastRead: now)
        return state.last
      }
      return .success(.agent(.exec(ExecID(instance, number))))
    } catch { return .failure(error) }
  }

  /// Waits for output beyond the offsets or the end, at most `wait` milliseconds.
  func read(_ id: ExecID, stdout: Int, stderr: Int, wait: UInt64, clock: () -> UInt64) -> Result<Reply, LabError> {
    let end = clock() + min(wait, 10_000)
    while true {
      let now = clock()
      let answer = entries.withLock { state -> Result<Reply, LabError>? in
        guard id.instance == instance, var entry = state.all[id.number] else {
          return .failure(LabError(.unknown, "exec", "outcome unknown: the agent doesn't know this command (any more)"))
        }
        entry.lastRead = now
        Self.pump(&entry)
        if now > entry.deadline, entry.exit == nil { entry.process.kill() }
        state.all[id.number] = entry
        let hasNews = entry.output.count > stdout || entry.errors.count > stderr
        let isOver = entry.exit != nil && !entry.outputIsOpen && !entry.errorsAreOpen
        guard hasNews || isOver || now >= end else { return nil }
        let output = Array(entry.output.dropFirst(max(0, stdout)).prefix(Limits.partBytes))
        let errors = Array(entry.errors.dropFirst(max(0, stderr)).prefix(Limits.partBytes))
        let isRead = stdout + output.count >= entry.output.count && stderr + errors.count >= entry.errors.count
        let answer = ExecOutput(stdout: output, stderr: errors, exit: isOver && isRead ? entry.exit : nil, truncated: entry.truncated)
        return .success(.agent(.execOutput(answer)))
      }
      if let answer { return answer }
      waitForNews(id)
    }
  }

  /// Blocks until one of its descriptors is readable, or briefly.
  private func waitForNews(_ id: ExecID) {
    guard let entry = entries.withLock({ $0.all[id.number] }) else { return }
    var watched: [pollfd] = []
    if entry.outputIsOpen { watched.append(pollfd(fd: entry.process.output, events: Int16(POLLIN), revents: 0)) }
    if entry.errorsAreOpen { watched.append(pollfd(fd: entry.process.errors, events: Int16(POLLIN), revents: 0)) }
    if entry.exit == nil { watched.append(pollfd(fd: entry.process.end, events: Int16(POLLIN), revents: 0)) }
    poll(&watched, nfds_t(watched.count), 200)
  }

  private static func pump(_ entry: inout Entry) {
    if entry.outputIsOpen { entry.outputIsOpen = drain(entry.process.output, &entry.output, &entry.truncated) }
    if entry.errorsAreOpen { entry.errorsAreOpen = drain(entry.process.errors, &entry.errors, &entry.truncated) }
    guard entry.exit == nil else { return }
    do throws(LabError) {
      entry.exit = try entry.process.outcome()
    } catch {
      entry.errors += Array("\(error)\n".utf8)
      entry.exit = .code(125)
    }
  }

  /// False at the end of file.
  private static func drain(_ descriptor: Int32, _ bytes: inout [UInt8], _ truncated: inout Bool) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 32 << 10)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count == 0 { return false }
      if count < 0 { return errno == EAGAIN || errno == EINTR }
      let room = Limits.execOutputBytes - bytes.count
      if count > room { truncated = true }
      bytes += buffer[0..<min(count, max(0, room))]
    }
  }

  func kill(_ id: ExecID) -> Result<Reply, LabError> {
    guard id.instance == instance else { return .failure(LabError(.unknown, "exec", "outcome unknown: the agent has restarted since")) }
    entries.withLock { $0.all.removeValue(forKey: id.number) }?.process.kill()
    return .success(.agent(.execKilled))
  }

  /// Ends what is over its time or what nobody reads any more.
  func sweep(at now: UInt64) {
    entries.withLock { state in
      for (number, entry) in state.all {
        if now > entry.deadline, entry.exit == nil { entry.process.kill() }
        if now > entry.lastRead + Self.patience {
          entry.process.kill()
          state.all[number] = nil
        }
      }
    }
  }
}

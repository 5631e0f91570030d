import Glibc
import Journal
import Kinds
import Locks
import Machine
import Model
import Runtime

/// Commands that run in nodes for a client. Output stays in the pipes until its client reads; who doesn't read holds up only its command.
final class ExecTable: Sendable {
  private struct Entry {
    var process: ExecProcess
    /// Its number in the black box.
    var record: UInt64
    var output: ExecStream
    var errors: ExecStream
    var exit: Exit?
    /// How much input it has taken.
    var taken = 0
    var deadline: UInt64
    var isOverdue = false
    var lastRead: UInt64

    /// It has ended, and so has its output. What it left behind may hold that open for ever, but not beyond its time.
    var isOver: Bool { exit != nil && (isOverdue || !output.isOpen && !errors.isOpen) }
  }

  /// Commands at a time on one host.
  private static let most = 64
  /// Commands that are known, ended ones among them.
  private static let mostKept = 256
  /// One whose client hasn't asked for this long is ended and forgotten, in milliseconds.
  private static let patience: UInt64 = 60_000

  private let instance: Instance
  private let journal: ExecJournal
  private let box: BlackBox
  private let entries = Guarded<(last: UInt64, all: [UInt64: Entry])>((0, [:]))

  init(instance: Instance, journal: ExecJournal, box: BlackBox) {
    self.instance = instance
    self.journal = journal
    self.box = box
  }

  func start(
    _ request: ExecRequest, for address: Incoming.Address, in node: AssignedNode, _ runtime: NodeRuntimes, at now: UInt64
  ) -> Result<Reply, LabError> {
    let argv = request.argv.isEmpty ? Self.console(of: node.spec) : request.argv
    // Who sits at a terminal ends it, or is gone and doesn't read.
    let time = if case .terminal = request.input { Self.endless } else { min(request.timeout, Limits.deadline) }
    // Its arguments may hold a secret.
    return start("\(argv.first ?? "") in node \(node.key)", for: address, time: time, at: now) { () throws(LabError) in
      try runtime.exec(node.key, ExecCommand(argv, environment: node.spec.environment, input: request.input))
    }.map { .agent(.exec($0)) }
  }

  func start(
    _ task: ImageTask, for address: Incoming.Address, _ runtime: NodeRuntimes, at now: UInt64
  ) -> Result<Reply, LabError> {
    let words = if case .pull(let image) = task { "pull of \(image)" } else { "load of images" }
    return start(words, for: address, time: Self.endless, at: now) { () throws(LabError) in try runtime.images().start(task) }
      .map { .agent(.imageTask($0)) }
  }

  private static let endless = UInt64.max / 2

  /// - Parameters:
  ///   - words: for the black box.
  ///   - time: after which it is ended, in milliseconds.
  private func start(
    _ words: String, for address: Incoming.Address, time: UInt64, at now: UInt64, _ begin: () throws(LabError) -> ExecProcess
  ) -> Result<ExecID, LabError> {
    // One that has ended stays for a repeated question and doesn't count.
    guard entries.withLock({ $0.all.values.count { $0.exit == nil } }) < Self.most else {
      return .failure(LabError(.resourceExhausted, "exec", "\(Self.most) commands run on this host already (try again)"))
    }
    do throws(LabError) {
      try journal.add(address)
      let record = box.begin("exec", [words])
      let process: ExecProcess
      do throws(LabError) { process = try begin() } catch {
        box.end(record, failures: 1)
        throw error
      }
      let number = entries.withLock { state in
        while state.all.count >= Self.mostKept, let old = state.all.filter({ $0.value.exit != nil }).keys.min() { state.all[old] = nil }
        state.last += 1
        state.all[state.last] = Entry(
          process: process, record: record, output: ExecStream(process.output), errors: ExecStream(process.errors),
          deadline: now + time, lastRead: now)
        return state.last
      }
      return .success(ExecID(instance, number))
    } catch { return .failure(error) }
  }

  /// Waits for output beyond the offsets or the end, at most `wait` milliseconds. What is before the offsets has arrived and is dropped.
  func read(_ id: ExecID, stdout: Int, stderr: Int, wait: UInt64, clock: () -> UInt64) -> Result<Reply, LabError> {
    let end = clock() + min(wait, 10_000)
    while true {
      let now = clock()
      let answer = entries.withLock { state -> Result<Reply, LabError>? in
        guard id.instance == instance, var entry = state.all[id.number] else {
          return .failure(LabError(.unknown, "exec", "outcome unknown: the agent doesn't know this command (any more)"))
        }
        entry.lastRead = now
        entry.output.drop(before: stdout)
        entry.errors.drop(before: stderr)
        Self.endIfOverdue(&entry, at: now)
        pump(&entry)
        state.all[id.number] = entry
        let output = entry.output.bytes(from: stdout)
        let errors = entry.errors.bytes(from: stderr)
        guard !output.isEmpty || !errors.isEmpty || entry.isOver || now >= end else { return nil }
        let isRead = stdout + output.count >= entry.output.end && stderr + errors.count >= entry.errors.end
        let exit = entry.isOver && isRead ? entry.exit : nil
        return .success(.agent(.execOutput(ExecOutput(stdout: output, stderr: errors, exit: exit, isOverdue: entry.isOverdue))))
      }
      if let answer { return answer }
      waitForNews(id)
    }
  }

  /// Hands on what of the input is new; the rest is for the writer to send again.
  func write(_ id: ExecID, offset: Int, _ bytes: [UInt8], isEnd: Bool) -> Result<Reply, LabError> {
    change(id) { entry in
      guard let input = entry.process.input else {
        return .failure(LabError(.failedPrecondition, "exec", "the command takes no input"))
      }
      var rest = bytes.dropFirst(max(0, entry.taken - offset))
      while offset <= entry.taken, !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
        if count < 0 && errno == EINTR { continue }
        // One that reads no more gets no more; its end says the rest.
        let done = count < 0 && errno != EAGAIN ? rest.count : max(0, count)
        guard done > 0 else { break }
        entry.taken += done
        rest.removeFirst(done)
      }
      if isEnd, entry.taken == offset + bytes.count { entry.process.closeInput() }
      return .success(.agent(.execWritten(entry.taken)))
    }
  }

  func resize(_ id: ExecID, _ size: TerminalSize) -> Result<Reply, LabError> {
    change(id) { entry in
      entry.process.resize(size)
      return .success(.agent(.execResized))
    }
  }

  private func change(_ id: ExecID, _ body: (inout Entry) -> Result<Reply, LabError>) -> Result<Reply, LabError> {
    entries.withLock { state in
      guard id.instance == instance, var entry = state.all[id.number] else {
        return .failure(LabError(.unknown, "exec", "outcome unknown: the agent doesn't know this command (any more)"))
      }
      defer { state.all[id.number] = entry }
      return body(&entry)
    }
  }

  /// Blocks until one of its descriptors is readable, or briefly.
  private func waitForNews(_ id: ExecID) {
    guard let entry = entries.withLock({ $0.all[id.number] }) else { return }
    var watched: [pollfd] = []
    if entry.output.wantsMore { watched.append(pollfd(fd: entry.process.output, events: Int16(POLLIN), revents: 0)) }
    if entry.errors.wantsMore { watched.append(pollfd(fd: entry.process.errors, events: Int16(POLLIN), revents: 0)) }
    if entry.exit == nil { watched.append(pollfd(fd: entry.process.end, events: Int16(POLLIN), revents: 0)) }
    poll(&watched, nfds_t(watched.count), 200)
  }

  private func pump(_ entry: inout Entry) {
    entry.output.pump()
    entry.errors.pump()
    guard entry.exit == nil else { return }
    do throws(LabError) {
      entry.exit = try entry.process.outcome()
    } catch {
      entry.errors.add("\(error)\n")
      entry.exit = .code(125)
    }
    if entry.exit != nil { box.end(entry.record, failures: 0) }
  }

  private func end(_ entry: Entry) {
    entry.process.kill()
    if entry.exit == nil { box.end(entry.record, failures: 0) }
  }

  private static func endIfOverdue(_ entry: inout Entry, at now: UInt64) {
    guard now > entry.deadline, !entry.isOver else { return }
    entry.isOverdue = true
    entry.process.kill()
  }

  func kill(_ id: ExecID) -> Result<Reply, LabError> {
    guard id.instance == instance else { return .failure(LabError(.unknown, "exec", "outcome unknown: the agent has restarted since")) }
    if let entry = entries.withLock({ $0.all.removeValue(forKey: id.number) }) { end(entry) }
    return .success(.agent(.execKilled))
  }

  /// Ends what is over its time or what nobody reads any more.
  func sweep(at now: UInt64) {
    entries.withLock { state in
      for (number, var entry) in state.all {
        if now > entry.lastRead + Self.patience {
          end(entry)
          state.all[number] = nil
        } else {
          Self.endIfOverdue(&entry, at: now)
          state.all[number] = entry
        }
      }
    }
  }
}

extension ExecTable {
  /// The command line of a node's kind, or of what stands for its image.
  private static func console(of spec: NodeSpec) -> [String] {
    let ofKind = Catalogue.find(spec.kind)?.boot.console ?? []
    return ofKind.isEmpty ? HostCommand.console(of: spec.image) : ofKind
  }
}

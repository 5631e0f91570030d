import CLinux
import Glibc
public import Model

extension NamespaceRuntime {
  public func exec(_ key: NodeKey, _ command: ExecCommand) throws(LabError) -> ExecProcess {
    guard !command.arguments.isEmpty else { throw LabError(.invalidArgument, key.id, "no command to run") }
    let record = try record(key)
    guard let record, let process = record.openProcess(boot: boot) else {
      throw LabError(.failedPrecondition, key.id, "isn't running (start it first)")
    }
    defer { close(process) }
    var body = RequestBody(group: layout.group(key))
    body.command(
      command.arguments, environment(command.environment, hostName: nil), folder: command.workingFolder,
      account: try Account.named(command.user, subject: key.id))

    var streams = try Streams(command.input, of: record.pid, subject: key.id)
    defer { streams.closeTheirs() }
    let request = Spawner.Request(
      operation: .exec, body: body,
      descriptors: [streams.channel.theirs, process, streams.input.theirs, streams.output.theirs, streams.errors.theirs])
    switch execSpawner.perform([request], subjects: [key.id])[0] {
    case .failure(let error):
      streams.closeOurs()
      throw error
    case .success:
      let output = streams.output.ours
      return ExecProcess(
        output: output, errors: streams.errors.ours, input: streams.input.ours < 0 ? nil : streams.input.ours, end: streams.channel.ours,
        resize: { _ = clinux_terminal_size(output, $0.rows, $0.columns) })
    }
  }
}

/// Both ends of a command's streams and of the channel to the process that waits for it.
private struct Streams {
  struct Pair {
    var ours: Int32 = -1
    var theirs: Int32 = -1
  }

  var channel = Pair()
  var input = Pair()
  var output = Pair()
  var errors = Pair()

  init(_ wish: ExecInput, of process: Int32, subject: String) throws(LabError) {
    var ends: [Int32] = [-1, -1]
    var done = clinux_message_pair(&ends) == 0
    if done { channel = Pair(ours: ends[0], theirs: ends[1]) }
    switch wish {
    case .none:
      input.theirs = open("/dev/null", O_RDONLY | O_CLOEXEC)
      done = done && input.theirs >= 0 && makeOutputs()
    case .stream:
      done = done && clinux_pipe(&ends, 0) == 0
      if done { input = Pair(ours: ends[1], theirs: ends[0]) }
      done = done && makeOutputs()
    case .terminal(let size): done = done && makeTerminal(size, of: process)
    }
    guard !done else { return }
    let code = errno
    closeTheirs()
    closeOurs()
    throw LabError(
      .resourceExhausted, subject, "no streams can be made for a command (descriptors, or terminals of the node)", cause: words(code))
  }

  private mutating func makeOutputs() -> Bool {
    var ends: [Int32] = [-1, -1]
    guard clinux_pipe(&ends, 1) == 0 else { return false }
    output = Pair(ours: ends[0], theirs: ends[1])
    guard clinux_pipe(&ends, 1) == 0 else { return false }
    errors = Pair(ours: ends[0], theirs: ends[1])
    return true
  }

  /// One terminal for all three; of the errors there is only an end to read.
  private mutating func makeTerminal(_ size: TerminalSize, of process: Int32) -> Bool {
    var ends: [Int32] = [-1, -1]
    guard clinux_terminal(process, &ends) == 0 else { return false }
    output = Pair(ours: ends[0], theirs: ends[1])
    _ = clinux_terminal_size(ends[0], size.rows, size.columns)
    input = Pair(ours: fcntl(ends[0], F_DUPFD_CLOEXEC, 0), theirs: fcntl(ends[1], F_DUPFD_CLOEXEC, 0))
    errors = Pair(ours: open("/dev/null", O_RDONLY | O_CLOEXEC), theirs: fcntl(ends[1], F_DUPFD_CLOEXEC, 0))
    return [input.ours, input.theirs, errors.ours, errors.theirs].allSatisfy { $0 >= 0 }
  }

  mutating func closeTheirs() {
    for number in [channel.theirs, input.theirs, output.theirs, errors.theirs] where number >= 0 { close(number) }
  }

  func closeOurs() {
    for number in [channel.ours, input.ours, output.ours, errors.ours] where number >= 0 { close(number) }
  }
}

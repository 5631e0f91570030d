import CLinux
import Glibc
public import Model

extension NamespaceRuntime {
  public func exec(_ key: NodeKey, _ command: ExecCommand) throws(LabError) -> ExecProcess {
    guard !command.arguments.isEmpty else { throw LabError(.invalidArgument, key.id, "no command to run") }
    guard let process = try record(key)?.openProcess(boot: boot) else {
      throw LabError(.failedPrecondition, key.id, "isn't running (start it first)")
    }
    defer { close(process) }
    var body = RequestBody(group: layout.group(key))
    body.command(
      command.arguments, environment(command.environment, hostName: nil), folder: command.workingFolder,
      account: try Account.named(command.user, subject: key.id))

    var streams = try Streams(wantsInput: command.wantsInput, subject: key.id)
    defer { streams.closeTheirs() }
    let request = Spawner.Request(
      operation: .exec, body: body,
      descriptors: [streams.channel.theirs, process, streams.input.theirs, streams.output.theirs, streams.errors.theirs])
    switch execSpawner.perform([request], subjects: [key.id])[0] {
    case .failure(let error):
      streams.closeOurs()
      throw error
    case .success:
      return ExecProcess(
        output: streams.output.ours, errors: streams.errors.ours, input: command.wantsInput ? streams.input.ours : nil,
        end: streams.channel.ours)
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

  init(wantsInput: Bool, subject: String) throws(LabError) {
    var ends: [Int32] = [-1, -1]
    var done = clinux_message_pair(&ends) == 0
    if done { channel = Pair(ours: ends[0], theirs: ends[1]) }
    if done && wantsInput {
      done = clinux_pipe(&ends, 0) == 0
      if done { input = Pair(ours: ends[1], theirs: ends[0]) }
    } else if done {
      input.theirs = open("/dev/null", O_RDONLY | O_CLOEXEC)
      done = input.theirs >= 0
    }
    done = done && clinux_pipe(&ends, 1) == 0
    if done { output = Pair(ours: ends[0], theirs: ends[1]) }
    done = done && clinux_pipe(&ends, 1) == 0
    if done { errors = Pair(ours: ends[0], theirs: ends[1]) }
    guard !done else { return }
    let code = errno
    closeTheirs()
    closeOurs()
    throw LabError(.resourceExhausted, subject, "no descriptors left for a command", cause: words(code))
  }

  mutating func closeTheirs() {
    for number in [channel.theirs, input.theirs, output.theirs, errors.theirs] where number >= 0 { close(number) }
  }

  func closeOurs() {
    for number in [channel.ours, input.ours, output.ours, errors.ours] where number >= 0 { close(number) }
  }
}

import Arguments
import Glibc
import Machine
import Model

/// `archetype exec`.
struct Exec: Runnable {
  static let entry = Entry(
    Command(
      "exec", "run a command in a node; its exit code is ours",
      options: [.value("timeout", "S", "seconds until the command is killed, at most \(longest)", standard: "\(longest)")],
      positionals: [.required("LAB"), .required("NODE")], rest: "COMMAND"),
    examples: ["archetype exec ring r1 -- ip -br address", "archetype exec ring r1 --timeout 10 -- vtysh -c 'show ip ospf neighbor'"],
    failure: ExitCode.ownOfExec, make: { (invocation) throws(LabError) in try Exec(invocation) })

  private let place: Connection.Place
  private let id: NodeID
  private let argv: [String]
  private let timeout: UInt64

  /// What an agent allows, in seconds.
  private static let longest = Int(Limits.deadline / 1_000)
  /// How long an answer may wait for output, in milliseconds: Ctrl-C is noticed as late.
  private static let wait: UInt64 = 500
  /// How long the bus or the agent may be away before we give up, in milliseconds.
  private static let patience: UInt64 = 30_000

  private init(_ invocation: Invocation) throws(LabError) {
    place = try invocation.bus()
    id = NodeID(try invocation.lab(), try invocation.node())
    argv = invocation.arguments.rest
    timeout = UInt64(try invocation.arguments.number("timeout", in: 1...Self.longest) ?? Self.longest) * 1_000
    guard !argv.isEmpty else {
      throw LabError(.invalidArgument, "COMMAND", "is missing (usage: \(Self.entry.command.usage(program: "archetype")))")
    }
  }

  func run() throws(LabError) -> Int32 {
    // A gone reader and Ctrl-C are noticed between two reads, so that the command is ended with us.
    Interruption.hold(SIGPIPE)
    Interruption.hold(SIGINT)
    let connection = try place.connect()
    let host = try connection.host(of: id)
    guard case .exec(let exec) = try connection.agent(.exec(ExecRequest(node: id, argv: argv, timeout: timeout)), host) else {
      throw Connection.strange(.agent(host))
    }
    var offsets = (stdout: 0, stderr: 0)
    var lastAnswer = Surroundings.now()
    while true {
      if Interruption.isPending(SIGINT) { return kill(exec, host, connection, 128 + SIGINT) }
      let output: ExecOutput
      do throws(LabError) {
        let read = AgentRequest.execRead(exec, stdout: offsets.stdout, stderr: offsets.stderr, wait: Self.wait)
        guard case .execOutput(let part) = try connection.agent(read, host, deadline: Self.wait + 5_000) else {
          throw Connection.strange(.agent(host))
        }
        output = part
      } catch {
        guard error.isTransient, Surroundings.now().since(lastAnswer) < Self.patience else { throw outcome(error) }
        Surroundings.sleep(milliseconds: 200)
        continue
      }
      lastAnswer = Surroundings.now()
      offsets = (offsets.stdout + output.stdout.count, offsets.stderr + output.stderr.count)
      guard Output.write(output.stdout, to: STDOUT_FILENO), Output.write(output.stderr, to: STDERR_FILENO) else {
        return kill(exec, host, connection, 128 + SIGPIPE)
      }
      if let exit = output.exit { return try code(exit, output) }
    }
  }

  private func code(_ exit: Exit, _ output: ExecOutput) throws(LabError) -> Int32 {
    if output.isOverdue {
      throw LabError(.deadlineExceeded, "\(id)", "the command was killed after \(timeout / 1_000) s (allow it more with --timeout)")
    }
    switch exit {
    case .code(let code): return code
    case .signal(let signal): return 128 + signal
    case .unknown: throw LabError(.unknown, "\(id)", "how the command ended can't be known")
    }
  }

  /// The command has begun: whatever went wrong, how it ended isn't known.
  private func outcome(_ error: LabError) -> LabError {
    guard error.code != .unknown else { return error }
    return LabError(error.code, "\(id)", "the command's outcome is unknown (it may run until its timeout)", cause: error.description)
  }

  private func kill(_ exec: ExecID, _ host: HostName, _ connection: Connection, _ code: Int32) -> Int32 {
    // Should it not arrive, the command's own timeout ends it.
    _ = try? connection.agent(.execKill(exec), host, deadline: 1_000)
    return code
  }
}

extension Connection {
  /// Where a node runs.
  func host(of id: NodeID) throws(LabError) -> HostName {
    let status = try inspect(id.lab)
    guard let node = status.nodes.first(where: { $0.name == id.node }) else {
      let known = status.nodes.prefix(8).map(\.name.text).joined(separator: ", ")
      throw LabError(.notFound, "\(id)", "the lab has no such node (it has \(known)\(status.nodes.count > 8 ? ", …" : ""))")
    }
    return node.host
  }
}

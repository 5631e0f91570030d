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
    var command = try NodeCommand(place, ExecRequest(node: id, argv: argv, timeout: timeout))
    while true {
      if Interruption.isPending(SIGINT) {
        command.kill()
        return 128 + SIGINT
      }
      let output = try command.read()
      guard Output.write(output.stdout, to: STDOUT_FILENO), Output.write(output.stderr, to: STDERR_FILENO) else {
        command.kill()
        return 128 + SIGPIPE
      }
      guard let exit = output.exit else { continue }
      if output.isOverdue {
        throw LabError(.deadlineExceeded, "\(id)", "the command was killed after \(timeout / 1_000) s (allow it more with --timeout)")
      }
      return try command.code(exit)
    }
  }
}

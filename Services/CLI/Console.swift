import Arguments
import Glibc
import Machine
import Model
import Synchronization

/// `archetype console`.
struct Console: Runnable {
  static let entry = Entry(
    Command("console", "sit at a node: its own command line, or a shell", positionals: [.required("LAB"), .required("NODE")]),
    examples: ["archetype console ring r1", "echo 'show ip route' | archetype console ring r1"], failure: ExitCode.ownOfExec,
    make: { (invocation) throws(LabError) in
      Console(place: try invocation.bus(), node: NodeID(try invocation.lab(), try invocation.node()))
    })

  let place: Connection.Place
  let node: NodeID

  /// Where a terminal doesn't say.
  private static let standard = TerminalSize(rows: 24, columns: 80)

  func run() throws(LabError) -> Int32 {
    for signal in [SIGPIPE, SIGTERM, SIGHUP] { Interruption.hold(signal) }
    let isTerminal = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
    let input: ExecInput = isTerminal ? .terminal(TerminalMode.size(of: STDIN_FILENO) ?? Self.standard) : .stream
    var command = try NodeCommand(place, ExecRequest(node: node, argv: [], timeout: Limits.deadline, input: input))
    if isTerminal { Output.message("\(node): end with its own 'exit', or with Ctrl-]") }
    let mode = isTerminal ? TerminalMode(raw: STDIN_FILENO) : nil
    defer { mode?.restore() }
    let typed = try CommandInput.start(place, command, from: STDIN_FILENO, isTerminal: isTerminal)
    while true {
      if typed.isLeft.load(ordering: .relaxed) {
        command.kill()
        return ExitCode.done
      }
      if let signal = [SIGTERM, SIGHUP].first(where: Interruption.isPending) {
        command.kill()
        return 128 + signal
      }
      let output = try command.read()
      guard Output.write(output.stdout, to: STDOUT_FILENO), Output.write(output.stderr, to: STDERR_FILENO) else {
        command.kill()
        return 128 + SIGPIPE
      }
      if let exit = output.exit { return try command.code(exit) }
    }
  }
}

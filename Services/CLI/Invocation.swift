import Arguments
import Bus
import Glibc
import Model
import Testbed

/// What a command was called with.
struct Invocation {
  let arguments: Arguments
  let environment: [String: String]

  /// Longest time that a command waits or may run, in seconds: a day.
  static let timeouts = 1...86_400

  var isJSON: Bool { arguments.value("format") == "json" }

  func checkFormat() throws(LabError) {
    guard let format = arguments.value("format"), format != "table", format != "json" else { return }
    throw LabError(.invalidArgument, "--format", "'\(format)' is not a format (table or json)")
  }

  func lab() throws(LabError) -> LabName { try LabName(arguments.positional("LAB") ?? "") }
  func optionalLab() throws(LabError) -> LabName? {
    guard let text = arguments.positional("LAB") else { return nil }
    return try LabName(text)
  }
  func node() throws(LabError) -> NodeName { try NodeName(arguments.positional("NODE") ?? "") }
  func nodes() throws(LabError) -> [NodeName] {
    var nodes: [NodeName] = []
    for text in arguments.positionals("NODE") { nodes.append(try NodeName(text)) }
    return nodes
  }

  /// Milliseconds.
  func timeout(standard: Int) throws(LabError) -> UInt64 { UInt64(try arguments.number("timeout", in: Self.timeouts) ?? standard) * 1_000 }

  /// Where the bus is; with nothing said and no `/run/archetype`, that of the standard testbed if there is one.
  func address() throws(LabError) -> BusAddress {
    if let text = arguments.value("bus") { return try BusAddress(text) }
    let testbed = Testbed.defaultFolder + "/bus"
    if access("/run/archetype", F_OK) != 0, access(testbed, F_OK) == 0 { return .folder(testbed) }
    return .standard
  }

  /// Where to connect to, checked before anything is done.
  func bus() throws(LabError) -> Connection.Place { Connection.Place(address: try address(), keys: arguments.value("keys")) }

  var output: Terminal { Terminal(STDOUT_FILENO, environment) }
  var messages: Terminal { Terminal(STDERR_FILENO, environment) }

  func show(_ table: Table) { Output.data(table.text(hasColour: output.hasColour)) }
}

/// A command whose arguments have been read and found right.
protocol Runnable {
  /// - Returns: the exit code.
  func run() throws(LabError) -> Int32
}

/// A command as the program knows it.
struct Entry: Sendable {
  let command: Command
  /// Complete calls, for the help.
  let examples: [String]
  /// The exit code of our own errors, where it isn't that of all commands.
  let failure: Int32?
  /// Reads the arguments. What it throws is wrong use.
  let make: @Sendable (Invocation) throws(LabError) -> any Runnable

  init(
    _ command: Command, examples: [String], failure: Int32? = nil, make: @escaping @Sendable (Invocation) throws(LabError) -> any Runnable
  ) {
    self.command = command
    self.examples = examples
    self.failure = failure
    self.make = make
  }
}

/// Exit codes that scripts depend on.
enum ExitCode {
  static let done: Int32 = 0
  static let failed: Int32 = 1
  static let wrongUse: Int32 = 2
  static let notConverged: Int32 = 3
  static let unreachable: Int32 = 4
  /// Our own failure where other codes are those of the command that runs.
  static let ownOfExec: Int32 = 125

  static func of(_ error: LabError) -> Int32 {
    switch error.code {
    case .unavailable, .deadlineExceeded: unreachable
    case .invalidArgument, .notFound, .alreadyExists, .permissionDenied, .unauthenticated, .resourceExhausted, .failedPrecondition,
      .aborted, .outOfRange, .unimplemented, .internalError, .cancelled, .unknown:
      failed
    }
  }
}

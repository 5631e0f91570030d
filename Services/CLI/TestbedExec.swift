import Arguments
import Model
import Testbed

/// `archetype testbed exec`.
struct TestbedExec: Runnable {
  static let entry = Entry(
    Command(
      "testbed exec", "run a command in a host (or in control); input, output and exit code pass through",
      options: [TestbedCommands.folder], positionals: [.required("HOST")], rest: "COMMAND"),
    examples: ["archetype testbed exec h1 -- ip -br address"], failure: ExitCode.ownOfExec,
    make: { (invocation) throws(LabError) in
      guard !invocation.arguments.rest.isEmpty else {
        throw LabError(.invalidArgument, "COMMAND", "is missing (usage: archetype testbed exec HOST -- COMMAND…)")
      }
      return TestbedExec(
        testbed: try TestbedCommands.testbed(invocation), host: invocation.arguments.positional("HOST") ?? "",
        command: invocation.arguments.rest)
    })

  let testbed: Testbed
  let host: String
  let command: [String]

  func run() throws(LabError) -> Int32 { try testbed.exec(host, command) }
}

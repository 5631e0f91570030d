import Arguments
import Model

/// `archetype version`.
struct Version: Runnable {
  static let entry = Entry(
    Command("version", "print the version"), examples: ["archetype version"],
    make: { (invocation) throws(LabError) in Version(invocation: invocation) })

  let invocation: Invocation

  func run() throws(LabError) -> Int32 {
    if invocation.isJSON { Output.json(.members(["version": .string(Build.version)])) } else { Output.line("archetype \(Build.version)") }
    return ExitCode.done
  }
}

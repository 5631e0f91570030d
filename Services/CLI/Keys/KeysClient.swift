import Arguments
import Bus
import Model

/// `archetype keys client`.
struct KeysClient: Runnable {
  static let entry = Entry(
    Command(
      "keys client", "make the keys of a user's command line, to be copied there (bus's keys in --keys DIR)",
      options: [
        .value("role", "ROLE", "viewer looks, operator changes labs, admin does everything", standard: Role.operator.rawValue),
        .value("out", "DIR", "where to put them (default: clients/NAME beside the bus's)"),
      ], positionals: [.required("NAME")]),
    examples: ["archetype keys client anna", "archetype keys client wall-display --role viewer"],
    make: { (invocation) throws(LabError) in
      let name = try HostName(invocation.arguments.positional("NAME") ?? "").text
      let word = invocation.arguments.value("role") ?? ""
      guard let role = Role(rawValue: word), role != .newcomer else {
        throw LabError(.invalidArgument, "--role", "'\(word)' is none (viewer, operator or admin)")
      }
      let hub = invocation.arguments.value("keys") ?? KeysInit.standardFolder
      let folder = invocation.arguments.value("out") ?? "\(hub)/clients/\(name)"
      return KeysClient(invocation: invocation, name: name, role: role, hub: hub, folder: folder)
    })

  let invocation: Invocation
  let name: String
  let role: Role
  let hub: String
  let folder: String

  func run() throws(LabError) -> Int32 {
    KeysInit.makeParents(of: folder)
    try Keys.makePeer(name: .client(name), role: role, hubFolder: hub, peerFolder: folder)
    if invocation.isJSON {
      Output.json(.members(["client": .string(name), "role": .string(role.rawValue), "keys": .string(folder)]))
    } else {
      Output.line("keys of cli/\(name), \(role.rawValue), are in \(folder); copy that folder to the user's machine, and there:")
      Output.line("  archetype --bus tcp://ADDRESS:7700 --keys DIR list")
    }
    return ExitCode.done
  }
}

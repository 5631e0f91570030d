import Arguments
import Bus
import Model

/// `archetype keys host`.
struct KeysHost: Runnable {
  static let entry = Entry(
    Command(
      "keys host", "make the keys of a host's agent, to be copied there (bus's keys in --keys DIR)",
      options: [.value("out", "DIR", "where to put them (default: hosts/NAME beside the bus's)")], positionals: [.required("NAME")]),
    examples: ["archetype keys host h1", "archetype keys host h1 --keys /srv/keys --out /tmp/h1-keys"],
    make: { (invocation) throws(LabError) in
      let name = try HostName(invocation.arguments.positional("NAME") ?? "")
      let folder = invocation.arguments.value("keys") ?? KeysInit.standardFolder
      return KeysHost(
        invocation: invocation, host: name, hub: folder, folder: invocation.arguments.value("out") ?? "\(folder)/hosts/\(name)")
    })

  let invocation: Invocation
  let host: HostName
  let hub: String
  let folder: String

  func run() throws(LabError) -> Int32 {
    KeysInit.makeParents(of: folder)
    try Keys.makePeer(name: .agent(host), hubFolder: hub, peerFolder: folder)
    if invocation.isJSON {
      Output.json(.members(["host": .string(host.text), "keys": .string(folder)]))
    } else {
      Output.line("keys of agent/\(host) are in \(folder); copy that folder to the host, and there:")
      Output.line("  archetype-agent --host \(host) --bus tcp://ADDRESS:7700 --keys DIR --underlay ADDRESS")
    }
    return ExitCode.done
  }
}

import Arguments
import Bus
import Glibc
import Model

/// `archetype keys init`.
struct KeysInit: Runnable {
  static let entries: [Entry] = [entry, KeysHost.entry, KeysClient.entry, KeysList.entry] + KeysChange.entries
  /// Where keys are when nobody says.
  static let standardFolder = "/etc/archetype/keys"
  /// What this machine's command line is called on a bus over TCP.
  static let client = PeerName.client("local")

  private static let entry = Entry(
    Command("keys init", "make the bus's keys and the local command line's, unless they are there (in --keys DIR)"),
    examples: ["archetype keys init", "archetype keys init --keys /srv/keys"],
    make: { (invocation) throws(LabError) in
      KeysInit(invocation: invocation, folder: invocation.arguments.value("keys") ?? Self.standardFolder)
    })

  let invocation: Invocation
  let folder: String

  func run() throws(LabError) -> Int32 {
    Self.makeParents(of: folder)
    try Keys.makeHub(folder)
    // Made again, a key would shut out whoever has a copy of it.
    if access("\(folder)/peer.key", F_OK) != 0 {
      try Keys.makePeer(name: Self.client, hubFolder: folder, peerFolder: folder)
    }
    if invocation.isJSON {
      Output.json(.members(["keys": .string(folder)]))
    } else {
      Output.line("keys are in \(folder); next:")
      Output.line("  archetype-bus --listen tcp://ADDRESS:7700 --keys \(folder)")
      Output.line("  archetype keys host NAME --keys \(folder)")
    }
    return ExitCode.done
  }

  /// Folders above one of keys, for their owner only; what can't be made shows when the keys are.
  static func makeParents(of path: String) {
    let parts = path.split(separator: "/").dropLast()
    for count in parts.indices { mkdir((path.hasPrefix("/") ? "/" : "") + parts[...count].joined(separator: "/"), 0o700) }
  }
}

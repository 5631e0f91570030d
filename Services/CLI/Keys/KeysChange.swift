import Arguments
import Bus
import Model

/// `archetype keys revoke|rotate`.
struct KeysChange: Runnable {
  private enum Change { case revoke, rotate, finish }

  static let entries: [Entry] = [
    Entry(
      Command(
        "keys revoke", "take no key of a peer any more, and end its connections (in --keys DIR)", positionals: [.required("PEER")]),
      examples: ["archetype keys revoke cli/anna", "archetype keys revoke agent/h2"],
      make: { (invocation) throws(LabError) in try KeysChange(invocation, .revoke) }),
    Entry(
      Command(
        "keys rotate", "make the next key of a peer, or of the bus; of a peer both are taken until it has changed (in --keys DIR)",
        options: [
          .value("out", "DIR", "where to put it (default: next/NAME beside the bus's)"),
          .flag("finish", "the peer has changed: the key before is taken no more; or the bus is to change now"),
        ], positionals: [.required("PEER")]),
      examples: ["archetype keys rotate agent/h2", "archetype keys rotate agent/h2 --finish", "archetype keys rotate bus"],
      make: { (invocation) throws(LabError) in
        try KeysChange(invocation, invocation.arguments.flag("finish") ? .finish : .rotate)
      }),
  ]

  private let invocation: Invocation
  private let change: Change
  private let peer: PeerName
  private let hub: String

  private init(_ invocation: Invocation, _ change: Change) throws(LabError) {
    self.invocation = invocation
    self.change = change
    peer = try PeerName(invocation.arguments.positional("PEER") ?? "")
    hub = invocation.arguments.value("keys") ?? KeysInit.standardFolder
  }

  func run() throws(LabError) -> Int32 {
    switch change {
    case .revoke:
      try Keys.revoke(peer, in: hub)
      tell("none", ["keys of \(peer) are taken no more; the bus ends its connections within a second"])
    case .rotate where peer == .bus: try rotateBus()
    case .finish where peer == .bus:
      try Keys.finishRotationOfHub(in: hub)
      tell(hub, ["the bus has its next key within a second; start every agent again (systemctl restart archetype-agent)"])
    case .finish:
      try Keys.finishRotation(of: peer, in: hub)
      tell(hub, ["only the next key of \(peer) is taken from now on"])
    case .rotate:
      let folder = nextFolder
      try Keys.makePeer(name: peer, role: try Keys.known(peer, in: hub).role, hubFolder: hub, peerFolder: folder, isNext: true)
      tell(
        folder,
        [
          "the next key of \(peer) is in \(folder); put it in place of the one that it has, start it again, and then:",
          "  archetype keys rotate \(peer) --finish\(place)",
        ])
    }
    return ExitCode.done
  }

  private func rotateBus() throws(LabError) {
    let folder = nextFolder
    try Keys.rotateHub(in: hub, out: folder)
    tell(
      folder,
      [
        "what others know the bus's next key by is \(folder)/hub.pub; put it in place of hub.pub in the folder of keys of each host and",
        "each user, where nothing comes of it as long as agents aren't started again, and then:",
        "  archetype keys rotate bus --finish\(place)",
      ])
  }

  /// What the next command needs too.
  private var place: String { hub == KeysInit.standardFolder ? "" : " --keys \(hub)" }

  /// Made as far as its parents.
  private var nextFolder: String {
    let name = "\(peer)".split(separator: "/").joined(separator: "-")
    let folder = invocation.arguments.value("out") ?? "\(hub)/next/\(name)"
    KeysInit.makeParents(of: folder)
    return folder
  }

  private func tell(_ folder: String, _ lines: [String]) {
    guard !invocation.isJSON else { return Output.json(.members(["peer": .string("\(peer)"), "keys": .string(folder)])) }
    for line in lines { Output.line(line) }
  }
}

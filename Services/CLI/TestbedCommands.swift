import Arguments
import Model
import Testbed

/// `archetype testbed …`.
enum TestbedCommands {
  static let entries: [Entry] = [
    TestbedUp.entry,
    entry("down", "end a testbed and remove all of it", [], "archetype testbed down") { (testbed, _) throws(LabError) in
      try testbed.down()
    },
    TestbedExec.entry,
    entry("power-off", "cut a host's power", [.required("HOST")], "archetype testbed power-off h1") { (testbed, call) throws(LabError) in
      try testbed.powerOff(call.positional("HOST") ?? "")
    },
    entry("power-on", "switch a host on again", [.required("HOST")], "archetype testbed power-on h1") { (testbed, call) throws(LabError) in
      try testbed.powerOn(call.positional("HOST") ?? "")
    },
    entry("cut", "cut a host's cables", [.required("HOST")], "archetype testbed cut h1 --underlay", cables) {
      (testbed, call) throws(LabError) in
      try testbed.cut(call.positional("HOST") ?? "", chosen(call))
    },
    entry("heal", "heal a host's cables", [.required("HOST")], "archetype testbed heal h1", cables) { (testbed, call) throws(LabError) in
      try testbed.heal(call.positional("HOST") ?? "", chosen(call))
    },
    entry("kill", "SIGKILL a service or agent; nothing starts it again", [.required("NAME")], "archetype testbed kill agent/h1") {
      (testbed, call) throws(LabError) in
      try testbed.kill(call.positional("NAME") ?? "")
    },
    entry("start", "start a service or agent that was killed", [.required("NAME")], "archetype testbed start agent/h1") {
      (testbed, call) throws(LabError) in
      try testbed.start(call.positional("NAME") ?? "")
    },
  ]

  static let folder = Command.Option.value("dir", "DIR", "the testbed's folder", standard: Testbed.defaultFolder)

  private static let cables: [Command.Option] = [
    .flag("bus", "the cable to the control plane only"), .flag("underlay", "the cable to the other hosts only"),
  ]

  /// Both where none is named.
  private static func chosen(_ arguments: Arguments) -> Set<Cable> {
    var cables: Set<Cable> = []
    if arguments.flag("bus") { cables.insert(.bus) }
    if arguments.flag("underlay") { cables.insert(.underlay) }
    return cables.isEmpty ? Set(Cable.allCases) : cables
  }

  private static func entry(
    _ name: String, _ summary: String, _ positionals: [Command.Positional], _ example: String, _ options: [Command.Option] = [],
    action: @escaping @Sendable (Testbed, Arguments) throws(LabError) -> Void
  ) -> Entry {
    Entry(
      Command("testbed \(name)", summary, options: options + [folder], positionals: positionals), examples: [example],
      make: { (invocation) throws(LabError) in
        TestbedAction(testbed: try testbed(invocation), arguments: invocation.arguments, action: action)
      })
  }

  static func testbed(_ invocation: Invocation) throws(LabError) -> Testbed {
    try Testbed(folder: invocation.arguments.value("dir") ?? Testbed.defaultFolder)
  }
}

/// What needs nothing but the testbed and prints nothing.
private struct TestbedAction: Runnable {
  let testbed: Testbed
  let arguments: Arguments
  let action: @Sendable (Testbed, Arguments) throws(LabError) -> Void

  func run() throws(LabError) -> Int32 {
    try action(testbed, arguments)
    return ExitCode.done
  }
}

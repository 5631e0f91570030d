import Arguments
import Bus
import Model

/// `archetype keys list`.
struct KeysList: Runnable {
  static let entry = Entry(
    Command("keys list", "whose keys the bus takes (in --keys DIR)"), examples: ["archetype keys list"],
    make: { (invocation) throws(LabError) in
      KeysList(invocation: invocation, folder: invocation.arguments.value("keys") ?? KeysInit.standardFolder)
    })

  let invocation: Invocation
  let folder: String

  func run() throws(LabError) -> Int32 {
    let keys = try Keys.list(folder)
    if invocation.isJSON {
      Output.json(.array(keys.map(Self.json)))
      return ExitCode.done
    }
    var table = Table("PEER", "ROLE", "KEY", "MADE", "EXPIRES", "NOTE")
    for listed in keys {
      table.add(
        .init("\(listed.key.name)"), .init(Self.role(listed.key) ?? "-"), .init(String(listed.publicKey.prefix(8))),
        .init(Self.time(listed.madeAt)), .init(listed.key.expiresAt.map(Self.time) ?? "-"), .init(Self.note(listed)))
    }
    invocation.show(table)
    return ExitCode.done
  }

  /// nil: not a command line's.
  private static func role(_ key: KnownKey) -> String? { if case .client = key.name { key.role.rawValue } else { nil } }

  private static func note(_ listed: ListedKey) -> String {
    if let host = listed.key.enrolls { return "one-time key of host \(host)" }
    return listed.isNext ? "the next one (archetype keys rotate \(listed.key.name) --finish)" : ""
  }

  private static func time(_ seconds: Int64) -> String { Timestamp.text(seconds * 1_000) }

  private static func json(_ listed: ListedKey) -> JSON {
    .members([
      "peer": .string("\(listed.key.name)"), "role": role(listed.key).map { .string($0) } ?? .null, "key": .string(listed.publicKey),
      "made": .string(time(listed.madeAt)), "expires": listed.key.expiresAt.map { .string(time($0)) } ?? .null,
      "enrolls": listed.key.enrolls.map { .string($0.text) } ?? .null, "next": .bool(listed.isNext),
    ])
  }
}

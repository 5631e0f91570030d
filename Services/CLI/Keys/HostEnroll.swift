import Arguments
import Bus
import Glibc
import Model
import Reactor

/// `archetype host enroll`, on the bus's machine.
struct HostEnroll: Runnable {
  static let entry = Entry(
    Command(
      "host enroll", "make a one-time token with which a new host brings its own key (bus's keys in --keys DIR)",
      options: [
        .value("at", "ADDRESS", "of the bus, as the host reaches it: tcp://HOST:PORT"),
        .value("for", "MINUTES", "how long the token is good", standard: "60"),
      ], positionals: [.required("NAME")]),
    examples: ["archetype host enroll h2 --at tcp://192.0.2.1:7700"],
    make: { (invocation) throws(LabError) in
      guard let at = invocation.arguments.value("at") else {
        throw LabError(.invalidArgument, "--at", "is missing (the bus as the host reaches it: tcp://HOST:PORT)")
      }
      let address = try BusAddress(at)
      guard case .tcp = address else {
        throw LabError(.invalidArgument, "--at", "\(address) is no address that another host reaches (tcp://HOST:PORT)")
      }
      return HostEnroll(
        invocation: invocation, host: try HostName(invocation.arguments.positional("NAME") ?? ""), address: address,
        minutes: try invocation.arguments.number("for", in: 1...10_080) ?? 60,
        hub: invocation.arguments.value("keys") ?? KeysInit.standardFolder)
    })

  let invocation: Invocation
  let host: HostName
  let address: BusAddress
  let minutes: Int
  let hub: String

  func run() throws(LabError) -> Int32 {
    let end = Int64(time(nil)) + Int64(minutes) * 60
    let token = try EnrolToken(for: host, at: address, until: end, hubFolder: hub)
    if invocation.isJSON {
      Output.json(
        .members(["host": .string(host.text), "token": .string(token.text), "expires": .string(Timestamp.text(end * 1_000))]))
    } else {
      Output.line("good for one host, until \(Timestamp.text(end * 1_000)); whoever has it first is \(host). There:")
      Output.line("  archetype host join '\(token.text)'")
    }
    return ExitCode.done
  }
}

/// `archetype host join`, on the new host.
struct HostJoin: Runnable {
  static let entry = Entry(
    Command(
      "host join", "make this host's key and hand it in with a one-time token (into --keys DIR)",
      positionals: [.required("TOKEN")]),
    examples: ["archetype host join 'h2@tcp://192.0.2.1:7700#…'", "archetype host join - < token"],
    make: { (invocation) throws(LabError) in
      var text = invocation.arguments.positional("TOKEN") ?? ""
      if text == "-" { text = readLine() ?? "" }
      return HostJoin(
        invocation: invocation, token: try EnrolToken(text), folder: invocation.arguments.value("keys") ?? KeysInit.standardFolder)
    })

  let invocation: Invocation
  let token: EnrolToken
  let folder: String

  func run() throws(LabError) -> Int32 {
    guard access("\(folder)/peer.key", F_OK) != 0 else {
      throw LabError(.alreadyExists, folder, "has a key already (remove \(folder)/peer.key, or give another --keys DIR)")
    }
    let pair = Keys.makePair(named: "\(PeerName.agent(token.host))")
    KeysInit.makeParents(of: folder)
    // There before the bus knows it: whatever ends this, the host has the key that the bus takes.
    try Keys.writePeer(pair, hub: token.keys.hub, to: folder)
    do throws(LabError) { try handIn(pair.publicKey) } catch {
      // Refused: the key is nobody's. Else it may have been taken.
      if error.code != .deadlineExceeded, error.code != .unknown { unlink("\(folder)/peer.key") }
      throw error
    }
    if invocation.isJSON {
      Output.json(.members(["host": .string(token.host.text), "keys": .string(folder)]))
    } else {
      Output.line("this host is \(token.host), its keys are in \(folder); next:")
      Output.line("  archetype-agent --host \(token.host) --bus \(token.address) --keys \(folder) --underlay ADDRESS")
    }
    return ExitCode.done
  }

  private func handIn(_ publicKey: String) throws(LabError) {
    let instance = Clock.makeInstance()
    var client = try connect(instance)
    guard case .peer(.enrolled) = try client.call(.peer(.enroll(publicKey)), to: .bus, id: RequestID(instance, 1)) else {
      throw Connection.strange(.bus)
    }
  }

  /// The bus looks for new keys every second, and the token may be younger.
  private func connect(_ instance: Instance) throws(LabError) -> BlockingClient {
    for isLast in [false, false, true] {
      do throws(LabError) {
        return try BlockingClient(
          address: token.address, pair: token.keys, instance: instance, build: Build.version, clock: { Clock.now() })
      } catch { if error.code != .unauthenticated { throw error } }
      if !isLast { sleep(1) }
    }
    throw LabError(
      .unauthenticated, "token", "is not good, or not any more (on the bus's machine: archetype host enroll \(token.host) makes another)")
  }
}

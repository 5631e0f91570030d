import Arguments
import Bus
import Foundation
import Model

/// `archetype-lossy`: stands in a bus's place and passes everything on to a hub of its own, but for what it drops, doubles, delays and
/// brings out of order.
let command = Command(
  "archetype-lossy", "a bus that loses messages, for tests",
  options: [
    .value("hub", "PROGRAM", "the bus that it stands before"), .value("seed", "N", "what becomes of which message", standard: "1"),
    .repeated("listen", "ADDRESS", "as a bus; the first is a folder"), .value("keys", "DIR", "as a bus"),
    .value("data", "DIR", "the hub's"),
  ])

func run() throws -> Never {
  let given = try command.parse(Array(CommandLine.arguments.dropFirst()), environment: [:])
  let addresses = try given.values("listen").map { try BusAddress($0) }
  guard case .folder(let folder)? = addresses.first, let program = given.value("hub") else {
    throw LabError(.invalidArgument, "archetype-lossy", "needs --hub and a folder to listen in")
  }
  let seed = try given.number("seed", in: 0...Int.max) ?? 1
  var forwarder = try Forwarder(addresses, keys: given.value("keys"), folder: folder, seed: UInt64(seed))
  let data = given.value("data").map { ["--data", $0] } ?? []
  let hub = try Process.run(
    URL(fileURLWithPath: "/usr/bin/setpriv"), arguments: ["--pdeathsig", "SIGKILL", program, "--bus", "ipc://\(folder)/hub"] + data)
  while hub.isRunning { try forwarder.round() }
  throw LabError(.unavailable, program, "has ended")
}

do { try run() } catch {
  FileHandle.standardError.write(Data("error: \(error)\n".utf8))
  exit(1)
}

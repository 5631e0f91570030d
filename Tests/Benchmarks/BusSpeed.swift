import Foundation
import Support

/// The bus beside a plain C program of its shape, which reads a ROUTER and writes to it and to an XPUB, under the same load in turn.
struct BusSpeed {
  private static let rounds = 5
  private static let peers = 1_000

  /// A hub that runs.
  private struct Hub {
    let name: String
    let folder: String
    let process: StartedCommand
  }

  let seconds: Int

  func measure() throws -> [String] {
    var lines = ["| bus | Archetype | plain hub | ratio |", "| --- | ---: | ---: | ---: |"]
    try withHubs { hubs in
      for depth in [1, 64] {
        let runs = try compare(hubs, ["call", "\(Double(seconds) / 2)", "\(depth)"])
        if depth == 1 { lines.append(line("round trip of 100 bytes, p50, µs", runs.map { $0.map { $0["p50_us"] ?? 0 }.median }, 1)) }
        lines.append(line("round trips/s, \(depth) under way", runs.map { $0.map { $0["rate"] ?? 0 }.median }, 0))
      }
      let runs = try compare(hubs, ["publish", "\(Double(seconds) / 2)"])
      lines.append(line("events/s of 100 bytes, in batches of 32", runs.map { $0.map { $0["rate"] ?? 0 }.median }, 0))
    }
    try withHubs { hubs in
      let uses = try hubs.map(idle)
      lines.append(line("\(Self.peers) idle peers: memory, MiB", uses.map(\.memory), 1))
      lines.append(line("\(Self.peers) idle peers: share of a core, %", uses.map(\.share), 2))
    }
    return lines
  }

  private func line(_ what: String, _ values: [Double], _ digits: Int) -> String {
    "| \(what) | \(values[0].text(digits)) | \(values[1].text(digits)) | \(values[1] > 0 ? (values[0] / values[1]).text(2) : "–") |"
  }

  /// Both hubs, ours first.
  private func withHubs(_ body: ([Hub]) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.path + "/archetype-bus-\(UUID().uuidString.prefix(8))"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let programs = TestLab.builtPrograms
    var hubs: [Hub] = []
    defer { for hub in hubs { _ = hub.process.terminate() } }
    for (name, program, arguments) in [("ours", "archetype-bus", ["--bus"]), ("plain", "archetype-bus-floor", ["hub"])] {
      let place = "\(folder)/\(name)"
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
      let process = try StartedCommand("\(programs)/\(program)", arguments + [name == "ours" ? "ipc://\(place)" : place])
      hubs.append(Hub(name: name, folder: place, process: process))
      guard eventually({ FileManager.default.fileExists(atPath: "\(place)/requests") }) else {
        throw SupportError("\(program) doesn't listen")
      }
    }
    try body(hubs)
  }

  /// Figures of each hub's runs, in turn.
  private func compare(_ hubs: [Hub], _ load: [String]) throws -> [[[String: Double]]] {
    var figures: [[[String: Double]]] = hubs.map { _ in [] }
    for _ in 0..<Self.rounds {
      for (number, hub) in hubs.enumerated() {
        let run = try CommandRun.run(TestLab.builtPrograms + "/archetype-bus-floor", [hub.name, hub.folder] + load)
        guard run.exit == 0, let found = try run.json() as? [String: Double] else { throw SupportError("\(load): \(run.errors)") }
        figures[number].append(found)
        progress("  \(hub.name) \(load.joined(separator: " ")): \(found)")
      }
    }
    return figures
  }

  private func idle(_ hub: Hub) throws -> (memory: Double, share: Double) {
    let load = try StartedCommand(TestLab.builtPrograms + "/archetype-bus-floor", [hub.name, hub.folder, "idle", "\(Self.peers)"])
    defer { _ = load.terminate() }
    guard eventually(within: 120, { load.printed.contains("peers") }) else {
      throw SupportError("peers can't connect to the \(hub.name) hub")
    }
    sleep(5)
    let use = try ProcessUse(of: hub.process.processID)
    sleep(UInt32(3 * seconds))
    return try use.sinceThen()
  }
}

import Foundation
import Support

/// The bus beside a plain C program of its shape, which reads a ROUTER and writes to it and to an XPUB, under the same load in turn.
struct BusSpeed {
  private static let peers = 1_000

  let seconds: Int

  func measure() throws -> [String] {
    var lines = ["| bus | Archetype | plain hub | ratio |", "| --- | ---: | ---: | ---: |"]
    try BusHub.with([.ours, .plain]) { hubs in
      for depth in [1, 64] {
        let runs = try BusHub.compare(hubs, ["call", "\(Double(seconds) / 2)", "\(depth)"])
        if depth == 1 { lines.append(line("round trip of 100 bytes, p50, µs", runs.map { $0.median(of: "p50_us") }, 1)) }
        lines.append(line("round trips/s, \(depth) under way", runs.map { $0.median(of: "rate") }, 0))
      }
      let runs = try BusHub.compare(hubs, ["publish", "\(Double(seconds) / 2)"])
      lines.append(line("events/s of 100 bytes, in batches of 32", runs.map { $0.median(of: "rate") }, 0))
    }
    try BusHub.with([.ours, .plain]) { hubs in
      let uses = try hubs.map(idle)
      lines.append(line("\(Self.peers) idle peers: memory, MiB", uses.map(\.memory), 1))
      lines.append(line("\(Self.peers) idle peers: share of a core, %", uses.map(\.share), 2))
    }
    return lines
  }

  private func line(_ what: String, _ values: [Double], _ digits: Int) -> String {
    "| \(what) | \(values[0].text(digits)) | \(values[1].text(digits)) | \(values[1] > 0 ? (values[0] / values[1]).text(2) : "–") |"
  }

  private func idle(_ hub: BusHub) throws -> (memory: Double, share: Double) {
    let load = try StartedCommand(
      TestLab.builtPrograms + "/archetype-bus-floor", [hub.kind.dialect, hub.folder, "idle", "\(Self.peers)"])
    defer { _ = load.terminate() }
    guard eventually(within: 120, { load.printed.contains("peers") }) else {
      throw SupportError("peers can't connect to the \(hub.kind) hub")
    }
    sleep(5)
    let use = try ProcessUse(of: hub.process.processID)
    sleep(UInt32(3 * seconds))
    return try use.sinceThen()
  }
}

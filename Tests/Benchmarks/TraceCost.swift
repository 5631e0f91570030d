import Foundation
import Support

/// What it costs that messages can be traced, and that somebody records them all: of a lab's deployment, and of requests through the hub.
struct TraceCost {
  private static let nodes = 50

  let seconds: Int
  let repeats: Int

  func measure() throws -> [String] {
    let labs = try labs()
    var lines = [
      "| messages | untraced | unread | recorded | unread / untraced | recorded / unread |", "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines.append(row("ring of \(Self.nodes) up, s", nil, labs.map(\.unread.up).median, labs.map(\.recorded.up).median, 3))
    lines.append(row("ring of \(Self.nodes) down, s", nil, labs.map(\.unread.down).median, labs.map(\.recorded.down).median, 3))
    for depth in [1, 64] {
      let trips = try roundTrips(depth)
      let medians = { (figure: String) in trips.map { $0.median(of: figure) } }
      if depth == 1 { lines.append(row("round trip of 100 bytes, p50, µs", medians("p50_us"), 1)) }
      lines.append(row("round trips/s, \(depth) under way", medians("rate"), 0))
    }
    return lines
  }

  private func row(_ what: String, _ values: [Double], _ digits: Int) -> String { row(what, values[0], values[1], values[2], digits) }

  private func row(_ what: String, _ untraced: Double?, _ unread: Double, _ recorded: Double, _ digits: Int) -> String {
    let (before, ratio) = (untraced.map { $0.text(digits) } ?? "–", untraced.map { (unread / $0).text(2) } ?? "–")
    return "| \(what) | \(before) | \(unread.text(digits)) | \(recorded.text(digits)) | \(ratio) | \((recorded / unread).text(2)) |"
  }

  /// While what `archetype trace --record` writes grows.
  private func recording<T>(_ environment: [String: String], _ body: () throws -> T) throws -> T {
    let programs = TestLab.builtPrograms
    let file = FileManager.default.temporaryDirectory.path + "/archetype-recording-\(UUID().uuidString.prefix(8))"
    defer { try? FileManager.default.removeItem(atPath: file) }
    let recorder = try StartedCommand("\(programs)/archetype", ["trace", "--record", file], environment: environment)
    defer { _ = recorder.terminate() }
    func size() -> Int { (try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int) ?? 0 }
    let isHeard = try eventually {
      let before = size()
      _ = try CommandRun.run("\(programs)/archetype", ["status", "bus"], environment: environment)
      return before > 0 && size() > before
    }
    guard isHeard else { throw SupportError("nothing is recorded") }
    return try body()
  }

  private func labs() throws -> [(unread: UpDown, recorded: UpDown)] {
    let bed = try TestLab(hosts: 1)
    defer { _ = try? bed.down() }
    let file = try bed.file("ring", Rings.topology("ring", nodes: Self.nodes))
    _ = try Rings.product(file, bed)
    return try (1...2 * repeats).map { round in
      let unread = try Rings.product(file, bed)
      let recorded = try recording(bed.environment) { try Rings.product(file, bed) }
      progress("  ring of \(Self.nodes), round \(round): \(unread), recorded \(recorded)")
      return (unread, recorded)
    }
  }

  /// Of three hubs in turn: one that shows nothing, one whose tap nobody reads, and one that is recorded all the time.
  private func roundTrips(_ depth: Int) throws -> [[[String: Double]]] {
    var figures: [[[String: Double]]] = []
    try BusHub.with([.untraced, .ours, .ours]) { hubs in
      figures = try recording(["ARCHETYPE_BUS": "ipc://\(hubs[2].folder)"]) {
        try BusHub.compare(hubs, ["call", "\(Double(seconds) / 5)", "\(depth)"], rounds: 15)
      }
    }
    return figures
  }
}

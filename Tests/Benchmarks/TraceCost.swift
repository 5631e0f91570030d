import Foundation
import Support

/// What it costs that somebody records all messages: of a lab's deployment, and of a request through the hub.
struct TraceCost {
  private static let nodes = 50

  let seconds: Int
  let repeats: Int

  func measure() throws -> [String] {
    let labs = try labs()
    let trips = try roundTrips()
    return ["| messages | unread | recorded | ratio |", "| --- | ---: | ---: | ---: |"] + [
      row("ring of \(Self.nodes) up, s", labs.map(\.unread.up), labs.map(\.recorded.up), 3),
      row("ring of \(Self.nodes) down, s", labs.map(\.unread.down), labs.map(\.recorded.down), 3),
      row("round trip of 100 bytes, p50, µs", [trips.unread], [trips.recorded], 1),
    ]
  }

  private func row(_ what: String, _ unread: [Double], _ recorded: [Double], _ digits: Int) -> String {
    let (before, with) = (unread.median, recorded.median)
    return "| \(what) | \(before.text(digits)) | \(with.text(digits)) | \((with / before).text(2)) |"
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

  /// Of two hubs in turn, one of which is recorded all the time. Medians, in microseconds.
  private func roundTrips() throws -> (unread: Double, recorded: Double) {
    var medians: [Double] = []
    try BusHub.with([.ours, .ours]) { hubs in
      medians = try recording(["ARCHETYPE_BUS": "ipc://\(hubs[1].folder)"]) {
        try BusHub.compare(hubs, ["call", "\(Double(seconds) / 2)", "1"]).map { $0.median(of: "p50_us") }
      }
    }
    return (medians[0], medians[1])
  }
}

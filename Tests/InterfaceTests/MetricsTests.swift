import Foundation
import Support
import Testing

/// What Prometheus and health checks see of each part of the system.
@Suite(.serialized) struct MetricsTests {
  private static let places = [
    "bus": ("control", 9_470), "configs": ("control", 9_471), "jobs": ("control", 9_472), "links": ("control", 9_473),
    "reconciler": ("control", 9_474), "agent/h1": ("h1", 9_475),
  ]

  private func get(_ lab: TestLab, _ peer: String, _ path: String) throws -> (code: Int, body: String) {
    let (machine, port) = try #require(Self.places[peer])
    let script = "exec 3<>/dev/tcp/127.0.0.1/\(port) && printf 'GET \(path) HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3"
    let run = try lab.on(machine, "bash", "-c", script)
    guard let head = run.output.range(of: "\r\n\r\n") else { throw SupportError("\(peer): no answer: \(run.output)\(run.errors)") }
    let words = run.output[..<head.lowerBound].split(separator: " ")
    return (words.count > 1 ? Int(words[1]) ?? 0 : 0, String(run.output[head.upperBound...]))
  }

  /// Values by the metric's name with its labels.
  private func metrics(_ text: String) -> [String: Double] {
    var values: [String: Double] = [:]
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      if let blank = line.lastIndex(of: " ") { values[String(line[..<blank])] = Double(line[line.index(after: blank)...]) }
    }
    return values
  }

  private func statuses(_ lab: TestLab) throws -> [String: [String: Any]] {
    let list = try lab.archetype("status", "--format", "json").json() as? [[String: Any]] ?? []
    return Dictionary(uniqueKeysWithValues: list.compactMap { peer in (peer["name"] as? String).map { ($0, peer) } })
  }

  @Test func `each part shows Prometheus what it says of itself, and says whether it lives and serves`() throws {
    try TestLab.with(hosts: 1, metrics: true) { lab in
      try lab.deploy(Topology("one", "name: one\ntopology: {nodes: {a: {kind: linux, image: alpine}}}\n"))
      for name in Self.places.keys.sorted() {
        // What is shown is up to a second old, so it is asked for until it has come to what was said before.
        let said = try #require(try statuses(lab)[name])
        let figures = said["figures"] as? [String: Int] ?? [:]
        var shown = ""
        let isSame = try eventually {
          let answer = try get(lab, name, "/metrics")
          shown = answer.body
          let values = metrics(answer.body)
          return answer.code == 200 && values["archetype_handled_total"] ?? 0 >= (said["handled"] as? NSNumber)?.doubleValue ?? .infinity
            && (values["archetype_uptime_seconds"] ?? 0) * 1_000 >= (said["uptime"] as? NSNumber)?.doubleValue ?? .infinity
        }
        #expect(isSame, "\(name): \(shown)")
        let values = metrics(shown)
        let info = "archetype_info{peer=\"\(name)\",version=\"\(said["version"] ?? "")\",instance=\"\(said["instance"] ?? "")\"}"
        #expect(values[info] == 1 && values["archetype_serving"] == 1, "\(name): \(shown)")
        #expect(values["archetype_resident_bytes"] ?? 0 > 1_048_576)
        // What doesn't change while nobody changes a lab.
        for (figure, metric) in [
          "revision": "revision", "labs": "labs", "hosts": "hosts", "blobs": "blobs", "suspended": "suspended", "running": "running_jobs",
          "tombstones": "tombstones", "nodes": "nodes", "session": "session",
        ] {
          guard let number = figures[figure] else { continue }
          #expect(values["archetype_" + metric] == Double(number), "\(name): \(figure)")
        }
        #expect(!figures.isEmpty && !shown.contains("The figure '"), "\(name): a figure has no meaning: \(shown)")
        #expect(try get(lab, name, "/live").code == 200 && get(lab, name, "/ready").code == 200, "\(name)")
      }

      try lab.testbed("kill", "bus")
      #expect(try eventually { try get(lab, "configs", "/ready").code == 503 })
      #expect(try get(lab, "configs", "/live").code == 200)
      // An agent works without the bus too.
      #expect(try get(lab, "agent/h1", "/ready").code == 200)
      try lab.testbed("start", "bus")
      #expect(try eventually { try get(lab, "configs", "/ready").code == 200 && get(lab, "bus", "/ready").code == 200 })
    }
  }
}

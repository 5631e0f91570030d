import Foundation
import Support
import Testing

/// What `archetype stats` says of nodes, beside what their kernel's own files say. Nodes of the namespace runtime, over two hosts.
@Suite(.serialized) struct StatsTests {
  private static let topology = Topology.pair(
    "usage",
    nodes: [
      "busy: {kind: linux, image: alpine, host: h1, cmd: \"sh -c 'while :; do :; done'\"}",
      "large: {kind: linux, image: alpine, host: h2, memory: 256m, cmd: \"sh -c '(head -c 50000000 /dev/zero; sleep infinity) | tail'\"}",
      "many: {kind: linux, image: alpine, host: h2, cmd: \"sh -c 'for i in 1 2 3 4 5; do sleep infinity & done; wait'\"}",
    ])

  private func stats(_ lab: TestLab, _ words: String...) throws -> (exit: Int32, rows: [[String: Any]]) {
    let run = try lab.archetype(["stats"] + words + ["--format", "json"])
    let rows = try #require(try run.json() as? [[String: Any]], "\(run)")
    return (run.exit, rows)
  }

  private func number(_ row: [String: Any]?, _ keys: String...) -> Double {
    var value: Any? = row
    for key in keys { value = (value as? [String: Any])?[key] }
    return (value as? NSNumber)?.doubleValue ?? -1
  }

  private func row(_ node: String, _ rows: [[String: Any]]) -> [String: Any]? { rows.first { $0["node"] as? String == node } }

  /// Seconds of processor time of a process and those of its children that have ended, by the kernel's own file.
  private func processor(_ pid: Int, on host: String, _ lab: TestLab) throws -> Double {
    let fields = try lab.on(host, "cat", "/proc/\(pid)/stat").output.drop { $0 != ")" }.split(separator: " ")
    return try #require(fields.count > 15 ? fields[12...15].compactMap { Double($0) }.reduce(0, +) / 100 : nil)
  }

  @Test func `processors, memory, processes and traffic of nodes are those of their kernel, and a silent host is told`() throws {
    try TestLab.with { lab in
      try lab.deploy(Self.topology)
      let pids = try lab.processes(of: "usage")
      let busy = try #require(pids["busy"])
      // Its program is the first process's child.
      let child = try #require(Int(lab.on("h1", "cat", "/proc/\(busy)/task/\(busy)/children").output.split(separator: " ").first ?? ""))
      let before = try processor(child, on: "h1", lab)
      let (exit, rows) = try stats(lab, "usage")
      let after = try processor(child, on: "h1", lab)
      #expect(exit == 0 && rows.map { $0["node"] as? String } == ["a", "b", "busy", "large", "many"], "\(rows)")
      let time = number(row("busy", rows), "cpu", "time")
      #expect(time >= before && time <= after + 0.1, "\(before) \(time) \(after)")
      #expect(number(row("busy", rows), "cpu", "percent") > number(row("many", rows), "cpu", "percent"))
      #expect(number(row("busy", rows), "pid") == Double(busy))
      #expect(
        try eventually { number(row("large", try stats(lab, "usage", "large").rows), "memory", "used") > 50_000_000 }, "\(rows)")
      #expect(number(row("large", rows), "memory", "limit") == 268_435_456)
      #expect(
        number(row("many", rows), "memory", "used") < 50_000_000 && row("many", rows)?["memory"].map { "\($0)" }?.contains("null") == true)
      let processes = try lab.exec("usage", "many", "sh", "-c", "ls -d /proc/[0-9]* | wc -l; echo $$").output
      // Itself, `ls` and `wc` were there only then.
      let listed = try #require(Double(processes.split(separator: "\n").first ?? ""))
      #expect(number(row("many", rows), "processes", "count") == listed - 3, "\(processes)")

      // What a sends, b receives.
      #expect(try lab.ping("10.9.0.2", from: "a", in: "usage", count: 5).exit == 0)
      let traffic = try stats(lab, "usage", "a", "b").rows
      for (node, rows) in [("a", traffic), ("b", traffic)] {
        let facts = try lab.interface("eth1", of: node, in: "usage")
        let interface = (row(node, rows)?["interfaces"] as? [[String: Any]])?.first { $0["name"] as? String == "eth1" }
        #expect([number(interface, "received", "packets"), number(interface, "sent", "packets")] == facts.frames.map(Double.init))
        #expect(number(interface, "received", "bytes") > 5 * 84 && number(interface, "ordinal") == 1)
      }
      let table = try lab.archetype("stats", "usage", "a")
      #expect(table.exit == 0 && table.output.contains("usage/a") && !table.output.contains("usage/b") && table.output.contains("eth1"))

      #expect(try lab.archetype("node", "stop", "usage", "many").exit == 0)
      try lab.testbed("kill", "agent/h1")
      let silent = try stats(lab, "usage")
      #expect(silent.exit == 1 && row("a", silent.rows)?["cpu"] is NSNull && row("a", silent.rows)?["reason"] is String)
      #expect(number(row("b", silent.rows), "pid") == Double(try #require(pids["b"])))
      #expect(row("many", silent.rows)?["phase"] as? String == "stopped" && row("many", silent.rows)?["pid"] is NSNull)
      let everything = try stats(lab)
      #expect(everything.exit == 1 && everything.rows.compactMap { $0["node"] as? String } == ["b", "large"])
      let none = try lab.archetype("stats", "usage", "nobody")
      #expect(none.exit == 1 && none.errors.contains("usage/nobody"), "\(none)")
    }
  }

  @Test func `who follows sees one reading after another`() throws {
    try TestLab.with(hosts: 1) { lab in
      try lab.deploy(
        Topology(
          "one", "name: one\ntopology:\n  nodes:\n    x: {kind: linux, image: alpine, host: h1, cmd: \"sh -c 'while :; do :; done'\"}\n"))
      let follower = try lab.start("stats", "one", "--follow", "--format", "json")
      var times: [Double] = []
      #expect(
        try eventually {
          let lines = follower.printed.split(separator: "\n")
          times = try lines.compactMap { line in
            let rows = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [[String: Any]]
            return rows.map { number($0.first, "cpu", "time") }
          }
          return times.count >= 2
        }, "\(follower.printed)")
      _ = follower.terminate()
      #expect(times == times.sorted() && times[0] < times[1])
    }
  }
}

import Foundation
import Support
import Testing

/// `archetype trace`: what passes over the bus, live, from its memory, and from a recording.
@Suite(.serialized) struct BusTraceTests {
  private func json(_ run: CommandRun) throws -> [[String: Any]] {
    if run.output.hasPrefix("[") { return try run.json() as? [[String: Any]] ?? [] }
    return try run.output.split(separator: "\n").compactMap {
      try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
    }
  }

  private func job(_ lab: TestLab, kind: String) throws -> String {
    let jobs = try lab.archetype("job", "list", "--format", "json").json() as? [[String: Any]] ?? []
    return try #require(jobs.first { $0["kind"] as? String == kind }?["id"] as? String)
  }

  @Test func `one operation is shown over all services and hosts, and secrets are not`() throws {
    try TestLab.with { lab in
      let recording = lab.folder + "/bus.trace"
      let recorder = try lab.start("trace", "--record", recording)
      let live = try lab.start("trace", "--kind", "JobService", "--format", "json", "--bodies")
      // Both read along once the bus shows them something.
      #expect(
        try eventually {
          _ = try lab.archetype("job", "list")
          return live.printed.contains("JobService.List") && FileManager.default.fileExists(atPath: recording)
        })
      let secret = "a-word-that-nobody-may-read"
      let nodes = ["a: {kind: linux, image: alpine, host: h1, env: {WORD: \(secret)}}", "b: {kind: linux, image: alpine, host: h2}"]
      try lab.deploy(
        Topology(
          "pair",
          "name: pair\ntopology:\n  nodes:\n" + nodes.map { "    \($0)\n" }.joined() + "  links: [{endpoints: [\"a:eth1\", \"b:eth1\"]}]\n")
      )
      let id = try job(lab, kind: "deploy")

      // The waterfall: who did what for this job.
      let spans = try json(try lab.archetype("trace", "job", id, "--format", "json"))
      let kinds = Set(spans.compactMap { span in (span["kind"] as? String).map { "\(span["to"] ?? "") \($0)" } })
      for step in [
        "jobs JobService.ApplyLab", "configs ConfigService.Put", "intent Fact.Intent", "configs ConfigService.Assignment",
        "reconciler ReconcilerService.Report",
      ] {
        #expect(kinds.contains(step), "\(step) is missing: \(kinds.sorted())")
      }
      #expect(spans.first?["kind"] as? String == "JobService.ApplyLab" && spans.first?["depth"] as? Int == 0)
      #expect(Set(spans.compactMap { $0["from"] as? String }).isSuperset(of: ["jobs", "configs", "links", "agent/h1", "agent/h2"]))
      let table = try lab.archetype("trace", "job", id)
      #expect(table.exit == 0 && table.output.split(separator: "\n").count == spans.count + 1, "\(table.output)")

      // Live, decoded by description, without what is secret.
      #expect(eventually { live.printed.contains("JobService.ApplyLab") })
      live.signal(SIGINT)
      let shown = try json(live.wait(limit: 20))
      let apply = try #require(shown.first { $0["kind"] as? String == "JobService.ApplyLab" && $0["what"] as? String == "request" })
      let spec = (apply["body"] as? [String: Any])?["spec"] as? [String: Any]
      #expect(spec?["name"] as? String == "pair" && (spec?["nodes"] as? [Any])?.count == 2, "\(apply)")
      #expect((apply["secret"] as? [String: Any])?["bytes"] as? Int ?? 0 > secret.utf8.count)
      #expect(shown.contains { $0["what"] as? String == "reply" && $0["latency"] as? Int ?? -1 >= 0 })

      recorder.signal(SIGINT)
      #expect(recorder.wait(limit: 20).exit == 0)
      for text in [live.printed, table.output, String(decoding: try Data(contentsOf: URL(fileURLWithPath: recording)), as: UTF8.self)] {
        #expect(!text.contains(secret))
      }
      try checkRecording(lab, recording, id, spans.count)
    }
  }

  private func checkRecording(_ lab: TestLab, _ recording: String, _ id: String, _ count: Int) throws {
    #expect(try json(try lab.archetype("trace", "job", id, "--replay", recording, "--format", "json")).count >= count - 1)
    let host = try json(
      try lab.archetype("trace", "--replay", recording, "--host", "h2", "--kind", "ConfigService.Assignment", "--format", "json"))
    // Also what another host is told of it.
    #expect(host.contains { $0["to"] as? String == "agent/h2" } && host.allSatisfy { $0["kind"] as? String == "ConfigService.Assignment" })
    let peer = try json(try lab.archetype("trace", "--replay", recording, "--peer", "agent/h2", "--format", "json"))
    #expect(!peer.isEmpty && peer.allSatisfy { $0["from"] as? String == "agent/h2" || $0["to"] as? String == "agent/h2" })
    #expect(try json(try lab.archetype("trace", "--replay", recording, "--count", "3", "--format", "json")).count == 3)
    let top = try json(try lab.archetype("trace", "top", "--replay", recording, "--format", "json"))
    #expect(top.contains { $0["kind"] as? String == "ConfigService.Put" && $0["what"] as? String == "reply" && $0["p50"] as? Int ?? 0 > 0 })
    for (format, key) in [("perfetto", "traceEvents"), ("otel", "resourceSpans")] {
      let run = try lab.archetype("trace", "--replay", recording, "--export", format)
      let list = (try run.json() as? [String: Any])?[key] as? [Any] ?? []
      #expect(run.exit == 0 && list.count > 3, "\(format): \(run.errors)")
    }
    // A recording is never written over, and what is none is said to be none.
    #expect(try lab.archetype("trace", "--record", recording).errors.contains("File exists"))
    #expect(try lab.archetype("trace", "--replay", lab.folder + "/testbed").errors.contains("is no recording"))
    #expect(try lab.archetype("trace", "job", "no-such-job").exit == 1)
    #expect(try lab.archetype("trace", "--export", "pcap", "--replay", recording).exit == 2)
  }

  @Test func `what can't be delivered is shown with the reason, and without a bus there is nothing to show`() throws {
    try TestLab.with(hosts: 1) { lab in
      try lab.testbed("kill", "jobs")
      _ = try lab.archetype("job", "list")
      let recent = try json(try lab.archetype("trace", "--recent", "--format", "json"))
      let refused = recent.first { $0["kind"] as? String == "undelivered" }
      #expect((refused?["remark"] as? String)?.contains("UNAVAILABLE") == true && refused?["from"] as? String == "bus", "\(recent)")
      try lab.testbed("kill", "bus")
      for words in [["trace"], ["trace", "--recent"], ["trace", "top"]] { #expect(try lab.archetype(words).exit == 4) }
    }
  }
}

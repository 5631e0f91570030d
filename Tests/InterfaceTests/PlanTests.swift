import Foundation
import Support
import Testing

/// `deploy --plan`.
@Suite(.serialized) struct PlanTests {
  private func plan(_ lab: TestLab, _ topology: Topology, _ more: String...) throws -> [String] {
    let path = try lab.file(topology.name, topology.text)
    let run = try CommandRun.run(
      lab.programs + "/archetype", ["deploy", "-t", path, "--plan", "--format", "json", "--bus", "ipc://\(lab.folder)/bus"] + more)
    guard let plan = (try? run.json()) as? [String: Any] else { return [run.errors] }
    #expect(run.exit == 0 && plan["lab"] as? String == topology.name)
    return (plan["changes"] as? [[String: Any]] ?? []).map { change in
      let hosts = (change["hosts"] as? [String] ?? []).joined(separator: ",")
      let blinks = change["blinks"] as? Bool == true ? " blinks" : ""
      return "\(change["action"] ?? "") \(change["subject"] ?? "") on \(hosts)\(blinks)"
    }
  }

  @Test func `a plan names every action and every link that blinks, and does nothing`() throws {
    try TestLab.with { lab in
      let pair = Topology.pair("pair")
      #expect(try plan(lab, pair) == ["start a on h1", "start b on h2", "connect a:1--b:1 on h1,h2"])
      #expect(try lab.archetype("list", "--format", "json").output == "[]\n")
      #expect(try lab.archetype("job", "list", "--format", "json").output == "[]\n")

      try lab.deploy(pair)
      let processes = try lab.processes(of: "pair")
      #expect(try plan(lab, pair) == [])
      #expect(try plan(lab, pair, "--reconfigure") == ["replace a on h1", "replace b on h2"])
      let grown = Topology.pair(
        "pair", nodes: ["c: {kind: linux, image: alpine, host: h1}"], links: ["endpoints: [\"c:eth1\", \"a:eth2\"]"])
      #expect(try plan(lab, grown) == ["start c on h1", "connect a:2--c:1 on h1"])
      let moved = Topology("pair", pair.text.replacingOccurrences(of: "host: h2", with: "host: h1"))
      #expect(try plan(lab, moved) == ["move b on h1", "rewire a:1--b:1 on h1 blinks"])
      let mended = Topology("pair", pair.text.replacingOccurrences(of: "host: h2", with: "host: h2, env: {X: y}"))
      #expect(try plan(lab, mended) == ["replace b on h2"])
      let bare = Topology("pair", "name: pair\ntopology:\n  nodes:\n    a: {kind: linux, image: alpine, host: h1}\n")
      #expect(try plan(lab, bare) == ["update a on h1", "remove b on h2", "disconnect a:1--b:1 on h1,h2"])
      let stranger = Topology("pair", pair.text.replacingOccurrences(of: "host: h2", with: "host: h9"))
      #expect(try plan(lab, stranger).first?.contains("h9") == true)

      #expect(try lab.inspect("pair")["generation"] as? Int == 1)
      #expect(try lab.processes(of: "pair") == processes)
      #expect(try lab.jobs(of: "pair").count == 1)

      // As planned: the moved end's cable is another, and the node that stays doesn't notice.
      try lab.deploy(moved)
      #expect(try lab.processes(of: "pair")["a"] == processes["a"])
      #expect(try lab.node("b", of: "pair")["host"] as? String == "h1")
      #expect(try lab.ping("10.9.0.2", from: "a", in: "pair").exit == 0)
      let gone = try lab.archetype("destroy", "pair", "--purge", "--timeout", "60")
      #expect(gone.exit == 0, "\(gone.errors)")
    }
  }
}

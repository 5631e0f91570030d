import Foundation
import Support
import Testing

/// `archetype status`: each part of the system in its own words.
@Suite(.serialized) struct StatusTests {
  private func status(_ lab: TestLab, _ peers: String...) throws -> (exit: Int32, peers: [String: [String: Any]]) {
    let run = try lab.archetype(["status"] + peers + ["--format", "json"])
    let list = try run.json() as? [[String: Any]] ?? []
    return (run.exit, Dictionary(uniqueKeysWithValues: list.compactMap { peer in (peer["name"] as? String).map { ($0, peer) } }))
  }

  @Test func `bus, services and agents say how they are, and a dead one is told as away`() throws {
    try TestLab.with(hosts: 1) { lab in
      try lab.deploy(Topology("one", "name: one\ntopology: {nodes: {a: {kind: linux, image: alpine}}}\n"))
      let all = try status(lab)
      #expect(all.exit == 0)
      #expect(Set(all.peers.keys) == ["bus", "configs", "jobs", "links", "reconciler", "agent/h1"])
      for (name, peer) in all.peers {
        #expect(peer["state"] as? String == "serving" && peer["memory"] as? Int ?? 0 > 1 << 20, "\(name): \(peer)")
      }
      #expect(all.peers.values.allSatisfy { $0["capabilities"] as? [String] == ["stages"] })
      let figures = all.peers.mapValues { $0["figures"] as? [String: Int] ?? [:] }
      let revision = figures["configs"]?["revision"]
      #expect(revision ?? 0 > 0 && figures["configs"]?["labs"] == 1 && figures["configs"]?["suspended"] == 0)
      #expect(figures["reconciler"]?["labs"] == 1 && figures["agent/h1"]?["nodes"] == 1 && figures["agent/h1"]?["session"] == 1)
      #expect(figures["bus"]?["forwarded"] ?? 0 > 0 && figures["bus"]?["peers"] ?? 0 >= 6)
      let table = try lab.archetype("status", "configs", "agent/h1")
      #expect(table.exit == 0 && table.output.split(separator: "\n").count == 3 && table.output.contains("agent/h1"), "\(table.output)")

      try lab.testbed("kill", "links")
      let left = try status(lab)
      #expect(left.exit == 1 && left.peers["links"]?["state"] as? String == "away" && left.peers["jobs"]?["state"] as? String == "serving")
      #expect(try status(lab, "links").exit == 1)
      #expect(try status(lab, "bus").exit == 0)
      #expect(try lab.archetype("status", "nobody").exit == 2)
      try lab.testbed("kill", "bus")
      #expect(try lab.archetype("status").exit == 4)
    }
  }

  @Test func `what a service last complained of is told with the time`() throws {
    try TestLab.with(hosts: 1) { lab in
      #expect(try status(lab, "configs").peers["configs"]?["complaint"] is NSNull)
      try lab.testbed("kill", "bus")
      try lab.testbed("start", "bus")
      #expect(
        try eventually {
          let complaint = try status(lab, "configs").peers["configs"]?["complaint"] as? [String: String]
          return complaint?["text"]?.hasPrefix("bus is away") == true && complaint?["at"]?.hasSuffix("Z") == true
        })
    }
  }
}

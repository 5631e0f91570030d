import Foundation
import Support
import Testing

/// What a host was doing when it died is known afterwards, also where its agent is dead or its black box damaged.
@Suite(.serialized) struct BlackBoxTests {
  private func postmortem(_ lab: TestLab, _ more: String...) throws -> [String: Any] {
    let run = try lab.archetype(["host", "postmortem", "h1", "--format", "json"] + more)
    guard run.exit == 0, let value = try run.json() as? [String: Any] else { throw SupportError("\(run.exit): \(run.errors)") }
    return value
  }

  @Test func theLastActionBeforeAPowerCutIsNamed() throws {
    try TestLab.with(hosts: 1) { lab in
      // A deploy that stands in the middle: its command waits for ever.
      let topology = "name: one\ntopology:\n  nodes:\n    a: {kind: linux, image: alpine, host: h1, exec: [\"sleep 600\"]}\n"
      let deploy = try lab.archetype("deploy", "-t", try lab.file("one", topology), "--detach")
      #expect(deploy.exit == 0, "\(deploy.errors)")
      #expect(
        eventually {
          let last = try? postmortem(lab)["lastAction"] as? [String: Any]
          return (last?["actions"] as? [String])?.first?.contains("sleep") == true
        })
      let living = try postmortem(lab)
      #expect(living["death"] is NSNull)
      try lab.testbed("power-off", "h1")
      // From outside, as from a rescue system.
      let folder = "\(lab.folder)/hosts/h1/data"
      for value in [try postmortem(lab, "--data", folder), try back(lab)] {
        let death = try #require(value["death"] as? [String: Any])
        #expect(death["clean"] as? Bool == false && (death["secondsAgo"] as? Int).map { $0 < 600 } == true, "\(death)")
        let last = try #require(value["lastAction"] as? [String: Any])
        #expect(last["over"] as? Bool == false, "\(last)")
        #expect((last["actions"] as? [String])?.first == "command of node one@\(born(value))/a@\(born(value)): sleep", "\(last)")
        #expect(!(value["records"] as? [Any] ?? []).isEmpty && value["remarks"] as? [String] == [])
        for part in ["kernel", "system"] { #expect((value[part] as? [String: Any])?["lines"] is [String]) }
      }
      let table = try lab.archetype("host", "postmortem", "h1")
      #expect(table.exit == 0 && table.output.contains("died without a word"), "\(table.output)")
      #expect(table.output.contains("last action: exec") && table.output.contains("it had not come to its end"), "\(table.output)")
    }
  }

  /// With its power back.
  private func back(_ lab: TestLab) throws -> [String: Any] {
    try lab.testbed("power-on", "h1")
    var value: [String: Any]?
    #expect(
      eventually {
        value = try? postmortem(lab)
        return value != nil
      })
    return try #require(value)
  }

  /// The revision in which the lab was made, as the records name it.
  private func born(_ value: [String: Any]) -> String {
    let words = ((value["lastAction"] as? [String: Any])?["actions"] as? [String])?.first ?? ""
    return words.split(separator: "@").dropFirst().first.map { String($0.prefix { $0.isNumber }) } ?? "?"
  }

  @Test func aDeadAgentsBoxIsReadOnItsHost() throws {
    try TestLab.with(hosts: 1) { lab in
      try lab.deploy(Topology("one", "name: one\ntopology:\n  nodes:\n    a: {kind: linux, image: alpine, host: h1}\n"))
      try lab.testbed("kill", "agent/h1")
      let refused = try lab.archetype("host", "postmortem", "h1")
      #expect(refused.exit == 4 && refused.errors.contains("--data DIR"), "\(refused.errors)")
      let run = try lab.on(
        "h1", lab.programs + "/archetype", "host", "postmortem", "h1", "--data", "/var/lib/archetype", "--format", "json")
      #expect(run.exit == 0, "\(run.errors)")
      let value = try #require(try run.json() as? [String: Any])
      #expect(value["death"] is NSNull)
      let last = try #require(value["lastAction"] as? [String: Any])
      #expect((last["actions"] as? [String])?.first?.hasPrefix("start node one@") == true && last["over"] as? Bool == true, "\(last)")
      let none = try lab.archetype("host", "postmortem", "h1", "--data", lab.folder)
      #expect(none.exit == 1 && none.errors.contains("there is no black box in it"), "\(none.errors)")
    }
  }

  /// How often the agent has said that its box was damaged. One that is only missing isn't.
  private func told(_ lab: TestLab) throws -> Int {
    let log = try String(contentsOfFile: lab.folder + "/logs/agent-h1.log", encoding: .utf8)
    return log.components(separatedBy: "blackbox-actions was damaged").count - 1
  }

  @Test func aDamagedBoxIsKeptAsideAndTheAgentGoesOn() throws {
    try TestLab.with(hosts: 1) { lab in
      try lab.deploy(Topology("one", "name: one\ntopology:\n  nodes:\n    a: {kind: linux, image: alpine, host: h1}\n"))
      let damages = [
        "printf xxxxxxxx | dd of=$f bs=1 seek=1100 conv=notrunc", "truncate -s 70000 $f", "head -c 1048576 /dev/urandom > $f", "> $f",
        "rm $f",
      ]
      for (round, damage) in damages.enumerated() {
        try lab.testbed("kill", "agent/h1")
        let run = try lab.on("h1", "sh", "-ec", "f=/var/lib/archetype/blackbox-actions; \(damage)")
        #expect(run.exit == 0, "\(run.errors)")
        try lab.testbed("start", "agent/h1")
        #expect(eventually { (try? postmortem(lab)["remarks"] as? [String]) == [] }, "\(damage)")
        #expect(try eventually { try told(lab) == min(round + 1, damages.count - 1) }, "\(damage)")
      }
      let kept = try lab.on("h1", "ls", "/var/lib/archetype").output.split(separator: "\n").filter { $0.contains("damaged-") }
      #expect(kept.count == 3, "\(kept)")
      #expect(try eventually { try lab.isConverged("one") })
    }
  }
}

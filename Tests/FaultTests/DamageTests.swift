import Foundation
import Support
import Testing

/// A damaged file is refused with its name and a way out; nothing that runs is touched, and nothing is taken for empty.
@Suite(.serialized) struct DamageTests {
  @Test func anAgentRefusesADamagedCacheAndItsNodesRunOn() throws {
    try TestLab.with { lab in
      try lab.deploy(.pair("pair"))
      let before = try lab.processes(of: "pair")
      try lab.testbed("kill", "agent/h1")
      #expect(try lab.on("h1", "sh", "-ec", "printf damaged > /var/lib/archetype/assignment").exit == 0)
      let start = try lab.archetype("testbed", "start", "agent/h1", "--dir", lab.folder)
      #expect(start.exit == 4)
      let log = try String(contentsOfFile: lab.folder + "/logs/agent-h1.log", encoding: .utf8)
      #expect(log.contains("/var/lib/archetype/assignment: the cached assignment can't be read (remove the file"), "\(log)")
      #expect(try lab.on("h1", "rm", "/var/lib/archetype/assignment").exit == 0)
      try lab.testbed("start", "agent/h1")
      #expect(try eventually { try lab.isConverged("pair", with: before) })
    }
  }

  @Test(arguments: [("configs", "intent.db"), ("reconciler", "events.db")])
  func aServiceRefusesADamagedDatabase(service: String, file: String) throws {
    try TestLab.with { lab in
      try lab.deploy(.pair("pair"))
      let before = try lab.processes(of: "pair")
      try lab.testbed("kill", service)
      let path = "\(lab.folder)/control/\(service)/\(file)"
      let damage = "cp -a \(path) \(path).kept; cp -a \(path)-wal \(path)-wal.kept; head -c 4096 /dev/urandom > \(path); rm \(path)-wal"
      #expect(try lab.on("control", "sh", "-ec", damage).exit == 0)
      let start = try lab.archetype("testbed", "start", service, "--dir", lab.folder)
      #expect(start.exit == 4)
      let log = try String(contentsOfFile: "\(lab.folder)/logs/\(service).log", encoding: .utf8)
      #expect(log.contains("\(file): the file is damaged (move the folder away and restore it from a backup"), "\(log)")
      let repair = "mv \(path).kept \(path); mv \(path)-wal.kept \(path)-wal"
      #expect(try lab.on("control", "sh", "-ec", repair).exit == 0)
      try lab.testbed("start", service)
      #expect(try eventually { try lab.isConverged("pair", with: before) })
    }
  }
}

import Faults
import Foundation
import Support
import Testing

/// A full disk of the config service or of an agent: what runs goes on, what is new is refused with the reason, and space is all it takes.
@Suite(.serialized) struct FullDiskTests {
  /// Puts a service's folder on a small file system of its own, inside its machine.
  private func shrink(_ folder: String, of machine: String, in lab: TestLab) throws {
    let words =
      "cp -a \(folder) \(folder).kept; mount -t tmpfs -o size=64m tmpfs \(folder); cp -a \(folder).kept/. \(folder); rm -r \(folder).kept"
    let run = try lab.on(machine, "sh", "-ec", words)
    guard run.exit == 0 else { throw SupportError("\(machine): \(run.errors)") }
  }

  private func fill(_ folder: String, of machine: String, in lab: TestLab) throws {
    // Ends with an error: that is how full it is.
    _ = try lab.on(machine, "sh", "-c", "cat /dev/zero > \(folder)/filler; sync")
  }

  @Test func configServiceRefusesWhatIsNewAndGoesOnWithTheRest() throws {
    try TestLab.with(hosts: 2) { lab in
      let folder = lab.folder + "/control/configs"
      try lab.testbed("kill", "configs")
      try shrink(folder, of: "control", in: lab)
      try lab.testbed("start", "configs")
      try lab.deploy(.pair("first"))
      try fill(folder, of: "control", in: lab)
      let second = Topology.pair("second", a: 11, b: 12)
      let file = try lab.file(second.name, second.text)
      var refused: CommandRun?
      #expect(
        try eventually {
          refused = try lab.archetype("deploy", "-t", file, "--timeout", "20")
          return refused?.exit == 1
        })
      #expect(refused?.errors.contains("disk is full") == true, "\(refused?.errors ?? "")")
      #expect(try lab.isConverged("first"))
      #expect(try lab.ping("10.9.0.2", from: "a", in: "first").exit == 0)
      let space = try lab.on("control", "rm", folder + "/filler")
      #expect(space.exit == 0)
      #expect(try eventually { try lab.archetype("deploy", "-t", file, "--timeout", "20").exit == 0 })
    }
  }

  @Test func agentKeepsItsLastAssignmentAndTakesTheNextOnceThereIsSpace() throws {
    try TestLab.with(hosts: 2) { lab in
      try lab.testbed("kill", "agent/h1")
      try shrink("/var/lib/archetype", of: "h1", in: lab)
      try lab.testbed("start", "agent/h1")
      try lab.deploy(.pair("first"))
      try fill("/var/lib/archetype", of: "h1", in: lab)
      let second = Topology.pair("second", a: 11, b: 12)
      let late = try lab.archetype("deploy", "-t", try lab.file(second.name, second.text), "--timeout", "8")
      #expect(late.exit == 3, "\(late.output)\(late.errors)")
      // Told as the reason, wherever one asks.
      let full = "its disk is full ("
      #expect(late.errors.contains("host h1: \(full)"), "\(late.errors)")
      #expect((try lab.inspect("second")["reason"] as? String)?.contains("host h1: \(full)") == true)
      #expect(try lab.archetype("host", "list").output.contains(full))
      #expect(try lab.archetype("host", "show", "h1").output.contains(full))
      #expect(try lab.ping("10.9.0.2", from: "a", in: "first").exit == 0)
      #expect(try lab.sessions()["h1"] != nil)
      #expect(try lab.on("h1", "rm", "/var/lib/archetype/filler").exit == 0)
      #expect(try eventually { try lab.isConverged("second") })
      #expect(try eventually { try !lab.archetype("host", "list").output.contains(full) })
    }
  }
}

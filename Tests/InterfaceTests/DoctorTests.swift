import Foundation
import Support
import Testing

/// What `doctor` says of this machine.
@Suite struct DoctorTests {
  private func findings(_ run: CommandRun) throws -> [[String: Any]] {
    try #require(JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [[String: Any]])
  }

  @Test func `the kernel is tried, and nothing of it stays`() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: "/run")
    let run = try CommandRun.run(TestLab.builtPrograms + "/archetype", ["doctor", "--format", "json", "--docker", "/nowhere"])
    #expect(run.exit == 0, "\(run.errors)")
    let found = try findings(run)
    for subject in ["cables", "tunnels", "management networks"] {
      #expect(found.first { $0["subject"] as? String == subject }?["state"] as? String == "good", "\(run.output)")
    }
    let engine = try #require(found.first { $0["subject"] as? String == "engine" })
    #expect(engine["state"] as? String == "lacking" && engine["remedy"] as? String != "")
    #expect(try mounts() == 0)
    #expect(try Set(FileManager.default.contentsOfDirectory(atPath: "/run")).subtracting(folders).allSatisfy { !$0.contains("doctor") })
  }

  /// Mounts that a trial makes.
  private func mounts() throws -> Int {
    let lines = try String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8).split(separator: "\n")
    return lines.filter { $0.contains("archetype-doctor") }.count
  }

  @Test func `without the rights to make namespaces it says so`() throws {
    let command = [TestLab.builtPrograms + "/archetype", "doctor", "--format", "json", "--docker", "/nowhere"]
    let run = try CommandRun.run("/usr/bin/setpriv", ["--bounding-set", "-sys_admin"] + command)
    #expect(run.exit == 1)
    let found = try findings(run).first { $0["subject"] as? String == "namespaces" }
    #expect(found?["state"] as? String == "unusable", "\(run.output)\(run.errors)")
  }
}

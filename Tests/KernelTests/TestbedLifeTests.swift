import Glibc
import Model
import Testing

@testable import Testbed

/// What `up` makes, `down` removes, whatever happened between.
@Suite struct TestbedLifeTests {
  @Test func `down removes all that up made and nothing of others`() throws {
    let folder = try temporaryFolder()
    defer { clean(folder) }
    let testbed = try Testbed(folder: folder + "/deep/bed", programs: .sleepers)
    try testbed.up(hosts: 2)
    let id = try testbed.manifest().id
    let groups = ControlGroups(id: id).make(host: "h1").map(\.source).filter { $0.contains(id) }
    let processes = try (Programs.services + ["agent/h1", "agent/h2"]).map { try #require(try testbed.processID($0)) }
    try Files.replace(testbed.folder + "/note", "mine")
    try testbed.down()
    #expect(Files.read(testbed.folder + "/note") == "mine")
    #expect(Files.folders(in: testbed.folder).isEmpty)
    for process in processes { #expect(kill(process, 0) != 0) }
    for group in groups { #expect(!Files.exists(group)) }
    try testbed.down()
    unlink(testbed.folder + "/note")
    try testbed.up(hosts: 1)
    try testbed.down()
    #expect(Files.exists(testbed.folder), "a folder that was there before is not up's")
  }

  @Test func `a folder that up made goes with down`() throws {
    let folder = try temporaryFolder()
    defer { clean(folder) }
    let testbed = try Testbed(folder: folder + "/deep/bed", programs: .sleepers)
    try testbed.up(hosts: 1)
    try testbed.down()
    #expect(!Files.exists(folder + "/deep"))
    #expect(Files.exists(folder))
  }

  @Test func `a second up is refused and the first goes on`() throws {
    try withTestbed(hosts: 1) { testbed in
      let error = #expect(throws: LabError.self) { try testbed.up(hosts: 2) }
      #expect(error?.code == .alreadyExists)
      #expect(error?.message.contains("testbed down") == true)
      try #expect(testbed.exec("h1", ["true"]) == 0)
      try #expect(testbed.hosts() == ["h1"])
    }
  }

  @Test func `a failed up leaves nothing and says what the program said`() throws {
    let folder = try temporaryFolder()
    defer { clean(folder) }
    var programs = Programs.sleepers
    programs.announce = true
    programs.arguments = { name, _, _ in ["/bin/sh", "-c", "echo the disk of \(name) is made of cheese >&2; exit 1"] }
    let testbed = try Testbed(folder: folder + "/bed", programs: programs)
    let error = #expect(throws: LabError.self) { try testbed.up(hosts: 2) }
    #expect(error?.subject == "bus")
    #expect(error?.cause.contains("the disk of bus is made of cheese") == true)
    #expect(!Files.exists(testbed.folder))
  }

  @Test func `a program that can't be started is named`() throws {
    let folder = try temporaryFolder()
    defer { clean(folder) }
    var programs = Programs.sleepers
    programs.arguments = { _, _, _ in ["/no/such/program"] }
    let error = #expect(throws: LabError.self) { try Testbed(folder: folder + "/bed", programs: programs).up(hosts: 1) }
    #expect(error?.subject == "bus")
    #expect(!Files.exists(folder + "/bed"))
  }

  @Test func `up clears away what a testbed of an earlier boot left`() throws {
    try withTestbed(hosts: 1) { testbed in
      var manifest = try testbed.manifest()
      try testbed.powerOff("h1")
      let control = try #require(testbed.running(Testbed.control, manifest))
      control.first.kill()
      try control.first.waitUntilDead("control")
      manifest.boot = "an earlier one"
      try manifest.write(to: testbed.layout.manifest)
      #expect(throws: LabError.self) { try testbed.powerOn("h1") }
      try testbed.up(hosts: 2)
      try #expect(testbed.ping("h1", "10.254.0.2"))
    }
  }

  @Test func `an entry of others with a name of ours is left alone`() throws {
    let folder = try temporaryFolder()
    defer { clean(folder) }
    try Files.makeFolders(folder + "/logs/precious")
    let testbed = try Testbed(folder: folder, programs: .sleepers)
    #expect(throws: LabError.self) { try testbed.up(hosts: 1) }
    try testbed.down()
    #expect(Files.exists(folder + "/logs/precious"))
  }

  @Test func `wishes out of range are refused before anything is made`() throws {
    let folder = try temporaryFolder()
    defer { clean(folder) }
    let testbed = try Testbed(folder: folder + "/bed", programs: .sleepers)
    #expect(throws: LabError.self) { try testbed.up(hosts: 0) }
    #expect(throws: LabError.self) { try testbed.up(hosts: 251) }
    #expect(throws: LabError.self) { try testbed.up(hosts: 1, mtu: 1000) }
    #expect(throws: LabError.self) { try Testbed(folder: "/" + String(repeating: "x", count: 100)) }
    #expect(throws: LabError.self) { try testbed.kill("bus") }
    #expect(!Files.exists(testbed.folder))
  }
}

import Foundation
import Support
import Testing

/// A testbed whose hosts have an engine each.
@Suite(.serialized) struct TestbedEngineTests {
  @Test func `each host has an engine of its own, with its own images and containers`() throws {
    let before = FileManager.default.contents(atPath: "/etc/docker/daemon.json")
    try TestLab.with(docker: true) { lab in
      try lab.importBusybox(on: "h1")
      #expect(try lab.docker("h1", "images", "-q", "busybox") != "")
      #expect(try lab.docker("h2", "images", "-q") == "")
      #expect(try lab.docker("h1", "run", "--rm", "--network", "none", "busybox", "echo", "hello") == "hello")
      _ = try lab.docker("h1", "run", "-d", "--name", "sleeper", "--network", "none", "busybox", "sleep", "1000")
      #expect(try lab.docker("h1", "ps", "--format", "{{.Names}}") == "sleeper")
      #expect(try lab.docker("h2", "ps", "-aq") == "")
      #expect(try lab.on("h1", "sh", "-c", "ip -o link | grep -c docker").output == "0\n")
      _ = try lab.on("h1", "sh", "-c", "echo '{\"debug\": true}' > /etc/docker/daemon.json")
      #expect(try lab.on("h2", "sh", "-c", "cat /etc/docker/daemon.json").exit != 0)
      #expect(FileManager.default.contents(atPath: "/etc/docker/daemon.json") == before)
    }
  }

  @Test func `an engine comes back with its host's power, with what it had`() throws {
    try TestLab.with(hosts: 1, docker: true) { lab in
      try lab.importBusybox(on: "h1")
      _ = try lab.docker("h1", "run", "-d", "--name", "sleeper", "--network", "none", "busybox", "sleep", "1000")
      try lab.testbed("power-off", "h1")
      #expect(try lab.on("h1", "true").exit != 0)
      try lab.testbed("power-on", "h1")
      #expect(try lab.docker("h1", "images", "-q", "busybox") != "")
      #expect(try lab.docker("h1", "ps", "-a", "--format", "{{.Names}} {{.State}}") == "sleeper exited")
      #expect(try lab.docker("h1", "start", "sleeper") == "sleeper")
    }
  }

  @Test func `a killed engine is dead until it is started`() throws {
    try TestLab.with(hosts: 1, docker: true) { lab in
      try lab.testbed("kill", "docker/h1")
      #expect(throws: SupportError.self) { try lab.docker("h1", "ps") }
      try lab.testbed("kill", "docker/h1")
      try lab.testbed("start", "docker/h1")
      #expect(try lab.docker("h1", "ps", "-q") == "")
      let wrong = try lab.archetype("testbed", "kill", "docker/h2", "--dir", lab.folder)
      #expect(wrong.exit == 1 && wrong.errors.contains("docker/h1"), "\(wrong.errors)")
    }
  }

  @Test func `down leaves nothing of engines and their containers`() throws {
    let lab = try TestLab(hosts: 1, docker: true)
    let traces: MachineTraces
    let id: String
    do {
      try lab.importBusybox(on: "h1")
      _ = try lab.docker("h1", "run", "-d", "--network", "none", "--memory", "50m", "busybox", "sleep", "1000")
      traces = try MachineTraces(of: lab)
      let manifest = try String(contentsOfFile: lab.folder + "/testbed", encoding: .utf8)
      id = try #require(manifest.split(separator: "\n").first { $0.hasPrefix("id=") }.map { String($0.dropFirst(3)) })
    } catch {
      _ = try? lab.down()
      throw error
    }
    let down = try lab.archetype("testbed", "down", "--dir", lab.folder)
    #expect(down.exit == 0, "\(down.errors)")
    #expect(!FileManager.default.fileExists(atPath: lab.folder))
    #expect(traces.left == [])
    #expect(MachineTraces.places(naming: [lab.folder, id]) == [])
  }
}

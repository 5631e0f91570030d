import Foundation
import Support
import Testing

/// What a testbed leaves on its machine: while it is there nothing in the machine's own network, after it nothing at all.
@Suite(.serialized) struct TraceTests {
  /// Devices, addresses and routes of the machine's own network.
  private func network() throws -> [String] {
    try [["-o", "link"], ["-o", "address"], ["route", "show", "table", "all"]].map { words in
      // Lifetimes of addresses count down by themselves.
      try CommandRun.run("/sbin/ip", words).output.replacingOccurrences(of: "[0-9]+sec", with: "", options: .regularExpression)
    }
  }

  /// Runs a body while every change of the machine's own network is listened to; there must be none.
  private func watchingNetwork(_ body: () throws -> Void) throws {
    let before = try network()
    let monitor = try StartedCommand("/sbin/ip", ["monitor", "link", "address", "route"])
    defer { _ = monitor.terminate() }
    try body()
    #expect(try network() == before)
    #expect(monitor.printed.isEmpty, "\(monitor.printed)")
    #expect(monitor.isRunning)
  }

  private func id(of folder: String) throws -> String {
    let manifest = try String(contentsOfFile: "\(folder)/testbed", encoding: .utf8)
    let line = try #require(manifest.split(separator: "\n").first { $0.hasPrefix("id") })
    return String(try #require(line.split(whereSeparator: { " =:".contains($0) }).last))
  }

  @Test func `the instant that down returns no process of the testbed is there, and nothing was ever in the machine's network`() throws {
    try watchingNetwork {
      let lab = try TestLab(hosts: 2)
      var isUp = true
      defer { if isUp { _ = try? lab.down() } }
      try lab.deploy(.pair("pair"))
      #expect(try lab.ping("10.9.0.2", from: "a", in: "pair", count: 1).exit == 0)
      let id = try id(of: lab.folder)
      #expect(!MachineTraces.places(naming: [id]).isEmpty, "its control groups are looked for in the wrong place")
      let audit = "\(lab.folder)/control/bus/audit"
      #expect(eventually { FileManager.default.fileExists(atPath: audit) }, "what was asked for is kept in its own folder")

      try lab.testbed("power-off", "h2")
      let before = try MachineTraces(of: lab)
      try lab.testbed("power-on", "h2")
      #expect(try eventually { try lab.isConverged("pair") })
      let traces = try MachineTraces(of: lab)
      // Services, agents, machines and nodes; the network, mounts, processes and names of each machine, and the nodes' own.
      #expect(traces.processes.count >= 12 && traces.namespaces.count >= 15, "\(traces)")

      // The shell itself lists the processes, with nothing between.
      let words = ["-c", "\"$0\" testbed down --dir \"$1\" && echo /proc/[0-9]*", lab.programs + "/archetype", lab.folder]
      let down = try CommandRun.run("/bin/sh", words)
      isUp = false
      #expect(down.exit == 0, "\(down.errors)")
      let listed = Set(down.output.split(whereSeparator: \.isWhitespace).compactMap { Int32($0.dropFirst("/proc/".count)) })
      #expect(listed.contains(1) && listed.isDisjoint(with: traces.processes), "\(listed.intersection(traces.processes))")
      #expect(traces.left.isEmpty && before.left.isEmpty, "\(traces.left)")
      #expect(!FileManager.default.fileExists(atPath: "\(lab.folder)/testbed"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: lab.folder).filter { !$0.hasSuffix(".clab.yml") }.isEmpty)
      #expect(MachineTraces.places(naming: [id, lab.folder]).isEmpty)
      _ = try lab.down()
    }
  }

  @Test func `the demo runs as often as one likes, and demo-down leaves nothing of it`() throws {
    let folder = "/tmp/archetype-demo-\(UUID().uuidString.prefix(8))"
    let script = TestLab.repository + "/compose/demo.sh"
    let environment = ["ARCHETYPE_PROGRAMS": TestLab.builtPrograms, "ARCHETYPE_TESTBED": folder, "NO_COLOR": "1"]
    defer { _ = try? CommandRun.run(script, ["down"], environment: environment) }
    try watchingNetwork {
      let first = try CommandRun.run(script, [], environment: environment, limit: 240)
      #expect(first.exit == 0, "\(first.output)\(first.errors)")
      for router in 1...4 { #expect(first.output.contains("r\(router): Full with both neighbours")) }
      #expect(first.output.contains(" 0% packet loss"))
      let again = try CommandRun.run(script, [], environment: environment, limit: 240)
      #expect(again.exit == 0 && again.output.contains("A testbed is there already"), "\(again.output)\(again.errors)")

      let id = try id(of: folder)
      let traces = try MachineTraces(folder: folder)
      let down = try CommandRun.run(script, ["down"], environment: environment)
      #expect(traces.left.isEmpty, "\(traces.left)")
      #expect(down.exit == 0 && down.output.hasSuffix("Nothing is left.\n"), "\(down.output)\(down.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder))
      #expect(MachineTraces.places(naming: [id, folder]).isEmpty)
      #expect(try CommandRun.run(script, ["down"], environment: environment).exit == 0)
    }
  }
}

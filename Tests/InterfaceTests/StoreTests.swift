import Foundation
import Support
import Testing

/// A config service that comes back with another store than it had.
@Suite(.serialized) struct StoreTests {
  /// Kills the config service, puts a store in the place of its own, and starts it; what was there is kept under `name`.
  private func exchange(_ lab: TestLab, keepAs name: String, put store: String?) throws {
    let folder = "\(lab.folder)/control"
    try lab.testbed("kill", "configs")
    try FileManager.default.moveItem(atPath: "\(folder)/configs", toPath: "\(folder)/\(name)")
    if let store {
      try FileManager.default.moveItem(atPath: "\(folder)/\(store)", toPath: "\(folder)/configs")
    } else {
      try FileManager.default.createDirectory(atPath: "\(folder)/configs", withIntermediateDirectories: false)
    }
    try lab.testbed("start", "configs")
  }

  /// The kernels' own truth, which no service can colour: processes of the nodes, and devices of the fabric.
  private func truth(_ lab: TestLab) throws -> [String] {
    try ["h1", "h2"].flatMap { host in
      let nodes = try lab.on(host, "sh", "-c", "for p in /proc/[0-9]*; do readlink $p/ns/net; done 2>/dev/null | sort -u")
      let devices = try lab.on(host, "nsenter", "--net=/run/archetype/netns/archetype", "ip", "-o", "-j", "link")
      return [nodes.output, devices.output]
    }
  }

  @Test func `an empty store empties no host, says so, and the true one is obeyed again`() throws {
    try TestLab.with { lab in
      try lab.deploy(.pair("pair"))
      let processes = try lab.processes(of: "pair")
      _ = try lab.settledActions()
      let before = try truth(lab)
      let ping = try lab.start("exec", "pair", "a", "--", "ping", "-q", "-i", "0.02", "-c", "250", "10.9.0.2")

      try exchange(lab, keepAs: "true", put: nil)
      // Neither host obeys it; that is told, and a deploy into it is refused, since it has no hosts.
      #expect(
        try eventually {
          let told = try lab.archetype("events", "--since", "0").output.split(separator: "\n").filter { $0.contains("foreign store") }
          return ["h1", "h2"].allSatisfy { host in told.contains { $0.contains(" host.lost") && $0.contains(" \(host) ") } }
        })
      #expect(try lab.archetype("list", "--format", "json").output == "[]\n")
      let stranger = try lab.archetype("deploy", "-t", try lab.file("pair", Topology.pair("pair").text), "--timeout", "20")
      #expect(stranger.exit == 1 && stranger.errors.contains("there is no host to run it on"), "\(stranger.errors)")
      #expect(try truth(lab) == before)

      try exchange(lab, keepAs: "empty", put: "true")
      #expect(try eventually { try lab.isConverged("pair", with: processes) })
      let run = ping.wait(limit: 60)
      #expect(run.output.contains(" 0% packet loss"), "\(run.output)\(run.errors)")
      #expect(try truth(lab) == before)
      try lab.deploy(.pair("other", b: 3))
    }
  }

  @Test func `an older copy of the store changes nothing until the newer one is back`() throws {
    try TestLab.with { lab in
      try lab.deploy(.pair("first"))
      try lab.testbed("kill", "configs")
      let folder = "\(lab.folder)/control"
      try FileManager.default.copyItem(atPath: "\(folder)/configs", toPath: "\(folder)/older")
      try lab.testbed("start", "configs")
      try lab.deploy(.pair("second", b: 3))
      let processes = try ["first", "second"].map { try lab.processes(of: $0) }
      _ = try lab.settledActions()
      let before = try truth(lab)

      try exchange(lab, keepAs: "newer", put: "older")
      // The very first change is refused, whoever notices first that this store is behind.
      let destroy = try lab.archetype("destroy", "first", "--timeout", "10")
      #expect(destroy.exit == 1 && destroy.errors.contains("acknowledged changes were lost"), "\(destroy.errors)")
      let deploy = try lab.archetype("deploy", "-t", try lab.file("third", Topology.pair("third", b: 4).text), "--timeout", "10")
      #expect(deploy.exit == 1 && deploy.errors.contains("put the newer store back"), "\(deploy.errors)")
      #expect(try truth(lab) == before)

      try exchange(lab, keepAs: "old", put: "newer")
      for name in ["first", "second"] { #expect(try eventually { try lab.isConverged(name) }, "\(name)") }
      #expect(try ["first", "second"].map { try lab.processes(of: $0) } == processes)
      #expect(try truth(lab) == before)
      try lab.destroy("first")
    }
  }

  @Test func `an older copy that its operator declares the right one is obeyed, and what it doesn't have goes`() throws {
    try TestLab.with { lab in
      try lab.deploy(.pair("first"))
      try lab.testbed("kill", "configs")
      let folder = "\(lab.folder)/control"
      try FileManager.default.copyItem(atPath: "\(folder)/configs", toPath: "\(folder)/older")
      try lab.testbed("start", "configs")
      try lab.deploy(.pair("second", b: 3))
      let processes = try lab.processes(of: "first")

      try exchange(lab, keepAs: "newer", put: "older")
      let recover = try lab.archetype("configs", "recover", "--format", "json")
      #expect(recover.exit == 0, "\(recover.errors)")
      // It ran on all the while; the other one is unknown to this store.
      #expect(try eventually { try lab.isConverged("first", with: processes) })
      #expect(
        try eventually {
          try ["h1", "h2"].allSatisfy { !(try lab.on($0, "ls", "/run/archetype/netns").output.contains("second")) }
        })
      try lab.deploy(.pair("second", b: 3))
      try lab.testbed("kill", "configs")
      try lab.testbed("start", "configs")
      #expect(try eventually { try lab.isConverged("first") && lab.isConverged("second") })
    }
  }
}

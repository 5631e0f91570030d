import Foundation
import Support
import Testing

/// A device's system in containers, as far as it can be run without its vendor's image.
@Suite(.serialized) struct NetworkSystemTests {
  /// Not privileged: a machine of tests may lack what that gives.
  private static func topology(image: String = "netos", config: String) -> Topology {
    Topology(
      "os",
      """
      name: os
      mgmt: {ipv4-subnet: 10.78.0.0/24}
      topology:
        defaults: {kind: ceos, image: "\(image)", privileged: false, exec: [touch /booted]}
        nodes:
          a: {startup-config: "\(config)"}
          b: {}
        links:
          - endpoints: ["a:Ethernet1", "b:eth1"]
          - endpoints: ["a:Ethernet2/3", "b:Et2"]
      """)
  }

  private func start(_ topology: Topology, _ lab: TestLab) throws -> StartedCommand {
    try lab.start("deploy", "-t", try lab.file(topology.name, topology.text), "--timeout", "100")
  }

  /// It is tried again and again, and boots on when it is told to.
  private func boots(_ node: String, _ lab: TestLab) throws {
    let isTried = eventually {
      guard let found = try? lab.node(node, of: "os") else { return false }
      return found["phase"] as? String == "booting" && (found["reason"] as? String ?? "").contains("nothing that it printed matches")
    }
    #expect(isTried, "what an earlier life has printed doesn't count: \(lab.shown("os"))")
    #expect(try lab.exec("os", node, "touch", "/go").exit == 0)
  }

  private func cli(_ node: String, _ command: String, _ lab: TestLab) throws -> String {
    try lab.exec("os", node, "Cli", "-p", "15", "-c", command).output
  }

  private func flash(_ node: String, _ name: String, _ lab: TestLab) throws -> String {
    try lab.exec("os", node, "cat", "/mnt/flash/\(name)").output
  }

  @Test func `a system boots with its interfaces, its environment and its flash, which keeps what it saved until it is given another`()
    throws
  {
    try TestLab.with(hosts: 1, docker: true) { lab in
      try lab.importNetworkSystem(on: "h1")
      let deploy = try start(Self.topology(config: "one\\n"), lab)
      for node in ["a", "b"] { try boots(node, lab) }
      #expect(deploy.wait(limit: 120).exit == 0)
      #expect(try lab.exec("os", "a", "cat", "/booted").exit == 0)
      #expect(try cli("a", "show running-config", lab) == "one\n" && cli("b", "show running-config", lab).hasPrefix("hostname b\n"))
      #expect(try flash("a", "zerotouch-config", lab) == "DISABLE=True\n")
      let map = try JSONSerialization.jsonObject(with: Data(try flash("a", "EosIntfMapping.json", lab).utf8)) as? [String: [String: String]]
      #expect(
        map == ["EthernetIntf": ["eth1": "Ethernet1", "eth2_3": "Ethernet2/3"], "ManagementIntf": ["eth0": "Management0"]], "\(map ?? [:])")
      #expect(try lab.exec("os", "b", "ls", "/mnt/flash/EosIntfMapping.json").exit != 0)
      #expect(try lab.exec("os", "a", "cat", "/run/rules").output == "", "nothing is dropped that it should forward")
      #expect(try cli("a", "two", lab) == "")
      let save = try lab.archetype("save", "os")
      #expect(save.exit == 0 && save.output == "os/a: saved\nos/b: saved\n", "\(save)")
      let typed = "echo 'show running-config' | \(lab.programs)/archetype console os a"
      #expect(try CommandRun.run("/bin/sh", ["-c", typed], environment: lab.environment).output == "one\ntwo\n")
      // Another start by anybody, and another container.
      let container = try lab.docker("h1", "ps", "-q", "--filter", "label=archetype.node=a")
      for words in [["kill", container], ["restart", "-t", "0", container]] {
        #expect(try lab.archetype(["testbed", "exec", "h1", "--dir", lab.folder, "--", "docker"] + words).exit == 0)
        try boots("a", lab)
        #expect(try eventually { try lab.isConverged("os") })
      }
      _ = try lab.docker("h1", "tag", "netos", "netos:2")
      let other = try start(Self.topology(image: "netos:2", config: "one\\n"), lab)
      for node in ["a", "b"] { try boots(node, lab) }
      #expect(other.wait(limit: 120).exit == 0)
      #expect(try flash("a", "startup-config", lab) == "one\ntwo\n" && cli("a", "show running-config", lab) == "one\ntwo\n")
      let fresh = try start(Self.topology(image: "netos:2", config: "three\\n"), lab)
      try boots("a", lab)
      #expect(fresh.wait(limit: 120).exit == 0)
      #expect(try cli("a", "show running-config", lab) == "three\n")
      try lab.destroy("os")
      #expect(try lab.on("h1", "find", "/var/lib/archetype/flash", "-mindepth", "1").output == "")
    }
  }
}

import Foundation
import Support
import Testing

/// Engines whose settings can't be changed: a container of ours holds each node's sandbox.
@Suite(.serialized) struct PauseTests {
  /// Ends at once, and with an error, if one of its interfaces is missing; else it tells what it saw and waits.
  private static let check = "ls /sys/class/net; for i in 1 2; do [ -e /sys/class/net/eth$i ] || exit 9; done; exec sleep 1000000"

  private static let lab = """
    name: held
    topology:
      defaults: {kind: linux, image: busybox, entrypoint: "sh -c '\(check)'"}
      nodes:
        a:
          host: h1
          hostname: alpha
          extra-hosts: ["far:10.9.0.2"]
          exec: ["ip address replace 10.9.0.1/24 dev eth1", "ip address replace 10.9.1.1/24 dev eth2"]
        b: {host: h2, exec: ["ip address replace 10.9.0.2/24 dev eth1"]}
        c: {host: h1, exec: ["ip address replace 10.9.1.3/24 dev eth2"]}
      links:
        - endpoints: ["a:eth1", "b:eth1"]
        - endpoints: ["a:eth2", "c:eth2"]
        - endpoints: ["b:eth2", "c:eth1"]
    """

  private func container(_ name: String, _ label: String, _ lab: TestLab) throws -> String {
    try lab.docker("h1", "ps", "-aq", "--no-trunc", "--filter", "label=archetype.\(label)=\(name)")
  }

  private func isWhole(_ lab: TestLab) throws -> Bool {
    try eventually(within: 60) {
      try lab.isConverged("held") && lab.exec("held", "a", "ping", "-q", "-c", "1", "-W", "2", "far").exit == 0
        && lab.exec("held", "c", "ping", "-q", "-c", "1", "-W", "2", "10.9.1.1").exit == 0
    }
  }

  @Test func `nodes of an engine whose settings can't be changed have all interfaces before their first process too`() throws {
    try TestLab.with(docker: true) { lab in
      for host in ["h1", "h2"] { try lab.importBusybox(on: host) }
      let script = "mkdir -p /etc/docker; mount --bind /etc/docker /etc/docker; mount -o remount,ro,bind /etc/docker"
      let mount = try lab.on("h1", "sh", "-ec", script)
      #expect(mount.exit == 0, "\(mount.errors)")
      try lab.deploy(Topology("held", Self.lab))
      #expect(try isWhole(lab), "\(lab.shown("held"))")
      let name = try lab.exec("held", "a", "hostname").output
      #expect(name == "alpha\n", "\(name)")
      let status = try lab.archetype("status").output
      #expect(status.contains("pause containers hold the sandboxes"), "\(status)")
      let a = try container("a", "node", lab)
      let others = try lab.processes(of: "held").filter { $0.key != "a" }

      // What befalls the one that holds the sandbox is nothing to the node.
      let process = try lab.processes(of: "held")["a"]
      _ = try lab.docker("h1", "kill", container("a", "pause", lab))
      #expect(try isWhole(lab) && lab.processes(of: "held")["a"] == process)
      let strikes: [(name: String, strike: () throws -> Void)] = [
        ("ended", { _ = try lab.docker("h1", "kill", a) }),
        ("started again by another", { _ = try lab.docker("h1", "restart", "-t", "0", a) }),
        ("started again by its user", { _ = try lab.archetype("node", "restart", "held", "a") }),
      ]
      for strike in strikes {
        try strike.strike()
        #expect(try isWhole(lab), "\(strike.name): \(lab.shown("held"))")
        #expect(try container("a", "node", lab) == a, "\(strike.name): the same container, with what it wrote")
      }
      _ = try lab.docker("h1", "rm", "-f", container("a", "pause", lab))
      #expect(try lab.archetype("node", "restart", "held", "a").exit == 0)
      #expect(try isWhole(lab), "\(lab.shown("held"))")
      #expect(try lab.processes(of: "held").filter { $0.key != "a" } == others)

      // The settings can be changed then: what was made stays as it is.
      try lab.testbed("power-off", "h1")
      try lab.testbed("power-on", "h1")
      #expect(try isWhole(lab), "\(lab.shown("held"))")
      for node in ["a", "b", "c"] { #expect(try lab.node(node, of: "held")["restarts"] as? Int == 0, "\(node)") }
      #expect(try lab.docker("h1", "ps", "-q", "--filter", "label=archetype.pause").split(separator: "\n").count == 2)

      try lab.destroy("held")
      #expect(try lab.docker("h1", "ps", "-aq").isEmpty)
    }
  }
}

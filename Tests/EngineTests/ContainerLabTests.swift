import Foundation
import Support
import Testing

/// Labs of containers over two hosts with an engine each.
@Suite(.serialized) struct ContainerLabTests {
  /// Two containers with a cable across, and a third beside the first.
  static let trio = """
    name: trio
    topology:
      defaults: {kind: linux, image: busybox}
      nodes:
        a: {host: h1, exec: ["ip address replace 10.9.0.1/24 dev eth1"]}
        b: {host: h2, exec: ["ip address replace 10.9.0.2/24 dev eth1"]}
        c: {host: h1}
      links:
        - endpoints: ["a:eth1", "b:eth1"]
        - endpoints: ["a:eth2", "c:eth1"]
    """

  /// A testbed with busybox on both hosts and the lab deployed.
  private func withTrio(_ body: (TestLab) throws -> Void) throws {
    try TestLab.with(docker: true) { lab in
      for host in ["h1", "h2"] { try lab.importBusybox(on: host) }
      try lab.deploy(Topology("trio", Self.trio))
      try body(lab)
    }
  }

  private func ping(_ lab: TestLab) throws -> CommandRun { try lab.exec("trio", "a", "ping", "-c", "2", "-W", "2", "10.9.0.2") }

  /// The container of a node.
  private func container(_ lab: TestLab, _ host: String, _ node: String) throws -> String {
    try lab.docker(host, "ps", "-aq", "--no-trunc", "--filter", "label=archetype.node=\(node)")
  }

  @Test func `a lab of containers comes up over two hosts, passes traffic and goes without a trace`() throws {
    try withTrio { lab in
      _ = try lab.docker("h1", "run", "-d", "--name", "foreign", "--network", "none", "busybox", "sleep", "1000")
      let ping = try ping(lab)
      #expect(ping.exit == 0, "\(ping.output)\(ping.errors)")
      let node = try lab.node("a", of: "trio")
      #expect(node["phase"] as? String == "ready" && node["pid"] as? Int ?? 0 > 1)
      #expect(try lab.exec("trio", "a", "hostname").output == "a\n")
      #expect(try lab.exec("trio", "a", "sh", "-c", "exit 7").exit == 7)
      #expect(try lab.exec("trio", "a", "no-such-program").exit == 127)
      let before = try lab.settledActions()
      try lab.deploy(Topology("trio", Self.trio))
      #expect(try lab.settledActions() == before)
      try lab.destroy("trio")
      for host in ["h1", "h2"] {
        #expect(try lab.docker(host, "ps", "-a", "--format", "{{.Names}}") == (host == "h1" ? "foreign" : ""))
        #expect(try lab.docker(host, "volume", "ls", "-q") == "")
        #expect(try lab.on(host, "ls", "/run/archetype/netns").output == "archetype\n")
        #expect(try lab.on(host, "sh", "-c", "find /run/archetype/docker -type l -o -type f").output == "")
      }
      #expect(try lab.docker("h1", "ps", "--format", "{{.Names}}") == "foreign")
    }
  }

  @Test func `a container has a console, takes input, and files are copied into it and out of it`() throws {
    try withTrio { lab in
      let shell = try lab.atConsole(
        "trio", "a", typed: [("# ", "echo $(tty) $TERM; stty size\r"), ("33 99", "exit 7\r")])
      #expect(shell.contains("/dev/pts/") && shell.contains("xterm-256color") && shell.contains("ended with 7"), "\(shell)")
      let run = try CommandRun.run(
        "/bin/sh", ["-c", "echo 'echo $((6 * 7)); exit 3' | \(lab.programs)/archetype console trio a"], environment: lab.environment)
      #expect(run.exit == 3 && run.output == "42\n", "\(run)")
      let file = lab.folder + "/mine"
      let words = "head -c 5000000 /dev/urandom > \(file) && chmod 640 \(file)"
      #expect(try CommandRun.run("/bin/sh", ["-c", words]).exit == 0)
      #expect(try lab.archetype("cp", "trio", file, "b:/root").exit == 0)
      #expect(try lab.archetype("cp", "trio", "b:/root/mine", file + ".back").exit == 0)
      #expect(try CommandRun.run("/bin/sh", ["-c", "cmp \(file) \(file).back && stat -c %a \(file).back"]).output == "640\n")
    }
  }

  @Test func `what is done to containers from outside is told at once and repaired`() throws {
    try withTrio { lab in
      let events = try EventFollower(lab)
      defer { events.stop() }
      let foreign = try lab.docker("h1", "run", "-d", "--name", "foreign", "--network", "none", "busybox", "sleep", "1000")
      for words in [["kill"], ["stop", "-t", "0"], ["rm", "-f"], ["restart", "-t", "0"]] {
        let old = try #require(try lab.node("a", of: "trio")["pid"] as? Int)
        let restarts = try #require(try lab.node("a", of: "trio")["restarts"] as? Int)
        let container = try container(lab, "h1", "a")
        let run = try lab.archetype(["testbed", "exec", "h1", "--dir", lab.folder, "--", "docker"] + words + [container])
        #expect(run.exit == 0, "\(words): \(run.errors)")
        #expect(
          try eventually {
            let node = try lab.node("a", of: "trio")
            return try lab.isConverged("trio") && node["pid"] as? Int != old && node["restarts"] as? Int ?? 0 > restarts
          }, "\(words)")
        #expect(try eventually { try ping(lab).exit == 0 }, "\(words)")
      }
      _ = try events.time(of: "a", "node.exited")
      #expect(try lab.docker("h1", "ps", "-q", "--no-trunc", "--filter", "name=foreign") == foreign)
    }
  }

  @Test func `a node that its user stopped stays stopped, and what others start of it is stopped again`() throws {
    try withTrio { lab in
      let stop = try lab.archetype("node", "stop", "trio", "c")
      #expect(stop.exit == 0, "\(stop.errors)")
      let container = try container(lab, "h1", "c")
      #expect(try lab.docker("h1", "inspect", "-f", "{{.State.Running}}", container) == "false")
      _ = try lab.docker("h1", "start", container)
      #expect(try eventually { try lab.docker("h1", "inspect", "-f", "{{.State.Running}}", container) == "false" })
      #expect(try lab.node("c", of: "trio")["phase"] as? String == "stopped")
      let start = try lab.archetype("node", "start", "trio", "c")
      #expect(start.exit == 0, "\(start.errors)")
      #expect(try self.container(lab, "h1", "c") == container)
    }
  }

  @Test func `no container's first process runs before its interfaces are there`() throws {
    try TestLab.with(docker: true) { lab in
      for host in ["h1", "h2"] { try lab.importBusybox(on: host) }
      // Ends at once, and with an error, if one of its interfaces is missing; else it tells what it saw and waits.
      let check =
        "for i in 1 2 3 4; do [ -e /sys/class/net/eth$i ] || { echo eth$i is missing; exit 9; }; done; echo all are there; exec sleep 1000"
      let nodes = ["a", "b", "c", "d"].map { "    \($0): {host: \($0 < "c" ? "h1" : "h2"), entrypoint: \"sh -c '\(check)'\"}" }
      let pairs = [("a", "b"), ("a", "c"), ("a", "d"), ("b", "c"), ("b", "d"), ("c", "d"), ("a", "b"), ("c", "d")]
      var used: [String: Int] = [:]
      let links = pairs.map { pair in
        for node in [pair.0, pair.1] { used[node, default: 0] += 1 }
        return "    - endpoints: [\"\(pair.0):eth\(used[pair.0] ?? 0)\", \"\(pair.1):eth\(used[pair.1] ?? 0)\"]"
      }
      let text =
        "name: early\ntopology:\n  defaults: {kind: linux, image: busybox}\n  nodes:\n" + nodes.map { "  \($0)\n" }.joined()
        + "  links:\n" + links.map { "\($0)\n" }.joined()
      try lab.deploy(Topology("early", text))
      for node in ["a", "b", "c", "d"] {
        #expect(try lab.node(node, of: "early")["restarts"] as? Int == 0)
        #expect(try lab.archetype("logs", "early", node).output.contains("all are there"))
      }
      let restart = try lab.archetype("node", "restart", "early")
      #expect(restart.exit == 0, "\(restart.errors)")
      for host in ["h1", "h2"] {
        try lab.testbed("power-off", host)
        try lab.testbed("power-on", host)
      }
      #expect(try eventually(within: 60) { try lab.isConverged("early") })
      for node in ["a", "b", "c", "d"] {
        #expect(try lab.node(node, of: "early")["restarts"] as? Int == 0)
        #expect(try !lab.archetype("logs", "early", node).output.contains("missing"))
      }
    }
  }
}

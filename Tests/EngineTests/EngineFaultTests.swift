import Foundation
import Support
import Testing

/// What befalls engines and their settings: the lab is whole again without help, and what isn't touched goes on meanwhile.
@Suite(.serialized) struct EngineFaultTests {
  /// Both runtimes, on one host and on two. All end when they are asked to: an engine's next start waits ten seconds for each that doesn't.
  static let mixed = """
    name: mixed
    topology:
      defaults: {kind: linux, image: busybox, cmd: "sh -c 'trap exit TERM; sleep 1000000 & wait'"}
      nodes:
        a: {host: h1, exec: ["ip address replace 10.9.0.1/24 dev eth1", "ip address replace 10.9.1.1/24 dev eth2"]}
        b: {host: h2, runtime: namespace, exec: ["ip address replace 10.9.0.2/24 dev eth1", "ip address replace 10.9.2.2/24 dev eth2"]}
        c: {host: h1, runtime: namespace, exec: ["ip address replace 10.9.1.3/24 dev eth1"]}
        d: {host: h2, exec: ["ip address replace 10.9.2.4/24 dev eth1"]}
      links:
        - endpoints: ["a:eth1", "b:eth1"]
        - endpoints: ["a:eth2", "c:eth1"]
        - endpoints: ["b:eth2", "d:eth1"]
    """

  private static let settings = "/etc/docker/daemon.json"

  private func withMixed(settings: String? = nil, _ body: (TestLab) throws -> Void) throws {
    try TestLab.with(docker: true) { lab in
      if let settings {
        for host in ["h1", "h2"] { try shell(lab, host, "echo '\(settings)' > \(Self.settings)") }
        for host in ["h1", "h2"] { try restartEngine(of: host, lab) }
      }
      for host in ["h1", "h2"] { try lab.importBusybox(on: host) }
      try lab.deploy(Topology("mixed", Self.mixed))
      try body(lab)
    }
  }

  @discardableResult private func shell(_ lab: TestLab, _ host: String, _ script: String) throws -> String {
    let run = try lab.on(host, "sh", "-ec", script)
    guard run.exit == 0 else { throw SupportError("\(script) on \(host): \(run.errors)\(run.output)") }
    return run.output
  }

  private func restartEngine(of host: String, _ lab: TestLab) throws {
    try lab.testbed("kill", "docker/\(host)")
    try lab.testbed("start", "docker/\(host)")
  }

  /// What a container takes is what the files of its control group say, whatever its engine does.
  private func expectUsage(of node: String, _ pid: Int, _ lab: TestLab) throws {
    let run = try lab.archetype("stats", "mixed", "--format", "json")
    let rows = try run.json() as? [[String: Any]] ?? []
    #expect(run.exit == 0 && rows.count == 4, "\(run)")
    let row = rows.first { $0["node"] as? String == node }
    let script = """
      container=$(grep -o '[0-9a-f]\\{64\\}' /proc/\(pid)/cgroup | head -n 1)
      find /sys/fs/cgroup -name pids.current -path "*$container*" -exec cat {} \\; | head -n 1
      """
    let processes = try Int(shell(lab, "h1", script).split(separator: "\n").first ?? "")
    #expect(row?["pid"] as? Int == pid && (row?["processes"] as? [String: Any])?["count"] as? Int == processes, "\(rows)")
    #expect((row?["memory"] as? [String: Any])?["used"] as? Int ?? 0 > 0, "\(rows)")
    #expect((row?["cpu"] as? [String: Any])?["time"] as? Double ?? 0 > 0, "\(rows)")
    let sent = (row?["interfaces"] as? [[String: Any]] ?? []).map { ($0["sent"] as? [String: Any])?["packets"] as? Int ?? 0 }
    #expect(sent.count == 2 && sent[0] > 0, "\(rows)")
  }

  /// Whether all cables carry.
  private func carries(_ lab: TestLab) throws -> Bool {
    let ways = [("a", "10.9.0.2"), ("c", "10.9.1.1"), ("d", "10.9.2.2")]
    return try ways.allSatisfy { try lab.exec("mixed", $0.0, "ping", "-q", "-c", "1", "-W", "2", $0.1).exit == 0 }
  }

  private func isWhole(_ lab: TestLab) throws -> Bool {
    try eventually(within: 90) { try lab.isConverged("mixed") && carries(lab) }
  }

  /// A start by the engine, to its end.
  private func restart(_ node: String, _ lab: TestLab) throws -> CommandRun { try lab.archetype("node", "restart", "mixed", node) }

  private func reason(_ node: String, _ lab: TestLab) throws -> String { try lab.node(node, of: "mixed")["reason"] as? String ?? "" }

  @Test func `an engine, its containerd, its settings and its runtime's program are lost, and the lab comes back`() throws {
    try withMixed { lab in
      #expect(try carries(lab), "containers and processes of hosts are nodes of one lab")
      for (host, node) in [("h1", "a"), ("h2", "d")] {
        #expect(try lab.docker(host, "ps", "--format", "{{.Label \"archetype.node\"}}") == node)
      }
      let faults: [(name: String, strike: (TestLab) throws -> Void)] = [
        ("killed engine", { try self.restartEngine(of: "h1", $0) }),
        ("killed containerd", killContainerd),
        (
          "killed agent",
          { lab in
            try lab.testbed("kill", "agent/h1")
            try lab.testbed("start", "agent/h1")
          }
        ),
        (
          "no program of the runtime",
          { lab in
            try self.shell(lab, "h1", "rm -r /var/lib/archetype/bin")
            _ = try lab.docker("h1", "kill", try self.container("a", lab))
          }
        ),
        (
          "no settings",
          { lab in
            try self.shell(lab, "h1", "rm \(Self.settings)")
            try self.restartEngine(of: "h1", lab)
          }
        ),
        (
          "settings and program gone, and the engine ended by its owner",
          { lab in
            try self.shell(lab, "h1", "rm -r \(Self.settings) /var/lib/archetype/bin; kill -TERM $(cat /run/docker.pid)")
            try self.restartEngine(of: "h1", lab)
          }
        ),
      ]
      for fault in faults {
        let others = try lab.processes(of: "mixed").filter { $0.key != "a" }
        try fault.strike(lab)
        #expect(try isWhole(lab), "\(fault.name): \(lab.shown("mixed"))")
        let restart = try restart("a", lab)
        #expect(restart.exit == 0, "\(fault.name): \(restart.errors)")
        #expect(try eventually { try lab.processes(of: "mixed").filter { $0.key != "a" } == others }, "\(fault.name)")
        #expect(try shell(lab, "h1", "cat \(Self.settings)").contains("/var/lib/archetype/bin/archetype-runc"), "\(fault.name)")
      }
    }
  }

  /// The engine's own; it starts another.
  private func killContainerd(_ lab: TestLab) throws {
    let pid = try shell(lab, "h1", "cat /run/docker/containerd/containerd.pid")
    try shell(lab, "h1", "kill -9 \(pid)")
    let isBack = try eventually {
      let now = try lab.on("h1", "cat", "/run/docker/containerd/containerd.pid")
      return try now.exit == 0 && now.output != pid && lab.on("h1", "sh", "-c", "kill -0 \(now.output)").exit == 0
    }
    guard isBack else { throw SupportError("no containerd") }
  }

  private func container(_ node: String, _ lab: TestLab, on host: String = "h1") throws -> String {
    try lab.docker(host, "ps", "-aq", "--no-trunc", "--filter", "label=archetype.node=\(node)")
  }

  @Test func `settings that the engine can't take are told with what to do, and are taken when they are mended`() throws {
    try withMixed { lab in
      let faults = [
        ("{broken", "isn't what an engine reads"),
        // The testbed's engine has it as an option.
        (#"{"iptables": false}"#, "an option of dockerd too"),
      ]
      for (settings, message) in faults {
        // An engine that knows nothing of us, and settings that it can't read, before anybody mends them.
        try lab.testbed("kill", "agent/h1")
        try shell(lab, "h1", "rm -f \(Self.settings)")
        try restartEngine(of: "h1", lab)
        try shell(lab, "h1", "echo '\(settings)' > \(Self.settings)")
        try lab.testbed("start", "agent/h1")
        #expect(try eventually(within: 60) { try reason("a", lab).contains(message) }, "\(settings): \(lab.shown("mixed"))")
        #expect(try lab.node("c", of: "mixed")["phase"] as? String == "ready", "who needs no engine runs")
        try shell(lab, "h1", "echo '{}' > \(Self.settings)")
        #expect(try isWhole(lab), "\(settings): \(lab.shown("mixed"))")
      }
    }
  }

  @Test func `with live-restore a killed or hanging engine costs no node and no packet, and other hosts go on`() throws {
    try withMixed(settings: #"{"live-restore": true}"#) { lab in
      let old = try lab.processes(of: "mixed")
      let flow = try Flow(lab, "mixed", from: "b", to: "10.9.0.1")
      for _ in 0..<2 {
        try lab.testbed("kill", "docker/h1")
        #expect(flow.goesOn())
        try lab.testbed("start", "docker/h1")
        #expect(try eventually(within: 60) { try lab.isConverged("mixed", with: old) && lab.exec("mixed", "a", "true").exit == 0 })
      }
      let events = try EventFollower(lab)
      defer { events.stop() }
      try events.skip()
      try shell(lab, "h1", "kill -STOP $(cat /run/docker.pid)")
      #expect(flow.goesOn())
      try expectUsage(of: "a", try #require(old["a"]), lab)
      // Known by the kernel, though the engine says nothing.
      try shell(lab, "h1", "kill -9 \(try #require(old["a"]))")
      _ = try events.time(of: "a", "node.exited")
      // What needs that engine is waited for, nothing else waits for it.
      for node in ["c", "d"] {
        let detached = try lab.archetype("node", "restart", "mixed", node, "--detach")
        #expect(detached.exit == 0, "\(detached.errors)")
        #expect(
          try eventually {
            let now = try lab.node(node, of: "mixed")
            return now["phase"] as? String == "ready" && now["pid"] as? Int != old[node]
          }, "\(lab.shown("mixed"))")
      }
      #expect(try eventually(within: 90) { try reason("a", lab).contains("engine") }, "\(lab.shown("mixed"))")
      try shell(lab, "h1", "kill -CONT $(cat /run/docker.pid)")
      #expect(try isWhole(lab), "\(lab.shown("mixed"))")
      #expect(try lab.processes(of: "mixed")["b"] == old["b"])
      #expect(try flow.end().received > 0)
    }
  }
}

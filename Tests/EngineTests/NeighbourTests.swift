import Foundation
import Support
import Testing

/// What isn't a lab's on its host's engine stays as it is; what is, goes with it.
@Suite(.serialized) struct NeighbourTests {
  private static let topology = Topology(
    "one",
    """
    name: one
    mgmt:
    topology:
      defaults: {kind: linux, image: "kept:1", startup-config: "one\\ntwo\\n"}
      nodes: {a: {}, b: {binds: ["/usr/share/zoneinfo:/zones:ro"]}}
      links: [{endpoints: ["a:eth1", "b:eth1"]}]
    """)

  /// Everything of an engine and its host that a lab could leave or take.
  private func facts(_ lab: TestLab) throws -> String {
    let run = try lab.on("h1", "sh", "-ec", "manifest=\(lab.folder)/testbed\n" + Self.look)
    guard run.exit == 0 else { throw SupportError(run.errors) }
    return run.output
  }

  private static let look = """
    docker ps -a --format '{{.ID}} {{.Names}} {{.State}}'
    docker volume ls -q
    docker network ls --format '{{.ID}} {{.Name}}'
    docker images -a --format '{{.ID}} {{.Repository}}:{{.Tag}}'
    ip -o link | sed 's/ state .*//'
    nsenter --net=/run/archetype/netns/archetype ip -o link | sed 's/ state .*//'
    ip -o address | grep -v inet6
    ls /run/archetype/netns
    find /run/archetype/docker /run/archetype/nodes \\( -type f -o -type l \\) 2> /dev/null || true
    find /var/lib/archetype -path '*/nodes/*' 2> /dev/null || true
    # Other testbeds have control groups too.
    find /sys/fs/cgroup -type d -path "*/archetype-testbed/$(sed -n s/^id=//p "$manifest")/h1/*" 2> /dev/null || true
    grep -c . /proc/mounts
    """

  @Test func `what others have on an engine stays, a name that is taken is told, and a lab leaves nothing`() throws {
    try TestLab.with(hosts: 1, docker: true) { lab in
      try lab.importBusybox(on: "h1")
      let volume = "docker create --name base busybox && docker commit --change 'VOLUME /kept' base kept:1 && docker rm base"
      #expect(try lab.on("h1", "sh", "-ec", volume).exit == 0)
      let theirs = """
        docker network create theirs
        docker volume create theirs
        docker run -d --name foreign --network none -v theirs:/data busybox sleep 100000
        docker run -d --name other --network none --label archetype.deployment=other --label archetype.host=h1 --label archetype.lab=one \\
          --label archetype.lab.born=1 --label archetype.node=a --label archetype.node.born=1 busybox sleep 100000
        docker create --name ended --network theirs busybox
        """
      let made = try lab.on("h1", "sh", "-ec", theirs)
      #expect(made.exit == 0, "\(made.errors)")
      let before = try facts(lab)
      try lab.deploy(Self.topology)
      let name = try lab.docker("h1", "ps", "--filter", "label=archetype.node=b", "--format", "{{.Names}}")
      // Somebody takes the name of a node that must be made anew.
      try lab.testbed("kill", "agent/h1")
      _ = try lab.docker("h1", "rm", "-fv", name)
      let taken = try lab.docker("h1", "run", "-d", "--name", name, "--network", "none", "busybox", "sleep", "100000")
      try lab.testbed("start", "agent/h1")
      #expect(
        try eventually {
          let reason = try lab.node("b", of: "one")["reason"] as? String ?? ""
          return reason.contains(name) && reason.contains("not Archetype's") && reason.contains("docker rm")
        }, "\(lab.shown("one"))")
      _ = try lab.docker("h1", "rename", name, "taken")
      #expect(try eventually(within: 60) { try lab.isConverged("one") })
      #expect(try lab.docker("h1", "inspect", "-f", "{{.State.Running}} {{.Id}}", "taken") == "true \(taken)")
      _ = try lab.docker("h1", "rm", "-f", "taken")
      try lab.destroy("one")
      // The kernel takes a moment over control groups of what has ended.
      var after = ""
      let isAsBefore = try eventually {
        after = try facts(lab)
        return after == before
      }
      #expect(isAsBefore, "\(Set(after.split(separator: "\n")).symmetricDifference(Set(before.split(separator: "\n"))))")
    }
  }

  @Test func `memory that runs out is told with its cause, and networks that others give or take change nothing`() throws {
    try TestLab.with(hosts: 1, docker: true) { lab in
      try lab.importBusybox(on: "h1")
      let hog = "until [ -e /hog ]; do sleep 0.1; done; rm /hog; exec tail /dev/zero"
      let text = """
        name: hog
        topology:
          defaults: {kind: linux, image: busybox}
          nodes:
            a: {memory: 16m, entrypoint: sh -c, cmd: "'\(hog)'", exec: ["ip address replace 10.9.0.1/24 dev eth1"]}
            b: {exec: ["ip address replace 10.9.0.2/24 dev eth1"]}
          links: [{endpoints: ["a:eth1", "b:eth1"]}]
        """
      try lab.deploy(Topology("hog", text))
      func carries() throws -> Bool { try lab.ping("10.9.0.1", from: "b", in: "hog").exit == 0 }
      let old = try lab.processes(of: "hog")
      let ids = try lab.docker("h1", "ps", "-q", "--filter", "label=archetype.lab=hog")
      _ = try lab.on(
        "h1", "sh", "-c",
        "docker network create theirs; for id in $(echo \(ids.replacing("\n", with: " "))); do "
          + "docker network disconnect -f none $id; docker network connect theirs $id; docker network disconnect theirs $id; done")
      #expect(try carries() && lab.isConverged("hog", with: old))
      let events = try EventFollower(lab)
      defer { events.stop() }
      try events.skip()
      #expect(try lab.exec("hog", "a", "touch", "/hog").exit == 0)
      _ = try events.time(of: "a", "node.exited")
      #expect(try eventually { try lab.isConverged("hog") && lab.node("a", of: "hog")["restarts"] as? Int == 1 })
      #expect(try eventually { try carries() })
      let exits = try lab.events(of: "hog").filter { $0["kind"] as? String == "node.exited" }
      #expect(exits.contains { "\($0["detail"] ?? "")".contains("ran out of memory") }, "\(exits)")
    }
  }

  @Test func `a changed image replaces its node alone: its peers keep their interfaces and routes, and others lose no packet`() throws {
    try TestLab.with(docker: true) { lab in
      for host in ["h1", "h2"] { try lab.importBusybox(on: host) }
      _ = try lab.docker("h1", "tag", "busybox", "other:2")
      func deploy(_ image: String) throws {
        let text = """
          name: swap
          topology:
            defaults: {kind: linux, image: busybox}
            nodes:
              a: {host: h1, exec: ["ip address replace 10.9.0.1/24 dev eth1", "ip address replace 10.9.1.1/24 dev eth2"]}
              b: {host: h2, exec: ["ip address replace 10.9.0.2/24 dev eth1", "ip address replace 10.9.2.2/24 dev eth2"]}
              c: {host: h1, image: \(image), exec: ["ip address replace 10.9.1.3/24 dev eth1", "ip address replace 10.9.2.3/24 dev eth2"]}
            links:
              - endpoints: ["a:eth1", "b:eth1"]
              - endpoints: ["a:eth2", "c:eth1"]
              - endpoints: ["b:eth2", "c:eth2"]
          """
        try lab.deploy(Topology("swap", text))
      }
      try deploy("busybox")
      for node in ["a", "b"] {
        #expect(try lab.exec("swap", node, "ip", "route", "add", "10.20.0.0/16", "via", node == "a" ? "10.9.1.3" : "10.9.2.3").exit == 0)
      }
      func look() throws -> [String] { try ["a", "b"].map { try lab.exec("swap", $0, "sh", "-c", "ip address; ip route").output } }
      let (before, old) = (try look(), try lab.processes(of: "swap"))
      let flow = try Flow(lab, "swap", from: "a", to: "10.9.0.2")
      try deploy("other:2")
      #expect(flow.goesOn())
      let sent = try flow.end()
      #expect(sent.received > 20 && sent.lost == 0, "\(sent)")
      #expect(try look() == before)
      let now = try lab.processes(of: "swap")
      #expect(now["a"] == old["a"] && now["b"] == old["b"] && now["c"] != old["c"])
      #expect(try lab.docker("h1", "ps", "--filter", "label=archetype.node=c", "--format", "{{.Image}}") == "other:2")
      for address in ["10.9.1.1", "10.9.2.2"] { #expect(try lab.ping(address, from: "c", in: "swap").exit == 0) }
    }
  }
}

import Foundation
import Support
import Testing

/// Containers that users start by themselves join labs through their engine's network driver `archetype`.
@Suite(.serialized) struct NetworkDriverTests {
  /// Node `far` on h2 is cabled to whatever container takes `ext:eth1` on h1; `near` on h1 has a management address beside its cable to `far`.
  private static func topology(more: String = "") -> Topology {
    Topology(
      "mix",
      """
      name: mix
      mgmt: {ipv4-subnet: 172.30.0.0/24}
      topology:
        defaults: {kind: linux, image: alpine, runtime: namespace}
        nodes:
          far: {host: h2, exec: ["ip address replace 10.9.0.1/24 dev eth1"]}
          near: {host: h1, mgmt-ipv4: 172.30.0.11, exec: ["ip address replace 10.8.0.1/24 dev eth1"]}
          ext: {kind: ext-container, host: h1}
      \(more)
        links:
          - endpoints: ["ext:eth1", "far:eth1"]
          - endpoints: ["near:eth1", "far:eth2"]

      """)
  }

  private static let addresses = ["wan": "10.9.0.1", "mgmt": "172.30.0.11"]

  /// As a user makes them; neither needs the lab.
  private func createNetworks(_ lab: TestLab) throws {
    _ = try lab.docker(
      "h1", "network", "create", "-d", "archetype", "-o", "lab=mix", "-o", "link=ext:eth1", "--subnet", "10.9.0.0/24", "--ip-range",
      "10.9.0.128/25", "wan")
    _ = try lab.docker(
      "h1", "network", "create", "-d", "archetype", "-o", "lab=mix", "-o", "segment=mgmt", "--subnet", "172.30.0.0/24", "--ip-range",
      "172.30.0.192/26", "mgmt")
  }

  private func run(_ lab: TestLab, _ network: String, restart: String = "unless-stopped") throws {
    _ = try lab.docker("h1", "run", "-d", "--name", network, "--restart", restart, "--network", network, "busybox", "sleep", "100000")
  }

  private func reaches(_ lab: TestLab, _ network: String, within seconds: Double = 30) throws -> Bool {
    let address = try #require(Self.addresses[network])
    return try eventually(within: seconds) {
      try lab.on("h1", "docker", "exec", network, "ping", "-q", "-c", "1", "-W", "1", address).exit == 0
    }
  }

  /// Devices for containers on h1, in the fabric and at the host.
  private func devices(_ lab: TestLab) throws -> String {
    let script = "nsenter --net=/run/archetype/netns/archetype ip link | grep ar1x; ip -br link | grep ^ax; ls /var/lib/archetype/networks"
    return try lab.on("h1", "sh", "-c", script).output
  }

  private func phase(_ lab: TestLab) throws -> String? { try lab.node("ext", of: "mix")["phase"] as? String }

  @Test func `containers are joined whether they or their lab come first, and leave nothing behind`() throws {
    try TestLab.with(docker: true) { lab in
      try lab.importBusybox(on: "h1")
      try createNetworks(lab)
      for network in ["wan", "mgmt"] { try run(lab, network) }
      try lab.deploy(Self.topology())
      for network in ["wan", "mgmt"] { #expect(try reaches(lab, network), "\(network): \(lab.shown("mix"))") }
      #expect(try eventually { try phase(lab) == "ready" })
      #expect(try lab.docker("h1", "exec", "wan", "cat", "/sys/class/net/eth0/mtu") == "1450")
      // One container has a link's end, and its place is free again when it goes.
      let second = try lab.on("h1", "docker", "run", "--rm", "--network", "wan", "busybox", "true")
      #expect(second.exit != 0 && second.errors.contains("another container has it"), "\(second.errors)")
      _ = try lab.docker("h1", "rm", "-f", "wan")
      #expect(try eventually { try phase(lab) == "pending" && lab.isConverged("mix") }, "\(lab.shown("mix"))")
      try run(lab, "wan")
      #expect(try reaches(lab, "wan"))
      for network in ["wan", "mgmt"] {
        _ = try lab.docker("h1", "restart", "-t", "0", network)
        #expect(try reaches(lab, network), "\(network)")
      }
      // Another version of the lab, none, and another lab of the name.
      try lab.deploy(Self.topology(more: "    more: {host: h1}"))
      #expect(try reaches(lab, "wan") && reaches(lab, "mgmt"))
      try lab.destroy("mix")
      #expect(try lab.docker("h1", "exec", "wan", "cat", "/sys/class/net/eth0/carrier") == "0")
      try lab.deploy(Self.topology())
      #expect(try reaches(lab, "wan") && reaches(lab, "mgmt"), "\(lab.shown("mix"))")
      try lab.destroy("mix")
      for network in ["wan", "mgmt"] {
        _ = try lab.docker("h1", "rm", "-f", network)
        _ = try lab.docker("h1", "network", "rm", network)
      }
      #expect(try devices(lab) == "")
    }
  }

  @Test func `a network that names no place in a lab is refused with what may be said`() throws {
    try TestLab.with(hosts: 1, docker: true) { lab in
      let wrong = [
        "-o lab=mix": "-o link=NODE:INTERFACE", "-o lab=mix -o segment=lan": "-o segment=mgmt", "-o lab=mix -o link=ext:wan0": "eth1, eth2",
      ]
      for (options, words) in wrong {
        let run = try lab.on("h1", "sh", "-c", "docker network create -d archetype \(options) wrong")
        #expect(run.exit != 0 && run.errors.contains(words), "\(options): \(run.errors)")
      }
      #expect(try lab.docker("h1", "network", "ls", "-q", "--filter", "driver=archetype") == "")
    }
  }

  @Test func `a killed engine and a killed driver bring their containers back by themselves`() throws {
    try TestLab.with(docker: true) { lab in
      try lab.importBusybox(on: "h1")
      try createNetworks(lab)
      try lab.deploy(Self.topology())
      // An engine that was killed ends them when it begins, and takes that for its user's word with "unless-stopped".
      for network in ["wan", "mgmt"] { try run(lab, network, restart: "always") }
      for network in ["wan", "mgmt"] { #expect(try reaches(lab, network), "\(network): \(lab.shown("mix"))") }
      try lab.testbed("kill", "network/h1")
      #expect(try reaches(lab, "wan") && reaches(lab, "mgmt"))
      let refused = try lab.on("h1", "docker", "run", "--rm", "--network", "mgmt", "busybox", "true")
      #expect(refused.exit != 0 && refused.errors.contains("archetype.sock"), "\(refused.errors)")
      try lab.testbed("start", "network/h1")
      #expect(try lab.docker("h1", "run", "--rm", "--network", "mgmt", "busybox", "echo", "here") == "here")
      for name in ["docker/h1", "agent/h1"] {
        try lab.testbed("kill", name)
        try lab.testbed("start", name)
        for network in ["wan", "mgmt"] { #expect(try reaches(lab, network, within: 60), "\(name): \(network): \(lab.shown("mix"))") }
      }
    }
  }

  @Test func `a power cut brings them back without anybody's help, and without the control plane`() throws {
    try TestLab.with(docker: true) { lab in
      try lab.importBusybox(on: "h1")
      try createNetworks(lab)
      try lab.deploy(Self.topology())
      for network in ["wan", "mgmt"] { try run(lab, network) }
      for network in ["wan", "mgmt"] { #expect(try reaches(lab, network), "\(network): \(lab.shown("mix"))") }
      let services = ["bus", "configs", "jobs", "links", "reconciler"]
      for cut in 1...3 {
        if cut == 3 { for name in services { try lab.testbed("kill", name) } }
        try lab.testbed("power-off", "h1")
        try lab.testbed("power-on", "h1")
        for network in ["wan", "mgmt"] {
          let isBack = try reaches(lab, network, within: 60)
          let containers = try lab.docker("h1", "ps", "-a")
          #expect(isBack, "cut \(cut): \(network): \(containers)")
        }
      }
      for name in services { try lab.testbed("start", name) }
      #expect(try eventually { try lab.isConverged("mix") && phase(lab) == "ready" }, "\(lab.shown("mix"))")
    }
  }

  /// What the socket that is there before the engine is for: an engine that begins without it gives such containers up for good.
  @Test func `without the driver's socket an engine that begins leaves its containers down`() throws {
    try TestLab.with(hosts: 1, docker: true) { lab in
      try lab.importBusybox(on: "h1")
      _ = try lab.docker("h1", "network", "create", "-d", "archetype", "-o", "lab=mix", "-o", "segment=mgmt", "mgmt")
      try run(lab, "mgmt", restart: "always")
      for name in ["network/h1", "docker/h1"] { try lab.testbed("kill", name) }
      #expect(try lab.on("h1", "rm", "/run/docker/plugins/archetype.sock").exit == 0)
      try lab.testbed("start", "docker/h1")
      #expect(try lab.docker("h1", "ps", "-a", "--format", "{{.Names}} {{.State}}") == "mgmt exited")
      // Nor does the engine try again when the driver has come.
      try lab.testbed("start", "network/h1")
      #expect(try lab.docker("h1", "run", "--rm", "--network", "mgmt", "busybox", "echo", "here") == "here")
      #expect(try lab.docker("h1", "ps", "-q") == "")
      // With it there they come back.
      _ = try lab.docker("h1", "start", "mgmt")
      try lab.testbed("kill", "docker/h1")
      try lab.testbed("start", "docker/h1")
      #expect(try eventually(within: 60) { try lab.docker("h1", "ps", "--format", "{{.Names}}") == "mgmt" })
    }
  }

  @Test func `the driver shows Prometheus and health checks how it is`() throws {
    try TestLab.with(hosts: 1, docker: true, metrics: true) { lab in
      func get(_ path: String) throws -> String {
        let script = "exec 3<>/dev/tcp/127.0.0.1/9476 && printf 'GET \(path) HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3"
        return try lab.on("h1", "bash", "-c", script).output
      }
      _ = try lab.docker("h1", "network", "create", "-d", "archetype", "-o", "lab=mix", "-o", "segment=mgmt", "good")
      #expect(try lab.on("h1", "docker", "network", "create", "-d", "archetype", "bad").exit != 0)
      // What is shown is up to a second old.
      var shown = ""
      let isSeen = try eventually {
        shown = try get("/metrics")
        return shown.contains("\narchetype_refused_total 1\n")
      }
      #expect(isSeen && shown.contains("\narchetype_info{peer=\"network\",") && shown.contains("\narchetype_serving 1\n"), "\(shown)")
      #expect(!shown.contains("The figure '") && !shown.contains("\narchetype_handled_total 1\n"), "\(shown)")
      #expect(try get("/live").hasSuffix("\r\n\r\nlive\n") && get("/ready").hasSuffix("\r\n\r\nready\n"))
    }
  }
}

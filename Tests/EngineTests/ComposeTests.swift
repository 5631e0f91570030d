import Foundation
import Support
import Testing

/// The deployment by docker-compose: control plane and agent of one host, and the agent of a second, each in the host's own engine.
@Suite(.serialized) struct ComposeTests {
  private static let topology = Topology(
    "mixed",
    """
    name: mixed
    topology:
      defaults: {kind: linux}
      nodes:
        p1: {host: h1, image: alpine, exec: ["ip address replace 10.9.0.1/24 dev eth1"]}
        p2: {host: h2, image: alpine, exec: ["ip address replace 10.9.0.2/24 dev eth1"]}
        c1: {host: h1, image: busybox, runtime: docker, exec: ["ip address replace 10.9.1.1/24 dev eth1"]}
        c2: {host: h2, image: busybox, runtime: docker, exec: ["ip address replace 10.9.1.2/24 dev eth1"]}
      links:
        - endpoints: ["p1:eth1", "p2:eth1"]
        - endpoints: ["c1:eth1", "c2:eth1"]
    """)

  /// Deployed and destroyed again and again.
  private static let brief = Topology(
    "brief",
    """
    name: brief
    topology:
      defaults: {kind: linux, image: alpine}
      nodes: {a: {host: h1}, b: {host: h2}}
      links: [{endpoints: ["a:eth1", "b:eth1"]}]
    """)

  /// Everything in containers: the testbed's own services and agents are dead, its hosts and engines live.
  private func withDeployment(_ body: (Deployment) throws -> Void) throws {
    try TestLab.with(docker: true) { lab in
      for service in ["agent/h1", "agent/h2", "network/h1", "network/h2", "reconciler", "links", "jobs", "configs", "bus"] {
        try lab.testbed("kill", service)
      }
      for host in ["h1", "h2"] {
        // A host obeys one deployment, and this one was the testbed's.
        // An engine that looks for drivers of volumes asks at every socket, and for long at a dead one.
        #expect(try lab.on(host, "sh", "-c", "rm -rf /var/lib/archetype/* /run/docker/plugins/archetype.sock").exit == 0)
        try lab.importBusybox(on: host)
        try lab.importArchetype(on: host)
      }
      try body(try Deployment(lab))
    }
  }

  @Test func `each service and agent is restarted, recreated and upgraded alone, and no packet and no job is lost`() throws {
    try withDeployment { deployment in
      let file = try deployment.lab.file(Self.topology.name, Self.topology.text)
      try deployment.archetype("deploy", "-t", file, "--timeout", "120")
      let before = try deployment.nodes("mixed")
      #expect(before.values.allSatisfy { $0 > 1 } && before.count == 4)
      let echoes = [try deployment.echoes(from: "p1", "mixed", to: "10.9.0.2"), try deployment.echoes(from: "c1", "mixed", to: "10.9.1.2")]
      let followed = try deployment.start(deployment.follow)
      let jobs = try deployment.startJobs(try deployment.lab.file(Self.brief.name, Self.brief.text))

      let services = ["configs", "jobs", "links", "reconciler", "bus", "network", "agent"]
      for service in services {
        try deployment.compose("h1", "restart", "-t", "5", service)
        try deployment.converges("mixed", after: "restart \(service)")
        try deployment.compose("h1", "kill", service)
        try deployment.compose("h1", "up", "-d", "--no-deps", "--force-recreate", service)
        try deployment.converges("mixed", after: "recreate \(service)")
        try deployment.compose("h1", "up", "-d", "--no-deps", service, image: "archetype:next")
        try deployment.converges("mixed", after: "upgrade \(service)")
      }
      for service in services { #expect(try deployment.runs(service, "archetype:next"), "\(service)") }
      for verb in [["down"], ["up", "-d"]] { try deployment.compose("h1", verb) }
      for verb in [["down"], ["up", "-d"]] { try deployment.compose("h2", verb) }
      try deployment.converges("mixed", after: "down and up")

      // All along jobs have come, and each has ended as it should.
      let exits = try deployment.endJobs(jobs)
      #expect(exits.count > 10 && exits.allSatisfy { $0 == "0" }, "\(jobs.printed)")
      let phases = try deployment.jobPhases()
      #expect(phases.count > exits.count && Set(phases) == ["done"], "\(phases)")
      #expect(try deployment.nodes("mixed") == before)
      for echo in echoes {
        let (received, lost) = try echo.end()
        #expect(received > 100 && lost == 0, "\(received) received, \(lost) lost")
      }
      let indices = try deployment.indices(followed)
      #expect(indices.count > 4 && indices == Array((indices.first ?? 0)...(indices.last ?? 0)), "\(indices)")
      try checkHealth(deployment)
      try deployment.archetype("destroy", "mixed")
      #expect(try deployment.lab.docker("h2", "ps", "-aq", "--filter", "label=archetype.node") == "")
    }
  }

  @Test func `a user's container comes back beside the driver of its network, which its engine starts as well`() throws {
    try withDeployment { deployment in
      let lab = deployment.lab
      _ = try lab.docker("h1", "network", "create", "-d", "archetype", "-o", "lab=mixed", "-o", "segment=mgmt", "mgmt")
      _ = try lab.docker("h1", "run", "-d", "--name", "guest", "--restart", "always", "--network", "mgmt", "busybox", "sleep", "100000")
      for verb in ["kill", "start"] { try lab.testbed(verb, "docker/h1") }
      #expect(try eventually(within: 60) { try lab.on("h1", "docker", "exec", "guest", "ip", "link", "show", "eth0").exit == 0 })
      // It stays joined while its driver is another one.
      try deployment.compose("h1", "up", "-d", "--no-deps", "--force-recreate", "network")
      #expect(try lab.docker("h1", "run", "--rm", "--network", "mgmt", "busybox", "echo", "here") == "here")
      #expect(try lab.on("h1", "docker", "exec", "guest", "ip", "link", "show", "eth0").exit == 0)
    }
  }

  /// Missing settings are asked for, and health says which service is away.
  private func checkHealth(_ deployment: Deployment) throws {
    let run = try deployment.run("h2", ["up", "-d"], settings: "ARCHETYPE_HOST=h2")
    #expect(run.exit != 0 && run.errors.contains("compose/.env"), "\(run.errors)")
    #expect(
      try eventually(within: 60) {
        try deployment.health("h1", "configs") == "healthy" && deployment.health("h1", "agent") == "healthy"
      })
    for port in [9_471, 9_476] { #expect(try eventually { try deployment.isReady(at: port) }, "\(port)") }
    try deployment.compose("h1", "stop", "links")
    let status = try deployment.lab.on("h1", "docker", "exec", "compose_bus_1", "archetype", "status", "links")
    #expect(status.exit == 1 && status.output.contains("away"), "\(status)")
    try deployment.compose("h1", "up", "-d")
  }
}

/// What was started by compose on both hosts.
private struct Deployment {
  let lab: TestLab
  private let underlay: [String: String]

  private static let keys = "/var/lib/archetype/keys"

  init(_ lab: TestLab) throws {
    self.lab = lab
    underlay = try ["h1", "h2"].reduce(into: [:]) { found, host in
      found[host] = try lab.underlay(of: host).text.split(separator: "/").first.map(String.init)
    }
    try shell("h1", "\(lab.programs)/archetype keys init --keys \(Self.keys) && \(lab.programs)/archetype keys host h2 --keys \(Self.keys)")
    try compose("h1", "up", "-d")
    try shell("h1", "cp -r \(Self.keys)/hosts/h2 \(lab.folder)/h2.keys")
    try shell("h2", "mkdir -p \(Self.keys) && cp -r \(lab.folder)/h2.keys/. \(Self.keys)")
    try compose("h2", "up", "-d")
    guard try eventually(within: 60, { try hosts() == ["h1", "h2"] }) else {
      throw SupportError("the hosts are not there: \(try lab.on("h1", "docker", "logs", "compose_agent_1").errors)")
    }
  }

  private func hosts() throws -> [String] {
    let run = try lab.on("h1", "sh", "-c", archetypeWords + " host list --format json")
    guard run.exit == 0, let list = try run.json() as? [[String: Any]] else { return [] }
    return list.filter { $0["state"] as? String == "online" }.compactMap { $0["name"] as? String }.sorted()
  }

  private var archetypeWords: String { "ARCHETYPE_BUS=ipc:///run/archetype NO_COLOR=1 \(lab.programs)/archetype" }

  var follow: String { archetypeWords + " events --since 0 --follow --format json" }

  /// A script on h1, beside what the test does.
  func start(_ script: String) throws -> StartedCommand {
    try lab.start("testbed", "exec", "h1", "--dir", lab.folder, "--", "sh", "-c", script)
  }

  private var jobsEnd: String { lab.folder + "/jobs-end" }

  /// One job after the other, until `endJobs`; prints how each command has ended.
  func startJobs(_ file: String) throws -> StartedCommand {
    try start(
      """
      while [ ! -e \(jobsEnd) ]; do
        \(archetypeWords) deploy -t \(file) --timeout 120 >&2; echo $?
        \(archetypeWords) destroy brief --timeout 120 >&2; echo $?
      done
      """)
  }

  func endJobs(_ jobs: StartedCommand) throws -> [Substring] {
    #expect(FileManager.default.createFile(atPath: jobsEnd, contents: nil))
    return jobs.wait(limit: 300).output.split(separator: "\n")
  }

  func jobPhases() throws -> [String] {
    let list = try lab.on("h1", "sh", "-c", archetypeWords + " job list --format json").json() as? [[String: Any]] ?? []
    return list.compactMap { $0["phase"] as? String }
  }

  /// Whether a service's container is of this image.
  func runs(_ service: String, _ image: String) throws -> Bool {
    try lab.docker("h1", "inspect", "-f", "{{.Image}}", "compose_\(service)_1")
      == lab.docker("h1", "image", "inspect", "-f", "{{.Id}}", image)
  }

  private func shell(_ host: String, _ script: String) throws {
    let run = try lab.on(host, "sh", "-ec", script)
    guard run.exit == 0 else { throw SupportError("\(host): \(script): \(run.errors)\(run.output)") }
  }

  func archetype(_ arguments: String...) throws { try shell("h1", ([archetypeWords] + arguments).joined(separator: " ")) }

  /// As env.example has them.
  private static let metrics =
    "ARCHETYPE_NETWORK_MODE=host ARCHETYPE_CONFIGS_OPTIONS='--metrics 9471' ARCHETYPE_NETWORK_OPTIONS='--metrics 9476'"

  /// Of a program on h1.
  func isReady(at port: Int) throws -> Bool {
    let script = "exec 3<>/dev/tcp/127.0.0.1/\(port) && printf 'GET /ready HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3"
    return try lab.on("h1", "bash", "-c", script).output.hasSuffix("\r\n\r\nready\n")
  }

  private func settings(_ host: String) -> String {
    let bus =
      host == "h1"
      ? "ARCHETYPE_BUS_OPTIONS='--listen ipc:///run/archetype --listen tcp://0.0.0.0:7700 --keys /etc/archetype/keys'"
      : "ARCHETYPE_BUS=tcp://\(underlay["h1"] ?? ""):7700"
    return
      "ARCHETYPE_HOST=\(host) ARCHETYPE_UNDERLAY=\(underlay[host] ?? "") ARCHETYPE_KEYS=\(Self.keys) \(Self.metrics) ARCHETYPE_AGENT_OPTIONS='--docker /run/docker.sock' \(bus)"
  }

  func run(_ host: String, _ words: [String], settings: String) throws -> CommandRun {
    let file = TestLab.repository + "/compose/" + (host == "h1" ? "compose.yaml" : "compose.agent.yaml")
    let command = "\(settings) DOCKER_HOST=unix:///run/docker.sock docker-compose -p compose -f \(file) " + words.joined(separator: " ")
    return try lab.on(host, "sh", "-c", command)
  }

  func compose(_ host: String, _ words: String..., image: String = "archetype:latest") throws { try compose(host, words, image: image) }

  func compose(_ host: String, _ words: [String], image: String = "archetype:latest") throws {
    let run = try run(host, words, settings: settings(host) + " ARCHETYPE_IMAGE=\(image)")
    guard run.exit == 0 else { throw SupportError("docker-compose \(words) on \(host): \(run.errors)\(run.output)") }
  }

  func health(_ host: String, _ service: String) throws -> String {
    try lab.docker(host, "inspect", "-f", "{{.State.Health.Status}}", "compose_\(service)_1")
  }

  private func inspect(_ name: String) throws -> [String: Any]? {
    let run = try lab.on("h1", "sh", "-c", archetypeWords + " inspect \(name) --format json")
    return run.exit == 0 ? try run.json() as? [String: Any] : nil
  }

  /// The first process of each node.
  func nodes(_ name: String) throws -> [String: Int] {
    let nodes = try inspect(name)?["nodes"] as? [[String: Any]] ?? []
    return Dictionary(uniqueKeysWithValues: nodes.map { ($0["name"] as? String ?? "", $0["pid"] as? Int ?? 0) })
  }

  func converges(_ name: String, after what: String) throws {
    let ready = try eventually(within: 60) { try inspect(name)?["converged"] as? Bool == true }
    #expect(ready, "not converged after \(what)")
  }

  func echoes(from node: String, _ name: String, to address: String) throws -> Echoes {
    guard let pid = try nodes(name)[node] else { throw SupportError("\(node) doesn't run") }
    return try Echoes(lab, of: pid, on: "h1", to: address)
  }

  /// What a follower that was never restarted has printed.
  func indices(_ followed: StartedCommand) throws -> [Int] {
    try followed.printed.split(separator: "\n").compactMap { line in
      (try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])?["index"] as? Int
    }
  }
}

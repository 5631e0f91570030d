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
        let image = try deployment.image(of: service)
        try deployment.compose("h1", "up", "-d", "--no-deps", service, image: "archetype:next")
        #expect(try deployment.image(of: service) != image, "\(service)")
        try deployment.converges("mixed", after: "upgrade \(service)")
      }
      try checkJobs(deployment, jobs, followed)
      for verb in [["down"], ["up", "-d"]] { try deployment.compose("h1", verb) }
      for verb in [["down"], ["up", "-d"]] { try deployment.compose("h2", verb) }
      try deployment.converges("mixed", after: "down and up")

      #expect(try deployment.nodes("mixed") == before)
      for echo in echoes {
        let (received, lost) = try echo.end()
        #expect(received > 100 && lost == 0, "\(received) received, \(lost) lost")
      }
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

  /// All along jobs have come; each has ended once, as it should, and events, which say so, have no hole.
  private func checkJobs(_ deployment: Deployment, _ jobs: StartedCommand, _ followed: StartedCommand) throws {
    let (exits, said) = try deployment.endJobs(jobs)
    // A command gives up a service that is away for longer than it waits, and is given again; whether it was accepted, the next one finds.
    let isExplained = zip(exits, ["0"] + exits).allSatisfy { $0 == "0" || $0 == "4" || $1 == "4" }
    let done = exits.count { $0 == "0" }
    #expect(done > 10 && isExplained, "\(exits) \(said)")
    #expect(try eventually { try Set(deployment.jobPhases()) == ["done"] })
    func subjects(_ kind: String) throws -> [String] {
      try deployment.events(followed).filter { $0.kind == kind }.map(\.subject).sorted()
    }
    // That of the lab which stays is one more.
    #expect(try eventually { try subjects("job.done").count > done && subjects("job.done") == subjects("job.started") })
    let jobs = try subjects("job.done")
    #expect(Set(jobs).count == jobs.count, "\(jobs)")
    let indices = try deployment.events(followed).map(\.index)
    #expect(indices == Array(1...indices.count), "\(indices)")
    _ = followed.terminate()
  }

  /// Missing settings are asked for, and health says which service is away.
  private func checkHealth(_ deployment: Deployment) throws {
    let run = try deployment.run("h2", ["up", "-d"], settings: "ARCHETYPE_HOST=h2")
    #expect(run.exit != 0 && run.errors.contains("compose/.env"), "\(run.errors)")
    #expect(
      try eventually(within: 60) {
        try ["configs", "agent", "network"].allSatisfy { try deployment.health("h1", $0) == "healthy" }
          && deployment.health("h2", "network") == "healthy"
      })
    // The driver is asked as its engine asks it: one that stands still doesn't serve, and one that is away neither.
    let driver = "$(docker inspect -f '{{.State.Pid}}' compose_network_1)"
    for (signal, exit) in [("STOP", 1), ("CONT", 0)] {
      #expect(try deployment.lab.on("h1", "sh", "-c", "pkill -\(signal) -P \(driver)").exit == 0)
      let check = try deployment.lab.on("h1", "docker", "exec", "compose_network_1", "archetype-network", "--check")
      #expect(check.exit == exit, "\(signal): \(check)")
    }
    try deployment.compose("h1", "stop", "network")
    #expect(try deployment.lab.on("h1", "\(deployment.lab.programs)/archetype-network", "--check").exit == 1)
    try deployment.compose("h1", "up", "-d")
    for port in [9_471, 9_476] { #expect(try eventually { try deployment.isReady(at: port) }, "\(port)") }
    try deployment.compose("h1", "stop", "links")
    let status = try deployment.lab.on("h1", "docker", "exec", "compose_bus_1", "archetype", "status", "links")
    #expect(status.exit == 1 && status.output.contains("away"), "\(status)")
    try deployment.compose("h1", "up", "-d")
  }
}

import Kinds
import Model
import Testing

@testable import Topology

/// What a file says of its nodes' containers.
@Suite("Containers in topology files")
struct ContainerTopologyTests {
  private func resolve(_ text: String) -> Resolution { Topology.resolve(text, file: "lab.clab.yml", environment: [:]) }

  @Test("Single values stand by the most specific level, lists are joined, mappings merged")
  func merging() throws {
    let resolution = resolve(
      """
      name: x
      topology:
        defaults:
          kind: linux
          image: vendor/os:1
          user: admin
          cap-add: [sys_time, CAP_SYS_NICE]
          labels: {a: default, b: default}
          dns: {servers: [192.0.2.1], search: [example.net]}
          memory: 1Gb
          sysctls: {net.ipv4.ip_forward: 0}
        nodes:
          n:
            user: "0"
            hostname: __clabNodeName__-tower
            entrypoint: sh -c 'sleep 1'
            cap-add: [CAP_SYS_NICE, SYS_PTRACE]
            labels: {b: node}
            dns: {servers: [192.0.2.2]}
            memory: 1.5GiB
            cpu: 0.25
            cpu-set: 0-3
            shm-size: 64m
            privileged: true
            ulimits: {nofile: "100:200", memlock: unlimited}
            sysctls: {net.ipv4.ip_forward: 1}
            image-pull-policy: never
          m:
      """)
    #expect(resolution.errors.isEmpty && resolution.warnings.isEmpty && resolution.unsupported.isEmpty, "\(resolution)")
    let nodes = try #require(resolution.lab?.nodes)
    let n = nodes[0].container
    #expect(n.user == "0" && n.hostName == "n-tower" && n.entrypoint == ["sh", "-c", "sleep 1"])
    #expect(n.capabilities == ["SYS_TIME", "SYS_NICE", "SYS_PTRACE"])
    #expect(n.labels == [Setting("a", "default"), Setting("b", "node")])
    #expect(n.nameServers == ["192.0.2.2"] && n.searchDomains == [])
    #expect(n.memory == 3 << 29 && n.processors == 250 && n.processorSet == "0-3" && n.sharedMemory == 64 << 20)
    #expect(n.isPrivileged && n.pull == .never && n.settings == [Setting("net.ipv4.ip_forward", "1")])
    #expect(
      n.ulimits.sorted { $0.name < $1.name } == [
        Ulimit(name: "memlock", soft: -1, hard: -1), Ulimit(name: "nofile", soft: 100, hard: 200),
      ])
    #expect(nodes[1].container.user == "admin" && nodes[1].container.memory == 1 << 30 && !nodes[1].container.isPrivileged)
  }

  @Test("A kind boots as its catalogue says, where the file doesn't say otherwise")
  func boot() throws {
    let resolution = resolve(
      """
      name: x
      topology:
        defaults: {kind: ceos, image: "ceos:4.35"}
        nodes:
          a: {}
          b: {privileged: false, env: {INTFTYPE: et, MORE: "1"}, exec: [hostname], ready: {port: 22}}
          c: {cmd: /bin/sh, healthcheck: {test: [NONE]}}
      """)
    let nodes = try #require(resolution.lab).nodes
    let standard = try Catalogue.kind("arista_ceos").boot
    #expect(nodes[0].environment == standard.environment && nodes[0].exec == standard.exec && nodes[0].readiness == standard.readiness)
    let words = standard.command(nodes[0].command, in: nodes[0].environment)
    #expect(words.prefix(2) == ["/sbin/init", "systemd.setenv=CEOS=1"] && words.count == 9)
    #expect(nodes[0].container.isPrivileged && nodes[0].runtimes == ["docker"])
    #expect(!nodes[1].container.isPrivileged && nodes[1].readiness?.test == .port(22) && nodes[1].exec == standard.exec + ["hostname"])
    // What may be secret is in the environment only until it is run.
    #expect(nodes[1].command == ["/sbin/init"])
    let told = standard.command(nodes[1].command, in: nodes[1].environment)
    #expect(told.filter { $0.contains("INTFTYPE") } == ["systemd.setenv=INTFTYPE=et"])
    #expect(told.last == "systemd.setenv=container=docker" && told.contains("systemd.setenv=MORE=1"))
    #expect(nodes[2].command == ["/bin/sh"] && nodes[2].readiness == nil)
    #expect(standard.command(nodes[2].command, in: nodes[2].environment) == ["/bin/sh"])
  }

  @Test("What is no amount, no limit, no policy or one of our labels is an error at its place")
  func wrongValues() {
    let resolution = resolve(
      """
      name: x
      topology:
        nodes:
          a: {kind: linux, image: b, memory: much}
          b: {kind: linux, image: b, cpu: -1}
          c: {kind: linux, image: b, shm-size: 1x}
          d: {kind: linux, image: b, ulimits: {nofile: "1:2:3"}}
          e: {kind: linux, image: b, image-pull-policy: sometimes}
          f: {kind: linux, image: b, labels: {archetype.node: me}}
      """)
    #expect(resolution.errors.map(\.line) == [4, 5, 6, 7, 8, 9])
    #expect(resolution.errors.map(\.key) == ["memory", "cpu", "shm-size", "ulimits", "image-pull-policy", "labels"])
  }

  @Test(
    "Kind, image and the file's word say which runtimes can run a node",
    arguments: [
      ("image: 'frrouting/frr:v8'", ["namespace", "docker"]), ("image: 'frrouting/frr:v8', runtime: docker", ["docker"]),
      ("image: 'vendor/os:1'", ["docker"]), ("exec: []", ["namespace"]), ("image: alpine, runtime: namespace", ["namespace"]),
      ("image: alpine, runtime: podman", []), ("runtime: docker", []), ("image: 'vendor/os:1', runtime: namespace", []),
    ])
  func runtimes(_ words: String, _ expected: [String]) throws {
    let resolution = resolve("name: x\ntopology:\n  nodes:\n    n: {kind: linux, \(words)}\n")
    #expect(try #require(resolution.lab).nodes[0].runtimes == expected)
    #expect(resolution.unsupported.isEmpty == !expected.isEmpty, "\(resolution.unsupported)")
  }
}

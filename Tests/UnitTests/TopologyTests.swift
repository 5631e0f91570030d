import Model
import Testing

@testable import Topology

@Suite("Topology files")
struct TopologyTests {
  private func resolve(_ text: String, _ environment: [String: String] = [:]) -> Resolution {
    Topology.resolve(text, file: "lab.clab.yml", environment: environment)
  }

  private static let ring = """
    name: ring
    prefix: ""
    topology:
      defaults:
        kind: linux
        env: {A: default, B: default}
        exec: [one]
        binds: ["d.conf:/etc/d.conf", "/lib/modules:/lib/modules:ro"]
      kinds:
        linux:
          image: alpine:3
          env: {B: kind, C: kind}
          exec: [two]
      groups:
        routers:
          image: frrouting/frr:v8.4.0
          exec: [three]
          env: {C: group}
          binds: ["__clabNodeName__/frr.conf:/etc/frr/frr.conf"]
      nodes:
        r1:
          group: routers
          startup-config: cfg/__clabNodeName__.cfg
          exec: ["ip route add default via '10.0.0.1'"]
          env: {D: node, C: "${V:-fallback}"}
          binds: ["own.conf:/etc/d.conf:ro"]
          host: h1
        r2:
          group: routers
          cmd: /usr/lib/frr/docker-start
        h:
          cmd: sh -c "sleep 5"
      links:
        - endpoints: ["r1:eth1", "r2:eth1"]
        - type: veth
          endpoints:
            - {node: r2, interface: eth2}
            - {node: h, interface: eth1}
          mtu: 1400
    """

  @Test("Levels merge as containerlab merges them")
  func merging() throws {
    let resolution = resolve(Self.ring)
    #expect(resolution.errors.isEmpty && resolution.unsupported.isEmpty && resolution.warnings.isEmpty, "\(resolution)")
    let lab = try #require(resolution.lab)
    #expect(lab.name.text == "ring")
    #expect(lab.nodes.map(\.name.text) == ["r1", "r2", "h"])
    let (r1, h) = (lab.nodes[0], lab.nodes[2])
    #expect(r1.image == "frrouting/frr:v8.4.0" && r1.kind == "linux" && r1.host?.text == "h1")
    #expect(r1.exec == ["one", "two", "three", "ip route add default via '10.0.0.1'"])
    #expect(r1.environment.map { "\($0.name)=\($0.value)" } == ["A=default", "B=kind", "C=fallback", "D=node"])
    #expect(r1.binds == ["/lib/modules:/lib/modules:ro"])
    #expect(h.image == "alpine:3" && h.command == ["sh", "-c", "sleep 5"])
    #expect(h.environment.map(\.value) == ["default", "kind", "kind"])
    let files = resolution.files.filter { $0.node == r1.name }
    #expect(files.map(\.source) == ["own.conf", "r1/frr.conf"] && files.map(\.target) == ["/etc/d.conf", "/etc/frr/frr.conf"])
    #expect(files[0].line == 26)
    #expect(resolution.startupConfigs.map(\.source) == [.path("cfg/r1.cfg")])
    #expect(lab.links.map(\.id.description) == ["r1:1--r2:1", "h:1--r2:2"] && lab.links.map(\.mtu) == [nil, 1400])
  }

  @Test("With the content of its files the lab is complete, and without it the first that is missing is named")
  func content() throws {
    let resolution = resolve(Self.ring)
    let digest = try BlobDigest(String(repeating: "a", count: 64))
    var read: [NodeFileReference: [ReadFile]] = [:]
    for reference in resolution.files { read[reference] = [ReadFile(path: "", content: digest, mode: 0o644)] }
    read[resolution.files[0]] = ["a", "b/c"].map { ReadFile(path: $0, content: digest, mode: 0o600) }
    let r1 = try NodeName("r1")
    let lab = try resolution.lab(startupConfigs: [r1: digest], files: read)
    #expect(lab.nodes[0].startupConfig == digest)
    #expect(lab.nodes[0].files.map(\.path) == ["/etc/d.conf/a", "/etc/d.conf/b/c", "/etc/frr/frr.conf"])
    let noConfig = #expect(throws: LabError.self) { try resolution.lab(startupConfigs: [:], files: read) }
    #expect(noConfig?.subject == "lab.clab.yml:23:23" && noConfig?.message.contains("cfg/r1.cfg") == true)
    let noFile = #expect(throws: LabError.self) { try resolution.lab(startupConfigs: [r1: digest], files: [:]) }
    #expect(noFile?.code == .notFound)
  }

  @Test(
    "Each error is told with its place and key",
    arguments: [
      ("topology: {nodes: {a: {kind: linux}}}", 1, "name", "no name"),
      ("name: x", 1, "topology", "no topology"),
      ("name: x\ntopology:\n  nodes:", 2, "nodes", "no nodes"),
      ("name: x\ntopology: [1]", 2, "", "mapping"),
      ("name: -x\ntopology: {nodes: {a: {kind: linux}}}", 1, "name", "lab name"),
      ("name: x\ntopology:\n  nodes:\n    a: {kind: cisco}", 4, "kind", "not a kind"),
      ("name: x\ntopology:\n  nodes:\n    a: {image: alpine}", 4, "kind", "no kind"),
      ("name: x\ntopology:\n  nodes:\n    a/b: {kind: linux}", 4, "a/b", "node name"),
      ("name: x\ntopology:\n  nodes:\n    a: {kind: linux}\n    a: {kind: linux}", 5, "", "twice"),
      ("name: x\ntopology:\n  nodes:\n    a: {kind: linux, exec: ls}", 4, "exec", "list"),
      ("name: x\ntopology:\n  nodes:\n    a: {kind: linux, exec: [{a: b}]}", 4, "exec", "texts"),
      ("name: x\ntopology:\n  nodes:\n    a: {kind: linux, cmd: 'a \"b'}", 4, "cmd", "quote"),
      ("name: x\ntopology:\n  nodes:\n    a: {kind: linux, binds: [x]}", 4, "binds", "source:target"),
      ("name: x\ntopology:\n  nodes:\n    a: {kind: linux, binds: ['x:y']}", 4, "binds", "absolute"),
      ("name: x\ntopology:\n  nodes:\n    a: {kind: linux, host: 'h 1'}", 4, "host", "host name"),
      ("name: x\ntopology:\n  nodes:\n    a: {kind: [linux]}", 4, "kind", "text"),
      ("name: x\ntopology: {nodes: {a: {kind: linux}}, links: {}}", 2, "links", "list"),
      ("name: x\ntopology: {nodes: [a", 3, "", "flow sequence"),
      ("name: {{ .name }}\ntopology: {nodes: [", 1, "", "templates"),
      ("", 1, "", "mapping"),
    ])
  func errors(_ row: (text: String, line: Int, key: String, word: String)) {
    let resolution = resolve(row.text)
    #expect(resolution.lab == nil && !resolution.isValid)
    #expect(
      resolution.errors.contains { $0.line == row.line && $0.key == row.key && $0.message.contains(row.word) }, "\(resolution.errors)")
  }

  private static func links(_ links: String) -> String {
    "name: x\ntopology:\n  nodes:\n    a: {kind: linux}\n    b: {kind: linux}\n    br: {kind: bridge}\n  links:\n" + links
  }

  @Test(
    "Each error of a link is told with its place",
    arguments: [
      ("    - endpoints: [a:eth1, c:eth1]", 8, "no node c"),
      ("    - endpoints: [a:eth1, b:eth1]\n    - endpoints: [b:eth1, a:eth2]", 9, "b:eth1 has two links (the first at line 8)"),
      ("    - endpoints: [a:eth1, a:eth1]", 8, "two links"),
      ("    - endpoints: [a:eth1, b:eth1]\n    - {type: dummy, endpoint: {node: a, interface: eth1}}", 9, "two links"),
      ("    - endpoints: [a:eth0, b:eth1]", 8, "management"),
      ("    - endpoints: [a:uplink, b:eth1]", 8, "eth1, eth2"),
      ("    - endpoints: [a:Ethernet1/1, b:eth1]", 8, "eth1, eth2"),
      ("    - endpoints: [a:eth1]", 8, "two endpoints, not 1"),
      ("    - endpoints: [a, b]", 8, "node:interface"),
      ("    - {type: veth, endpoints: [{node: a}, {node: b, interface: eth1}]}", 8, "a node and an interface"),
      ("    - {type: carrier-pigeon, endpoints: [a:eth1, b:eth1]}", 8, "no link type"),
      ("    - {endpoints: [a:eth1, b:eth1], mtu: 9}", 8, "not an MTU"),
      ("    - {endpoints: [a:eth1, b:eth1], mtu: big}", 8, "not an MTU"),
      ("    - text", 8, "mapping"),
    ])
  func linkErrors(_ row: (links: String, line: Int, word: String)) {
    let resolution = resolve(Self.links(row.links))
    #expect(resolution.errors.contains { $0.line == row.line && $0.message.contains(row.word) }, "\(resolution.errors)")
    #expect(resolution.refusal?.subject.hasPrefix("lab.clab.yml:\(row.line):") == true)
  }

  @Test("All errors are told at once")
  func allAtOnce() {
    let resolution = resolve("name: x\ntopology:\n  nodes:\n    a: {kind: nope}\n    b: {}\n  links:\n    - endpoints: [a:eth1, c:eth1]")
    #expect(resolution.errors.map(\.line) == [4, 5, 7])
    #expect(resolution.nodes == 2 && resolution.links == 1)
  }

  @Test(
    "What is right and can't be made yet is a warning for validate and refused by deploy",
    arguments: [
      "    - endpoints: [a:eth1, br:x1]", "    - endpoints: ['a:eth1', 'host:tap1']", "    - endpoints: ['a:eth1', 'macvlan:ens3']",
      "    - {type: vxlan, endpoint: {node: a, interface: eth1}, remote: 10.0.0.1, vni: 1, dst-port: 4789}",
      "    - {type: mgmt-net, host-interface: x, endpoint: {node: a, interface: eth1}}",
      "    - {type: dummy, endpoint: {node: a, interface: some}}", "    - endpoints: [a:swp1, b:eth1]",
    ])
  func unsupportedLinks(_ link: String) {
    let resolution = resolve(Self.links("\(link)\n    - endpoints: [a:eth9, b:eth9]"))
    #expect(resolution.isValid && resolution.links == 2 && resolution.lab?.links.count == 1)
    #expect(resolution.unsupported.contains { $0.line == 8 && $0.key == "links" && $0.message.contains("not supported yet") })
    #expect(resolution.refusal?.code == .unimplemented)
  }

  @Test("Kinds, images and templates that can't be run yet are refused by deploy only")
  func unsupportedNodes() {
    let text = """
      name: x
      topology:
        nodes:
          a: {kind: srl}
          b: {kind: linux, image: "nginx:latest", runtime: namespace}
          c: {kind: linux, cmd: "echo {{ .x }}"}
          d: {kind: linux, startup-config: "https://example.org/x.cfg"}
          e: {kind: linux, network-mode: host}
      """
    let resolution = resolve(text)
    #expect(resolution.isValid && resolution.lab?.nodes.count == 5)
    #expect(resolution.unsupported.map(\.line) == [4, 5, 6, 7, 8])
    #expect(resolution.unsupported.map(\.key) == ["kind", "image", "cmd", "startup-config", "network-mode"])
    #expect(resolution.unsupported[1].message.contains("Docker"))
  }

  @Test("Keys that are known and not supported yet, and unknown ones, are warnings at every place")
  func keys() {
    let text = """
      name: x
      mgmt: {network: n, colour: red, bridge: b}
      flavour: sweet
      topology:
        shape: ring
        defaults:
          license: x.lic
        nodes:
          a:
            kind: linux
            restart-policy: always
            postion: left
            certificate: {issue: true, often: 1}
          b: {kind: linux}
        links:
          - endpoints: [a:eth1, b:eth1]
            vars: {a: 1}
            colour: blue
          - type: veth
            endpoints: [{node: a, interface: eth2, mac: "02:00:00:00:00:01", speed: 1}, {node: b, interface: eth2}]
      """
    let resolution = resolve(text)
    #expect(resolution.isValid && resolution.unsupported.isEmpty)
    let found = resolution.warnings.map { "\($0.line) \($0.key) \($0.message.contains("unknown") ? "unknown" : "known")" }
    #expect(
      found == [
        "2 colour unknown", "2 bridge known", "3 flavour unknown", "5 shape unknown", "7 license known", "11 restart-policy known",
        "12 postion unknown", "13 certificate known", "13 often unknown", "17 vars known", "18 colour unknown", "20 mac known",
        "20 speed unknown",
      ])
  }

  @Test("A variable that isn't set is a warning, one that is set may give any value")
  func environment() throws {
    let text = """
      name: ${LAB:=""}
      topology:
        nodes:
          ${N}: {kind: linux, image: "alpine:${TAG}"}
          b: {kind: linux}
        links: [{endpoints: ["${N}:eth1", "b:eth1"], mtu: "1400"}, {endpoints: ["${N}:eth2", "b:eth2"], mtu: $MTU}]
      """
    let resolution = resolve(text, ["LAB": "lab", "N": "a", "MTU": "1300"])
    #expect(resolution.warnings.map(\.message).contains { $0.contains("TAG is not set") })
    #expect(resolution.errors.map(\.key) == ["mtu"], "a quoted number is text")
    let fixed = resolve(text.replacing("\"1400\"", with: "1400"), ["LAB": "lab", "N": "a", "MTU": "1300", "TAG": "3"])
    #expect(fixed.errors.isEmpty && fixed.warnings.isEmpty)
    #expect(fixed.lab?.links.map(\.mtu) == [1400, 1300] && fixed.lab?.nodes[0].image == "alpine:3")
    #expect(resolve(text).errors.contains { $0.key == "name" }, "the default is empty")
  }

  @Test("An embedded startup-config is text, binds of the home folder travel too, and eth0 is never a port")
  func details() throws {
    let text = """
      name: x
      topology:
        nodes:
          a:
            kind: linux
            network-mode: none
            startup-config: |
              hostname a
              interface eth0
            binds: ["~/key:/root/key", "/var/run/somedir", "__clabDir__/x:/x", "__clabNodeDir__/y:/y"]
          b: {kind: linux, network-mode: none}
        links: [{endpoints: [a:eth1, b:eth1]}]
      """
    let resolution = resolve(text, ["HOME": "/home/me"])
    #expect(resolution.errors.isEmpty, "\(resolution.errors)")
    #expect(resolution.startupConfigs.map(\.source) == [.text("hostname a\ninterface eth0\n")])
    #expect(resolution.files.map(\.source) == ["/home/me/key", "clab-x/x", "clab-x/a/y"])
    #expect(resolution.lab?.links.map(\.id.description) == ["a:1--b:1"])
    #expect(resolution.warnings.map(\.key) == ["binds"])
    #expect(resolve(text.replacing("a:eth1", with: "a:eth0")).errors.map(\.key) == ["endpoints"])
  }

  @Test("The largest lab is read")
  func largest() throws {
    let nodes = (0..<Limits.nodesPerLab).map { "    n\($0): {kind: linux, image: alpine, exec: [ls]}" }.joined(separator: "\n")
    let links = (0..<Limits.linksPerLab).map {
      "    - endpoints: [n\($0 / 4):eth\($0 % 4 + 1), n\(($0 / 4 + 1) % 10_000):eth\($0 % 4 + 5)]"
    }
    let resolution = resolve("name: x\ntopology:\n  nodes:\n\(nodes)\n  links:\n\(links.joined(separator: "\n"))")
    #expect(resolution.errors.isEmpty && resolution.lab?.nodes.count == Limits.nodesPerLab)
    #expect(resolution.lab?.links.count == Limits.linksPerLab)
  }

  @Test("A file of nothing but errors is told in bounded length")
  func manyErrors() {
    let nodes = (0..<5000).map { "    n\($0): {kind: nope}" }.joined(separator: "\n")
    #expect(resolve("name: x\ntopology:\n  nodes:\n\(nodes)").errors.count == Findings.limit)
  }
}

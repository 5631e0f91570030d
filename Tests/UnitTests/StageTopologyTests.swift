import Model
import Testing

@testable import Topology

/// `stages` of a topology file, in containerlab's words.
@Suite("Stages in topology files")
struct StageTopologyTests {
  private func resolve(_ text: String) -> Resolution { Topology.resolve(text, file: "lab.clab.yml", environment: [:]) }

  @Test("Waits of all levels stand, none twice, and create-links is over with create")
  func waits() throws {
    let resolution = resolve(
      """
      name: x
      topology:
        kinds:
          linux:
            image: alpine
            stages: {create: {wait-for: [{node: db, stage: healthy}]}}
        nodes:
          db: {kind: arista_ceos, image: ceos}
          a:
            kind: linux
            stages:
              create: {wait-for: [{node: db, stage: healthy}, {node: b, stage: create-links}]}
              create-links: {wait-for: [{node: b, stage: create}, {node: b, stage: exit}]}
              configure: {wait-for: [{node: b, stage: configure}]}
              healthy: {wait-for: [{node: b, stage: healthy}]}
          b: {kind: linux}
      """)
    #expect(resolution.errors.isEmpty && resolution.warnings.isEmpty && resolution.unsupported.isEmpty, "\(resolution)")
    let nodes = try #require(resolution.lab?.nodes)
    let (db, b) = (nodes[0].name, nodes[2].name)
    #expect(
      nodes.map(\.stages.waits) == [
        [],
        [
          StageWait(.create, for: db, until: .healthy), StageWait(.create, for: b, until: .create),
          StageWait(.create, for: b, until: .exit),
          StageWait(.configure, for: b, until: .configure), StageWait(.healthy, for: b, until: .healthy),
        ], [StageWait(.create, for: db, until: .healthy)],
      ])
  }

  @Test("Commands of stages go around those of exec, in the stages' order")
  func commands() throws {
    let resolution = resolve(
      """
      name: x
      topology:
        defaults:
          kind: linux
          image: alpine
          stages: {healthy: {exec: [{command: "echo __clabNodeName__"}]}}
        nodes:
          a:
            exec: [two]
            stages:
              healthy: {exec: [{command: late, phase: on-exit}]}
              configure: {exec: [{command: three, phase: on-exit}, {command: one, target: container}]}
              create: {exec: [{command: first, phase: on-exit}]}
              create-links: {exec: [{command: second, phase: on-enter}]}
      """)
    #expect(resolution.errors.isEmpty && resolution.warnings.isEmpty && resolution.unsupported.isEmpty, "\(resolution)")
    let node = try #require(resolution.lab?.nodes.first)
    #expect(node.exec == ["one", "two", "three"])
    #expect(node.stages == NodeStages(started: ["first", "second"], healthy: ["echo a", "late"]))
  }

  @Test("What can't be meant is an error at its place")
  func wrong() {
    let resolution = resolve(
      """
      name: x
      topology:
        defaults: {kind: linux, image: alpine}
        nodes:
          a: {stages: {create: {wait-for: [{node: z, stage: create}]}}}
          b: {stages: {create: {wait-for: [{node: a, stage: up}]}}}
          c: {stages: {create: {wait-for: [{node: c, stage: create}]}}}
          d: {stages: {create: {wait-for: [{node: a}]}}}
          e: {stages: {create: {exec: [{target: container}]}}}
          f: {stages: {healthy: {exec: [{command: x, phase: later}]}}}
          g: {stages: {healthy: {exec: [{command: x, target: moon}]}}}
          h: {stages: {healthy: {exec: [{command: "'"}]}}}
      """)
    #expect(resolution.errors.map(\.line) == [5, 6, 7, 8, 9, 10, 11, 12])
    #expect(resolution.errors.map(\.key) == ["wait-for", "stage", "wait-for", "wait-for", "exec", "phase", "target", "command"])
    #expect(resolution.errors[0].message.contains("waits for z, which is no node of this lab"))
    #expect(resolution.errors[2].message.contains("waits for itself"))
  }

  @Test(
    "What containerlab does and this doesn't is refused by a deploy with the reason",
    arguments: [
      ("create: {exec: [{command: x, target: host}]}", "runs nothing on hosts"),
      ("healthy: {exec: [{command: x, target: host, phase: on-exit}]}", "runs nothing on hosts"),
      ("create: {exec: [{command: x}]}", "phase: on-exit"), ("exit: {exec: [{command: x}]}", "has ended by then"),
      ("exit: {wait-for: [{node: b, stage: create}]}", "can't wait in stage exit"),
    ]) func unsupported(_ stage: String, _ reason: String)
  {
    let resolution = resolve(
      """
      name: x
      topology:
        defaults: {kind: linux, image: alpine}
        nodes:
          a: {stages: {\(stage)}}
          b:
      """)
    #expect(resolution.isValid && resolution.unsupported.map(\.line) == [5], "\(resolution)")
    #expect(resolution.refusal?.message.contains(reason) == true, "\(resolution)")
  }

  @Test("A key that no stage has is told, and a node waits for so many at most")
  func limits() {
    let waits = (0...Limits.waitsPerNode).map { "{node: n\($0), stage: create}" }.joined(separator: ", ")
    let others = (0...Limits.waitsPerNode).map { "    n\($0):" }.joined(separator: "\n")
    let resolution = resolve(
      """
      name: x
      topology:
        defaults: {kind: linux, image: alpine}
        nodes:
          a: {stages: {create: {wait-for: [\(waits)], until: x}, bake: {}}}
      \(others)
      """)
    #expect(resolution.errors.map(\.message) == ["node a waits for more than \(Limits.waitsPerNode) stages of others"])
    #expect(resolution.warnings.map(\.key) == ["until", "bake"])
  }

  @Test(
    "Nodes that wait for each other in a circle are told with the way",
    arguments: [
      (["a create b create", "b create a create"], "a → b → a"),
      (["a create b healthy", "b configure c create", "c create a create"], "a → b → c → a"),
      (["b create c healthy", "c healthy d exit", "d create b configure", "a create b create"], "b → c → d → b"),
      (["a healthy b healthy", "b create a create"], nil), (["a configure b create", "b configure a create"], nil),
      (["a create b exit", "b healthy a create"], nil), (["a create b exit", "b create a create"], "a → b → a"),
    ]) func circles(_ waits: [String], _ way: String?)
  {
    let nodes = ["a", "b", "c", "d"].map { node in
      let own = waits.map { $0.split(separator: " ") }.filter { $0[0] == node }
      return "    \(node): {stages: {\(own.map { "\($0[1]): {wait-for: [{node: \($0[2]), stage: \($0[3])}]}" }.joined(separator: ", "))}}"
    }
    let resolution = resolve("name: x\ntopology:\n  defaults: {kind: linux, image: alpine}\n  nodes:\n\(nodes.joined(separator: "\n"))\n")
    guard let way else { return #expect(resolution.isValid, "\(resolution)") }
    #expect(resolution.errors.count == 1 && resolution.errors[0].message.contains("in a circle: \(way) ("), "\(resolution)")
    let line = (["a", "b", "c", "d"].firstIndex(of: String(way.prefix(1))) ?? -1) + 5
    #expect(resolution.errors.first.map { [$0.line, $0.column > 1 ? 1 : 0] } == [line, 1])
  }
}

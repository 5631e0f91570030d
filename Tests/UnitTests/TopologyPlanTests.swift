import Model
import Testing
import Topology

@Suite("The difference of two labs")
struct TopologyPlanTests {
  private func spec(_ nodes: [NodeSpec], _ links: [LinkSpec] = []) throws -> LabSpec {
    LabSpec(name: try LabName("x"), nodes: nodes, links: links)
  }

  private func lab(_ spec: LabSpec) throws -> Lab {
    let host = try HostName("h1")
    let nodes = spec.nodes.map { _ in NodeIntent(born: Revision(1), host: host, desired: .running, startSerial: 1) }
    return Lab(key: LabKey(spec.name, born: Revision(1)), generation: 1, wiring: 1, spec: spec, nodes: nodes)
  }

  private func node(_ name: String, image: String = "alpine", host: String? = nil) throws -> NodeSpec {
    NodeSpec(name: try NodeName(name), kind: "linux", image: image, host: try host.map { name throws(LabError) in try HostName(name) })
  }

  private func link(_ a: String, _ b: String, mtu: Int? = nil) throws -> LinkSpec {
    LinkSpec(Endpoint(try NodeName(a), try Ordinal(1)), Endpoint(try NodeName(b), try Ordinal(2)), mtu: mtu)
  }

  @Test("The same spec again changes nothing, however its links are turned")
  func same() throws {
    let old = try spec([node("a"), node("b")], [link("a", "b")])
    var new = old
    new.links = new.links.map { LinkSpec($0.b, $0.a) }
    let plan = Plan.difference(old: try lab(old), new: new)
    #expect(plan.isEmpty && plan.kept.count == 2 && plan.keptLinks.count == 1)
  }

  @Test("A lab that isn't there is added whole")
  func first() throws {
    let plan = Plan.difference(old: nil, new: try spec([node("a"), node("b")], [link("a", "b")]))
    #expect(plan.added.map(\.text) == ["a", "b"] && plan.addedLinks.count == 1 && !plan.isEmpty)
  }

  @Test("Only what differs is in the plan")
  func changes() throws {
    let old = try spec([node("a"), node("b"), node("c"), node("d")], [link("a", "b"), link("b", "c"), link("c", "d")])
    let new = try spec(
      [node("a"), node("b", image: "debian"), node("d", host: "h2"), node("e")],
      [link("a", "b"), link("d", "e"), link("b", "d", mtu: 1400)])
    let plan = Plan.difference(old: try lab(old), new: new)
    #expect(plan.kept.map(\.text) == ["a", "d"] && plan.replaced.map(\.text) == ["b"] && plan.added.map(\.text) == ["e"])
    #expect(plan.removed.map(\.text) == ["c"] && plan.pinned.map(\.text) == ["d"])
    #expect(plan.keptLinks.map(\.description) == ["a:1--b:2"] && plan.addedLinks.count == 2 && plan.removedLinks.count == 2)
    var slower = old
    slower.links[0].mtu = 1300
    #expect(Plan.difference(old: try lab(old), new: slower).changedLinks.map(\.description) == ["a:1--b:2"])
  }

  @Test("Another exec restarts nothing and is a change all the same")
  func exec() throws {
    let old = try spec([node("a")])
    var new = old
    new.nodes[0].exec = ["ls"]
    let plan = Plan.difference(old: try lab(old), new: new)
    #expect(plan.kept.count == 1 && plan.updated.count == 1 && plan.replaced.isEmpty && !plan.isEmpty)
  }

  @Test("Whatever a process depends on replaces its node")
  func replaced() throws {
    let old = try spec([node("a")])
    let digest = try BlobDigest(String(repeating: "b", count: 64))
    let changes: [(inout NodeSpec) -> Void] = [
      { $0.kind = "bridge" }, { $0.image = "x" }, { $0.command = ["x"] }, { $0.binds = ["/a:/a"] },
      { $0.environment = [EnvironmentVariable("A", "b")] }, { $0.startupConfig = digest },
      { $0.files = [NodeFile(path: "/x", content: digest, mode: 0o644)] },
    ]
    for change in changes {
      var new = old
      change(&new.nodes[0])
      #expect(Plan.difference(old: try lab(old), new: new).replaced.count == 1, "\(new)")
    }
  }
}

import Kinds
import Model
import Wire

/// Labs that users think of, and how they change them.
extension World {
  /// Startup configurations that nodes may have.
  static let contents: [BlobDigest: [UInt8]] = Dictionary(
    uniqueKeysWithValues: ["one", "two", "three"].map { (Digest.sha256(Array($0.utf8)), Array($0.utf8)) })
  var contents: [BlobDigest] { Self.contents.keys.sorted() }

  mutating func lab(_ name: LabName) -> LabSpec {
    let count = 1 + workload.below(4)
    var spec = LabSpec(name: name, nodes: [], links: [])
    for number in 0..<count {
      guard let node = try? NodeName("n\(number)") else { continue }
      spec.nodes.append(self.node(node))
    }
    for _ in 0..<workload.below(5) { connect(&spec) }
    // What no file can say, a peer may.
    if workload.happens(20), let link = spec.links.first, let far = spec.nodes.last?.name {
      let wrong = workload.happens(500) ? Endpoint(far, .management) : link.a
      spec.links.append(LinkSpec(wrong, Endpoint(far, freeOrdinal(far, in: spec))))
    }
    return staged(managed(spec, isNew: true))
  }

  private mutating func node(_ name: NodeName) -> NodeSpec {
    let host = workload.happens(500) ? workload.pick(hosts)?.name : nil
    let exec = workload.happens(200) ? ["true"] : []
    let config = workload.happens(300) ? workload.pick(contents) : nil
    let image = workload.happens(100) ? "other" : "alpine"
    var spec = NodeSpec(name: name, kind: "linux", image: image, host: host, startupConfig: config, exec: exec)
    if isEngined, engines.happens(500) {
      spec.runtimes = [Kind.dockerRuntime]
      spec.container.pull = pullPolicy()
    }
    if workload.happens(200) { spec.readiness = Readiness(.log("ready"), startPeriod: workload.between(0, 500), deadline: 3_000) }
    if workload.happens(100) { spec.startupDelay = workload.between(1, 2_000) }
    return visited(spec)
  }

  /// A cable between two nodes' next free interfaces, if they are two.
  private mutating func connect(_ spec: inout LabSpec) {
    guard let a = workload.pick(spec.nodes)?.name, let b = workload.pick(spec.nodes)?.name, a != b else { return }
    spec.links.append(LinkSpec(Endpoint(a, freeOrdinal(a, in: spec)), Endpoint(b, freeOrdinal(b, in: spec))))
  }

  private func freeOrdinal(_ node: NodeName, in spec: LabSpec) -> Ordinal {
    let used = Set(spec.links.flatMap { [$0.a, $0.b] }.filter { $0.node == node }.map(\.ordinal))
    return (1...64).lazy.compactMap { try? Ordinal($0) }.first { !used.contains($0) } ?? .management
  }

  /// A lab with one thing changed.
  mutating func changed(_ spec: LabSpec) -> LabSpec {
    var spec = spec
    guard !spec.nodes.isEmpty else { return spec }
    let index = workload.below(spec.nodes.count)
    let name = spec.nodes[index].name
    switch workload.below(12) {
    case 0: spec.nodes[index].startupConfig = workload.pick(contents)
    case 1: spec.nodes[index].image = "changed\(operations)"
    case 2: spec.nodes[index].host = workload.happens(700) ? workload.pick(hosts)?.name : nil
    case 3:
      guard let new = try? NodeName("n\(workload.below(6))"), !spec.nodes.contains(where: { $0.name == new }) else { break }
      spec.nodes.append(node(new))
      connect(&spec)
    case 4: rename(name, in: &spec)
    case 5 where spec.nodes.count > 1:
      spec.nodes.remove(at: index)
      spec.links.removeAll { $0.a.node == name || $0.b.node == name }
    case 6: connect(&spec)
    case 7 where !spec.links.isEmpty: spec.links.remove(at: workload.below(spec.links.count))
    case 8 where !spec.links.isEmpty: spec.links[workload.below(spec.links.count)].mtu = 1_400
    // Its end goes to another interface.
    case 9 where !spec.links.isEmpty:
      let link = workload.below(spec.links.count)
      spec.links[link].a = Endpoint(spec.links[link].a.node, freeOrdinal(spec.links[link].a.node, in: spec))
    // Only written otherwise: ends, links and nodes in another order.
    case 10, 11:
      for link in spec.links.indices {
        spec.links[link] = LinkSpec(respelled(spec.links[link].b), respelled(spec.links[link].a), mtu: spec.links[link].mtu)
      }
      if workload.happens(500) { spec.links.reverse() }
      if workload.happens(200) { spec.nodes.reverse() }
    default: break
    }
    return staged(managed(swapped(spec), isNew: false))
  }

  /// 10: however its kind spells an interface, it stays the one that it is.
  private mutating func respelled(_ end: Endpoint) -> Endpoint {
    guard let kind = workload.pick(Catalogue.kinds) else { return end }
    let name = InterfaceNaming.name(of: end.ordinal, kind: kind)
    let read = try? settings.bug == .twinnedSpelling ? Ordinal(Int(end.ordinal.number) + 1) : InterfaceNaming.ordinal(of: name, kind: kind)
    if read != end.ordinal {
      checks?.fail("10: \(name) of \(kind.name), spelled for \(end.ordinal), is read as \(String(describing: read))")
    }
    return end
  }

  private mutating func rename(_ old: NodeName, in spec: inout LabSpec) {
    guard let new = try? NodeName("m\(workload.below(3))"), !spec.nodes.contains(where: { $0.name == new }) else { return }
    for index in spec.nodes.indices where spec.nodes[index].name == old { spec.nodes[index].name = new }
    for index in spec.links.indices {
      if spec.links[index].a.node == old { spec.links[index].a = Endpoint(new, spec.links[index].a.ordinal) }
      if spec.links[index].b.node == old { spec.links[index].b = Endpoint(new, spec.links[index].b.ordinal) }
    }
  }
}

import Model

/// Containers that users start by themselves, in some worlds: they take ends of labs' links and places on management networks, before, while and
/// after there is such a lab, and come back with their host's power. What they do is drawn from a stream of its own.
extension World {
  /// Some nodes are places for them.
  mutating func visited(_ node: NodeSpec) -> NodeSpec {
    guard isVisited, visitors.happens(250) else { return node }
    return NodeSpec(name: node.name, kind: "ext-container", host: node.host, runtimes: [NodeSpec.externalRuntime])
  }

  /// Now and then a node becomes a place for one, or the other way round.
  mutating func swapped(_ spec: LabSpec) -> LabSpec {
    guard isVisited, visitors.happens(100), let index = visitors.pick(Array(spec.nodes.indices)) else { return spec }
    var spec = spec
    let node = spec.nodes[index]
    spec.nodes[index] = node.isExternal ? NodeSpec(name: node.name, kind: "linux", image: "alpine", host: node.host) : visited(node)
    return spec
  }

  /// One comes to a host, or goes.
  mutating func visit(_ host: SimulatedHost) {
    guard isVisited, visitors.happens(faults.visits), host.isOn else { return }
    if let key = visitors.pick(host.truth.taps.keys.filter(\.isExternal).sorted()), visitors.happens(400) {
      host.visitors.remove(key)
      return disturb(host) { $0.set(key, nil as Tap?) }
    }
    if let key = place(on: host) { welcome(key, on: host) }
  }

  mutating func welcome(_ key: TapKey, on host: SimulatedHost) {
    guard host.isOn, host.truth.taps[key] == nil else { return }
    host.visitors.insert(key)
    let tap = Tap(mtu: visitors.happens(500) ? 1_500 : 1_400, nodeUp: true, fabricUp: false, patchedTo: nil)
    disturb(host) { $0.set(key, tap) }
  }

  /// More often one that a lab has for it.
  private mutating func place(on host: SimulatedHost) -> TapKey? {
    let labs = store.intent.labs.values.sorted { $0.key < $1.key }
    let wanted = labs.flatMap { lab in
      lab.spec.links.flatMap { [$0.a, $0.b] }.filter { lab.isPlace($0) && lab.placement[$0.node] == host.name }.map {
        TapKey(external: lab.key.name, $0.node, $0.ordinal)
      }
    }
    if visitors.happens(700), let key = visitors.pick(wanted) { return key }
    let isPort = visitors.happens(400)
    guard let lab = try? LabName("lab\(visitors.below(labNames))"),
      let name = try? NodeName(isPort ? "c\(visitors.below(3))" : "n\(visitors.below(4))"),
      let ordinal = try? Ordinal(1 + visitors.below(3))
    else { return nil }
    return TapKey(external: lab, name, isPort ? .management : ordinal)
  }

  /// How many of a lab's nodes, and of its links, wait for one.
  func vacancy(in lab: Lab) -> (nodes: Int, links: Int) {
    let placement = lab.placement
    func isVacant(_ end: Endpoint) -> Bool {
      let host = hosts.first { $0.name == placement[end.node] }
      return lab.isPlace(end) && host?.truth.taps[TapKey(external: lab.key.name, end.node, end.ordinal)] == nil
    }
    let ends = lab.spec.links.flatMap { [$0.a, $0.b] }.filter(isVacant)
    return (Set(ends.map(\.node)).count, lab.spec.links.count { isVacant($0.a) || isVacant($0.b) })
  }
}

extension Lab {
  /// Whether somebody else's container is to take that end.
  func isPlace(_ end: Endpoint) -> Bool { spec.nodes.contains { $0.name == end.node && $0.isExternal } }

  /// The tap of an end, whoever makes it; nil: there is no such node.
  func tap(of end: Endpoint) -> TapKey? {
    guard let index = spec.nodes.firstIndex(where: { $0.name == end.node }) else { return nil }
    return spec.nodes[index].isExternal ? TapKey(external: key.name, end.node, end.ordinal) : TapKey(key(at: index), end.ordinal)
  }
}

import Machine
import Model
import Topology

/// The next version of a lab from what its user asks for: pure.
struct LabPlan {
  var intent: Intent
  var online: Set<HostName>?

  /// - Throws: everything that is wrong with the spec, at once.
  func lab(_ spec: LabSpec, after old: Lab?, reconfigure: Bool) throws(LabError) -> Lab {
    try LabCheck(spec: spec).check()
    let processes = Dictionary(old?.spec.nodes.map { ($0.name, $0.process) } ?? [], uniquingKeysWith: { first, _ in first })
    let known = Dictionary(zip(old?.spec.nodes.map(\.name) ?? [], old?.nodes ?? []), uniquingKeysWith: { first, _ in first })
    let hosts = try Scheduler(intent: intent, online: online).place(spec, after: old)
    let plan = try AddressPlan(spec, after: old, in: intent)
    let addresses = try plan.addresses(keeping: known.mapValues(\.addresses))
    var nodes: [NodeIntent] = []
    for (node, addresses) in zip(spec.nodes, addresses) {
      guard let host = hosts[node.name] else { throw LabError(.internalError, "\(spec.name)/\(node.name)", "was not placed") }
      if var intent = known[node.name] {
        intent.host = host
        // What a user has mended doesn't wait for the pause of what was broken.
        if reconfigure || processes[node.name] != node.process { intent.startSerial += 1 }
        intent.addresses = addresses
        // Nobody could start it again.
        if node.isExternal { intent.desired = .running }
        nodes.append(intent)
      } else {
        nodes.append(NodeIntent(born: .zero, host: host, desired: .running, startSerial: 1, addresses: addresses))
      }
    }
    guard let old else {
      let lab = Lab(key: LabKey(spec.name, born: .zero), generation: 1, wiring: 1, spec: spec, nodes: nodes, networks: plan.networks)
      try check(lab)
      return lab
    }
    var lab = Lab(key: old.key, generation: old.generation, wiring: old.wiring, spec: spec, nodes: nodes, networks: plan.networks)
    restart(&lab, after: old)
    if lab.spec != old.spec || reconfigure { lab.generation += 1 }
    if Wiring(of: lab) != Wiring(of: old) { lab.wiring += 1 }
    try check(lab)
    return lab
  }

  private func check(_ lab: Lab) throws(LabError) {
    try checkMTU(of: lab)
    try checkPorts(of: lab)
  }

  /// Nodes whose interface 0 is to be made otherwise begin a new life with it, once.
  private func restart(_ lab: inout Lab, after old: Lab) {
    let before = Dictionary(zip(old.spec.nodes.map(\.name), old.nodes), uniquingKeysWith: { first, _ in first })
    for index in lab.nodes.indices {
      guard let was = before[lab.spec.nodes[index].name], was.startSerial == lab.nodes[index].startSerial else { continue }
      if lab.addressing(of: lab.nodes[index]) != old.addressing(of: was) { lab.nodes[index].startSerial += 1 }
    }
  }

  /// A link whose wish doesn't fit the path is refused with the numbers.
  private func checkMTU(of lab: Lab) throws(LabError) {
    let placement = lab.placement
    for link in lab.spec.links {
      guard let wish = link.mtu, let a = placement[link.a.node], let b = placement[link.b.node], a != b, let hostA = intent.hosts[a],
        let hostB = intent.hosts[b]
      else { continue }
      let most = CableMTU.tunnel(between: hostA, and: hostB)
      if wish > most {
        throw LabError(
          .invalidArgument, "link \(link.id)",
          "asks for mtu \(wish), but the path between \(a) and \(b) carries \(most) (leave mtu out, or at most \(most))")
      }
    }
  }

  /// A port of a host leads to one node. A node that isn't pinned may come to any host, so nobody else's may be the same.
  private func checkPorts(of lab: Lab) throws(LabError) {
    // Most labs have none, and need no look at all others.
    guard lab.spec.nodes.contains(where: { !$0.management.ports.isEmpty }) else { return }
    var taken: [(owner: NodeID, host: HostName?, port: PublishedPort)] = []
    for (name, other) in intent.labs.sorted(by: { $0.key < $1.key }) where name != lab.key.name {
      for node in other.spec.nodes { taken += node.management.ports.map { (NodeID(name, node.name), node.host, $0) } }
    }
    for node in lab.spec.nodes {
      for port in node.management.ports {
        let other = taken.first { other in
          let areApart = other.host != nil && node.host != nil && other.host != node.host
          return !areApart && other.port.collides(with: port)
        }
        if let other {
          throw LabError(
            .alreadyExists, "\(lab.key.name)/\(node.name)",
            "port \(port.place) of its host is \(other.owner)'s (give ports another one, or pin both to hosts of their own with host:)")
        }
        taken.append((NodeID(lab.key.name, node.name), node.host, port))
      }
    }
  }
}

/// What cables depend on, of one lab; underlay addresses are counted where a host's record changes.
struct Wiring: Hashable {
  private var links: Set<LinkSpec>
  private var places: [NodeName: HostName]

  init(of lab: Lab) {
    links = Set(lab.spec.links.map { LinkSpec($0.id.a, $0.id.b, mtu: $0.mtu) })
    let ends = Set(lab.spec.links.flatMap { [$0.a.node, $0.b.node] })
    places = lab.placement.filter { ends.contains($0.key) }
  }
}

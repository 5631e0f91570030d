public import Model

extension Projection {
  /// One host's part of the lab; nil where it has none.
  public func part(for host: HostName) -> AssignedLab? {
    lab.nodes.contains { $0.host == host } ? parts(where: { $0 == host })[host] : nil
  }

  /// The parts of all hosts that have one.
  public var parts: [HostName: AssignedLab] { parts(where: { _ in true }) }

  /// In one pass, however many hosts there are.
  private func parts(where isWanted: (HostName) -> Bool) -> [HostName: AssignedLab] {
    let placement = lab.placement
    let empty = AssignedLab(key: lab.key, nodes: [], links: [])
    var parts: [HostName: AssignedLab] = [:]
    var interfaces: [NodeName: [AssignedInterface]] = [:]
    for segment in segments.segments {
      var told: HostName?
      for end in [segment.link.a, segment.link.b] {
        guard let host = placement[end.node], isWanted(host) else { continue }
        interfaces[end.node, default: []].append(AssignedInterface(ordinal: end.ordinal, mtu: segment.mtu))
        if told == host { continue }
        told = host
        parts[host, default: empty].links.append(AssignedLink(link: segment.link, path: path(of: segment, near: end, on: host)))
      }
    }
    let waits = Waits(of: lab)
    for index in lab.nodes.indices where isWanted(lab.nodes[index].host) {
      let intent = lab.nodes[index]
      if let management = management, !intent.addresses.isEmpty {
        if parts[intent.host]?.management == nil { parts[intent.host, default: empty].management = management }
        parts[intent.host]?.management?.ports += lab.ports(of: lab.spec.nodes[index], intent)
        interfaces[lab.spec.nodes[index].name, default: []].append(
          AssignedInterface(ordinal: .management, mtu: management.mtu, addressing: lab.addressing(of: intent)))
      }
      parts[intent.host, default: empty].nodes.append(
        AssignedNode(
          key: lab.key(at: index), spec: lab.spec.nodes[index], desired: intent.desired, startSerial: intent.startSerial,
          interfaces: (interfaces[lab.spec.nodes[index].name] ?? []).sorted { $0.ordinal < $1.ordinal },
          awaited: waits.awaited(by: lab.spec.nodes[index]), watchers: waits.watchers(of: lab.spec.nodes[index].name, on: intent.host)))
    }
    return parts
  }

  /// What each host has of the lab's management network.
  private var management: AssignedManagement? {
    guard let spec = lab.spec.management, !lab.networks.isEmpty else { return nil }
    return AssignedManagement(
      gateways: lab.networks.map { InterfaceAddress($0.gateway, in: $0.subnet) }, mtu: spec.mtu, reachesOutside: spec.reachesOutside)
  }

  private func path(of segment: Segment, near: Endpoint, on host: HostName) -> AssignedPath {
    switch segment.path {
    case .patch: .patch
    case .tunnel(let vni, let a, let b):
      .tunnel(
        AssignedTunnel(
          near: near, vni: vni, local: a.host == host ? a.address : b.address, remote: a.host == host ? b.address : a.address,
          farHost: a.host == host ? b.host : a.host, mtu: segment.mtu))
    }
  }
}

/// Who waits for whom, in a lab whose file says so.
private struct Waits {
  private var places: [NodeName: AwaitedNode] = [:]
  /// Hosts of nodes that wait for a node.
  private var waiting: [NodeName: Set<HostName>] = [:]

  init(of lab: Lab) {
    for (spec, intent) in zip(lab.spec.nodes, lab.nodes) {
      for wait in spec.stages.waits { waiting[wait.node, default: []].insert(intent.host) }
    }
    if waiting.isEmpty { return }
    for index in lab.nodes.indices where waiting[lab.spec.nodes[index].name] != nil {
      let (spec, intent) = (lab.spec.nodes[index], lab.nodes[index])
      places[spec.name] = AwaitedNode(
        lab.key(at: index), on: intent.host, startSerial: intent.startSerial, specDigest: spec.processDigest)
    }
  }

  func awaited(by spec: NodeSpec) -> [AwaitedNode] {
    if spec.stages.waits.isEmpty { return [] }
    return Set(spec.stages.waits.map(\.node)).compactMap { places[$0] }.sorted { $0.key < $1.key }
  }

  func watchers(of node: NodeName, on host: HostName) -> [HostName] {
    waiting[node].map { $0.subtracting([host]).sorted() } ?? []
  }
}

extension Intent {
  /// All that one host should have; nil for a host that the store doesn't know. *No assignment* is not *an empty assignment*.
  public func assignment(for host: HostName) -> Assignment? {
    guard let revision = assigned[host] else { return nil }
    let labs = (index.told[host] ?? [:]).keys.sorted().compactMap { projections[$0]?.part(for: host) }
    return Assignment(host: host, store: store, revision: revision, labs: labs)
  }
}

public import Model

extension Projection {
  /// One host's part of the lab; nil where it has none.
  public func part(for host: HostName) -> AssignedLab? {
    let here = Set(zip(lab.spec.nodes, lab.nodes).filter { $0.1.host == host }.map(\.0.name))
    guard !here.isEmpty else { return nil }
    var interfaces: [NodeName: [AssignedInterface]] = [:]
    var links: [AssignedLink] = []
    for segment in segments.segments {
      let ends = [segment.link.a, segment.link.b].filter { here.contains($0.node) }
      guard let near = ends.first else { continue }
      for end in ends { interfaces[end.node, default: []].append(AssignedInterface(ordinal: end.ordinal, mtu: segment.mtu)) }
      links.append(AssignedLink(link: segment.link, path: path(of: segment, near: near, on: host)))
    }
    var nodes: [AssignedNode] = []
    for index in lab.nodes.indices where here.contains(lab.spec.nodes[index].name) {
      let intent = lab.nodes[index]
      nodes.append(
        AssignedNode(
          key: lab.key(at: index), spec: lab.spec.nodes[index], desired: intent.desired, startSerial: intent.startSerial,
          interfaces: (interfaces[lab.spec.nodes[index].name] ?? []).sorted { $0.ordinal < $1.ordinal }))
    }
    return AssignedLab(key: lab.key, nodes: nodes, links: links)
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

extension Intent {
  /// All that one host should have; nil for a host that the store doesn't know. *No assignment* is not *an empty assignment*.
  public func assignment(for host: HostName) -> Assignment? {
    guard let revision = assigned[host] else { return nil }
    let labs = projections.sorted { $0.key < $1.key }.compactMap { $0.value.part(for: host) }
    return Assignment(host: host, store: store, revision: revision, labs: labs)
  }
}

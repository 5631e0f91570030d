import Model

/// What can be wrong with a lab that was asked for, beyond what its values exclude.
struct LabCheck {
  var spec: LabSpec

  func check() throws(LabError) {
    let problems = problems()
    guard let first = problems.first else { return }
    let rest = problems.dropFirst().prefix(8).map(\.description)
    throw LabError(first.code, first.subject, ([first.message] + rest).joined(separator: "; "))
  }

  private func problems() -> [LabError] {
    var problems: [LabError] = []
    if spec.nodes.count > Limits.nodesPerLab {
      problems.append(LabError(.invalidArgument, "lab \(spec.name)", "has \(spec.nodes.count) nodes (at most \(Limits.nodesPerLab))"))
    }
    if spec.links.count > Limits.linksPerLab {
      problems.append(LabError(.invalidArgument, "lab \(spec.name)", "has \(spec.links.count) links (at most \(Limits.linksPerLab))"))
    }
    var names: Set<NodeName> = []
    for node in spec.nodes where !names.insert(node.name).inserted {
      problems.append(LabError(.invalidArgument, "\(spec.name)/\(node.name)", "is there twice"))
    }
    problems += waits(among: names)
    var used: [Endpoint: LinkID] = [:]
    for link in spec.links {
      for end in [link.a, link.b] {
        if !names.contains(end.node) {
          problems.append(LabError(.invalidArgument, "link \(link.id)", "there is no node \(end.node)"))
        }
        if end.ordinal == .management {
          problems.append(LabError(.invalidArgument, "link \(link.id)", "\(end) is the management interface, which is never a data port"))
        }
        if let other = used.updateValue(link.id, forKey: end) {
          problems.append(LabError(.invalidArgument, "link \(link.id)", "\(end) is already on link \(other)"))
        }
      }
      if let mtu = link.mtu, !Limits.mtu.contains(mtu) {
        problems.append(LabError(.outOfRange, "link \(link.id)", "mtu \(mtu) (\(Limits.mtu.lowerBound) to \(Limits.mtu.upperBound))"))
      }
    }
    return problems
  }

  private func waits(among names: Set<NodeName>) -> [LabError] {
    var problems: [LabError] = []
    let external = Set(spec.nodes.filter(\.isExternal).map(\.name))
    for node in spec.nodes {
      for wait in node.stages.waits where wait.node == node.name || !names.contains(wait.node) || external.contains(wait.node) {
        let whom =
          wait.node == node.name
          ? "itself" : "\(wait.node), which is not \(external.contains(wait.node) ? "run by the lab: nobody knows how far it is" : "there")"
        problems.append(LabError(.invalidArgument, "\(spec.name)/\(node.name)", "waits for \(whom)"))
      }
    }
    if problems.isEmpty, let circle = spec.circleOfWaits {
      let way = circle.map(\.text).joined(separator: " → ")
      problems.append(LabError(.invalidArgument, "lab \(spec.name)", "nodes wait for each other in a circle: \(way)"))
    }
    return problems
  }
}

import Model

/// How large a world is that is measured.
public struct Scale: Sendable {
  public var hosts: Int
  public var nodes: Int
  /// Nodes of one lab; the last lab has what is left.
  static let labSize = 100
  /// Hosts that a lab is spread over, where there are as many.
  static let labHosts = 10

  /// - Parameter text: `HOSTSxNODES`.
  public init?(_ text: String) {
    let parts = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let hosts = parts[0], let nodes = parts[1], 1...4_000 ~= hosts, 10...100_000 ~= nodes else { return nil }
    self.hosts = hosts
    self.nodes = nodes
  }

  /// Of a host, with room for what is added.
  var capacity: Int { 2 * nodes / hosts + Self.labSize }
  var labs: Int { (nodes + Self.labSize - 1) / Self.labSize }

  /// Each node is linked to the next two of its ring: twice as many links as nodes. Where there is more than one host, three of four links go
  /// between two.
  func lab(_ number: Int) throws(LabError) -> LabSpec {
    let count = min(Self.labSize, nodes - number * Self.labSize)
    var lab = LabSpec(name: try LabName("lab\(number)"), nodes: [], links: [])
    let names = try (0..<count).map { index throws(LabError) in try NodeName("n\(index)") }
    for (index, name) in names.enumerated() {
      lab.nodes.append(NodeSpec(name: name, kind: "linux", image: "alpine", host: try host(index / 2, of: number)))
      for step in 1...2 {
        let near = Endpoint(name, try Ordinal(step))
        lab.links.append(LinkSpec(near, Endpoint(names[(index + step) % count], try Ordinal(2 + step))))
      }
    }
    return lab
  }

  /// The lab with one node more, linked to its first two.
  func grown(_ lab: LabSpec, _ number: Int) throws(LabError) -> LabSpec {
    var lab = lab
    let name = try NodeName("n\(lab.nodes.count)")
    let free = 5 + lab.nodes.count - min(Self.labSize, nodes - number * Self.labSize)
    for (index, neighbour) in lab.nodes.prefix(2).map(\.name).enumerated() {
      lab.links.append(LinkSpec(Endpoint(name, try Ordinal(index + 1)), Endpoint(neighbour, try Ordinal(free))))
    }
    lab.nodes.append(NodeSpec(name: name, kind: "linux", image: "alpine", host: try host(lab.nodes.count / 2, of: number)))
    return lab
  }

  private func host(_ place: Int, of lab: Int) throws(LabError) -> HostName {
    try HostName("h\((lab + place % min(Self.labHosts, hosts)) % hosts + 1)")
  }
}

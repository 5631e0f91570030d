/// What an agent understands of its assignment beyond the protocol's first version. A host is given only what its agent says that it
/// understands; one of a version that said nothing of it has none.
public enum Capability: String, Sendable, Hashable, CaseIterable, Comparable {
  /// Nodes wait for others, run commands at their stages, and are waited for.
  case stages

  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

  /// What all of this version understand, as it is said, sorted.
  public static let spoken = allCases.sorted().map(\.rawValue)
}

extension Sequence<Capability> {
  /// For people, in the order of their names.
  public var words: String { sorted().map(\.rawValue).joined(separator: ", ") }
}

extension HostSpec {
  /// What its agent doesn't understand.
  public var lacks: Set<Capability> { Set(Capability.allCases.filter { !capabilities.contains($0.rawValue) }) }
}

extension LabSpec {
  /// What the agents of nodes' hosts must understand; a node that needs nothing beyond the protocol's first version isn't in it.
  public var needs: [NodeName: Set<Capability>] {
    var needs: [NodeName: Set<Capability>] = [:]
    for node in nodes where !node.stages.isEmpty {
      needs[node.name, default: []].insert(.stages)
      // Who is waited for tells how far it has come.
      for wait in node.stages.waits { needs[wait.node, default: []].insert(.stages) }
    }
    return needs
  }
}

/// What a lab's next version asks of agents that its version before didn't: a host whose agent has become an older one keeps what it has.
public struct NewNeeds: Sendable {
  private let needs: [NodeName: Set<Capability>]
  private let before: [NodeName: Set<Capability>]
  private let places: [NodeName: HostName]

  /// - Parameter old: nil: there is none.
  public init(of spec: LabSpec, after old: Lab?) {
    needs = spec.needs
    before = needs.isEmpty ? [:] : old?.spec.needs ?? [:]
    places = before.isEmpty ? [:] : old?.placement ?? [:]
  }

  /// What a host's agent would have to understand, and doesn't, to be given a node.
  public func lacking(_ node: NodeName, on host: HostSpec) -> Set<Capability> {
    guard let needs = needs[node] else { return [] }
    let kept = places[node] == host.name ? before[node] ?? [] : []
    return needs.intersection(host.lacks).subtracting(kept)
  }
}

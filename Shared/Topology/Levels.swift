internal import Kinds

/// Which levels of a file apply to a node.
struct Levels {
  private let defaults: NodeDefinition
  private let kinds: [String: NodeDefinition]
  private let groups: [String: NodeDefinition]

  init(_ file: TopologyFile) {
    defaults = file.defaults
    // `srl` and `nokia_srlinux` are one kind, under whichever name its section stands.
    kinds = Self.table(file.kinds) { Catalogue.find($0)?.name ?? $0 }
    groups = Self.table(file.groups) { $0 }
  }

  private static func table(
    _ sections: [TopologyFile.Named<NodeDefinition>], _ name: (String) -> String
  ) -> [String: NodeDefinition] {
    var table: [String: [NodeDefinition]] = [:]
    for section in sections { table[name(section.name), default: []].append(section.value) }
    return table.mapValues { $0.count == 1 ? $0[0] : .merged($0) }
  }

  /// The node's own kind, else its group's, else that of the defaults' group, else the defaults'.
  private func kind(of node: NodeDefinition) -> TopologyFile.Text? {
    let groupKind = node.group.flatMap { groups[$0.text]?.kind }
    let defaultGroupKind = defaults.group.flatMap { groups[$0.text]?.kind }
    return node.kind ?? groupKind ?? defaultGroupKind ?? defaults.kind
  }

  /// Defaults, then kind, then group, then node.
  func merged(_ node: NodeDefinition) -> NodeDefinition {
    let kind = kind(of: node)
    let ofKind = kind.flatMap { kinds[Catalogue.find($0.text)?.name ?? $0.text] } ?? NodeDefinition()
    let group = node.group ?? ofKind.group ?? defaults.group
    let ofGroup = group.flatMap { groups[$0.text] } ?? NodeDefinition()
    var merged = NodeDefinition.merged([defaults, ofKind, ofGroup, node])
    merged.kind = kind
    return merged
  }
}

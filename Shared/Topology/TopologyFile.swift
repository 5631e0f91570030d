/// A topology file as it is written: keys checked, values typed, nothing merged.
struct TopologyFile {
  var name: Text?
  var defaults = NodeDefinition()
  var kinds: [Named<NodeDefinition>] = []
  var groups: [Named<NodeDefinition>] = []
  var nodes: [Named<NodeDefinition>] = []
  var links: [LinkDefinition] = []
  /// nil: the file has no `mgmt:`.
  var management: ManagementDefinition?

  /// A value with its place.
  struct Text {
    var text: String
    var mark: Mark
  }

  struct Named<Value> {
    var name: String
    var mark: Mark
    var value: Value
  }

  init(_ root: YAMLNode, _ findings: inout Findings) {
    guard let top = Section(root, KnownKeys.top, "", &findings) else { return }
    name = top.text("name", &findings)
    _ = top.text("prefix", &findings)
    if let entry = top.entry("mgmt") { management = ManagementDefinition(entry.value, &findings) }
    guard let entry = top.entry("topology") else {
      findings.error(root.mark, "topology", "the file has no topology (its nodes and links)")
      return
    }
    guard let topology = Section(entry.value, KnownKeys.topology, "topology", &findings) else { return }
    if let node = topology.value("defaults") { defaults = NodeDefinition(node, "defaults", &findings) }
    kinds = topology.named("kinds", &findings) { NodeDefinition($0, "kind \($1)", &$2) }
    groups = topology.named("groups", &findings) { NodeDefinition($0, "group \($1)", &$2) }
    nodes = topology.named("nodes", &findings) { NodeDefinition($0, "node \($1)", &$2) }
    if nodes.isEmpty { findings.error(entry.mark, "nodes", "topology has no nodes") }
    links = (topology.list("links", &findings) ?? []).map { LinkDefinition($0, &findings) }
  }
}

/// A mapping whose keys have been checked.
struct Section {
  let entries: [YAMLEntry]
  /// For messages: `node r1`.
  let place: String

  /// Nil, with an error, for what isn't a mapping; null is an empty one.
  init?(_ node: YAMLNode, _ keys: KnownKeys.Place, _ place: String, _ findings: inout Findings) {
    self.place = place.isEmpty ? keys.name : place
    switch node.value {
    case .mapping(let entries): self.entries = entries
    case .scalar(let scalar) where scalar.isNull && !place.isEmpty: entries = []
    case .scalar, .sequence:
      findings.error(node.mark, "", "\(self.place) must be a mapping, not \(node.kindName)")
      return nil
    }
    for entry in entries where !keys.supported.contains(entry.key) { check(entry, keys, &findings) }
  }

  private func check(_ entry: YAMLEntry, _ keys: KnownKeys.Place, _ findings: inout Findings) {
    guard keys.known.contains(entry.key) else {
      findings.warning(entry.mark, entry.key, "unknown key \(entry.key) in \(place) (it is ignored)")
      return
    }
    findings.warning(entry.mark, entry.key, "\(entry.key) in \(place) is known, not supported yet (it is ignored)")
    guard let nested = keys.nested[entry.key], case .mapping(let inner) = entry.value.value else { return }
    for below in inner where !nested.contains(below.key) {
      findings.warning(below.mark, below.key, "unknown key \(below.key) in \(entry.key) of \(place) (it is ignored)")
    }
  }

  func entry(_ key: String) -> YAMLEntry? { entries.first { $0.key == key } }
  /// Nil also for null.
  func value(_ key: String) -> YAMLNode? { entry(key).flatMap { $0.value.isNull ? nil : $0.value } }

  func text(_ key: String, _ findings: inout Findings) -> TopologyFile.Text? {
    guard let node = value(key) else { return nil }
    guard let text = node.text else {
      findings.error(node.mark, key, "\(key) in \(place) must be text, not \(node.kindName)")
      return nil
    }
    return TopologyFile.Text(text: text, mark: node.mark)
  }

  func list(_ key: String, _ findings: inout Findings) -> [YAMLNode]? {
    guard let node = value(key) else { return nil }
    guard case .sequence(let items) = node.value else {
      findings.error(node.mark, key, "\(key) in \(place) must be a list, not \(node.kindName)")
      return nil
    }
    return items
  }

  func texts(_ key: String, _ findings: inout Findings) -> [TopologyFile.Text] {
    var texts: [TopologyFile.Text] = []
    for item in list(key, &findings) ?? [] {
      if let text = item.text {
        texts.append(TopologyFile.Text(text: text, mark: item.mark))
      } else {
        findings.error(item.mark, key, "\(key) in \(place) must be a list of texts (put quotes around the whole of it)")
      }
    }
    return texts
  }

  func named<Value>(
    _ key: String, _ findings: inout Findings, _ read: (YAMLNode, String, inout Findings) -> Value
  ) -> [TopologyFile.Named<Value>] {
    guard let node = value(key) else { return [] }
    guard case .mapping(let entries) = node.value else {
      findings.error(node.mark, key, "\(key) in \(place) must be a mapping of names, not \(node.kindName)")
      return []
    }
    return entries.map { TopologyFile.Named(name: $0.key, mark: $0.mark, value: read($0.value, $0.key, &findings)) }
  }
}

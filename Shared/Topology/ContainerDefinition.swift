/// What one level says of its nodes' containers.
struct ContainerDefinition {
  typealias Text = TopologyFile.Text

  /// Keys with one value, of which the most specific stands.
  private static let single = [
    "entrypoint", "user", "hostname", "privileged", "memory", "cpu", "cpu-set", "shm-size", "image-pull-policy", "runtime",
  ]
  /// Lists, which are joined without what was there before.
  private static let joined = ["cap-add", "devices", "tmpfs", "security-opts", "extra-hosts"]
  /// Mappings, which are merged by name.
  private static let merged = ["labels", "sysctls", "ulimits"]

  private(set) var values: [String: Text] = [:]
  private(set) var lists: [String: [Text]] = [:]
  private(set) var maps: [String: [TopologyFile.Named<String>]] = [:]
  /// `servers`, `search` and `options` of the most specific `dns`.
  private(set) var dns: [String: [Text]]?

  init() {}

  init(_ section: Section, _ findings: inout Findings) {
    for key in Self.single { values[key] = section.text(key, &findings) }
    for key in Self.joined { lists[key] = section.texts(key, &findings) }
    for key in Self.merged { maps[key] = section.words(key, &findings) }
    guard let node = section.value("dns"), let inner = Section(node, KnownKeys.dns, "dns in \(section.place)", &findings) else { return }
    dns = [:]
    for key in KnownKeys.dns.supported { dns?[key] = inner.texts(key, &findings) }
  }

  /// - Parameter other: more specific.
  mutating func merge(_ other: ContainerDefinition) {
    values.merge(other.values) { $1 }
    for (key, texts) in other.lists {
      let present = Set((lists[key] ?? []).map(\.text))
      lists[key, default: []] += texts.filter { !present.contains($0.text) }
    }
    for (key, names) in other.maps {
      let fresh = Set(names.map(\.name))
      maps[key] = (maps[key] ?? []).filter { !fresh.contains($0.name) } + names
    }
    dns = other.dns ?? dns
  }
}

extension Section {
  /// A mapping of names to single values.
  func words(_ key: String, _ findings: inout Findings) -> [TopologyFile.Named<String>] {
    let place = place
    return named(key, &findings) { node, name, findings in
      if node.isNull { return "" }
      guard let text = node.text else {
        findings.error(node.mark, name, "\(name) in \(key) of \(place) must be a single value, not \(node.kindName)")
        return ""
      }
      return text
    }
  }
}

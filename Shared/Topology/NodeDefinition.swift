/// What one level (defaults, a kind, a group, a node) says of nodes.
struct NodeDefinition {
  typealias Text = TopologyFile.Text

  var kind: Text?
  var image: Text?
  var group: Text?
  var startupConfig: Text?
  var cmd: Text?
  var host: Text?
  var networkMode: Text?
  var ipv4: Text?
  var ipv6: Text?
  var exec: [Text] = []
  var ports: [Text] = []
  var binds: [Text] = []
  var env: [TopologyFile.Named<String>] = []
  var container = ContainerDefinition()
  var boot = BootDefinition()

  init() {}

  init(_ node: YAMLNode, _ place: String, _ findings: inout Findings) {
    guard let section = Section(node, KnownKeys.node, place, &findings) else { return }
    kind = section.text("kind", &findings)
    image = section.text("image", &findings)
    group = section.text("group", &findings)
    startupConfig = section.text("startup-config", &findings)
    cmd = section.text("cmd", &findings)
    host = section.text("host", &findings)
    networkMode = section.text("network-mode", &findings)
    ipv4 = section.text("mgmt-ipv4", &findings)
    ipv6 = section.text("mgmt-ipv6", &findings)
    exec = section.texts("exec", &findings)
    binds = section.texts("binds", &findings)
    ports = section.texts("ports", &findings)
    env = section.words("env", &findings)
    container = ContainerDefinition(section, &findings)
    boot = BootDefinition(section, &findings)
  }

  /// Containerlab's rules: of single values the most specific stands; `exec` and `ports` are joined in order; `env` is merged by name and `binds` by
  /// target, the more specific winning.
  ///
  /// - Parameter levels: from the least specific to the most.
  static func merged(_ levels: [NodeDefinition]) -> NodeDefinition {
    var merged = NodeDefinition()
    var binds: [String: Int] = [:]
    var env: [String: Int] = [:]
    for level in levels {
      merged.kind = level.kind ?? merged.kind
      merged.image = level.image ?? merged.image
      merged.group = level.group ?? merged.group
      merged.startupConfig = level.startupConfig ?? merged.startupConfig
      merged.cmd = level.cmd ?? merged.cmd
      merged.host = level.host ?? merged.host
      merged.ipv4 = level.ipv4 ?? merged.ipv4
      merged.ipv6 = level.ipv6 ?? merged.ipv6
      merged.networkMode = level.networkMode ?? merged.networkMode
      merged.exec += level.exec
      merged.ports += level.ports
      merged.container.merge(level.container)
      merged.boot.merge(level.boot)
      for bind in level.binds { put(bind, under: Bind.target(of: bind.text), in: &merged.binds, &binds) }
      for variable in level.env { put(variable, under: variable.name, in: &merged.env, &env) }
    }
    return merged
  }

  /// In the place of the one with that key, or at the end.
  private static func put<Value>(_ value: Value, under key: String, in list: inout [Value], _ places: inout [String: Int]) {
    if let place = places[key] {
      list[place] = value
    } else {
      places[key] = list.count
      list.append(value)
    }
  }
}

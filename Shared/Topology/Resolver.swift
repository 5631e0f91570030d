internal import Kinds
internal import Model

/// A checked file, made into a lab: levels merged, names and interfaces parsed.
struct Resolver {
  /// For `~` in binds.
  let home: String?
  private(set) var name: LabName?
  private(set) var nodes: [NodeSpec] = []
  var links: [LinkSpec] = []
  private(set) var management: ManagementSpec?
  private(set) var startupConfigs: [StartupConfigReference] = []
  private(set) var files: [NodeFileReference] = []
  /// What links need to know of a node, also of those that can't be run yet.
  private(set) var ends: [String: EndNode] = [:]
  /// Every `wait-for`, and where it stands.
  var waits: [(node: NodeName, wait: StageWait, mark: Mark)] = []

  /// Kinds as files name them, each looked up once.
  private var kinds: [String: Result<Kind, LabError>] = [:]

  struct EndNode {
    /// Nil for a kind that has been reported.
    var kind: Kind?
    var name: NodeName?
  }

  init(home: String?) { self.home = home }

  mutating func resolve(_ file: TopologyFile, _ findings: inout Findings) {
    resolveName(file, &findings)
    let levels = Levels(file)
    if file.nodes.count > Limits.nodesPerLab {
      findings.error(file.nodes[Limits.nodesPerLab].mark, "nodes", "more than \(Limits.nodesPerLab) nodes")
    }
    if file.links.count > Limits.linksPerLab {
      findings.error(file.links[Limits.linksPerLab].mark, "links", "more than \(Limits.linksPerLab) links")
    }
    for node in file.nodes { resolve(node, levels.merged(node.value), &findings) }
    if file.management != nil || nodes.contains(where: { !$0.management.addresses.isEmpty || !$0.management.ports.isEmpty }) {
      management = (file.management ?? ManagementDefinition()).spec(&findings)
      if management?.ipv6 == nil, nodes.contains(where: { $0.management.addresses.contains { $0.isIPv6 } }) {
        management?.ipv6 = ManagementSpec.Family()
      }
    }
    resolveLinks(file.links, &findings)
    if let name, !waits.isEmpty { checkWaits(LabSpec(name: name, nodes: nodes, links: []), &findings) }
  }

  private mutating func resolveName(_ file: TopologyFile, _ findings: inout Findings) {
    guard let text = file.name else {
      findings.error(Mark(line: 1, column: 1), "name", "the file has no name (name: of the lab, on the top level)")
      return
    }
    name = checked(text.mark, "name", &findings) { () throws(LabError) in try LabName(text.text) }
  }

  /// What a throwing initializer makes, its error reported at `mark`.
  func checked<Value>(
    _ mark: Mark, _ key: String, _ findings: inout Findings, _ make: () throws(LabError) -> Value
  ) -> Value? {
    do { return try make() } catch {
      findings.error(mark, key, error.description)
      return nil
    }
  }

  private mutating func resolve(_ node: TopologyFile.Named<NodeDefinition>, _ merged: NodeDefinition, _ findings: inout Findings) {
    let nodeName = checked(node.mark, node.name, &findings) { () throws(LabError) in try NodeName(node.name) }
    let kind = resolveKind(node, merged, &findings)
    ends[node.name] = EndNode(kind: kind, name: nodeName)
    checkNetwork(merged, node.name, &findings)
    guard let nodeName, let kind else { return }
    let variables = MagicVariables(lab: name?.text ?? "", node: node.name)
    var spec = NodeSpec(name: nodeName, kind: kind.name, image: merged.image?.text ?? "")
    if let host = merged.host {
      spec.host = checked(host.mark, "host", &findings) { () throws(LabError) in try HostName(host.text) }
    }
    if kind.runtimes == [NodeSpec.externalRuntime] {
      nodes.append(external(spec, merged, &findings))
      return
    }
    spec.exec = kind.boot.exec
    for text in merged.exec where !command(text, "exec", variables, &findings).isEmpty {
      spec.exec.append(variables.expand(text.text))
    }
    spec.environment = environment(merged, kind, variables, &findings)
    spec.command = merged.cmd == nil ? kind.boot.command : command(merged.cmd, "cmd", variables, &findings)
    spec.binds = resolveBinds(merged.binds, nodeName, variables, &findings)
    if let text = merged.startupConfig { resolveStartupConfig(text, nodeName, variables, &findings) }
    spec.container = container(merged.container, kind, variables, &findings)
    spec.management = management(merged, variables, &findings)
    spec.readiness = merged.boot.saysWhenReady ? readiness(merged.boot, variables, &findings) : kind.boot.readiness
    spec.startupDelay = milliseconds(merged.boot.startupDelay, "startup-delay", standard: 0, &findings)
    resolveStages(merged.boot.stages, variables, &spec, &findings)
    spec.runtimes = runtimes(of: spec, kind, merged, merged.image?.mark ?? node.mark, &findings)
    nodes.append(spec)
  }

  private mutating func resolveKind(
    _ node: TopologyFile.Named<NodeDefinition>, _ merged: NodeDefinition, _ findings: inout Findings
  ) -> Kind? {
    guard let text = merged.kind else {
      findings.error(node.mark, "kind", "node \(node.name) has no kind (kind: at the node, its group or defaults)")
      return nil
    }
    let found = kinds[text.text] ?? Result { () throws(LabError) in try Catalogue.kind(text.text) }
    kinds[text.text] = found
    guard let kind = checked(text.mark, "kind", &findings, { () throws(LabError) in try found.get() }) else { return nil }
    if kind.runtimes.isEmpty {
      findings.unsupported(text.mark, "kind", "kind \(text.text) of node \(node.name) is known, not supported yet")
    }
    return kind
  }

  private func checkNetwork(_ merged: NodeDefinition, _ node: String, _ findings: inout Findings) {
    guard let mode = merged.networkMode, mode.text != "none", mode.text != "bridge" else { return }
    findings.unsupported(mode.mark, "network-mode", "network-mode \(mode.text) of node \(node) is known, not supported yet")
  }

  /// The words of `cmd` or of one command of `exec`.
  func command(
    _ text: TopologyFile.Text?, _ key: String, _ variables: MagicVariables, _ findings: inout Findings
  ) -> [String] {
    guard let text else { return [] }
    return checked(text.mark, key, &findings) { () throws(LabError) in try CommandWords.split(variables.expand(text.text)) } ?? []
  }

  /// The file's, and below it the kind's.
  private func environment(
    _ merged: NodeDefinition, _ kind: Kind, _ variables: MagicVariables, _ findings: inout Findings
  ) -> [EnvironmentVariable] {
    var environment = kind.boot.environment.filter { theirs in !merged.env.contains { $0.name == theirs.name } }
    for variable in merged.env {
      if variable.name == "__IMPORT_ENVS" {
        findings.warning(variable.mark, variable.name, "__IMPORT_ENVS is known, not supported yet (it is ignored)")
      } else if variable.name.isEmpty || variable.name.contains("=") {
        findings.error(variable.mark, variable.name, "\(variable.name) is not a name of an environment variable")
      } else {
        environment.append(EnvironmentVariable(variable.name, variables.expand(variable.value)))
      }
    }
    return environment.sorted()
  }

  private mutating func resolveStartupConfig(
    _ text: TopologyFile.Text, _ node: NodeName, _ variables: MagicVariables, _ findings: inout Findings
  ) {
    let source: StartupConfigReference.Source
    if text.text.contains("\n") {
      source = .text(text.text)
    } else if text.text.hasPrefix("http://") || text.text.hasPrefix("https://") {
      findings.unsupported(text.mark, "startup-config", "a remote startup-config is known, not supported yet (fetch it beside the file)")
      return
    } else {
      source = .path(variables.expand(text.text))
    }
    startupConfigs.append(StartupConfigReference(node: node, source: source, line: text.mark.line, column: text.mark.column))
  }

  private mutating func resolveBinds(
    _ binds: [TopologyFile.Text], _ node: NodeName, _ variables: MagicVariables, _ findings: inout Findings
  ) -> [String] {
    var absolute: [String] = []
    for text in binds {
      let expanded = variables.expand(text.text)
      if expanded.hasPrefix("/"), !expanded.contains(":") {
        findings.warning(text.mark, "binds", "the anonymous volume \(expanded) of node \(node) is ignored (the node's root is its own)")
        continue
      }
      switch Bind.parse(expanded) {
      case .failure(let reason): findings.error(text.mark, "binds", reason.text)
      case .success(let bind) where bind.source.hasPrefix("/"): absolute.append(bind.text)
      case .success(let bind):
        // What is the user's own travels with the lab too.
        let isHome = bind.source == "~" || bind.source.hasPrefix("~/")
        let source = isHome ? (home ?? "~") + bind.source.dropFirst() : bind.source
        files.append(
          NodeFileReference(
            node: node, source: source, target: bind.target, line: text.mark.line, column: text.mark.column))
      }
    }
    return absolute
  }
}

internal import Kinds
internal import Model

extension Resolver {
  /// What the merged levels say of a node's container, and where they don't, its kind.
  func container(
    _ merged: ContainerDefinition, _ kind: Kind, _ variables: MagicVariables, _ findings: inout Findings
  ) -> ContainerOptions {
    var options = ContainerOptions()
    func text(_ key: String) -> String { merged.values[key].map { variables.expand($0.text) } ?? "" }
    func texts(_ key: String) -> [String] { (merged.lists[key] ?? []).map { variables.expand($0.text) } }
    func settings(_ key: String) -> [Setting] {
      (merged.maps[key] ?? []).map { Setting($0.name, variables.expand($0.value)) }.sorted()
    }
    func addresses(_ key: String) -> [String] { (merged.dns?[key] ?? []).map { variables.expand($0.text) } }
    options.entrypoint = command(merged.values["entrypoint"], "entrypoint", variables, &findings)
    (options.user, options.hostName, options.processorSet) = (text("user"), text("hostname"), text("cpu-set"))
    options.isPrivileged = merged.values["privileged"] == nil ? kind.boot.isPrivileged : text("privileged") == "true"
    options.labels = settings("labels")
    options.settings = settings("sysctls")
    options.capabilities = texts("cap-add").map { name in
      let upper = name.uppercased()
      return upper.hasPrefix("CAP_") ? String(upper.dropFirst(4)) : upper
    }
    (options.devices, options.tmpfs) = (texts("devices"), texts("tmpfs"))
    (options.security, options.extraHosts) = (texts("security-opts"), texts("extra-hosts"))
    (options.nameServers, options.searchDomains, options.resolverOptions) = (
      addresses("servers"), addresses("search"), addresses("options")
    )
    readAmounts(merged, into: &options, &findings)
    checkLabels(merged, &findings)
    return options
  }

  private func readAmounts(_ merged: ContainerDefinition, into options: inout ContainerOptions, _ findings: inout Findings) {
    func amount(_ key: String, _ example: String, _ read: (String) -> UInt64?) -> UInt64 {
      guard let text = merged.values[key] else { return 0 }
      if let amount = read(text.text) { return amount }
      findings.error(text.mark, key, "\(key) \(text.text) is no amount (such as \(example))")
      return 0
    }
    options.memory = amount("memory", "512m or 2Gb", Quantity.bytes)
    options.sharedMemory = amount("shm-size", "256m or 1Gb", Quantity.bytes)
    options.processors = amount("cpu", "0.5 or 2", Quantity.thousandths)
    for limit in merged.maps["ulimits"] ?? [] {
      if let (soft, hard) = Quantity.limits(limit.value) {
        options.ulimits.append(Ulimit(name: limit.name, soft: soft, hard: hard))
      } else {
        findings.error(limit.mark, "ulimits", "\(limit.name) \(limit.value) is no limit (N, SOFT:HARD or unlimited)")
      }
    }
    guard let policy = merged.values["image-pull-policy"] else { return }
    if let pull = PullPolicy.allCases.first(where: { $0.rawValue.lowercased() == policy.text.lowercased() }) {
      options.pull = pull
    } else {
      let known = PullPolicy.allCases.map(\.rawValue).joined(separator: ", ")
      findings.error(policy.mark, "image-pull-policy", "image-pull-policy \(policy.text) is not one of \(known)")
    }
  }

  /// A node that somebody else runs: of what the file says only its place counts.
  func external(_ spec: NodeSpec, _ merged: NodeDefinition, _ findings: inout Findings) -> NodeSpec {
    for (key, text) in [("exec", merged.exec.first), ("cmd", merged.cmd), ("startup-config", merged.startupConfig)] {
      guard let text else { continue }
      findings.warning(text.mark, key, "\(key) of node \(spec.name) is ignored (whoever runs the \(spec.kind) gives it what it needs)")
    }
    var spec = spec
    (spec.image, spec.runtimes) = ("", [NodeSpec.externalRuntime])
    spec.management.isOff = true
    return spec
  }

  /// Ours say whose a container is.
  private func checkLabels(_ merged: ContainerDefinition, _ findings: inout Findings) {
    for label in merged.maps["labels"] ?? [] where label.name.hasPrefix("archetype.") {
      findings.error(label.mark, "labels", "\(label.name): labels that begin with archetype. are Archetype's own (choose another name)")
    }
  }

  /// The runtimes that can run a node, by its kind, its image and the file's own word; reported where there are none.
  func runtimes(of spec: NodeSpec, _ kind: Kind, _ merged: NodeDefinition, _ mark: Mark, _ findings: inout Findings) -> [String] {
    var reasons: [String] = []
    var runtimes: [String] = []
    let wish = merged.container.values["runtime"]
    for runtime in kind.runtimes where wish == nil || wish?.text == runtime {
      switch runtime {
      case Kind.namespaceRuntime:
        do {
          _ = try HostCommand.of(image: spec.image, command: spec.command)
          runtimes.append(runtime)
        } catch { reasons.append(error.description) }
      case Kind.dockerRuntime where spec.image.isEmpty: reasons.append("the Docker runtime needs an image")
      case _: runtimes.append(runtime)
      }
    }
    guard runtimes.isEmpty, !kind.runtimes.isEmpty else { return runtimes }
    if let wish, reasons.isEmpty {
      findings.unsupported(wish.mark, "runtime", "runtime \(wish.text) of node \(spec.name) is known, not supported yet")
    } else {
      findings.unsupported(mark, "image", reasons.joined(separator: "; "))
    }
    return []
  }
}

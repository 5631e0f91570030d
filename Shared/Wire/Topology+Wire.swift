import Model

extension LabSpec: SecretWireValue {
  init(_ message: Proto.LabSpec, _ secrets: SecretReader) throws(LabError) {
    guard message.nodes.count <= Limits.nodesPerLab, message.links.count <= Limits.linksPerLab else {
      throw LabError(
        .outOfRange, message.name, "\(message.nodes.count) nodes and \(message.links.count) links are more than a lab may have")
    }
    self.init(
      name: try LabName(message.name), nodes: try NodeSpec.list(message.nodes, secrets), links: try LinkSpec.list(message.links),
      management: try ManagementSpec.optional(message.management))
    try checkNames()
  }

  func message(_ secrets: inout SecretWriter) -> Proto.LabSpec {
    Proto.LabSpec(name: name.text, nodes: nodes.messages(&secrets), links: links.messages, management: management?.message)
  }

  /// What the type promises: names unique, each link between nodes that are there, no interface used twice.
  private func checkNames() throws(LabError) {
    var names = Set<NodeName>(minimumCapacity: nodes.count)
    for node in nodes where !names.insert(node.name).inserted {
      throw LabError(.invalidArgument, "\(name)/\(node.name)", "the lab has this node twice")
    }
    var used = Set<Endpoint>(minimumCapacity: 2 * links.count)
    for link in links {
      for end in [link.a, link.b] {
        guard names.contains(end.node) else { throw LabError(.invalidArgument, "\(link.id)", "the lab has no node \(end.node)") }
        guard used.insert(end).inserted else { throw LabError(.invalidArgument, "\(link.id)", "interface \(end) is used twice") }
      }
    }
  }
}

extension NodeSpec: SecretWireValue {
  init(_ message: Proto.NodeSpec, _ secrets: SecretReader) throws(LabError) {
    self.init(
      name: try NodeName(message.name), kind: message.kind, image: message.image, host: try optionalName(message.host),
      startupConfig: try optionalDigest(message.startupConfig), command: message.command, exec: message.exec,
      environment: try EnvironmentVariable.list(message.environment, secrets), binds: message.binds,
      files: try NodeFile.list(message.files), runtimes: message.runtimes,
      container: try ContainerOptions.optional(message.container) ?? ContainerOptions(),
      readiness: try Readiness.optional(message.readiness), startupDelay: message.startupDelay,
      management: try NodeManagement.optional(message.management) ?? NodeManagement(),
      stages: try NodeStages.optional(message.stages) ?? NodeStages())
  }

  func message(_ secrets: inout SecretWriter) -> Proto.NodeSpec {
    Proto.NodeSpec(
      name: name.text, kind: kind, image: image, host: host?.text ?? "", startupConfig: startupConfig?.hex ?? "", command: command,
      exec: exec, environment: environment.messages(&secrets), binds: binds, files: files.messages,
      runtimes: runtimes, container: container.isEmpty ? nil : container.message, readiness: readiness?.message,
      startupDelay: startupDelay, management: management.isEmpty ? nil : management.message,
      stages: stages.isEmpty ? nil : stages.message)
  }
}

extension NodeStages: WireValue {
  init(_ message: Proto.NodeStages) throws(LabError) {
    guard message.waits.count <= Limits.waitsPerNode else {
      throw LabError(.outOfRange, "wait-for", "\(message.waits.count) waits are more than a node may have (\(Limits.waitsPerNode))")
    }
    self.init(waits: try StageWait.list(message.waits), started: message.started, healthy: message.healthy)
  }
  var message: Proto.NodeStages { Proto.NodeStages(waits: waits.messages, started: started, healthy: healthy) }
}

extension StageWait: WireValue {
  init(_ message: Proto.StageWait) throws(LabError) {
    self.init(try Stage(message.stage), for: try NodeName(message.node), until: try Stage(message.until))
  }
  var message: Proto.StageWait { Proto.StageWait(stage: stage.message, node: node.text, until: until.message) }
}

extension Stage: WireEnumeration {
  var message: Proto.Stage {
    switch self {
    case .create: .create
    case .configure: .configure
    case .healthy: .healthy
    case .exit: .exit
    }
  }
}

extension Readiness: WireValue {
  init(_ message: Proto.Readiness) throws(LabError) {
    let test: Test
    switch message.test {
    case .command(let command): test = .command(command.words)
    case .log(let pattern): test = .log(pattern)
    case .port(let number):
      guard let port = UInt16(exactly: number) else { throw LabError(.outOfRange, "port \(number)", "not a port (1 to 65535)") }
      test = .port(port)
    case nil: throw missing("test of a readiness")
    }
    self.init(
      test, startPeriod: message.startPeriod, interval: message.interval, timeout: message.timeout, deadline: message.deadline)
  }

  var message: Proto.Readiness {
    let test: Proto.Readiness.Test =
      switch test {
      case .command(let words): .command(Proto.Command(words: words))
      case .log(let pattern): .log(pattern)
      case .port(let port): .port(UInt32(port))
      }
    return Proto.Readiness(test: test, startPeriod: startPeriod, interval: interval, timeout: timeout, deadline: deadline)
  }
}

extension EnvironmentVariable: SecretWireValue {
  init(_ message: Proto.EnvironmentVariable, _ secrets: SecretReader) throws(LabError) {
    self.init(message.name, try secrets.text(at: message.secret))
  }

  func message(_ secrets: inout SecretWriter) -> Proto.EnvironmentVariable {
    Proto.EnvironmentVariable(name: name, secret: secrets.add(Array(value.utf8)))
  }
}

extension NodeFile: WireValue {
  init(_ message: Proto.NodeFile) throws(LabError) {
    guard message.mode <= 0o7777 else {
      throw LabError(.outOfRange, message.path, "permission bits are 0 to 07777, not 0\(String(message.mode, radix: 8))")
    }
    self.init(path: message.path, content: try BlobDigest(message.content), mode: message.mode)
  }
  var message: Proto.NodeFile { Proto.NodeFile(path: path, content: content.hex, mode: mode) }
}

extension LinkSpec: WireValue {
  init(_ message: Proto.LinkSpec) throws(LabError) {
    self.init(
      try Endpoint(required: message.a), try Endpoint(required: message.b), mtu: message.mtu == 0 ? nil : try Wire.mtu(message.mtu))
  }
  var message: Proto.LinkSpec { Proto.LinkSpec(a: a.message, b: b.message, mtu: UInt32(count: mtu ?? 0)) }
}

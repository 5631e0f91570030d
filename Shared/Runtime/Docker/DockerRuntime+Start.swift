import Engine
public import Model

extension DockerRuntime {
  public func start(_ nodes: [NodeStart]) -> [Result<RunningNode, LabError>] {
    let present: [NodeKey: DockerContainers.Listed]
    do throws(LabError) {
      present = try all()
      try wrapper.ensure()
    } catch { return nodes.map { .failure(error.about($0.key)) } }
    return inLanes(nodes) { node in
      do throws(LabError) { return .success(try self.start(node, present[node.key])) } catch { return .failure(error.about(node.key)) }
    }
  }

  private func start(_ node: NodeStart, _ present: DockerContainers.Listed?) throws(LabError) -> RunningNode {
    var present = present
    if let running = present, running.isRunning {
      // A list is late: in it a container still runs whose end the engine has told.
      let state = try containers.inspect(running.id)
      if state.isRunning { return try resume(node, state) }
      present?.state = state.status
    }
    guard case .path(let sandbox) = node.sandbox else { throw LabError(.invalidArgument, "sandbox", "a container's must be pinned") }
    var node = node
    if let flash = node.flash { node.binds.insert(try files.prepare(flash, of: node.key), at: 0) }
    let container = try make(node, present)
    // Others may have removed the one that was.
    if let old = files.record(node.key), old.container != container { files.unlinkSandbox(old.container) }
    try files.link(container, to: sandbox, node.key)
    var record = DockerRecord(container: container, serial: node.startSerial, spec: node.specDigest, config: node.config)
    try files.save(record, of: node.key)
    files.forgetExec(node.key)
    watch.expect(container)
    let state: DockerContainers.State
    do throws(LabError) {
      try containers.start(container)
      state = try containers.inspect(container)
    } catch {
      watch.forget(container)
      // It was there a moment ago: the engine has lost our runtime meanwhile.
      if error.message.contains(DockerWrapper.name) { wrapper.forget() }
      throw error
    }
    (record.startedAt, record.pid) = (state.startedAt, state.pid)
    try files.save(record, of: node.key)
    return watch.take(node.key, state, serial: node.startSerial)
  }

  /// What runs already is a success, whoever started it.
  private func resume(_ node: NodeStart, _ state: DockerContainers.State) throws(LabError) -> RunningNode {
    let known = files.resume(node.key, state)
    if known == 0 {
      var record = DockerRecord(
        container: state.id, serial: node.startSerial, spec: DockerMark.spec(state.labels), config: DockerMark.config(state.labels))
      (record.startedAt, record.pid) = (state.startedAt, state.pid)
      try files.save(record, of: node.key)
    }
    return watch.take(node.key, state, serial: known == 0 ? node.startSerial : known)
  }

  /// The node's container, made where there is none or another spec's: one that has run keeps what it wrote.
  private func make(_ node: NodeStart, _ present: DockerContainers.Listed?) throws(LabError) -> String {
    if let present {
      // One that never ran may lack its files, unless they were noted.
      let isWhole = present.state == "exited" || present.state == "created" && files.record(node.key)?.container == present.id
      if isWhole, DockerMark.spec(present.labels) == node.specDigest { return present.id }
      try containers.remove(present.id)
      files.unlinkSandbox(present.id)
    }
    guard let container = node.container else { throw LabError(.invalidArgument, "container", "the node has none") }
    let id = try create(node, container)
    do throws(LabError) { try put(node.files, into: id) } catch {
      try? containers.remove(id)
      throw error
    }
    return id
  }

  private func create(_ node: NodeStart, _ container: NodeStart.Container) throws(LabError) -> String {
    let body = ContainerBody(start: node, container: container, labels: containers.mark.labels(node)).json
    let name = containers.mark.name(node.key)
    do throws(LabError) { return try containers.create(name, body) } catch {
      switch error.code {
      case .alreadyExists:
        throw LabError(
          .alreadyExists, "container \(name)", "is there and not Archetype's (rename or remove it: docker rm \(name))", cause: error.message
        )
      case .notFound: throw LabError(.notFound, "image \(container.image)", "isn't on this host (archetype image load FILE puts it there)")
      case .invalidArgument, .permissionDenied, .unauthenticated, .resourceExhausted, .failedPrecondition, .aborted, .outOfRange,
        .unimplemented,
        .internalError, .unavailable, .deadlineExceeded, .cancelled, .unknown:
        throw error
      }
    }
  }

  private func put(_ given: [NodeStart.File], into id: String) throws(LabError) {
    if given.isEmpty { return }
    var archive = TarArchive()
    for file in given { try archive.add(String(file.path.drop { $0 == "/" }), file.bytes, mode: file.mode) }
    try containers.put(archive.whole, into: id)
  }
}

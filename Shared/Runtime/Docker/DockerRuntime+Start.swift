import Engine
public import Model

extension DockerRuntime {
  public func start(_ nodes: [NodeStart]) -> [Result<RunningNode, LabError>] {
    let present: [NodeKey: Present]
    let refusal: LabError?
    do throws(LabError) {
      present = try all()
      refusal = try wrapper.refusal()
    } catch { return nodes.map { .failure(error.about($0.key)) } }
    return inLanes(nodes) { node in
      do throws(LabError) { return .success(try self.start(node, present[node.key] ?? Present(), refusal)) } catch {
        return .failure(error.about(node.key))
      }
    }
  }

  /// - Parameter refusal: why our runtime can't hand the sandbox over.
  private func start(_ node: NodeStart, _ present: Present, _ refusal: LabError?) throws(LabError) -> RunningNode {
    var present = present
    if let running = present.node, running.isRunning {
      // A list is late: in it a container still runs whose end the engine has told.
      let state = try containers.inspect(running.id)
      if state.isRunning { return try resume(node, state) }
      present.node?.state = state.status
    }
    guard case .path(let sandbox) = node.sandbox else { throw LabError(.invalidArgument, "sandbox", "a container's must be pinned") }
    var node = node
    if let flash = node.flash { node.binds.insert(try files.prepare(flash, of: node.key), at: 0) }
    let container = try make(node, present, in: sandbox, refusal)
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

  /// The node's container, made where there is none or another spec's: one that has run keeps what it wrote, and how it gets its sandbox.
  private func make(_ node: NodeStart, _ present: Present, in sandbox: String, _ refusal: LabError?) throws(LabError) -> String {
    guard let container = node.container else { throw LabError(.invalidArgument, "container", "the node has none") }
    var old = present.node
    if let listed = old {
      // One that never ran may lack its files, unless they were noted.
      let isWhole = listed.state == "exited" || listed.state == "created" && files.record(node.key)?.container == listed.id
      if !isWhole || DockerMark.spec(listed.labels) != node.specDigest { old = nil }
    }
    if let old, old.networkOf == nil {
      if let refusal { throw refusal }
      return old.id
    }
    var pause: String?
    if old?.networkOf != nil || refusal != nil {
      let id = try self.pause.ensure(node, container, in: sandbox, present.pause)
      if let old, old.networkOf == id { return old.id }
      pause = id
    }
    if let gone = present.node {
      try containers.remove(gone.id)
      files.unlinkSandbox(gone.id)
    }
    let id = try create(node, container, pause)
    do throws(LabError) { try put(node.files, into: id) } catch {
      try? containers.remove(id)
      throw error
    }
    return id
  }

  private func create(_ node: NodeStart, _ container: NodeStart.Container, _ pause: String?) throws(LabError) -> String {
    let body = ContainerBody(start: node, container: container, labels: containers.mark.labels(node), pause: pause).json
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

import CLinux
import Engine
import Glibc
import Locks
public import Model

/// Runs nodes as containers of a Docker engine. Each lives in its sandbox, a network namespace of ours, from its first process on: the engine is
/// given a runtime of ours (`archetype-runc`) that sees to it.
///
/// Whose a container is say its labels; what has not our deployment and host in them is never touched. Which start it runs for stands in `/run`.
public final class DockerRuntime: NodeRuntime {
  let containers: DockerContainers
  let files: DockerFiles
  let watch: DockerWatch
  let wrapper: DockerWrapper
  let pause: DockerPause
  public let images: DockerImages

  /// - Parameters:
  ///   - socket: of the engine, which needn't be there yet.
  ///   - programs: folder of `archetype-runc`, which is copied to where the engine finds it, and `archetype-init`.
  ///   - dataFolder: of the agent, on a disk that lasts and may hold programs.
  ///   - mayTellEngine: whether our runtime may be merged into the engine's settings; else pause containers hold all sandboxes.
  public init(
    deployment: Deployment, host: HostName, socket: String, programs: String, dataFolder: String, mayTellEngine: Bool = true
  ) throws(LabError) {
    let engine = try EngineClient(socket: socket)
    containers = DockerContainers(engine: engine, mark: DockerMark(deployment: deployment, host: host))
    files = DockerFiles(deployment: deployment, host: host, dataFolder: dataFolder)
    wrapper = DockerWrapper(
      engine: engine, program: "\(programs)/archetype-runc", folder: "\(dataFolder)/bin", mayTellEngine: mayTellEngine)
    pause = DockerPause(containers, program: "\(programs)/archetype-init")
    images = DockerImages(engine: engine)
    let watch = try DockerWatch(containers, files)
    self.watch = watch
    try OwnThread.start("docker watch") { watch.run() }
  }

  deinit { watch.end() }

  public static let name = "docker"
  public var name: String { Self.name }
  public var eventDescriptor: Int32 { watch.descriptor }

  public func list() throws(LabError) -> [RunningNode] {
    let running = try containers.list().filter(\.isRunning)
    let states = inLanes(running) { container -> Result<RunningNode?, LabError> in
      do throws(LabError) {
        let state = try self.containers.inspect(container.id)
        guard state.isRunning else { return .success(nil) }
        return .success(self.watch.take(container.key, state, serial: self.files.resume(container.key, state)))
      } catch { return error.code == .notFound ? .success(nil) : .failure(error) }
    }
    var nodes: [RunningNode] = []
    for state in states { if let node = try state.get() { nodes.append(node) } }
    let present = Set(nodes.map(\.key))
    for key in try NodeFolders.keys(in: files.folders.run) where !present.contains(key) {
      // What wasn't seen to run ended as part of its start, which was told.
      if let record = files.record(key), record.pid > 0 { nodes.append(try ended(key, record)) }
    }
    return nodes.sorted { $0.key < $1.key }
  }

  /// A node that ran and doesn't any more.
  private func ended(_ key: NodeKey, _ record: DockerRecord) throws(LabError) -> RunningNode {
    var end = RunningNode.State.exited(.unknown, reason: "", isTold: files.isTold(record, of: key))
    do throws(LabError) {
      let last = try containers.inspect(record.container)
      let reason = DockerWatch.reason(last.ranOutOfMemory, last.error)
      end = .exited(DockerWatch.exit(last.exitCode), reason: reason, isTold: files.isTold(record, of: key))
    } catch { if error.code != .notFound { throw error } }
    return RunningNode(
      key: key, pid: record.pid, startTime: 0, startSerial: record.serial, specDigest: record.spec, config: record.config,
      mark: files.mark(key), hasPassed: files.hasPassed(record, of: key), state: end)
  }

  /// What was started since the host's boot is noted before.
  public func suspects() throws(LabError) -> Set<NodeKey>? { try Set(NodeFolders.keys(in: files.folders.run)) }

  public func foldersOnDisk() throws(LabError) -> [NodeKey] {
    var keys = Set(try containers.listAll().map(\.key))
    for folder in [files.folders.run, files.folders.disk] { keys.formUnion(try NodeFolders.keys(in: folder)) }
    return keys.sorted()
  }

  public func sandbox(of key: NodeKey) throws(LabError) -> Int32? {
    guard let life = watch.life(of: key), !life.hasEnded else { return nil }
    let descriptor = open("/proc/\(life.pid)/ns/net", O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { return nil }
    // Alive afterwards: the number was the node's all the time.
    if !life.hasEnded { return descriptor }
    close(descriptor)
    return nil
  }

  public func drain() -> [NodeExit] { watch.drain() }

  public func takeFound() -> [RunningNode] { watch.takeFound() }

  public func knows(_ key: NodeKey) -> Bool { watch.life(of: key) != nil || access(files.folders.run(key), F_OK) == 0 }

  public func stop(_ keys: [NodeKey], grace: UInt64) -> [Result<Void, LabError>] {
    end(keys) { container throws(LabError) in try self.containers.stop(container, grace: min(grace, Limits.deadline)) }
  }

  public func kill(_ keys: [NodeKey]) -> [Result<Void, LabError>] {
    end(keys) { container throws(LabError) in try self.containers.kill(container) }
  }

  public func remove(_ keys: [NodeKey]) -> [Result<Void, LabError>] {
    let outcomes = end(keys, withPause: true) { container throws(LabError) in
      try self.containers.remove(container)
      self.files.unlinkSandbox(container)
    }
    return zip(keys, outcomes).map { key, outcome in
      do throws(LabError) {
        try outcome.get()
        // Of a container that others have removed too.
        if let record = files.record(key) { files.unlinkSandbox(record.container) }
        return .success(try files.remove(key))
      } catch { return .failure(error) }
    }
  }

  /// Does it to the container of each node, where there is one, and to the one that holds its sandbox after it.
  private func end(
    _ keys: [NodeKey], withPause: Bool = false, _ body: @escaping @Sendable (String) throws(LabError) -> Void
  ) -> [Result<Void, LabError>] {
    let present: [NodeKey: Present]
    do throws(LabError) {
      present = try all()
      if keys.contains(where: { present[$0]?.isOfRuntime == true }) { try wrapper.keepProgram() }
    } catch { return keys.map { .failure(error.about($0)) } }
    return inLanes(keys) { key in
      do throws(LabError) {
        if let container = present[key]?.node { try body(container.id) }
        if withPause, let container = present[key]?.pause { try body(container.id) }
        return .success(())
      } catch { return .failure(error.about(key)) }
    }
  }

  /// What the engine has of a node.
  struct Present: Sendable {
    var node: DockerContainers.Listed?
    /// What holds its sandbox where our runtime doesn't hand it over.
    var pause: DockerContainers.Listed?

    var isOfRuntime: Bool { node.map { $0.networkOf == nil } ?? false }
  }

  func all() throws(LabError) -> [NodeKey: Present] {
    var all: [NodeKey: Present] = [:]
    for container in try containers.listAll() {
      var present = all[container.key] ?? Present()
      if container.isPause {
        present.pause = container
      } else if present.node?.isRunning != true {
        present.node = container
      }
      all[container.key] = present
    }
    return all
  }

  public func markEndTold(_ key: NodeKey, pid: Int32) {
    guard let record = files.record(key), record.pid == pid else { return }
    // Where it can't be written it may be told twice.
    try? files.saveTold(record, of: key)
  }

  public func markPassed(_ key: NodeKey, pid: Int32) throws(LabError) {
    guard let record = files.record(key), record.pid == pid else { return }
    try files.savePassed(record, of: key)
  }

  public func usage(_ key: NodeKey, pid: Int32) -> ResourceUsage {
    var groups = ControlGroups(of: pid, marked: files.record(key)?.container)
    return groups.usage()
  }

  public func mark(_ key: NodeKey, ended: Stage?, warning: String) throws(LabError) {
    try files.save(StageMark(ended: ended, warning: warning), of: key)
  }
  public func saveBackoff(_ key: NodeKey, _ bytes: [UInt8]) throws(LabError) { try files.save(backoff: bytes, of: key) }
  public func loadBackoff(_ key: NodeKey) -> [UInt8]? { files.backoff(key) }
}

extension LabError {
  /// The engine's error as the node's it happened to.
  func about(_ key: NodeKey) -> LabError { LabError(code, key.id, "\(subject): \(message)", cause: cause) }
}

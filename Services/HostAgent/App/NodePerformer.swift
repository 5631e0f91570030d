import AgentCore
import Glibc
import Kernel
import Kinds
import Logging
import Model
import Runtime

/// Performs the lanes of nodes: turns an assignment's node into what the runtime starts, and its exits into observations.
struct NodePerformer: Sendable {
  let runtime: NodeRuntimes
  let disk: AgentDisk
  let deployment: Deployment
  let pins: NamespacePins

  func perform(_ batch: Batch) -> [AgentCore.Event] {
    var lost: Set<BlobDigest> = []
    var failures: [Failure] = []
    var observations: [Observation] = []
    switch batch.lane {
    case .starts: start(batch.actions, &failures, &observations, &lost)
    case .stops:
      for case (.stop(let key, _), let outcome) in zip(batch.actions, stop(batch.actions)) {
        switch outcome {
        case .success: observations.append(.exited(key, ProcessEnd(pid: nil, exit: .signal(SIGTERM))))
        case .failure(let error): failures.append(Failure(target: .node(key), error: error))
        }
      }
    case .removals:
      let keys = batch.actions.compactMap { if case .remove(let key) = $0 { key } else { nil } }
      for (key, outcome) in zip(keys, runtime.remove(keys)) {
        switch outcome {
        case .success: observations.append(.folder(key, exists: false))
        case .failure(let error): failures.append(Failure(target: .node(key), error: error))
        }
      }
    case .kernel: break
    }
    return lost.sorted().map { .blobLost($0) } + [.performed(batch.id, failures: failures, observations: observations)]
  }

  /// Nodes with one grace are stopped together.
  private func stop(_ actions: [Action]) -> [Result<Void, LabError>] {
    let wishes = actions.compactMap { action -> (NodeKey, UInt64)? in
      if case .stop(let key, let grace) = action { (key, grace) } else { nil }
    }
    var outcomes: [NodeKey: Result<Void, LabError>] = [:]
    for grace in Set(wishes.map(\.1)) {
      let keys = wishes.filter { $0.1 == grace }.map(\.0)
      let ended = grace == 0 ? runtime.kill(keys) : runtime.stop(keys, grace: grace)
      for (key, outcome) in zip(keys, ended) { outcomes[key] = outcome }
    }
    return wishes.map { outcomes[$0.0] ?? .success(()) }
  }

  private func start(
    _ actions: [Action], _ failures: inout [Failure], _ observations: inout [Observation], _ lost: inout Set<BlobDigest>
  ) {
    var keys: [NodeKey] = []
    var starts: [NodeStart] = []
    for case .start(let node, let record) in actions {
      do throws(LabError) {
        let start = try make(node, &lost)
        try runtime.saveBackoff(node.key, record.bytes, in: start.runtime)
        keys.append(node.key)
        starts.append(start)
      } catch { failures.append(Failure(target: .node(node.key), error: error)) }
    }
    let outcomes = runtime.start(starts)
    if let notice = runtime.takeNotice() {
      Log.warning("engine", ["error": notice, "instead": "pause containers hold the sandboxes of new nodes"])
    }
    for (key, outcome) in zip(keys, outcomes) {
      switch outcome {
      case .success(let node): observations.append(.process(key, node.process))
      case .failure(let error):
        failures.append(Failure(target: .node(key), error: error))
        // Whatever of it was made is removed with the node.
        observations.append(.folder(key, exists: true))
      }
    }
  }

  private func make(_ node: AssignedNode, _ lost: inout Set<BlobDigest>) throws(LabError) -> NodeStart {
    let spec = node.spec
    guard let name = runtime.choose(spec.runtimes) else {
      let names = spec.runtimes.joined(separator: " or ")
      throw LabError(
        .failedPrecondition, node.key.id, "needs the runtime \(names), which this host doesn't offer (see the agent's --runtime)")
    }
    let isContainer = name == Kind.dockerRuntime
    let kind = Catalogue.find(spec.kind)
    // A container's own program is its image's; what stands for it on a host only says where its configuration lies.
    let program = isContainer ? try? HostCommand.of(image: spec.image) : try HostCommand.of(image: spec.image, command: spec.command)
    var start = NodeStart(
      key: node.key, startSerial: node.startSerial, specDigest: spec.processDigest, config: spec.startupConfig,
      hostName: spec.container.hostName.isEmpty ? node.key.name.text : spec.container.hostName,
      arguments: isContainer ? (kind?.boot ?? .image).command(spec.command, in: spec.environment) : program?.arguments ?? [],
      sandbox: .path(pins.path(SandboxName.of(node.key, in: deployment))))
    start.runtime = name
    if isContainer { start.container = NodeStart.Container(image: spec.image, options: spec.container) }
    start.user = spec.container.user
    start.settings = spec.container.settings
    if spec.container.memory > 0 { start.memory = spec.container.memory }
    let defaults = isContainer ? [] : program?.environment ?? []
    start.environment = defaults.filter { theirs in !spec.environment.contains { $0.name == theirs.name } } + spec.environment
    if isContainer, let kind, let flash = kind.boot.flash {
      start.flash = try make(flash, node, kind, &lost)
    }
    let configPath = start.flash == nil ? program?.configPath ?? HostCommand.idle.configPath : nil
    start.files = try files(spec, isContainer ? [] : program?.files ?? [], configPath, &lost)
    for bind in spec.binds { start.binds.append(try NodeStart.Bind(bind)) }
    start.interfaces = node.interfaces.map { InterfaceNaming.name(of: $0.ordinal, kind: spec.kind) }
    return start
  }

  private func make(
    _ flash: KindBoot.Flash, _ node: AssignedNode, _ kind: Kind, _ lost: inout Set<BlobDigest>
  ) throws(LabError) -> NodeStart.Flash {
    var config = Array(flash.standardConfig(of: node.key.name).utf8)
    if let digest = node.spec.startupConfig { config = try content(digest, &lost) }
    var files = flash.files.sorted { $0.key < $1.key }.map { NodeStart.File(path: $0.key, bytes: Array($0.value.utf8)) }
    if let map = InterfaceNaming.map(of: node.interfaces.map(\.ordinal), kind: kind) {
      files.append(NodeStart.File(path: flash.interfaceMap, bytes: Array(map.utf8)))
    }
    return NodeStart.Flash(path: flash.path, config: NodeStart.File(path: flash.config, bytes: config), files: files)
  }

  /// Each path once, the last word of it standing.
  ///
  /// - Parameter configPath: nil: the startup configuration goes elsewhere.
  private func files(
    _ spec: NodeSpec, _ defaults: [HostCommand.DefaultFile], _ configPath: String?, _ lost: inout Set<BlobDigest>
  ) throws(LabError) -> [NodeStart.File] {
    var files: [String: NodeStart.File] = [:]
    var order: [String] = []
    func add(_ path: String, _ bytes: [UInt8], _ mode: UInt32) {
      if files.updateValue(NodeStart.File(path: path, bytes: bytes, mode: mode), forKey: path) == nil { order.append(path) }
    }
    for file in defaults { add(file.path, Array(file.content.utf8), file.mode) }
    if let config = spec.startupConfig, let configPath { add(configPath, try content(config, &lost), 0o640) }
    for file in spec.files { add(file.path, try content(file.content, &lost), file.mode) }
    return order.compactMap { files[$0] }
  }

  private func content(_ digest: BlobDigest, _ lost: inout Set<BlobDigest>) throws(LabError) -> [UInt8] {
    do throws(LabError) { return try disk.blob(digest) } catch {
      lost.insert(digest)
      throw error
    }
  }
}

extension CrashRecord {
  /// `SERIAL EARLY RESTARTS CAUSE`, in `/run`.
  var bytes: [UInt8] { Array("\(startSerial) \(early) \(restarts) \(cause)".utf8) }

  init?(bytes: [UInt8]) {
    let words = String(decoding: bytes, as: UTF8.self).split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
    guard words.count == 4, let serial = UInt64(words[0]), let early = Int(words[1]), let restarts = Int(words[2]) else { return nil }
    self.init(startSerial: serial, early: early, restarts: restarts, cause: String(words[3]))
  }
}

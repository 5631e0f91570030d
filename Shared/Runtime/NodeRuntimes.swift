public import Model

/// The runtimes that a host offers, as one: each node is in one of them.
public final class NodeRuntimes: Sendable {
  private let all: [any NodeRuntime]

  /// - Parameter all: at least one; what may run in several runs in the first.
  public init(_ all: [any NodeRuntime]) { self.all = all }

  /// Each is readable when `drain` or `takeFound` has something.
  public var eventDescriptors: [Int32] { all.map(\.eventDescriptor) }

  /// The first runtime that is offered and among those that can run a node; nil: none is.
  ///
  /// - Parameter names: as `NodeSpec.runtimes`; empty: any.
  public func choose(_ names: [String]) -> String? { all.map(\.name).first { names.isEmpty || names.contains($0) } }

  /// What takes images.
  /// - Throws: `FAILED_PRECONDITION` where the host has no engine.
  public func images() throws(LabError) -> DockerImages {
    for case let runtime as DockerRuntime in all { return runtime.images }
    throw LabError(.failedPrecondition, "engine", "this host has none (see the agent's --docker)")
  }

  /// What a host's owner should know of its engine and wasn't told yet.
  public func takeNotice() -> LabError? {
    for case let runtime as DockerRuntime in all { return runtime.wrapper.takeNotice() }
    return nil
  }

  public var names: [String] { all.map(\.name) }

  /// Nodes that may run in runtimes whose list may be long in coming, by the runtime's name.
  public func suspects() throws(LabError) -> [String: Set<NodeKey>] {
    var suspects: [String: Set<NodeKey>] = [:]
    for runtime in all { suspects[runtime.name] = try runtime.suspects() }
    return suspects
  }

  /// What one runtime has, and of what it has folders.
  public func list(_ name: String) throws(LabError) -> (nodes: [RunningNode], folders: [NodeKey]) {
    for runtime in all where runtime.name == name { return (try runtime.list(), try runtime.foldersOnDisk()) }
    throw LabError(.failedPrecondition, name, "this host has no such runtime")
  }

  public func start(_ nodes: [NodeStart]) -> [Result<RunningNode, LabError>] {
    var outcomes: [NodeKey: Result<RunningNode, LabError>] = [:]
    for runtime in all {
      let own = nodes.filter { $0.runtime == runtime.name }
      if own.isEmpty { continue }
      for (node, outcome) in zip(own, runtime.start(own)) { outcomes[node.key] = outcome }
    }
    return nodes.map { node in
      outcomes[node.key] ?? .failure(LabError(.failedPrecondition, node.key.id, "this host has no runtime \(node.runtime)"))
    }
  }

  public func drain() -> [NodeExit] { all.flatMap { $0.drain() } }
  public func takeFound() -> [RunningNode] { all.flatMap { $0.takeFound() } }

  public func stop(_ keys: [NodeKey], grace: UInt64) -> [Result<Void, LabError>] { each(keys) { $0.stop($1, grace: grace) } }
  public func kill(_ keys: [NodeKey]) -> [Result<Void, LabError>] { each(keys) { $0.kill($1) } }
  public func remove(_ keys: [NodeKey]) -> [Result<Void, LabError>] { each(keys) { $0.remove($1) } }

  /// Asks of each node the runtimes that have it, and where none knows it, all: what one doesn't know it has ended and removed.
  private func each(
    _ keys: [NodeKey], _ body: (any NodeRuntime, [NodeKey]) -> [Result<Void, LabError>]
  ) -> [Result<Void, LabError>] {
    let owners = keys.map(owners)
    var outcomes = [Result<Void, LabError>](repeating: .success(()), count: keys.count)
    for (index, runtime) in all.enumerated() {
      let places = keys.indices.filter { owners[$0].contains(index) }
      if places.isEmpty { continue }
      for (place, outcome) in zip(places, body(runtime, places.map { keys[$0] })) {
        if case .failure = outcome { outcomes[place] = outcome }
      }
    }
    return outcomes
  }

  private func owners(of key: NodeKey) -> [Int] {
    let own = all.indices.filter { all[$0].knows(key) }
    return own.isEmpty ? Array(all.indices) : own
  }

  /// The one that has it, else the first.
  private func owner(of key: NodeKey) -> any NodeRuntime { all[owners(of: key)[0]] }

  public func exec(_ key: NodeKey, _ command: ExecCommand) throws(LabError) -> ExecProcess { try owner(of: key).exec(key, command) }

  public func logs(_ key: NodeKey, offset: UInt64, limit: Int) throws(LabError) -> LogPart {
    try owner(of: key).logs(key, offset: offset, limit: limit)
  }

  public func output(_ key: NodeKey, limit: Int) throws(LabError) -> [UInt8] { try owner(of: key).output(key, limit: limit) }

  public func usage(_ key: NodeKey, pid: Int32) -> ResourceUsage { owner(of: key).usage(key, pid: pid) }

  public func sandbox(of key: NodeKey) throws(LabError) -> Int32? { try owner(of: key).sandbox(of: key) }

  public func mark(_ key: NodeKey, ended: Stage?, warning: String) throws(LabError) {
    try owner(of: key).mark(key, ended: ended, warning: warning)
  }

  public func markPassed(_ key: NodeKey, pid: Int32) throws(LabError) { try owner(of: key).markPassed(key, pid: pid) }

  public func markEndTold(_ key: NodeKey, pid: Int32) { for runtime in all { runtime.markEndTold(key, pid: pid) } }

  /// - Parameter name: of the runtime in which it is about to start.
  public func saveBackoff(_ key: NodeKey, _ bytes: [UInt8], in name: String) throws(LabError) {
    for runtime in all where runtime.name == name { try runtime.saveBackoff(key, bytes) }
  }

  public func loadBackoff(_ key: NodeKey) -> [UInt8]? { all.lazy.compactMap { $0.loadBackoff(key) }.first }
}

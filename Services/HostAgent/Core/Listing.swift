import Machine
public import Model

/// What one runtime has of the deployment on this host, read whole.
public struct RuntimeList: Sendable, Hashable {
  public var processes: [NodeKey: NodeProcess]
  /// Nodes of which something is left there, running or not.
  public var folders: Set<NodeKey>
  /// Nodes' processes that had ended before.
  public var ended: [FoundEnd]
  public init(processes: [NodeKey: NodeProcess] = [:], folders: Set<NodeKey> = [], ended: [FoundEnd] = []) {
    self.processes = processes
    self.folders = folders
    self.ended = ended
  }
}

/// Runtimes whose own list isn't there yet: what they run nobody knows, so it is neither started nor taken away.
struct Unlisted: Sendable {
  struct Runtime: Sendable {
    /// Nodes that may run in it.
    var suspects: Set<NodeKey>
    /// Since when the try under way is; nil: none is.
    var asked: Instant?
    /// Of the next try.
    var due: Instant
    /// Why the last one failed, or that this one takes long; empty: there is no need to worry yet.
    var fault = ""
  }

  private(set) var runtimes: [String: Runtime] = [:]
  /// Processes that were told of before the list.
  var found: [NodeKey: NodeProcess] = [:]

  /// How long a list may take before anybody hears of it, and the pause after one that failed, in milliseconds.
  private static let patience: UInt64 = 1_000

  init() {}

  init(_ suspects: [String: Set<NodeKey>], at now: Instant) {
    runtimes = suspects.mapValues { Runtime(suspects: $0, due: now) }
  }

  subscript(runtime: String) -> Runtime? { runtimes[runtime] }
  func mayRun(_ key: NodeKey) -> Bool { runtimes.values.contains { $0.suspects.contains(key) } }
  /// A list is under way that may come any moment.
  var isComing: Bool { runtimes.values.contains { $0.fault.isEmpty } }

  var wakeAt: Instant? {
    var first: Instant?
    for runtime in runtimes.values {
      if let asked = runtime.asked {
        if runtime.fault.isEmpty { first = .earliest(first, asked + Self.patience) }
      } else {
        first = .earliest(first, runtime.due)
      }
    }
    return first
  }

  mutating func suspect(_ key: NodeKey, in runtime: String) { runtimes[runtime]?.suspects.insert(key) }

  /// Those that are to be listed now, sorted.
  mutating func takeDue(at now: Instant) -> [String] {
    let due = runtimes.filter { $0.value.asked == nil && $0.value.due <= now }.keys.sorted()
    for name in due { runtimes[name]?.asked = now }
    return due
  }

  /// Those that have kept everybody waiting since a while, sorted.
  mutating func takeSilent(at now: Instant) -> [String] {
    let silent = runtimes.filter { _, runtime in
      runtime.fault.isEmpty && runtime.asked.map { $0 + Self.patience <= now } == true
    }.keys.sorted()
    for name in silent { runtimes[name]?.fault = "its engine doesn't answer" }
    return silent
  }

  /// Whether that is another reason than before.
  mutating func fail(_ name: String, _ fault: String, at now: Instant) -> Bool {
    guard var runtime = runtimes[name] else { return false }
    let isNews = runtime.fault != fault
    (runtime.asked, runtime.due, runtime.fault) = (nil, now + Self.patience, fault)
    runtimes[name] = runtime
    return isNews
  }

  mutating func end(_ name: String) { runtimes[name] = nil }
}

extension AgentCore {
  /// The one that is to run a node: the first of the host's that can. nil: it has none.
  func runtime(for node: NodeSpec) -> String? { spec.runtimes.first { node.runtimes.isEmpty || node.runtimes.contains($0) } }

  /// Why it isn't known yet whether a node runs; nil: it is known.
  func blindness(about key: NodeKey) -> String? {
    guard !unlisted.runtimes.isEmpty, inventory?.processes[key] == nil else { return nil }
    let own = wanted.nodes[key].flatMap { runtime(for: $0.spec) }
    guard
      let (name, runtime) = unlisted.runtimes.filter({ $0.key == own || $0.value.suspects.contains(key) }).min(by: { $0.key < $1.key })
    else { return nil }
    return "what runs in \(name) isn't known yet\(runtime.fault.isEmpty ? "" : ": \(runtime.fault)")"
  }

  /// Asks for the lists that lack, and tells of those that take long.
  mutating func listRuntimes(at now: Now) -> [Effect] {
    if unlisted.runtimes.isEmpty { return [] }
    for name in unlisted.takeSilent(at: now.boot) { markUnlisted(name) }
    return unlisted.takeDue(at: now.boot).map { .list($0) }
  }

  mutating func listed(_ name: String, _ result: Result<RuntimeList, LabError>, at now: Now) -> [Effect] {
    guard let runtime = unlisted[name] else { return [] }
    markUnlisted(name)
    switch result {
    case .failure(let error): return unlisted.fail(name, error.description, at: now.boot) ? [.log(error)] : []
    case .success(let list):
      let own = wanted.nodes.filter { self.runtime(for: $0.value.spec) == name }.keys
      let asked = runtime.suspects.union(own)
      unlisted.end(name)
      inventory?.folders.formUnion(list.folders)
      work.markNodes(list.folders)
      if name == Self.imageRuntime {
        for key in list.folders { containers[key] = list.processes[key]?.specDigest ?? 0 }
      }
      // What ended since it was listed was told, and what began.
      observe(list.processes.sorted { $0.key < $1.key }.map { .process($0.key, $0.value) }, at: now)
      let found = unlisted.found.filter { blindness(about: $0.key) == nil && inventory?.processes[$0.key] == nil }
      for key in unlisted.found.keys where blindness(about: key) == nil { unlisted.found[key] = nil }
      observe(found.sorted { $0.key < $1.key }.map { .process($0.key, $0.value) }, at: now)
      take(list.ended, of: { asked.contains($0) || list.folders.contains($0) }, at: now)
      return []
    }
  }

  /// Everything that waits for a list, and what is told of it.
  private mutating func markUnlisted(_ name: String) {
    let own = wanted.nodes.filter { runtime(for: $0.value.spec) == name }.keys
    let keys = (unlisted[name]?.suspects ?? []).union(own)
    work.markNodes(keys)
    for key in keys { work.markTaps(wanted.tapsOf[key] ?? []) }
    work.markTaps(inventory?.taps.keys.filter { keys.contains($0.node) } ?? [])
  }

  /// What another assignment takes from a runtime that isn't listed is still there for all that is known.
  mutating func suspect(_ labs: [AssignedLab]) {
    if unlisted.runtimes.isEmpty { return }
    for node in labs.flatMap(\.nodes) {
      guard let name = runtime(for: node.spec), wanted.nodes[node.key].flatMap({ runtime(for: $0.spec) }) != name else { continue }
      unlisted.suspect(node.key, in: name)
    }
  }
}

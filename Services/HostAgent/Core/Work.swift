import Machine
import Model

/// What is to be looked at, what is under way, and what has failed and waits.
struct Work: Sendable {
  private struct Retry: Sendable {
    var error: LabError
    var backoff: Backoff
    /// When it is tried again; nil: it is being tried.
    var at: Instant?
  }

  private(set) var dirtyNodes: Set<NodeKey> = []
  /// Nodes whose report may have changed.
  private(set) var touchedNodes: Set<NodeKey> = []
  private(set) var dirtyTaps: Set<TapKey> = []
  private(set) var dirtyTunnels: Set<TunnelKey> = []
  private(set) var dirtySegments: Set<LabKey> = []
  private(set) var isProbeDirty = false
  /// Links whose report may have changed.
  var dirtyEnds: Set<TunnelKey> = []
  private var batches: [UInt64: Batch] = [:]
  /// By what kind of work.
  private var busy: [Target: Lane] = [:]
  private var retries: [Target: Retry] = [:]
  private var jitter = Jitter(seed: 0)
  private var lastID: UInt64 = 0
  /// Actions handed to the app since the agent started.
  private(set) var performed: UInt64 = 0

  var isKernelBusy: Bool { batches.values.contains { $0.lane == .kernel } }
  var isIdle: Bool {
    batches.isEmpty && dirtyNodes.isEmpty && dirtyTaps.isEmpty && dirtyTunnels.isEmpty && dirtySegments.isEmpty && !isProbeDirty
  }
  var nextRetry: Instant? {
    var first: Instant?
    for retry in retries.values { first = .earliest(first, retry.at) }
    return first
  }

  /// Nodes whose start is under way.
  private(set) var starting: Set<NodeKey> = []

  func isBusy(_ target: Target) -> Bool { busy[target] != nil }
  /// It is being stopped or removed: its end is asked for.
  func isEnding(_ key: NodeKey) -> Bool {
    switch busy[.node(key)] {
    case .stops, .removals: true
    case .starts, .kernel, nil: false
    }
  }
  /// Why the last try failed; nil: it didn't, or hasn't been tried.
  func failure(of target: Target) -> LabError? { retries[target]?.error }
  /// Under way, or waiting after a failure.
  func isBlocked(_ target: Target) -> Bool { isBusy(target) || retries[target]?.at != nil }

  mutating func markNodes(_ keys: some Collection<NodeKey>) {
    dirtyNodes.formUnion(keys)
    touchedNodes.formUnion(keys)
  }
  /// All of which something may have changed, sorted.
  var markedNodes: [NodeKey] { dirtyNodes.union(touchedNodes).sorted() }
  mutating func markTaps(_ keys: some Sequence<TapKey>) { dirtyTaps.formUnion(keys) }
  mutating func markTunnels(_ keys: some Sequence<TunnelKey>) { dirtyTunnels.formUnion(keys) }
  mutating func markSegments(_ labs: some Sequence<LabKey>) { dirtySegments.formUnion(labs) }
  mutating func markProbe() { isProbeDirty = true }
  mutating func mark(_ device: DeviceKey) {
    switch device {
    case .tap(let key): dirtyTaps.insert(key)
    case .tunnel(let key): dirtyTunnels.insert(key)
    case .segment(let lab): dirtySegments.insert(lab)
    }
  }

  mutating func takeNodes() -> [NodeKey] { Self.take(&dirtyNodes) }
  mutating func takeTouchedNodes() -> [NodeKey] { Self.take(&touchedNodes) }
  mutating func takeTaps() -> [TapKey] { Self.take(&dirtyTaps) }
  mutating func takeTunnels() -> [TunnelKey] { Self.take(&dirtyTunnels) }
  mutating func takeSegments() -> [LabKey] { Self.take(&dirtySegments) }
  mutating func takeDirtyEnds() -> [TunnelKey] { Self.take(&dirtyEnds) }

  private static func take<Key: Comparable>(_ keys: inout Set<Key>) -> [Key] {
    if keys.isEmpty { return [] }
    defer { keys = [] }
    return keys.sorted()
  }

  mutating func takeProbe() -> Bool {
    defer { isProbeDirty = false }
    return isProbeDirty
  }

  /// Nothing has to be done to it any more: its last try came through though it was called a failure, or another way was found.
  mutating func forgive(_ target: Target) {
    guard !isBusy(target), retries[target]?.at == nil, retries.removeValue(forKey: target) != nil else { return }
    switch target {
    case .sandbox(let key), .node(let key): touchedNodes.insert(key)
    case .device(.tap(let key)): touchedNodes.insert(key.node)
    case .device(.tunnel), .device(.segment), .probe: break
    }
  }

  /// All that failed is tried again at once; it is returned.
  mutating func forgetFailures() -> [Target] {
    let failed = Array(retries.keys)
    retries = [:]
    for target in failed { markAround(target) }
    return failed
  }

  mutating func begin(_ actions: [Action], _ lane: Lane) -> Batch {
    lastID += 1
    let batch = Batch(id: lastID, lane: lane, actions: actions)
    batches[lastID] = batch
    for action in actions { busy[action.target] = lane }
    for case .node(let key) in actions.map(\.target) {
      touchedNodes.insert(key)
      if lane == .starts { starting.insert(key) }
    }
    performed += UInt64(actions.count)
    return batch
  }

  /// Ends a batch: what it was done to is looked at again, what failed waits. First failures are returned, to be logged.
  mutating func end(_ id: UInt64, _ failures: [Failure], at now: Now) -> [Failure] {
    guard let batch = batches.removeValue(forKey: id) else { return [] }
    if batch.lane == .starts { for case .node(let key) in batch.actions.map(\.target) { starting.remove(key) } }
    let failed = Dictionary(failures.map { ($0.target, $0) }, uniquingKeysWith: { first, _ in first })
    var new: [Failure] = []
    for action in batch.actions {
      let target = action.target
      busy[target] = nil
      markAround(target)
      guard let failure = failed[target] else {
        retries[target] = nil
        if case .device(.tunnel(let key)) = target { dirtyEnds.insert(key) }
        continue
      }
      var retry = retries[target] ?? Retry(error: failure.error, backoff: Backoff(first: 250, most: 5_000), at: now.boot)
      if retries[target]?.error != failure.error { new.append(failure) }
      retry.error = failure.error
      retry.at = now.boot + retry.backoff.next(&jitter)
      retries[target] = retry
    }
    return new
  }

  /// What waited long enough is tried again; its pause grows if it fails again. Sandboxes among it are returned: their taps waited too.
  mutating func retry(at now: Now) -> [NodeKey] {
    var sandboxes: [NodeKey] = []
    for (target, retry) in retries {
      guard let due = retry.at, due <= now.boot else { continue }
      retries[target]?.at = nil
      markAround(target)
      if case .sandbox(let key) = target { sandboxes.append(key) }
    }
    return sandboxes
  }

  private mutating func markAround(_ target: Target) {
    switch target {
    case .sandbox(let key), .node(let key): markNodes([key])
    case .device(.tap(let key)):
      dirtyTaps.insert(key)
      markNodes([key.node])
    case .device(.tunnel(let key)): dirtyTunnels.insert(key)
    case .device(.segment(let lab)): dirtySegments.insert(lab)
    case .probe: isProbeDirty = true
    }
  }
}

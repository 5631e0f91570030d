import Machine
public import Model

/// A node's process that was found ended when the host was read.
public struct FoundEnd: Sendable, Hashable {
  public var key: NodeKey
  public var process: NodeProcess
  public var end: ProcessEnd
  /// An agent has noted it already.
  public var isTold: Bool
  public init(key: NodeKey, process: NodeProcess, end: ProcessEnd, isTold: Bool) {
    self.key = key
    self.process = process
    self.end = end
    self.isTold = isTold
  }
}

/// The ends that no reconciler has acknowledged: they outlive the agent, and each is told once.
struct UntoldEnds: Sendable {
  private(set) var series: EndSeries
  private(set) var pending: [NodeEnd] = []
  private(set) var last: UInt64 = 0
  /// What isn't kept yet.
  private var writes: [EndWrite] = []

  /// - Parameter origin: the agent's life.
  init(origin: Instance) { series = EndSeries(origin: origin) }

  /// Goes on with what an earlier life has kept of the same deployment, or begins anew.
  mutating func begin(_ deployment: Deployment, after kept: KeptEnds?) {
    if let kept, kept.deployment == deployment {
      series = kept.series
      pending = kept.pending
      last = max(kept.series.acknowledged, kept.pending.last?.number ?? 0)
      bound()
    } else {
      writes.append(.begin(deployment, series))
    }
  }

  mutating func add(_ node: NodeKey, pid: Int32, _ end: ProcessEnd) -> NodeEnd {
    last += 1
    let end = NodeEnd(number: last, node: node, pid: pid, exit: end.exit, reason: end.reason)
    pending.append(end)
    writes.append(.add(end))
    bound()
    return end
  }

  func contains(_ node: NodeKey, pid: Int32) -> Bool { pending.contains { $0.node == node && $0.pid == pid } }

  mutating func acknowledge(upTo number: UInt64) {
    guard number > series.acknowledged else { return }
    series.acknowledged = number
    pending.removeAll { $0.number <= number }
    writes.append(.acknowledged(number))
  }

  mutating func takeWrites() -> [EndWrite] {
    defer { writes = [] }
    return writes
  }

  /// The oldest go; the numbers that are missing say so to whoever reads them.
  private mutating func bound() {
    if pending.count > Limits.unacknowledgedChanges { pending.removeFirst(pending.count - Limits.unacknowledgedChanges / 2) }
  }
}

extension AgentCore {
  /// Whose nodes are here is known now.
  mutating func beginEnds(of deployment: Deployment) {
    report.begin(deployment, after: keptEnds)
    keptEnds = nil
  }

  /// Tells what ended while no agent lived, and has each count: its pause begins anew, whoever counted it before.
  ///
  /// - Parameter isRead: whether a node is among those that were read just now.
  mutating func take(_ found: [FoundEnd], of isRead: (NodeKey) -> Bool, at now: Now) {
    let ends = Dictionary(found.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    for key in Set(ends.keys).union(crashes.keys).sorted() where inventory?.processes[key] == nil && starts[key] == nil {
      guard let node = wanted.nodes[key], node.desired == .running, isRead(key), blindness(about: key) == nil else { continue }
      guard let found = ends[key] else {
        // Started for its present serial, and nothing is left that says how it went.
        if crashes[key]?.startSerial == node.startSerial { count(Exit.unknown.description, of: node, at: now) }
        continue
      }
      // What was to be another process by now was ended for that.
      guard found.process.startSerial == node.startSerial, found.process.specDigest == node.spec.processDigest else { continue }
      if !found.isTold, !report.ends.contains(key, pid: found.process.pid) { report.add(key, pid: found.process.pid, found.end) }
      count(found.end.cause, of: node, at: now)
    }
  }
}

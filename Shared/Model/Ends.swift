/// The end of a node's first process: a fact that no later state shows, so it is numbered, kept and told once.
public struct NodeEnd: Sendable, Hashable {
  /// Its place among all ends of its host's series: 1, 2, 3…
  public var number: UInt64
  public var node: NodeKey
  public var pid: Int32
  public var exit: Exit
  /// What the exit doesn't say; empty: nothing.
  public var reason: String
  public init(number: UInt64, node: NodeKey, pid: Int32, exit: Exit, reason: String = "") {
    self.number = number
    self.node = node
    self.pid = pid
    self.exit = exit
    self.reason = reason
  }
}

/// One count of a host's ends. It outlives its agent and ends with the host's boot.
public struct EndSeries: Sendable, Hashable {
  /// The agent's life that began it.
  public var origin: Instance
  /// Ends up to this number were acknowledged.
  public var acknowledged: UInt64
  public init(origin: Instance, acknowledged: UInt64 = 0) {
    self.origin = origin
    self.acknowledged = acknowledged
  }
}

/// Ends of nodes as /run keeps them beyond the agent's life.
public struct KeptEnds: Sendable, Hashable {
  /// Whose nodes they are.
  public var deployment: Deployment
  public var series: EndSeries
  /// Not acknowledged, oldest first.
  public var pending: [NodeEnd]
  public init(deployment: Deployment, series: EndSeries, pending: [NodeEnd] = []) {
    self.deployment = deployment
    self.series = series
    self.pending = pending
  }
}

extension Optional where Wrapped == KeptEnds {
  /// Takes what has been written; false where it doesn't follow from what there is. Of too many the oldest go.
  public mutating func take(_ write: EndWrite) -> Bool {
    switch write {
    case .begin(let deployment, let series): self = KeptEnds(deployment: deployment, series: series)
    case .add(let end):
      guard let kept = self, end.number > max(kept.series.acknowledged, kept.pending.last?.number ?? 0) else { return false }
      self?.pending.append(end)
      if kept.pending.count >= Limits.unacknowledgedChanges { self?.pending.removeFirst() }
    case .acknowledged(let number):
      guard self != nil else { return false }
      self?.series.acknowledged = number
      self?.pending.removeAll { $0.number <= number }
    }
    return true
  }
}

/// What changes of them; written before what comes of the end is done.
public enum EndWrite: Sendable, Hashable {
  /// Forgets all and begins a series.
  case begin(Deployment, EndSeries)
  case add(NodeEnd)
  /// All up to this number are acknowledged.
  case acknowledged(UInt64)
}

/// A past fact of the reconciler's numbered log.
public struct LabEvent: Sendable, Hashable {
  /// Its number: 1, 2, 3… without holes, except after a `log.gap`.
  public var index: UInt64
  /// Milliseconds since 1970, only printed.
  public var at: Int64
  /// The lab; empty for events of hosts and of the log.
  public var lab: String
  /// A node, a link id, a host or a job.
  public var subject: String
  public var kind: EventKind
  /// Further facts, sorted by name.
  public var detail: [EventDetail]

  public init(index: UInt64, at: Int64, lab: String, subject: String, kind: EventKind, detail: [EventDetail]) {
    self.index = index
    self.at = at
    self.lab = lab
    self.subject = subject
    self.kind = kind
    self.detail = detail
  }
}

public struct EventDetail: Sendable, Hashable {
  public var name: String
  public var value: String
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

public enum EventKind: String, Sendable, Hashable, CaseIterable {
  case nodeStarting = "node.starting"
  case nodeReady = "node.ready"
  case nodeExited = "node.exited"
  case nodeStopped = "node.stopped"
  case nodeFailed = "node.failed"
  case nodeUnknown = "node.unknown"
  case linkUp = "link.up"
  case linkDown = "link.down"
  case hostOnline = "host.online"
  case hostLost = "host.lost"
  case hostDrained = "host.drained"
  case labApplied = "lab.applied"
  case labConverged = "lab.converged"
  case labDestroyed = "lab.destroyed"
  case jobStarted = "job.started"
  case jobDone = "job.done"
  case jobFailed = "job.failed"
  case logGap = "log.gap"
}

/// How far a host's changes are in the log: written with the events that they came to.
public struct HostSequence: Sendable, Hashable {
  public var host: HostName
  /// The life of its agent.
  public var instance: Instance
  /// The last change of that life.
  public var sequence: UInt64
  /// The last end of its nodes that is among the events.
  public var ends: EndSeries
  public init(host: HostName, instance: Instance, sequence: UInt64, ends: EndSeries) {
    self.host = host
    self.instance = instance
    self.sequence = sequence
    self.ends = ends
  }
}

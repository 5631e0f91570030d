/// One user operation, from its acceptance to its end. Written by the job service.
public struct Job: Sendable, Hashable {
  public var id: JobID
  public var kind: JobKind
  public var lab: LabName
  /// The lab that it is about; born zero in a Put stands for that Put's revision.
  public var born: Revision
  /// The generation that it made, for a deploy.
  public var generation: UInt64
  public var phase: JobPhase
  /// Why it failed, or what is still pending; empty otherwise.
  public var reason: String
  /// Milliseconds since 1970, only printed.
  public var started: Int64
  public var ended: Int64?
  /// Hosts that a destroyed lab was on, sorted.
  public var hosts: [HostName]
  /// Nodes that it names, in the lab's order; empty: all.
  public var nodes: [NodeName]

  public init(
    id: JobID, kind: JobKind, lab: LabName, born: Revision, generation: UInt64, phase: JobPhase, reason: String, started: Int64,
    ended: Int64?, hosts: [HostName], nodes: [NodeName] = []
  ) {
    self.id = id
    self.kind = kind
    self.lab = lab
    self.born = born
    self.generation = generation
    self.phase = phase
    self.reason = reason
    self.started = started
    self.ended = ended
    self.hosts = hosts
    self.nodes = nodes
  }
}

public enum JobKind: String, Sendable, Hashable, CaseIterable { case deploy, destroy, start, stop, restart }

public enum JobPhase: String, Sendable, Hashable, CaseIterable {
  case running, done, failed, cancelled
  public var isFinal: Bool { self != .running }
}

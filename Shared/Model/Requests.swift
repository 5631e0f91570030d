/// Every operation that a peer can ask of another, by the service that answers it. Boxed, since it is handed on more often than it is read.
public indirect enum Request: Sendable, Hashable {
  case configs(ConfigsRequest)
  case jobs(JobsRequest)
  case reconciler(ReconcilerRequest)
  case agent(AgentRequest)
  case peer(PeerRequest)
}

/// What the config service answers.
public enum ConfigsRequest: Sendable, Hashable {
  case put(Put)
  case putBlob(BlobDigest, [UInt8])
  case getBlob(BlobDigest)
  /// Which of these the store lacks.
  case missingBlobs([BlobDigest])
  case snapshot
  case assignment(AssignmentQuery)
  /// Which store is there, and whether it takes changes.
  case standing
  /// Go on with exactly this store, though acknowledged changes may be lost, as a new incarnation; asked again it is done.
  case recover(Incarnation, of: PutBasis)
  /// Make a copy of all that is stored; the request's id is its name.
  case backup
  /// Of the copy that was made last; behind its end nothing, and the copy is dropped.
  case backupPart(RequestID, offset: UInt64)
  /// Of a copy that is to take the store's place; in their order, each `Limits.backupPartBytes` at most.
  case restorePart(RequestID, offset: UInt64, [UInt8])
  /// All parts are there: put the copy in the store's place. Asked again it is done.
  case restore(RequestID, bytes: UInt64)
}

/// What a copy of a store is a copy of.
public struct StoreCopy: Sendable, Hashable {
  public var store: StoreIdentity
  public var revision: Revision
  public var bytes: UInt64
  public init(store: StoreIdentity, revision: Revision, bytes: UInt64) {
    self.store = store
    self.revision = revision
    self.bytes = bytes
  }
}

/// A compare-and-put: all of it or nothing, in one transaction with the memory of its request id.
public struct Put: Sendable, Hashable {
  public var changes: [RecordChange]
  /// Records that must still be at these revisions (zero: absent); else `ABORTED`.
  public var expect: [Expectation]
  /// The copy of intent that it was made from; nil: not compared.
  public var basis: PutBasis?
  public init(changes: [RecordChange], expect: [Expectation], basis: PutBasis? = nil) {
    self.changes = changes
    self.expect = expect
    self.basis = basis
  }
}

/// A store and its revision, as the sender of a Put knows them.
public struct PutBasis: Sendable, Hashable {
  public var store: StoreIdentity
  public var revision: Revision
  /// The config service's life that the copy came from: two copies of a store number alike what they have taken apart. nil: not compared.
  public var instance: Instance?
  public init(store: StoreIdentity, revision: Revision, instance: Instance? = nil) {
    self.store = store
    self.revision = revision
    self.instance = instance
  }
}

public struct Expectation: Sendable, Hashable {
  public var key: RecordKey
  public var revision: Revision
  public init(_ key: RecordKey, at revision: Revision) {
    self.key = key
    self.revision = revision
  }
}

/// An agent's question for its assignment, with what it is bound to.
public struct AssignmentQuery: Sendable, Hashable {
  public var host: HostName
  public var bound: StoreIdentity?
  /// The newest revision that it has of `bound`'s incarnation; zero: none.
  public var have: Revision
  public init(host: HostName, bound: StoreIdentity?, have: Revision) {
    self.host = host
    self.bound = bound
    self.have = have
  }
}

/// What the job service answers. The request id of what starts a job becomes the job's id.
public enum JobsRequest: Sendable, Hashable {
  /// `reconfigure`: nodes get the file's configs again and restart.
  case applyLab(LabSpec, reconfigure: Bool)
  /// What `applyLab` would do now; does nothing.
  case planLab(LabSpec, reconfigure: Bool)
  case destroyLab(LabName)
  /// No node named: all of the lab.
  case setNodes(LabName, NodeVerb, [NodeName])
  case cancel(JobID)
  case list
  case show(JobID)
  case registerHost(HostSpec)
  case forgetHost(HostName)
  /// nil: none any more.
  case restrainHost(HostName, Restraint?)
}

public enum NodeVerb: String, Sendable, Hashable, CaseIterable {
  case start, stop, restart
}

/// What the reconciler answers: agents' sessions, and what users ask of the observed state.
public enum ReconcilerRequest: Sendable, Hashable {
  case register(Registration)
  case report(Report)
  case heartbeat(Heartbeat)
  case inspect(LabName)
  /// Those of these names; none: all.
  case labs([LabName])
  case hosts
  case events(EventQuery)
  /// Where does this lab stand that has been destroyed?
  case remains(LabKey, of: [HostName])
  /// Which of the hosts that each tombstone names can't send with it any more?
  case clearVNIs([Tombstone])
}

/// An agent's first words to a reconciler.
public struct Registration: Sendable, Hashable {
  public var spec: HostSpec
  public var instance: Instance
  public var store: StoreIdentity?
  public init(spec: HostSpec, instance: Instance, store: StoreIdentity?) {
    self.spec = spec
    self.instance = instance
    self.store = store
  }
}

/// Changes in the order in which the agent saw them; `sequence` is the number of the first.
public struct Report: Sendable, Hashable {
  public var session: Session
  public var sequence: UInt64
  /// The whole view, replacing what the reconciler holds, instead of a difference.
  public var isFull: Bool
  public var changes: [HostChange]
  /// The assignment that the host's state was last made equal to.
  public var applied: Revision
  /// Of the view after these changes; opaque to others.
  public var digest: UInt64
  /// What the ends among the changes are numbered by; a whole view may begin with ends, too.
  public var ends: EndSeries
  public init(
    session: Session, sequence: UInt64, isFull: Bool, changes: [HostChange], applied: Revision, digest: UInt64, ends: EndSeries
  ) {
    self.session = session
    self.sequence = sequence
    self.isFull = isFull
    self.changes = changes
    self.applied = applied
    self.digest = digest
    self.ends = ends
  }
}

public struct Heartbeat: Sendable, Hashable {
  public var session: Session
  /// Of the last change.
  public var sequence: UInt64
  public var applied: Revision
  public var digest: UInt64
  public var load: HostLoad
  /// Why the host doesn't take what it should have; empty: nothing hinders it.
  public var reason: String
  /// What it can't do, or does without.
  public var lacks: [String]
  public init(
    session: Session, sequence: UInt64, applied: Revision, digest: UInt64, load: HostLoad, reason: String = "", lacks: [String] = []
  ) {
    self.session = session
    self.sequence = sequence
    self.applied = applied
    self.digest = digest
    self.load = load
    self.reason = reason
    self.lacks = lacks
  }
}

/// Events after `since`, oldest first.
public struct EventQuery: Sendable, Hashable {
  public var since: UInt64
  /// Only those at or after this wall time in milliseconds; 0: all.
  public var from: Int64
  public var lab: LabName?
  /// At most this many; the answer says where the log ends.
  public var limit: Int
  public init(since: UInt64, from: Int64 = 0, lab: LabName? = nil, limit: Int) {
    self.since = since
    self.from = from
    self.lab = lab
    self.limit = limit
  }
}

/// What an agent answers.
public enum AgentRequest: Sendable, Hashable {
  /// The other end's host tells the state of its nodes' interfaces.
  case farEnds(FarEnds)
  case exec(ExecRequest)
  /// Output from these offsets on; the answer waits until there is some, or `wait` milliseconds.
  case execRead(ExecID, stdout: Int, stderr: Int, wait: UInt64)
  /// Input from this offset of all that is written on; `isEnd`: nothing follows.
  case execWrite(ExecID, offset: Int, [UInt8], isEnd: Bool)
  case execResize(ExecID, TerminalSize)
  case execKill(ExecID)
  /// A node's output from `offset` on (negative: that many bytes before its end).
  case logs(NodeID, offset: Int64, limit: Int)
  case postmortem
  /// The reconciler has begun anew: register with it now, not only with the next heartbeat.
  case greet
  /// What the host's engine has.
  case images
  /// At most once; read, written and ended like a command.
  case imageTask(ImageTask)
  case usage(UsageQuery)
}

/// What an engine is to get. Names of images that are there then come on the command's output, progress and errors on the other one.
public enum ImageTask: Sendable, Hashable {
  /// From its registry.
  case pull(String)
  /// Out of an archive as `docker save` writes it: the command's input.
  case load
}

/// A node as users name it.
public struct NodeID: Sendable, Hashable, Comparable, CustomStringConvertible {
  public var lab: LabName
  public var node: NodeName
  public init(_ lab: LabName, _ node: NodeName) {
    self.lab = lab
    self.node = node
  }
  public var description: String { "\(lab)/\(node)" }
  public static func < (a: Self, b: Self) -> Bool { (a.lab, a.node) < (b.lab, b.node) }
}

public struct ExecRequest: Sendable, Hashable {
  public var node: NodeID
  /// Empty: the node's own console, which takes input.
  public var argv: [String]
  /// Milliseconds until it is killed; with a terminal it isn't.
  public var timeout: UInt64
  public var input: ExecInput
  public init(node: NodeID, argv: [String], timeout: UInt64, input: ExecInput = .none) {
    self.node = node
    self.argv = argv
    self.timeout = timeout
    self.input = input
  }
}

/// Where a command's input comes from.
public enum ExecInput: Sendable, Hashable {
  /// `/dev/null`.
  case none
  /// `execWrite`, through a pipe.
  case stream
  /// `execWrite`, through a terminal, which all of its output goes to as well.
  case terminal(TerminalSize)
}

/// In characters.
public struct TerminalSize: Sendable, Hashable {
  public var rows: UInt16
  public var columns: UInt16
  public init(rows: UInt16, columns: UInt16) {
    self.rows = rows
    self.columns = columns
  }
}

/// One `exec` of one agent's life.
public struct ExecID: Sendable, Hashable {
  public var instance: Instance
  public var number: UInt64
  public init(_ instance: Instance, _ number: UInt64) {
    self.instance = instance
    self.number = number
  }
}

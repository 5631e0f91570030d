/// Every answer, by the service that gives it. A failure is a `LabError` instead. Boxed like requests.
public indirect enum Reply: Sendable, Hashable {
  case configs(ConfigsReply)
  case jobs(JobsReply)
  case reconciler(ReconcilerReply)
  case agent(AgentReply)
  case peer(PeerReply)
}

public enum ConfigsReply: Sendable, Hashable {
  /// Stored at this revision, also when asked again.
  case put(Revision)
  case blobStored
  case blob([UInt8])
  case missingBlobs([BlobDigest])
  case snapshot(IntentSnapshot)
  case assignment(Assignment)
  /// What the agent has is the newest.
  case assignmentUnchanged(Revision)
  case standing(StoreStanding)
  case recovered(StoreIdentity)
  case backup(StoreCopy)
  case backupPart([UInt8])
  case restorePart
  /// This copy is in the store's place, which nothing changes until a person recovers it.
  case restored(StoreCopy)
}

/// Which store a config service has, and whether it takes changes.
public struct StoreStanding: Sendable, Hashable {
  public var store: StoreIdentity
  public var revision: Revision
  /// Why nothing is changed, and what to do; empty: changes are taken.
  public var suspension: String
  public init(store: StoreIdentity, revision: Revision, suspension: String) {
    self.store = store
    self.revision = revision
    self.suspension = suspension
  }
}

/// All of intent at one revision.
public struct IntentSnapshot: Sendable, Hashable {
  public var store: StoreIdentity
  public var revision: Revision
  public var records: [VersionedRecord]
  /// The life of the config service that answers.
  public var instance: Instance
  public init(store: StoreIdentity, revision: Revision, records: [VersionedRecord], instance: Instance) {
    self.store = store
    self.revision = revision
    self.records = records
    self.instance = instance
  }
}

public enum JobsReply: Sendable, Hashable {
  case job(Job)
  case jobs([Job])
  case plan([LabChange])
  case done
}

public enum ReconcilerReply: Sendable, Hashable {
  case registered(Session)
  /// All changes up to this number are stored.
  case reported(UInt64)
  case heartbeat(HeartbeatAnswer)
  case lab(LabStatus)
  /// By which store's revisions.
  case labs([LabSummary], of: Incarnation)
  case hosts([HostStatus])
  /// `last` is the log's last index.
  case events([LabEvent], last: UInt64)
  /// Hosts that still have something of it, and those of them that are lost.
  case remains([HostName], lost: [HostName])
  /// For each tombstone asked, the hosts that are clear.
  case clearVNIs([ClearVNI])
}

public struct ClearVNI: Sendable, Hashable {
  public var vni: VNI
  public var hosts: [HostName]
  public init(_ vni: VNI, hosts: [HostName]) {
    self.vni = vni
    self.hosts = hosts
  }
}

public enum HeartbeatAnswer: String, Sendable, Hashable, CaseIterable {
  case current
  /// Something was lost: send the whole view.
  case reportAll
  /// The session is unknown: register.
  case register
}

public enum AgentReply: Sendable, Hashable {
  /// What is held of the asking host's ends.
  case farEnds(Instance, version: UInt64)
  case exec(ExecID)
  case execOutput(ExecOutput)
  /// How much of all input has been taken.
  case execWritten(Int)
  case execResized
  case execKilled
  case log(LogPart)
  case postmortem(Postmortem)
  case greeted
  case images([HostImage])
  case imageTask(ExecID)
  case usage(UsagePage)
}

/// An image that a host's engine has.
public struct HostImage: Sendable, Hashable {
  /// With their tags, sorted; none where it only has an id.
  public var names: [String]
  public var id: String
  /// Bytes on disk.
  public var size: UInt64
  public init(names: [String], id: String, size: UInt64) {
    self.names = names
    self.id = id
    self.size = size
  }
}

public struct ExecOutput: Sendable, Hashable {
  public var stdout: [UInt8]
  public var stderr: [UInt8]
  /// nil while it runs, or while there is more to read.
  public var exit: Exit?
  /// It was killed because its time was over.
  public var isOverdue: Bool
  public init(stdout: [UInt8], stderr: [UInt8], exit: Exit?, isOverdue: Bool) {
    self.stdout = stdout
    self.stderr = stderr
    self.exit = exit
    self.isOverdue = isOverdue
  }
}

public struct LogPart: Sendable, Hashable {
  /// Where `bytes` begin; more than was asked where the log was trimmed.
  public var offset: Int64
  public var bytes: [UInt8]
  public init(offset: Int64, bytes: [UInt8]) {
    self.offset = offset
    self.bytes = bytes
  }
}

/// What is published on topics.
public indirect enum Fact: Sendable, Hashable {
  case intent(IntentChange)
  /// A host's assignment has this revision now.
  case assigned(Revision)
  case event(LabEvent)
  /// Nothing new: the stream's last number once more.
  case head
}

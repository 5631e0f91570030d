public import Machine
public import Model

/// The host agent: makes one host equal to its assignment, and tells every change at once.
public struct AgentCore: ServiceMachine {
  public enum Event: ServiceEvent {
    case bus(BusEvent)
    case tick
    /// All that the host has of the deployment that `Effect.readInventory` named, and nodes' processes that had ended before; of runtimes that
    /// are listed apart only the nodes that may run in them.
    indirect case inventory(Inventory, ended: [FoundEnd], unlisted: [String: Set<NodeKey>] = [:])
    /// What `Effect.list` came to.
    indirect case listed(String, Result<RuntimeList, LabError>)
    case observed([Observation])
    /// Whether the engine has an image.
    case imageFound(String, Result<Bool, LabError>)
    /// How far a pull is, in words.
    case pullProgress(UInt64, String)
    indirect case pullEnded(UInt64, LabError?)
    /// A batch has ended; what it was done to was read back.
    case performed(UInt64, failures: [Failure], observations: [Observation])
    /// What `Effect.saveAssignment` gave is on disk, or couldn't be put there.
    case assignmentSaved(LabError?)
    /// Content is on disk, or couldn't be put there.
    case blobSaved(BlobDigest, LabError?)
    /// Content that was on disk isn't any more, or is damaged.
    case blobLost(BlobDigest)
    indirect case commandsEnded(StageRun, failed: [FailedCommand])
    /// One try of `Effect.testReadiness`; without a failure the test has passed, which is kept until the node's next start.
    indirect case readinessTested(NodeKey, pid: Int32, failure: String?)
    /// An answer that the app found.
    indirect case answer(Incoming.Address, Result<Reply, LabError>)
    indirect case load(HostLoad)
    /// What the app can't do, or does without.
    case lacks([String])
  }

  public enum Effect: ServiceEffect {
    case bus(BusEffect)
    case perform(Batch)
    case readInventory(Deployment)
    /// What a runtime has that is listed apart: whom it asks may be away.
    case list(String)
    /// Asks the engine whether it has an image.
    case findImage(String)
    /// Pulls an image from its registry, under a number of its own; several at once.
    case pull(UInt64, String)
    /// Gives a pull up: nobody waits for it any more. Its end is told all the same.
    case dropPull(UInt64)
    /// Kept in /run before whatever follows.
    indirect case keep(EndWrite)
    /// Synced to disk before anything is done by it: it is acted on after `Event.assignmentSaved`.
    indirect case saveAssignment(Assignment)
    indirect case saveBlob(BlobDigest, [UInt8])
    case dropBlobs(keeping: Set<BlobDigest>)
    /// In order.
    indirect case runCommands(StageRun)
    /// One try of the test of the node's readiness, in the life of its first process that has this number.
    indirect case testReadiness(NodeKey, pid: Int32, NodeSpec)
    /// The far ends' addresses that are to be probed, with the largest packet that a link needs. Said again when the probe tunnel is another.
    case probe([IPAddress: Int])
    /// The node that it is about, for what doesn't name a command that runs.
    indirect case serve(Incoming.Address, AssignedNode?, AgentRequest)
    indirect case measure(Incoming.Address, [MeasuredNode], last: NodeID?)
    indirect case log(LabError)

    public var busEffect: BusEffect? {
      if case .bus(let effect) = self { effect } else { nil }
    }
  }

  enum Purpose: Sendable, Hashable {
    case register, report, heartbeat, assignment
    case blob(BlobDigest)
    case farEnds(HostName)
  }

  let spec: HostSpec
  let instance: Instance
  var outbox: Outbox<Purpose>
  // Intent
  public internal(set) var assignment: Assignment?
  /// Newer, waiting for its blobs.
  var incoming: Assignment?
  /// On its way to disk.
  var saving: Assignment?
  /// After a failure: when it is tried again.
  var nextSave: Instant?
  /// The store of the cache that this host's disk came with, while there is no assignment.
  let bound: StoreIdentity?
  var wanted = Wanted()
  var mayAct: Bool
  var blobs: Set<BlobDigest>
  /// Content that couldn't be saved, and when it is fetched again.
  var blobPauses: [BlobDigest: Instant] = [:]
  /// Content that the store doesn't have either.
  var missingBlobs: Set<BlobDigest> = []
  /// What the newest assignment names and is neither here nor missing; nil: to be worked out.
  var lackedBlobs: Set<BlobDigest>?
  /// Content that is being put on disk.
  var savedBlobs: Set<BlobDigest> = []
  var foreign: LabError?
  /// Why the reconciler gives no session.
  var refusal: LabError?
  // The host
  /// nil until it has been read once.
  public internal(set) var inventory: Inventory?
  /// It is on its way: whoever reads it tries until that works.
  var isHostBeingRead = false
  var unlisted = Unlisted()
  var images = Images()
  var admission = Admission()
  /// Nodes that have a container, and the digest of the spec that it was made by; 0: it isn't known.
  var containers: [NodeKey: UInt64] = [:]
  var work = Work()
  var crashes: [NodeKey: CrashRecord]
  /// Ends of processes whose beginning hasn't been told yet.
  var earlyExits: [NodeKey: ProcessEnd] = [:]
  var starts: [NodeKey: StartTimes] = [:]
  /// Those of them that wait for the end of a back-off.
  var pausing: Set<NodeKey> = []
  /// Starts that were put off by `startup-delay`, and until when; nil: it is over.
  var delays: [NodeKey: (serial: UInt64, end: Instant?)] = [:]
  var booting = Booting()
  var stages = Staging()
  /// Process id of the node's first process for which commands of a stage are under way.
  var commands: [NodeKey: Int32] = [:]
  /// `exec` is at most once: what became of those that were asked for.
  var execs: ExecAnswers
  var isIntroduced = false
  var probing = Probing()
  // Reports
  var report: ReportState
  /// Of earlier lives, until it is known whose nodes they are.
  var keptEnds: KeptEnds?
  var far = FarState()
  var load = HostLoad()
  var lacks: [String] = []
  /// Why the disk takes nothing new.
  var diskError: LabError?
  var nextHeartbeat: Instant = .zero
  var nextQuery: Instant = .zero

  static let heartbeatInterval: UInt64 = 1_000

  public init(_ start: Start) {
    spec = start.spec
    instance = start.instance
    outbox = Outbox(instance: start.instance)
    assignment = start.cached?.host == start.spec.name ? start.cached : nil
    bound = start.cached?.store
    mayAct = assignment == nil || start.isCacheTrusted
    blobs = start.blobs
    crashes = start.crashes
    execs = ExecAnswers(ofEarlierLives: start.execs)
    report = ReportState(origin: start.instance)
    keptEnds = start.ends
    if let assignment {
      wanted = Wanted(assignment)
      beginEnds(of: assignment.store.deployment)
    }
  }

  public var wakeAt: Instant? {
    var first: Instant? = min(isIntroduced ? nextHeartbeat : .zero, nextQuery)
    first = .earliest(first, outbox.wakeAt)
    first = .earliest(first, work.nextRetry)
    first = .earliest(first, far.wakeAt)
    first = .earliest(first, nextStart)
    first = .earliest(first, nextSave)
    first = .earliest(first, unlisted.wakeAt)
    first = .earliest(first, images.wakeAt)
    first = .earliest(first, mayAct ? booting.wakeAt : nil)
    return blobPauses.isEmpty ? first : .earliest(first, blobPauses.values.min())
  }

  public var figures: [Figure] {
    [
      Figure("revision", report.applied.number), Figure("nodes", UInt64(inventory?.processes.count ?? 0)),
      Figure("actions", work.performed), Figure("session", report.session == nil ? 0 : 1),
    ]
  }

  public mutating func handle(_ event: Event, at now: Now) -> [Effect] {
    var effects: [Effect] = []
    if !isIntroduced {
      isIntroduced = true
      if let assignment { effects += readHost(of: assignment.store.deployment) }
    }
    switch event {
    case .bus(let event): effects += handle(event, at: now)
    case .tick: effects += tick(at: now)
    case .inventory(let inventory, let ended, let apart): take(inventory, ended, unlisted: apart, at: now)
    case .listed(let runtime, let result): effects += listed(runtime, result, at: now)
    case .observed(let observations): observe(observations, at: now)
    case .imageFound(let image, let result): work.markNodes(images.found(image, result, at: now.boot))
    case .pullProgress(let id, let text): work.markNodes(images.progressed(id, text))
    case .pullEnded(let id, let error):
      if let error, error.code != .cancelled { effects.append(.log(error)) }
      work.markNodes(images.pulled(id, error, at: now.boot))
    case .performed(let id, let failures, let observations): effects += performed(id, failures, observations, at: now)
    case .assignmentSaved(let error): effects += saved(error, at: now)
    case .blobSaved(let digest, let error): effects += saved(digest, error, at: now)
    case .blobLost(let digest):
      blobs.remove(digest)
      lackedBlobs = nil
      work.markNodes(wanted.users[digest] ?? [])
    case .commandsEnded(let run, let failed): commandsEnded(run, failed)
    case .readinessTested(let key, let pid, let failure): readinessTested(key, pid, failure, at: now)
    case .answer(let address, let result):
      execs.end(address, result)
      effects.append(.bus(.reply(address, result)))
    case .load(let load): take(load, at: now)
    case .lacks(let lacks): self.lacks = lacks
    }
    effects += listRuntimes(at: now)
    effects += fetchBlobs(at: now)
    effects += saveIncoming(at: now)
    effects += report.takeWrites().map { .keep($0) }
    effects += wishImages(at: now)
    noteStages(at: now)
    effects += plan(at: now)
    effects += testReadiness(at: now)
    effects += runCommands()
    effects += probe()
    observeSelf(at: now)
    effects += tellFarEnds(at: now)
    effects += sendReport(at: now)
    return effects
  }

  private mutating func handle(_ event: BusEvent, at now: Now) -> [Effect] {
    switch event {
    case .connected:
      outbox.reconnected(at: now)
      nextQuery = now.boot
      nextHeartbeat = now.boot
      return [.bus(.subscribe(.assign(spec.name)))] + ask(at: now)
    case .disconnected: return []
    case .published(let publication):
      guard publication.topic == .assign(spec.name), publication.number != newest?.revision.number else { return [] }
      return ask(at: now)
    case .request(let request): return answer(request, at: now)
    case .reply(let id, let result):
      guard let purpose = outbox.settle(id, result) else { return [] }
      switch purpose {
      case .register: return registered(result)
      case .report: return reported(result)
      case .heartbeat: return heartbeatAnswered(result)
      case .assignment: return take(result, at: now)
      case .blob(let digest): return take(digest, result)
      case .farEnds(let host): return farEndsAnswered(host, result)
      }
    }
  }

  private mutating func tick(at now: Now) -> [Effect] {
    let due = outbox.tick(at: now)
    var effects: [Effect] = due.repeats.map { .bus($0) }
    for item in due.expired where item.purpose == .report { report.underWay = nil }
    for key in work.retry(at: now) { work.markTaps(wanted.tapsOf[key] ?? []) }
    markDueStarts(at: now)
    if nextQuery <= now.boot { effects += ask(at: now) }
    if nextHeartbeat <= now.boot {
      nextHeartbeat = now.boot + Self.heartbeatInterval
      markHeldNodes()
      effects += beat(at: now)
    }
    return effects
  }
}

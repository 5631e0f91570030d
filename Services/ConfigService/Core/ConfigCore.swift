public import Machine
public import Model

/// The config service: the one place where intent lives. It numbers changes, checks that each comes from its one writer, projects complete
/// labs onto hosts, and remembers the results of requests.
public struct ConfigCore: ServiceMachine {
  public enum Event: ServiceEvent {
    case bus(BusEvent)
    case tick
    /// A blob that `Effect.readBlob` asked for; nil when the store doesn't have it.
    case blobRead(Incoming.Address, [UInt8]?)
    /// What `Effect.measureDisk` asked for, in bytes.
    case disk(free: UInt64)
    /// How an action of `Effect.copy` went.
    indirect case copied(Incoming.Address, Result<CopyResult, LabError>)
  }

  public enum Effect: ServiceEffect {
    case bus(BusEffect)
    /// All of one batch become one commit before anything is sent.
    indirect case store(StoreWrite)
    case readBlob(Incoming.Address, BlobDigest)
    case measureDisk
    /// For whoever is told how it went.
    indirect case copy(Incoming.Address, CopyAction)

    public var busEffect: BusEffect? {
      if case .bus(let effect) = self { effect } else { nil }
    }
  }

  public internal(set) var intent: Intent
  /// What each host has of each lab, from when it was first asked for until the lab changes: who asks for a host's assignment asks for all of
  /// its labs, though one has changed.
  var parts: [LabName: [HostName: AssignedLab]] = [:]
  var size: IntentSize
  var remembered: RememberedRequests
  /// Puts that were refused stay so, however late a copy of them comes.
  var refused = RefusedRequests()
  /// What was decided before this process began is decided again: what it has refused, nobody knows.
  let floor: Revision
  /// Of this process.
  let instance: Instance
  var blobs: Set<BlobDigest>
  /// Since when each blob has been without a reference.
  var idleBlobs: [BlobDigest: Instant] = [:]
  /// Why nothing is put or projected any more: the store lost data that a host has seen.
  public internal(set) var suspension: LabError?
  /// The store's name as a copy that took its place, until it is declared the right one.
  var backup: RequestID?
  var copying = Copying()
  /// Other incarnations of this deployment that agents have shown they obey, and the newest revision that any agent has shown.
  var shown: Set<Incarnation> = []
  var newestShown: Revision = .zero
  /// Why nothing new is stored: the disk is nearly full. What is stored is still told.
  var full: LabError?
  /// Space that is kept free, in bytes: a store that can't write any more couldn't even say so.
  static let reserve = UInt64(2 * Limits.blobBytes)
  var nextHead: Instant = .zero
  var nextSweep: Instant = .zero

  /// - Parameters:
  ///   - backup: the store's name as a copy that took its place.
  ///   - measure: bytes of a record as it is sent.
  public init(
    intent: Intent, remembered: RememberedRequests, blobs: Set<BlobDigest>, instance: Instance, backup: RequestID? = nil,
    measure: @escaping @Sendable (RecordChange) -> Int = { _ in 0 }
  ) {
    self.intent = intent
    self.instance = instance
    floor = intent.revision
    size = IntentSize(of: intent, measure: measure)
    self.remembered = remembered
    self.blobs = blobs
    self.backup = backup
    suspension = backup.map(Self.suspension(onCopy:))
  }

  /// A service that goes on where its store stands.
  public init(contents: StoreContents, instance: Instance, measure: @escaping @Sendable (RecordChange) -> Int) {
    var remembered = RememberedRequests()
    for item in contents.remembered { _ = remembered.remember(item.sender, item.id, item.revision) }
    self.init(
      intent: contents.intent, remembered: remembered, blobs: Set(contents.blobs), instance: instance, backup: contents.backup,
      measure: measure)
  }

  public var wakeAt: Instant? { min(nextHead, nextSweep) }

  public var figures: [Figure] {
    [
      Figure("revision", intent.revision.number), Figure("labs", UInt64(intent.labs.count)), Figure("hosts", UInt64(intent.hosts.count)),
      Figure("blobs", UInt64(blobs.count)), Figure("suspended", suspension == nil ? 0 : 1), Figure("full", full == nil ? 0 : 1),
    ]
  }

  public mutating func handle(_ event: Event, at now: Now) -> [Effect] {
    if copying.isReplaced { return replaced(event) }
    return switch event {
    case .tick: tick(at: now)
    case .blobRead(let address, let content): [.bus(.reply(address, content.map { .success(.configs(.blob($0))) } ?? .failure(Self.lost)))]
    case .disk(let free): measured(free)
    case .copied(let address, let result): copied(address, result)
    case .bus(.request(let incoming)): answer(incoming)
    case .bus(.reply), .bus(.published), .bus(.connected), .bus(.disconnected): []
    }
  }

  private mutating func measured(_ free: UInt64) -> [Effect] {
    full =
      free < Self.reserve
      ? LabError(
        .failedPrecondition, "configs",
        "the config service's disk is full: \(free >> 20) MiB are free, \(Self.reserve >> 20) are needed (free some space; labs run on)")
      : nil
    return []
  }

  private static let lost = LabError(.notFound, "blob", "the store doesn't have this content (deploy the lab again)")

  private mutating func answer(_ incoming: Incoming) -> [Effect] {
    guard case .configs(let request) = incoming.request else {
      return refuse(incoming.from, LabError(.unimplemented, "configs", "the config service doesn't answer this request"))
    }
    switch request {
    case .put(let put): return answer(put, from: incoming.from)
    case .putBlob(let digest, let content): return store(digest, content, for: incoming.from)
    case .getBlob(let digest):
      guard blobs.contains(digest) else {
        return refuse(incoming.from, LabError(.notFound, "\(digest)", "the store doesn't have this content (deploy the lab again)"))
      }
      return [.readBlob(incoming.from, digest)]
    case .missingBlobs(let digests):
      // Who hears that content is here relies on its staying for the length of the grace.
      for digest in digests { idleBlobs[digest] = nil }
      return reply(incoming.from, .missingBlobs(digests.filter { !blobs.contains($0) }))
    case .snapshot:
      // Intent holds environments of nodes.
      guard [.jobs, .links, .reconciler].contains(incoming.from.peer) else {
        return refuse(incoming.from, LabError(.permissionDenied, "\(incoming.from.peer)", "may not read all of intent"))
      }
      return reply(
        incoming.from,
        .snapshot(IntentSnapshot(store: intent.store, revision: intent.revision, records: intent.records, instance: instance)))
    case .assignment(let query): return answer(query, from: incoming.from)
    case .standing:
      let standing = StoreStanding(store: intent.store, revision: intent.revision, suspension: suspension?.message ?? "")
      return reply(incoming.from, .standing(standing))
    case .recover(let incarnation, let basis): return recover(incarnation, of: basis, for: incoming.from)
    case .backup: return makeCopy(for: incoming.from)
    case .backupPart(let id, let offset): return readCopy(id, at: offset, for: incoming.from)
    case .restorePart(let id, let offset, let content): return takeCopy(id, at: offset, content, for: incoming.from)
    case .restore(let id, let bytes): return restore(id, bytes: bytes, for: incoming.from)
    }
  }

  func reply(_ address: Incoming.Address, _ reply: ConfigsReply) -> [Effect] { [.bus(.reply(address, .success(.configs(reply))))] }
  func refuse(_ address: Incoming.Address, _ error: LabError) -> [Effect] { [.bus(.reply(address, .failure(error)))] }

  private mutating func store(_ digest: BlobDigest, _ content: [UInt8], for address: Incoming.Address) -> [Effect] {
    guard case .client = address.peer else {
      return refuse(address, LabError(.permissionDenied, "\(address.peer)", "may not store content"))
    }
    if blobs.contains(digest) {
      idleBlobs[digest] = nil
      return reply(address, .blobStored)
    }
    if let full { return refuse(address, full) }
    guard content.count <= Limits.blobBytes else {
      return refuse(
        address, LabError(.invalidArgument, "\(digest)", "\(content.count) bytes (a configuration has \(Limits.blobBytes) at most)"))
    }
    blobs.insert(digest)
    return [.store(.blob(digest, content))] + reply(address, .blobStored)
  }

  /// Stops everything that changes something.
  mutating func suspend(_ why: String) {
    suspension = LabError(
      .failedPrecondition, "configs",
      "\(why): acknowledged changes were lost (put the newer store back, or go on without them: 'archetype configs recover'); nothing is "
        + "changed until then"
    )
  }

  private mutating func answer(_ query: AssignmentQuery, from address: Incoming.Address) -> [Effect] {
    guard address.peer == .agent(query.host) else {
      return refuse(address, LabError(.permissionDenied, "\(address.peer)", "an assignment is given to its own host's agent only"))
    }
    note(query)
    // What a host was assigned never gets older; a host that was forgotten and is new again was assigned something since.
    let newest = intent.assigned[query.host] ?? intent.revision
    if let bound = query.bound, bound.deployment == intent.store.deployment, bound.incarnation == intent.store.incarnation,
      query.have > newest
    {
      suspend("the store is at revision \(newest) for host \(query.host), which has seen \(query.have)")
    }
    if let suspension { return refuse(address, suspension) }
    guard let assigned = intent.assigned[query.host], let assignment = assignment(for: query.host) else {
      return refuse(address, LabError(.notFound, "host \(query.host)", "not known to this store yet"))
    }
    if query.have == assigned, query.bound == intent.store { return reply(address, .assignmentUnchanged(assigned)) }
    return reply(address, .assignment(assignment))
  }

  /// `Intent.assignment(for:)`, of known parts.
  private mutating func assignment(for host: HostName) -> Assignment? {
    guard let revision = intent.assigned[host] else { return nil }
    var labs: [AssignedLab] = []
    for name in (intent.index.told[host] ?? [:]).keys.sorted() {
      if parts[name] == nil { parts[name] = intent.projections[name]?.parts }
      if let part = parts[name]?[host] { labs.append(part) }
    }
    return Assignment(host: host, store: intent.store, revision: revision, labs: labs)
  }
}

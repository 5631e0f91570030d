import Machine
import Model

/// A user's operation that isn't stored yet.
struct Operation {
  var id: JobID
  /// All who asked with this id: the client, and the client again.
  var addresses: Set<Incoming.Address>
  var request: JobsRequest
  /// Nodes that run, once the reconciler has been asked; only `start` asks.
  var healthy: Set<NodeName>?
  /// How many answers of the reconciler about hosts there must be before it may be refused: the one that it waits for was asked after it.
  var awaitedHosts: UInt64?
  /// The job as it is being put.
  var job: Job?
  /// The store has it; who asked hears so once this service's own copy of intent has it too, and the next question finds the job.
  var stored: (store: StoreIdentity, revision: Revision)?

  var lab: LabName? {
    switch request {
    case .applyLab(let spec, _): spec.name
    case .destroyLab(let name), .setNodes(let name, _, _): name
    case .planLab, .cancel, .list, .show, .registerHost, .forgetHost, .restrainHost: nil
    }
  }
}

extension JobCore {
  /// Moves every operation that can: one at a time for each lab, so that a Put is always compared with what was read.
  mutating func advance(at now: Now) -> [BusEffect] {
    guard !operations.isEmpty, follower.hasIntent else { return [] }
    var effects: [BusEffect] = []
    var busy: Set<LabName> = []
    for operation in operations {
      if let lab = operation.lab, !busy.insert(lab).inserted { continue }
      if operation.stored != nil || follower.isUnderWay(.put(operation.id)) || follower.isUnderWay(.phases(operation.id)) { continue }
      if let awaited = operation.awaitedHosts, hostAnswers < awaited { continue }
      effects += begin(operation, at: now)
    }
    return effects
  }

  private mutating func begin(_ operation: Operation, at now: Now) -> [BusEffect] {
    guard let intent = follower.intent else { return [] }
    if case .setNodes(let lab, .start, _) = operation.request, operation.healthy == nil, intent.labs[lab] != nil {
      return [follower.send(.reconciler(.inspect(lab)), to: .reconciler, for: .phases(operation.id), deadline: 2_000, at: now)]
    }
    // Its answer may have been lost: what is asked for is so.
    if case .cancel(let id) = operation.request, let job = intent.jobs[id], job.phase == .cancelled {
      return end(operation.id) { _ in .success(.jobs(.job(job))) }
    }
    do {
      let (job, put) = try Decision(intent: intent, online: online, operation: operation, wall: now.wall).make()
      if let index = operations.firstIndex(where: { $0.id == operation.id }) { operations[index].job = job }
      return [follower.send(.configs(.put(put)), to: .configs, for: .put(operation.id), deadline: 30_000, at: now)]
    } catch {
      return asksForHosts(before: error, of: operation, in: intent) ? [] : refuse(operation.id, error)
    }
  }

  /// A host that isn't there may only not be known to be there yet: who finds no place is refused by what is known after it has asked.
  private mutating func asksForHosts(before error: LabError, of operation: Operation, in intent: Intent) -> Bool {
    guard case .applyLab = operation.request, operation.awaitedHosts == nil, !error.isTransient,
      let index = operations.firstIndex(where: { $0.id == operation.id }),
      !intent.hosts.keys.allSatisfy({ online?.contains($0) ?? false })
    else { return false }
    operations[index].awaitedHosts = nextHostAnswer
    nextHosts = .zero
    return true
  }

  /// What is refused stays so, however often and late it is asked for; a passing hindrance is no refusal.
  private mutating func refuse(_ id: JobID, _ error: LabError) -> [BusEffect] {
    remember(error, of: id)
    return end(id) { _ in .failure(error) }
  }

  /// - Parameter error: nil: there was nothing to do.
  mutating func remember(_ error: LabError?, of id: JobID) {
    guard error?.isTransient != true, unstored.updateValue(error, forKey: id) == nil else { return }
    unstoredOrder.append(id)
    if unstoredOrder.count > Limits.rememberedRequests { unstored.removeValue(forKey: unstoredOrder.removeFirst()) }
  }

  /// Answers everyone who asked and forgets the operation.
  private mutating func end(_ id: JobID, _ result: (Operation) -> Result<Reply, LabError>) -> [BusEffect] {
    guard let index = operations.firstIndex(where: { $0.id == id }) else { return [] }
    let operation = operations.remove(at: index)
    return operation.addresses.inOrder.map { .reply($0, result(operation)) }
  }

  mutating func stored(_ id: JobID, _ result: Result<Reply, LabError>) -> [BusEffect] {
    switch result {
    case .success(.configs(.put(let revision))):
      guard let store = follower.intent?.store, let index = operations.firstIndex(where: { $0.id == id }) else { return [] }
      operations[index].stored = (store, revision)
      return []
    case .failure(let error) where error.code == .aborted: return []
    case .failure(let error): return refuse(id, error)
    case .success: return []
    }
  }

  /// Answers what intent has: also where the Put was of an earlier try, or of this service's earlier life, and its answer was lost.
  mutating func settleStored() -> [BusEffect] {
    guard !operations.isEmpty, let intent = follower.intent else { return [] }
    var effects: [BusEffect] = []
    for operation in operations {
      if let job = intent.jobs[operation.id] {
        follower.cancel { $0 == .put(operation.id) }
        effects += end(operation.id) { _ in .success(.jobs(.job(job))) }
      } else if let stored = operation.stored, stored.store == intent.store {
        guard stored.revision <= intent.revision else { continue }
        // A cancellation is stored under the id of the job that it ends.
        effects += end(operation.id) { operation in
          guard let job = operation.job else {
            return .failure(LabError(.internalError, "job \(operation.id)", "was stored without a record"))
          }
          return .success(.jobs(.job(job)))
        }
      } else if operation.stored != nil, let index = operations.firstIndex(where: { $0.id == operation.id }) {
        operations[index].stored = nil
      }
    }
    return effects
  }

  mutating func asked(_ id: JobID, healthy: Set<NodeName>) -> [BusEffect] {
    if let index = operations.firstIndex(where: { $0.id == id }) { operations[index].healthy = healthy }
    return []
  }

  mutating func expire(_ purpose: Purpose) -> [BusEffect] {
    switch purpose {
    case .put(let id):
      return end(id) { _ in
        .failure(LabError(.unavailable, "configs", "the config service does not answer (the operation may still be stored; ask again)"))
      }
    case .phases(let id): return asked(id, healthy: [])
    case .host(let name): return recorded(name, .failure(LabError(.unavailable, "configs", "the config service does not answer")))
    case .hosts:
      hostAnswers += 1
      return []
    case .finish, .labs, .remains, .evacuation: return []
    }
  }
}

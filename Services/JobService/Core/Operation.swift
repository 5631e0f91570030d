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
  /// The job as it is being put.
  var job: Job?

  var lab: LabName? {
    switch request {
    case .applyLab(let spec, _): spec.name
    case .destroyLab(let name), .setNodes(let name, _, _): name
    case .cancel, .list, .show, .registerHost, .forgetHost: nil
    }
  }
}

extension JobCore {
  /// Moves every operation that can: one at a time for each lab, so that a Put is always compared with what was read.
  mutating func advance(at now: Now) -> [BusEffect] {
    guard follower.intent != nil else { return [] }
    var effects: [BusEffect] = []
    var busy: Set<LabName> = []
    for operation in operations {
      if let lab = operation.lab, !busy.insert(lab).inserted { continue }
      if follower.isUnderWay(.put(operation.id)) || follower.isUnderWay(.phases(operation.id)) { continue }
      effects += begin(operation, at: now)
    }
    return effects
  }

  private mutating func begin(_ operation: Operation, at now: Now) -> [BusEffect] {
    guard let intent = follower.intent else { return [] }
    if case .setNodes(let lab, .start, _) = operation.request, operation.healthy == nil, intent.labs[lab] != nil {
      return [follower.send(.reconciler(.inspect(lab)), to: .reconciler, for: .phases(operation.id), deadline: 2_000, at: now)]
    }
    do {
      let (job, put) = try Decision(intent: intent, online: online, operation: operation, wall: now.wall).make()
      if let index = operations.firstIndex(where: { $0.id == operation.id }) { operations[index].job = job }
      return [follower.send(.configs(.put(put)), to: .configs, for: .put(operation.id), deadline: 30_000, at: now)]
    } catch {
      return end(operation.id) { _ in .failure(error) }
    }
  }

  /// Answers everyone who asked and forgets the operation.
  private mutating func end(_ id: JobID, _ result: (Operation) -> Result<Reply, LabError>) -> [BusEffect] {
    guard let index = operations.firstIndex(where: { $0.id == id }) else { return [] }
    let operation = operations.remove(at: index)
    return operation.addresses.sorted { $0.peer == $1.peer ? $0.id < $1.id : $0.peer < $1.peer }.map { .reply($0, result(operation)) }
  }

  mutating func stored(_ id: JobID, _ result: Result<Reply, LabError>) -> [BusEffect] {
    switch result {
    case .success(.configs(.put(let revision))):
      return end(id) { operation in
        guard var job = operation.job else { return .failure(LabError(.internalError, "job \(id)", "was stored without a record")) }
        if job.born == .zero { job.born = revision }
        return .success(.jobs(.job(job)))
      }
    case .failure(let error) where error.code == .aborted: return []
    case .failure(let error): return end(id) { _ in .failure(error) }
    case .success: return []
    }
  }

  /// The Put of an earlier try, or of this service's earlier life, may have been stored though its answer was lost.
  mutating func settleStored() -> [BusEffect] {
    guard let intent = follower.intent else { return [] }
    var effects: [BusEffect] = []
    for operation in operations {
      guard let job = intent.jobs[operation.id] else { continue }
      follower.cancel { $0 == .put(operation.id) }
      effects += end(operation.id) { _ in .success(.jobs(.job(job))) }
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
    case .finish, .labs, .remains, .hosts: return []
    }
  }
}

import Machine
import Model

extension AgentCore {
  /// The newest assignment known: applied, or waiting for its blobs.
  var newest: Assignment? { incoming ?? assignment }

  /// Asks the config service for this host's assignment.
  mutating func ask(at now: Now) -> [Effect] {
    nextQuery = now.boot + Self.queryInterval
    guard !outbox.contains(.assignment) else { return [] }
    let query = AssignmentQuery(host: spec.name, bound: newest?.store, have: newest?.revision ?? .zero)
    return [.bus(outbox.send(.configs(.assignment(query)), to: .configs, for: .assignment, deadline: 5_000, at: now))]
  }

  /// Newer revisions of its own store only; another store's word touches nothing.
  mutating func take(_ result: Result<Reply, LabError>, at now: Now) -> [Effect] {
    switch result {
    case .success(.configs(.assignment(let new))):
      guard new.host == spec.name else { return [] }
      if let newest {
        guard new.store.succeeds(newest.store) else { return becomeForeign(new.store, bound: newest.store) }
        if new.store.incarnation == newest.store.incarnation, new.revision <= newest.revision { return [] }
      }
      foreign = nil
      incoming = new
      missingBlobs = []
      lackedBlobs = nil
      return []
    case .success(.configs(.assignmentUnchanged)):
      foreign = nil
      return []
    case .failure(let error) where error.code != .notFound: return [.log(error)]
    // *No assignment* is not *an empty assignment*: nothing is touched.
    case .success, .failure: return []
    }
  }

  private mutating func becomeForeign(_ store: StoreIdentity, bound: StoreIdentity) -> [Effect] {
    let error = LabError(
      .failedPrecondition, "host \(spec.name)",
      "foreign store: bound to deployment \(bound.deployment) incarnation \(bound.incarnation), the bus has \(store.deployment) incarnation "
        + "\(store.incarnation); nothing is touched")
    defer { foreign = error }
    return foreign == error ? [] : [.log(error)]
  }

  /// Asks for content that the newest assignment names: four at a time, so that large ones don't fill the bus.
  mutating func fetchBlobs(at now: Now) -> [Effect] {
    guard let newest else { return [] }
    let lacked = lackedBlobs ?? Set(newest.labs.flatMap(\.nodes).flatMap(Wanted.blobs)).subtracting(blobs).subtracting(missingBlobs)
    lackedBlobs = lacked
    guard !lacked.isEmpty else { return [] }
    var effects: [Effect] = []
    var underWay = outbox.count { if case .blob = $0 { true } else { false } }
    for digest in lacked.sorted() where underWay < Self.blobsAtOnce && !outbox.contains(.blob(digest)) {
      underWay += 1
      effects.append(.bus(outbox.send(.configs(.getBlob(digest)), to: .configs, for: .blob(digest), deadline: 30_000, at: now)))
    }
    return effects
  }

  private static let blobsAtOnce = 4

  mutating func take(_ digest: BlobDigest, _ result: Result<Reply, LabError>) -> [Effect] {
    switch result {
    case .success(.configs(.blob(let content))): return [.saveBlob(digest, content)]
    case .success: return []
    case .failure(let error):
      missingBlobs.insert(digest)
      lackedBlobs = nil
      return [.log(error)]
    }
  }

  /// Blobs first, then the assignment to disk, and only then it is acted on. Content that the store lacks holds up its node, not the host.
  mutating func adopt() -> [Effect] {
    guard let new = incoming, foreign == nil else { return [] }
    let needed = Set(new.labs.flatMap(\.nodes).flatMap(Wanted.blobs))
    guard needed.subtracting(blobs).isSubset(of: missingBlobs) else { return [] }
    let isFirst = assignment?.store.deployment != new.store.deployment
    incoming = nil
    assignment = new
    wanted = Wanted(new)
    work.forgetFailures()
    far.keep(Set(wanted.tunnels.values.map(\.farHost)))
    markAll()
    let kept = Set(wanted.probes.keys)
    for address in paths.keys where !kept.contains(address) { paths[address] = nil }
    for key in crashes.keys where wanted.nodes[key] == nil { crashes[key] = nil }
    for key in starts.keys where wanted.nodes[key] == nil { starts[key] = nil }
    blobs.formIntersection(needed)
    lackedBlobs = nil
    var effects: [Effect] = [.saveAssignment(new), .dropBlobs(keeping: needed), .probe(wanted.probes)]
    if isFirst || inventory == nil { effects.append(.readInventory(new.store.deployment)) }
    return effects
  }
}

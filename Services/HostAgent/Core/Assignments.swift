import Machine
import Model

extension AgentCore {
  /// The newest assignment known: applied, on its way to disk, or waiting for its blobs.
  var newest: Assignment? { incoming ?? saving ?? assignment }

  /// An assignment is asked for this often though nobody said that it changed.
  private static let queryInterval: UInt64 = 10_000

  /// Asks the config service for this host's assignment.
  mutating func ask(at now: Now) -> [Effect] {
    nextQuery = now.boot + Self.queryInterval
    // What the store lacked may have come since: who deploys a lab again brings its content and changes nothing else.
    lackedBlobs?.formUnion(missingBlobs)
    guard !outbox.contains(.assignment) else { return [] }
    let query = AssignmentQuery(host: spec.name, bound: newest?.store ?? bound, have: newest?.revision ?? .zero)
    return [.bus(outbox.send(.configs(.assignment(query)), to: .configs, for: .assignment, deadline: 5_000, at: now))]
  }

  /// Newer revisions of its own store only; another store's word touches nothing.
  mutating func take(_ result: Result<Reply, LabError>, at now: Now) -> [Effect] {
    switch result {
    case .success(.configs(.assignment(let new))):
      guard new.host == spec.name else { return [] }
      // What only waits hasn't been obeyed: a store that succeeds what was takes its place.
      if let obeyed = saving ?? assignment, !new.store.succeeds(obeyed.store) { return becomeForeign(new.store, bound: obeyed.store) }
      if let newest {
        let isSame = new.store.incarnation == newest.store.incarnation
        if isSame ? new.revision <= newest.revision : newest.store.succeeds(new.store) { return [] }
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
    for (digest, end) in blobPauses where end <= now.boot { blobPauses[digest] = nil }
    if lackedBlobs?.isEmpty == true { return [] }
    guard let newest else { return [] }
    let lacked =
      lackedBlobs
      ?? Self.blobs(of: newest).subtracting(blobs).subtracting(missingBlobs)
      .subtracting(savedBlobs)
    lackedBlobs = lacked
    guard !lacked.isEmpty else { return [] }
    var effects: [Effect] = []
    var underWay = outbox.count { if case .blob = $0 { true } else { false } }
    for digest in lacked.sorted() where underWay < Self.blobsAtOnce && !outbox.contains(.blob(digest)) && blobPauses[digest] == nil {
      underWay += 1
      effects.append(.bus(outbox.send(.configs(.getBlob(digest)), to: .configs, for: .blob(digest), deadline: 30_000, at: now)))
    }
    return effects
  }

  private static let blobsAtOnce = 4

  mutating func take(_ digest: BlobDigest, _ result: Result<Reply, LabError>) -> [Effect] {
    switch result {
    case .success(.configs(.blob(let content))):
      missingBlobs.remove(digest)
      savedBlobs.insert(digest)
      lackedBlobs?.remove(digest)
      return [.saveBlob(digest, content)]
    case .success: return []
    case .failure(let error):
      lackedBlobs?.remove(digest)
      return missingBlobs.insert(digest).inserted ? [.log(error)] : []
    }
  }

  /// Blobs first, then the assignment to disk, and only then it is acted on. Content that the store lacks holds up its node, not the host.
  mutating func saveIncoming(at now: Now) -> [Effect] {
    if let nextSave, nextSave > now.boot { return [] }
    nextSave = nil
    guard let new = incoming, saving == nil, foreign == nil else { return [] }
    guard Self.blobs(of: new).subtracting(blobs).isSubset(of: missingBlobs) else { return [] }
    incoming = nil
    saving = new
    return [.saveAssignment(new)]
  }

  /// A full disk leaves the host as its last assignment has it.
  mutating func saved(_ error: LabError?, at now: Now) -> [Effect] {
    guard let new = saving else { return [] }
    saving = nil
    noteDisk(error)
    guard let error else { return adopt(new) }
    if incoming == nil { incoming = new }
    nextSave = now.boot + Self.diskPause
    return [.log(error)]
  }

  mutating func saved(_ digest: BlobDigest, _ error: LabError?, at now: Now) -> [Effect] {
    savedBlobs.remove(digest)
    noteDisk(error)
    lackedBlobs = nil
    work.markNodes(wanted.users[digest] ?? [])
    guard let error else {
      blobs.insert(digest)
      return []
    }
    blobPauses[digest] = now.boot + Self.diskPause
    return [.log(error)]
  }

  /// Told with the next heartbeat, and at once where it is news.
  mutating func noteDisk(_ error: LabError?) {
    if diskError?.message != error?.message { nextHeartbeat = .zero }
    diskError = error
  }

  /// What couldn't be written is tried again after so many milliseconds.
  static let diskPause: UInt64 = 5_000

  /// Read once and kept up with what is told: a second whole read would bring what has changed meanwhile as if it had never been otherwise.
  mutating func readHost(of deployment: Deployment) -> [Effect] {
    if isHostBeingRead { return [] }
    isHostBeingRead = true
    return [.readInventory(deployment)]
  }

  private static func blobs(of assignment: Assignment) -> Set<BlobDigest> { Set(assignment.labs.flatMap(\.nodes).flatMap(Wanted.blobs)) }

  private mutating func adopt(_ new: Assignment) -> [Effect] {
    let isFirst = assignment?.store.deployment != new.store.deployment
    let changed = wanted.change(from: assignment, to: new)
    assignment = new
    suspect(changed)
    // Another intent may succeed where the last failed.
    for target in work.forgetFailures() { noteForgiven(target) }
    far.keep(told: wanted.listeners, heard: wanted.listeners.union(wanted.awaited.keys))
    stages.keep { wanted.nodes[$0] != nil }
    for lab in changed { mark(Wanted.Keys(of: lab)) }
    // What is left of nodes that went earlier waited for a network that is wanted again.
    let managed = Set(changed.filter { $0.management != nil }.map(\.key))
    if !managed.isEmpty { work.markNodes(inventory?.sandboxes.filter { managed.contains($0.lab) } ?? []) }
    work.markProbe()
    let needed = Set(wanted.users.keys).union(incoming.map(Self.blobs) ?? [])
    for remote in report.view.paths.keys.filter({ wanted.needs[$0] == nil }).sorted() { report.add(.pathGone(remote)) }
    for key in crashes.keys where wanted.nodes[key] == nil { crashes[key] = nil }
    for key in containers.keys where wanted.nodes[key] == nil { containers[key] = nil }
    for key in starts.keys where wanted.nodes[key] == nil { starts[key] = nil }
    for key in delays.keys where wanted.nodes[key] == nil { delays[key] = nil }
    for key in booting.nodes.keys where wanted.nodes[key] == nil { booting[key] = nil }
    for key in earlyExits.keys where !mayBegin(key) { earlyExits[key] = nil }
    blobs.formIntersection(needed)
    blobPauses = blobPauses.filter { needed.contains($0.key) }
    lackedBlobs = nil
    // What is being put on disk counts as there once it is, so it stays until the next time.
    var effects: [Effect] = [.dropBlobs(keeping: needed.union(savedBlobs))]
    if isFirst { beginEnds(of: new.store.deployment) }
    if inventory == nil { effects += readHost(of: new.store.deployment) }
    return effects
  }

  /// Taps of a sandbox waited for it; of a device its link's report tells.
  private mutating func noteForgiven(_ target: Target) {
    switch target {
    case .sandbox(let key): work.markTaps(wanted.tapsOf[key] ?? [])
    case .device(.tap(let key)): if let link = wanted.taps[key]?.link { work.dirtyEnds.insert(link) }
    case .device(.tunnel(let key)): work.dirtyEnds.insert(key)
    case .device(.segment), .node, .probe: break
    }
  }

  /// Only what an assignment changes is looked at: a host has much else.
  private mutating func mark(_ keys: Wanted.Keys) {
    work.markNodes(keys.nodes)
    work.markTaps(keys.taps + externalPorts(of: keys.lab.name))
    work.markTunnels(keys.links)
    work.markSegments([keys.lab])
    work.dirtyEnds.formUnion(keys.links)
    for host in keys.farHosts where wanted.tells(host) { far.isStale.insert(host) }
  }
}

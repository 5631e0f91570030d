import Machine
import Model

/// A change of what is recorded of a host that isn't stored yet.
struct HostOperation {
  /// Of whoever asked first.
  var id: RequestID
  /// All who asked with this id.
  var addresses: Set<Incoming.Address>
  var wish: Wish
  /// How often its Put has lost.
  var losses = 0
  /// As an operation's: who gives a host up is answered by what is known after it has asked.
  var awaitedHosts: UInt64?

  enum Wish: Hashable {
    case register(HostSpec)
    case forget(HostName)
    case restrain(HostName, Restraint?)
  }

  var host: HostName {
    switch wish {
    case .register(let spec): spec.name
    case .forget(let name), .restrain(let name, _): name
    }
  }

  /// The store knows by it what was asked before: a repetition that comes late finds what the first one came to, and undoes nothing that was
  /// asked since.
  func putID() throws(LabError) -> RequestID { losses == 0 ? id : try RequestID("\(id.text.prefix(56)).\(losses)") }

  init?(_ incoming: Incoming) {
    guard case .jobs(let request) = incoming.request else { return nil }
    switch request {
    case .registerHost(let spec): wish = .register(spec)
    case .forgetHost(let name): wish = .forget(name)
    case .restrainHost(let name, let restraint): wish = .restrain(name, restraint)
    case .applyLab, .planLab, .destroyLab, .setNodes, .cancel, .list, .show: return nil
    }
    id = incoming.from.id
    addresses = [incoming.from]
  }
}

extension JobCore {
  /// Takes a change of a host's record in; it is answered when it is stored, or refused.
  mutating func take(_ operation: HostOperation, from address: Incoming.Address) -> [BusEffect] {
    // A host says what it is to the reconciler, which knows by its key that it is this host.
    if case .register(let spec) = operation.wish, address.peer != .reconciler {
      return refuse(address, LabError(.permissionDenied, "\(address.peer)", "can't register host \(spec.name) (its agent does)"))
    }
    if let index = hostOperations.firstIndex(where: { $0.id == operation.id && $0.wish == operation.wish }) {
      hostOperations[index].addresses.insert(address)
      return []
    }
    guard hostOperations.count < Self.mostOperations else {
      return refuse(address, LabError(.resourceExhausted, "jobs", "\(Self.mostOperations) changes of hosts are waiting (try again)"))
    }
    hostOperations.append(operation)
    return []
  }

  /// One at a time for each host, so that a Put is always compared with what was read.
  mutating func advanceHosts(at now: Now) -> [BusEffect] {
    guard let intent = follower.intent, !hostOperations.isEmpty else { return [] }
    var effects: [BusEffect] = []
    var busy: Set<HostName> = []
    for operation in hostOperations where busy.insert(operation.host).inserted && !follower.isUnderWay(.host(operation.host)) {
      if asksForHosts(before: operation) { continue }
      do throws(LabError) {
        guard let put = try decide(operation.wish, in: intent) else {
          remember(nil, of: JobID(operation.id))
          effects += end(operation, .success(.jobs(.done)))
          continue
        }
        effects.append(follower.send(.configs(.put(put)), to: .configs, for: .host(operation.host), id: try operation.putID(), at: now))
      } catch {
        effects += refuse(operation, error)
      }
    }
    return effects
  }

  /// Whether it still waits for an answer of the reconciler which hosts are there.
  private mutating func asksForHosts(before operation: HostOperation) -> Bool {
    guard case .forget(let name) = operation.wish, follower.intent?.hosts[name] != nil else { return false }
    if let awaited = operation.awaitedHosts { return hostAnswers < awaited }
    guard let index = hostOperations.firstIndex(where: { $0.id == operation.id && $0.wish == operation.wish }) else { return false }
    hostOperations[index].awaitedHosts = nextHostAnswer
    nextHosts = .zero
    return true
  }

  /// The number of the first answer about hosts that was asked from now on.
  var nextHostAnswer: UInt64 { hostAnswers + (follower.isUnderWay(.hosts) ? 2 : 1) }

  /// nil: it is so already.
  private func decide(_ wish: HostOperation.Wish, in intent: Intent) throws(LabError) -> Put? {
    switch wish {
    case .register(let spec): register(spec, in: intent)
    case .forget(let name): try forget(name, in: intent)
    case .restrain(let name, let restraint): try restrain(name, restraint, in: intent)
    }
  }

  /// Writes a host's record as it registered. Where its way in the underlay has changed, the cables of its labs are planned anew.
  private func register(_ spec: HostSpec, in intent: Intent) -> Put? {
    let old = intent.hosts[spec.name]
    if old == spec { return nil }
    var put = Put(
      changes: [.host(spec.name, spec)], expect: [Expectation(.host(spec.name), at: intent.version(of: .host(spec.name)))])
    if let old, old.underlay != spec.underlay || old.underlayMTU != spec.underlayMTU {
      for name in (intent.index.placed[spec.name] ?? [:]).keys.sorted() {
        guard var lab = intent.labs[name], lab.hosts.count > 1 else { continue }
        lab.wiring += 1
        put.changes.append(.lab(name, lab))
        put.expect.append(Expectation(.lab(name), at: intent.version(of: .lab(name))))
      }
    }
    return put
  }

  private func forget(_ name: HostName, in intent: Intent) throws(LabError) -> Put? {
    // Forgotten already: its answer may have been lost.
    guard intent.hosts[name] != nil else { return nil }
    guard let online else {
      throw LabError(.unavailable, "jobs", "the reconciler has not said yet which hosts are there (try again)")
    }
    if online.contains(name) {
      throw LabError(.failedPrecondition, "host \(name)", "is online (stop its agent first, then forget it)")
    }
    let labs = (intent.index.placed[name] ?? [:]).keys.map(\.text).sorted()
    guard labs.isEmpty else {
      throw LabError(
        .failedPrecondition, "host \(name)",
        "has nodes of \(labs.joined(separator: ", ")) ('archetype host drain \(name)' moves what isn't pinned to it)")
    }
    var put = Put(changes: [.host(name, nil)], expect: [Expectation(.host(name), at: intent.version(of: .host(name)))])
    if intent.restraints[name] != nil { put.changes.append(.restraint(name, nil)) }
    return put
  }

  private func restrain(_ name: HostName, _ restraint: Restraint?, in intent: Intent) throws(LabError) -> Put? {
    guard intent.hosts[name] != nil else {
      throw LabError(.notFound, "host \(name)", "there is no such host ('archetype host list' shows them)")
    }
    if intent.restraints[name] == restraint { return nil }
    if restraint == .drained {
      let pinned = intent.labs.values.sorted { $0.key < $1.key }.flatMap { lab in
        lab.spec.nodes.filter { $0.host == name }.map { "\(lab.key.name)/\($0.name)" }
      }
      guard pinned.isEmpty else {
        let more = pinned.count > 4 ? " and \(pinned.count - 4) more" : ""
        throw LabError(
          .failedPrecondition, "host \(name)",
          "\(pinned.prefix(4).joined(separator: ", "))\(more) can't leave it: 'host: \(name)' pins them "
            + "(change their files, or destroy them first)")
      }
    }
    return Put(
      changes: [.restraint(name, restraint)],
      expect: [
        Expectation(.restraint(name), at: intent.version(of: .restraint(name))),
        Expectation(.host(name), at: intent.version(of: .host(name))),
      ])
  }

  /// The Put of the host's first operation has been answered.
  mutating func recorded(_ name: HostName, _ result: Result<Reply, LabError>) -> [BusEffect] {
    guard let operation = hostOperations.first(where: { $0.host == name }) else { return [] }
    switch result {
    case .success: return end(operation, .success(.jobs(.done)))
    // Decided again, by what is there now.
    case .failure(let error) where error.code == .aborted:
      if let index = hostOperations.firstIndex(where: { $0.host == name }) { hostOperations[index].losses += 1 }
      return []
    case .failure(let error): return refuse(operation, error)
    }
  }

  private mutating func refuse(_ operation: HostOperation, _ error: LabError) -> [BusEffect] {
    remember(error, of: JobID(operation.id))
    return end(operation, .failure(error))
  }

  private mutating func end(_ operation: HostOperation, _ result: Result<Reply, LabError>) -> [BusEffect] {
    hostOperations.removeAll { $0.id == operation.id && $0.wish == operation.wish }
    return operation.addresses.inOrder.map { .reply($0, result) }
  }
}

extension Set<Incoming.Address> {
  /// The same everywhere.
  var inOrder: [Incoming.Address] { sorted { $0.peer == $1.peer ? $0.id < $1.id : $0.peer < $1.peer } }
}

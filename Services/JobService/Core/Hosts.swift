import Machine
import Model

extension JobCore {
  /// Writes a host's record as it registered. Where its way in the underlay has changed, the cables of its labs are planned anew.
  mutating func register(_ spec: HostSpec, for address: Incoming.Address, in intent: Intent, at now: Now) -> [BusEffect] {
    // A host says what it is to the reconciler, which knows by its key that it is this host.
    guard address.peer == .reconciler else {
      return refuse(address, LabError(.permissionDenied, "\(address.peer)", "can't register host \(spec.name) (its agent does)"))
    }
    let old = intent.hosts[spec.name]
    if old == spec { return reply(address, .done) }
    var put = Put(
      changes: [.host(spec.name, spec)], expect: [Expectation(.host(spec.name), at: intent.version(of: .host(spec.name)))])
    if let old, old.underlay != spec.underlay || old.underlayMTU != spec.underlayMTU {
      for (name, var lab) in intent.labs.sorted(by: { $0.key < $1.key }) where lab.hosts.contains(spec.name) && lab.hosts.count > 1 {
        lab.wiring += 1
        put.changes.append(.lab(name, lab))
        put.expect.append(Expectation(.lab(name), at: intent.version(of: .lab(name))))
      }
    }
    return write(put, spec.name, for: address, at: now)
  }

  mutating func forget(_ name: HostName, for address: Incoming.Address, in intent: Intent, at now: Now) -> [BusEffect] {
    // Forgotten already: its answer may have been lost.
    guard intent.hosts[name] != nil else { return reply(address, .done) }
    if online?.contains(name) != false {
      return refuse(address, LabError(.failedPrecondition, "host \(name)", "is online (stop its agent first, then forget it)"))
    }
    let labs = intent.labs.values.filter { $0.hosts.contains(name) }.map(\.key.name.text).sorted()
    guard labs.isEmpty else {
      return refuse(
        address, LabError(.failedPrecondition, "host \(name)", "has nodes of \(labs.joined(separator: ", ")) (destroy or move these first)")
      )
    }
    let put = Put(changes: [.host(name, nil)], expect: [Expectation(.host(name), at: intent.version(of: .host(name)))])
    return write(put, name, for: address, at: now)
  }

  private mutating func write(_ put: Put, _ name: HostName, for address: Incoming.Address, at now: Now) -> [BusEffect] {
    hostWaiters[name, default: []].append(address)
    if follower.isUnderWay(.host(name)) { return [] }
    return [follower.send(.configs(.put(put)), to: .configs, for: .host(name), at: now)]
  }

  mutating func recorded(_ name: HostName, _ result: Result<Reply, LabError>) -> [BusEffect] {
    (hostWaiters.removeValue(forKey: name) ?? []).map { address in
      switch result {
      case .success: .reply(address, .success(.jobs(.done)))
      case .failure(let error): .reply(address, .failure(error))
      }
    }
  }
}

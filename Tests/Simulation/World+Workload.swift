import Machine
import Model
import Wire

/// What users ask for, again and again, for labs and hosts of few names.
extension World {
  mutating func doWork() {
    guard operationsLeft > 0 else { return }
    operationsLeft -= 1
    operations += 1
    guard let fresh = try? RequestID("op\(operations)"), let name = try? LabName("lab\(workload.below(labNames))") else { return }
    let client = Self.clients[workload.below(Self.clients.count)]
    // Somebody's earlier words once more, under the same id: they must come to nothing.
    let (id, request) = workload.happens(60) ? workload.pick(said) ?? (fresh, operation(on: name)) : (fresh, operation(on: name))
    if id == fresh { said.append((id, request)) }
    say("\(client) asks \(id): \(String(String(describing: request).prefix(200)))")
    ask(client, id, request)
    push(.work, in: workload.happens(300) ? workload.between(1, 30) : workload.between(50, 4_000))
  }

  private mutating func operation(on name: LabName) -> Request {
    switch workload.below(18) {
    case 0..<6: .jobs(.applyLab(lab(name), reconfigure: workload.happens(50)))
    case 6..<9: .jobs(.applyLab(store.intent.labs[name].map { changed($0.spec) } ?? lab(name), reconfigure: false))
    case 9..<11: .jobs(.destroyLab(name))
    case 11: .jobs(.setNodes(name, .stop, some(of: name)))
    case 12: .jobs(.setNodes(name, .start, some(of: name)))
    case 13: .jobs(.setNodes(name, .restart, some(of: name)))
    case 14: .jobs(workload.pick(store.intent.jobs.keys.sorted()).map { .cancel($0) } ?? .list)
    case 15, 16: wordOnAHost()
    default: question(name)
    }
  }

  /// An operator drains, cordons or undrains a host, or gives one up that has no power.
  private mutating func wordOnAHost() -> Request {
    // Where no host may be given anything there is little to go wrong.
    if let restrained = workload.pick(store.intent.restraints.keys.sorted()), workload.happens(700) {
      return .jobs(.restrainHost(restrained, nil))
    }
    guard let host = workload.pick(hosts) else { return .jobs(.list) }
    let name = host.name
    if !host.isOn, workload.happens(600) { return .jobs(.forgetHost(name)) }
    switch workload.below(6) {
    case 0..<3: return .jobs(.restrainHost(name, .drained))
    case 3: return .jobs(.restrainHost(name, .cordoned))
    case 4: return .jobs(.restrainHost(name, nil))
    default: return .jobs(.forgetHost(name))
    }
  }

  mutating func ask(_ client: PeerName, _ id: RequestID, _ request: Request) {
    guard let process = processes[client] else { return }
    var blobs: [BlobDigest: [UInt8]] = [:]
    if case .jobs(.applyLab(let spec, _)) = request {
      for digest in spec.nodes.compactMap(\.startupConfig) { blobs[digest] = Self.contents[digest] }
    }
    driveClient(process, .ask(id, request, blobs: blobs))
  }

  /// What only reads.
  private mutating func question(_ name: LabName) -> Request {
    switch workload.below(9) {
    case 6: return .configs(.standing)
    case 7: return .configs(.backup)
    case 0: return .reconciler(.events(EventQuery(since: 0, limit: 100)))
    case 1: return .reconciler(.inspect(name))
    case 2: return .reconciler(.hosts)
    case 3: return .configs(.missingBlobs(contents))
    case 4: return (try? NodeName("n0")).map { .agent(.logs(NodeID(name, $0), offset: 0, limit: 100)) } ?? .reconciler(.labs([]))
    case 5: return .jobs(.planLab(store.intent.labs[name].map { changed($0.spec) } ?? lab(name), reconfigure: false))
    default: return .reconciler(.labs(workload.happens(500) ? [name] : []))
    }
  }

  /// It is started again and asks again under the same ids.
  mutating func killClient(_ name: PeerName) {
    guard let process = processes[name], let asked = process.client?.machine.asked else { return }
    end(process)
    let heir = begin(name, on: nil)
    processes[name] = heir
    for (id, item) in asked.sorted(by: { $0.key < $1.key }) { driveClient(heir, .ask(id, item.request, blobs: item.blobs)) }
  }

  /// All nodes of a lab, or one.
  private mutating func some(of name: LabName) -> [NodeName] {
    workload.happens(500) ? workload.pick(store.intent.labs[name]?.spec.nodes ?? []).map { [$0.name] } ?? [] : []
  }
}

import Machine
import Model

/// A user's command line: asks under one request id until it is answered.
struct Client: ServiceMachine {
  enum Event: ServiceEvent {
    case bus(BusEvent)
    case tick
    /// Contents go first.
    case ask(RequestID, Request, blobs: [BlobDigest: [UInt8]])
  }

  enum Effect: ServiceEffect {
    case bus(BusEffect)
    var busEffect: BusEffect? {
      switch self {
      case .bus(let effect): effect
      }
    }
  }

  private var outbox: Outbox<RequestID>
  /// What is unanswered, so that a client which is started again asks again.
  private(set) var asked: [RequestID: (request: Request, blobs: [BlobDigest: [UInt8]])] = [:]
  /// Jobs that the job service has acknowledged since they were last taken.
  private var acknowledged: [JobID] = []

  init(instance: Instance) { outbox = Outbox(instance: instance) }

  var wakeAt: Instant? { outbox.wakeAt }
  var isIdle: Bool { outbox.isEmpty }
  /// Apart from what it asks of a host that is dead.
  func isIdle(but host: HostName?) -> Bool {
    guard let host, !outbox.isEmpty else { return outbox.isEmpty }
    return asked.values.allSatisfy { if case .agent(let request) = $0.request { request.host == .agent(host) } else { false } }
  }

  mutating func takeAcknowledged() -> [JobID] {
    defer { acknowledged = [] }
    return acknowledged
  }

  mutating func handle(_ event: Event, at now: Now) -> [Effect] {
    switch event {
    case .ask(let id, let request, let blobs):
      asked[id] = (request, blobs)
      return next(id, at: now)
    case .tick: return outbox.tick(at: now).repeats.map { .bus($0) }
    case .bus(.connected): outbox.reconnected(at: now)
    case .bus(.reply(let id, let result)):
      guard let purpose = outbox.settle(id, result) else { return [] }
      if case .success(.configs(.blobStored)) = result, let digest = asked[purpose]?.blobs.keys.min() {
        asked[purpose]?.blobs[digest] = nil
        return next(purpose, at: now)
      }
      asked[purpose] = nil
      switch result {
      case .success(.jobs(.job(let job))): acknowledged.append(job.id)
      case .success, .failure: break
      }
    case .bus(.request), .bus(.published), .bus(.disconnected): break
    }
    return []
  }

  /// The next content of an operation, or the operation itself.
  private mutating func next(_ id: RequestID, at now: Now) -> [Effect] {
    guard let (request, blobs) = asked[id] else { return [] }
    if let (digest, content) = blobs.min(by: { $0.key < $1.key }) {
      return [.bus(outbox.send(.configs(.putBlob(digest, content)), to: .configs, for: id, deadline: 600_000, at: now))]
    }
    let peer: PeerName =
      switch request {
      case .configs: .configs
      case .jobs: .jobs
      case .reconciler: .reconciler
      case .peer: .bus
      case .agent(let request): request.host ?? .jobs
      }
    return [.bus(outbox.send(request, to: peer, for: id, id: id, deadline: 600_000, at: now))]
  }
}

extension AgentRequest {
  /// A world's hosts are few: the node's lab says which is asked. Of a lab that is for one host the end of its name is that host's.
  fileprivate var host: PeerName? {
    guard case .logs(let node, _, _) = self else { return nil }
    let named = node.lab.text.split(separator: "-").dropFirst().first.map(String.init)
    guard let host = try? HostName(named ?? (node.lab.text == "lab0" ? "h1" : "h2")) else { return nil }
    return .agent(host)
  }
}

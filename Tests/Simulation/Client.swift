import Machine
import Model

/// A user's command line: asks under one request id until it is answered.
struct Client: ServiceMachine {
  enum Event: ServiceEvent {
    case bus(BusEvent)
    case tick
    case ask(RequestID, JobsRequest)
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
  private(set) var asked: [RequestID: JobsRequest] = [:]
  /// Jobs that the job service has acknowledged, and operations that it refused, since they were last taken.
  private var acknowledged: [JobID] = []
  private var refused: [(RequestID, LabError)] = []

  init(instance: Instance) { outbox = Outbox(instance: instance) }

  var wakeAt: Instant? { outbox.wakeAt }
  var isIdle: Bool { outbox.isEmpty }

  mutating func takeAcknowledged() -> [JobID] {
    defer { acknowledged = [] }
    return acknowledged
  }

  mutating func takeRefused() -> [(RequestID, LabError)] {
    defer { refused = [] }
    return refused
  }

  mutating func handle(_ event: Event, at now: Now) -> [Effect] {
    switch event {
    case .ask(let id, let request):
      asked[id] = request
      return [.bus(outbox.send(.jobs(request), to: .jobs, for: id, id: id, deadline: 600_000, at: now))]
    case .tick: return outbox.tick(at: now).repeats.map { .bus($0) }
    case .bus(.connected): outbox.reconnected(at: now)
    case .bus(.reply(let id, let result)):
      guard let purpose = outbox.settle(id, result) else { return [] }
      asked[purpose] = nil
      switch result {
      case .success(.jobs(.job(let job))): acknowledged.append(job.id)
      case .success: break
      case .failure(let error): refused.append((purpose, error))
      }
    case .bus(.request), .bus(.published), .bus(.disconnected): break
    }
    return []
  }
}

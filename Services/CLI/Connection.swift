import Arguments
import Bus
import Machine
import Model
import Reactor
import Wire

/// The bus as commands use it: questions by the service that answers them, and facts of followed topics.
final class Connection {
  struct Place {
    var address: BusAddress
    var keys: String?

    func connect() throws(LabError) -> Connection { try Connection(self) }
  }

  private var client: BlockingClient
  private let instance: Instance
  private var number: UInt64 = 0

  private init(_ place: Place) throws(LabError) {
    instance = Clock.makeInstance()
    client = try BlockingClient(
      address: place.address, keys: place.keys, instance: instance, build: Build.version, clock: { Clock.now() })
  }

  /// For what only reads, or for what nobody asks again.
  func freshID() -> RequestID {
    number += 1
    return RequestID(instance, number)
  }

  private func ask(_ request: Request, _ service: PeerName, _ id: RequestID?, _ deadline: UInt64, _ patience: UInt64) throws(LabError)
    -> Reply
  {
    do throws(LabError) {
      return try client.call(request, to: service, id: id ?? freshID(), deadline: deadline, patience: patience)
    } catch { throw Self.told(error, by: service) }
  }

  /// A refusal as a user sees it, who knows nothing of messages.
  private static func told(_ refusal: LabError, by service: PeerName) -> LabError {
    guard Codec.isOlder(refusal) else { return refusal }
    if case .agent(let host) = service {
      return LabError(
        .unimplemented, "host \(host)",
        "its agent is older and can't do this yet (upgrade it; 'archetype status \(service)' shows its version)")
    }
    return LabError(
      .unimplemented, "\(service)", "is older and can't do this yet (upgrade archetype-\(service); 'archetype status' shows versions)")
  }

  static func strange(_ service: PeerName) -> LabError {
    LabError(.internalError, "\(service)", "answered something else than was asked (are all services of one version?)")
  }

  func jobs(_ request: JobsRequest, id: RequestID? = nil, deadline: UInt64 = 10_000, patience: UInt64 = 3_000) throws(LabError) -> JobsReply
  {
    guard case .jobs(let reply) = try ask(.jobs(request), .jobs, id, deadline, patience) else { throw Self.strange(.jobs) }
    return reply
  }

  func job(_ request: JobsRequest, id: RequestID? = nil, deadline: UInt64 = 10_000, patience: UInt64 = 3_000) throws(LabError) -> Job {
    guard case .job(let job) = try jobs(request, id: id, deadline: deadline, patience: patience) else { throw Self.strange(.jobs) }
    return job
  }

  func configs(
    _ request: ConfigsRequest, id: RequestID? = nil, deadline: UInt64 = 30_000, patience: UInt64 = 3_000
  ) throws(LabError) -> ConfigsReply {
    guard case .configs(let reply) = try ask(.configs(request), .configs, id, deadline, patience) else { throw Self.strange(.configs) }
    return reply
  }

  private func reconciler(_ request: ReconcilerRequest, _ deadline: UInt64, _ patience: UInt64) throws(LabError) -> ReconcilerReply {
    guard case .reconciler(let reply) = try ask(.reconciler(request), .reconciler, nil, deadline, patience) else {
      throw Self.strange(.reconciler)
    }
    return reply
  }

  func inspect(_ lab: LabName, deadline: UInt64 = 10_000) throws(LabError) -> LabStatus {
    guard case .lab(let status) = try reconciler(.inspect(lab), deadline, 3_000) else { throw Self.strange(.reconciler) }
    return status
  }

  func labs(deadline: UInt64 = 10_000) throws(LabError) -> [LabSummary] {
    guard case .labs(let labs, _) = try reconciler(.labs([]), deadline, 3_000) else { throw Self.strange(.reconciler) }
    return labs
  }

  func hosts() throws(LabError) -> [HostStatus] {
    guard case .hosts(let hosts) = try reconciler(.hosts, 10_000, 3_000) else { throw Self.strange(.reconciler) }
    return hosts
  }

  func events(_ query: EventQuery) throws(LabError) -> (events: [LabEvent], last: UInt64) {
    guard case .events(let events, let last) = try reconciler(.events(query), 10_000, 3_000) else { throw Self.strange(.reconciler) }
    return (events, last)
  }

  func agent(_ request: AgentRequest, _ host: HostName, deadline: UInt64 = 10_000) throws(LabError) -> AgentReply {
    let service = PeerName.agent(host)
    guard case .agent(let reply) = try ask(.agent(request), service, nil, deadline, 3_000) else { throw Self.strange(service) }
    return reply
  }

  /// Each host's answer by itself, all asked at once.
  func agents(_ questions: [(host: HostName, request: AgentRequest)], deadline: UInt64) throws(LabError) -> [Result<AgentReply, LabError>] {
    let all = questions.map { (service: PeerName.agent($0.host), request: Request.agent($0.request), id: freshID()) }
    return zip(questions, try client.callEach(all, deadline: deadline)).map { question, result in
      switch result {
      case .success(.agent(let reply)): .success(reply)
      case .success: .failure(Self.strange(.agent(question.host)))
      case .failure(let error): .failure(Self.told(error, by: .agent(question.host)))
      }
    }
  }

  /// How a peer is; it answers in milliseconds or is not well.
  func status(_ peer: PeerName, deadline: UInt64 = 2_000, patience: UInt64 = 0) throws(LabError) -> PeerStatus {
    guard case .peer(.status(let status)) = try ask(.peer(.status), peer, nil, deadline, patience) else { throw Self.strange(peer) }
    return status
  }

  /// Records after a number, oldest first; none: there are no more.
  func audit(after number: UInt64, limit: Int) throws(LabError) -> [AuditRecord] {
    guard case .peer(.audit(let records, _)) = try ask(.peer(.audit(after: number, limit: limit)), .bus, nil, 10_000, 3_000) else {
      throw Self.strange(.bus)
    }
    return records
  }

  /// Who mustn't follow the tap hears nothing there; the same right is needed to ask what has passed, and that is answered.
  func checkTap() throws(LabError) { _ = try ask(.peer(.recent(after: .max)), .bus, nil, 10_000, 3_000) }

  /// Messages that have lately reached the bus, oldest first.
  func recent() throws(LabError) -> [TraceRecord] {
    var records: [TraceRecord] = []
    while true {
      let request = Request.peer(.recent(after: records.last?.number ?? 0))
      guard case .peer(.recent(let more)) = try ask(request, .bus, nil, 10_000, 3_000) else { throw Self.strange(.bus) }
      guard !more.isEmpty else { return records }
      records += more
    }
  }

  func subscribe(_ topic: Topic) throws(LabError) { try client.subscribe(topic) }

  func next(timeout: UInt64) throws(LabError) -> Publication? { try client.next(timeout: timeout) }
}

public import Machine
public import Model

/// The job service: takes user operations, plans them against the mirror of intent, puts them as one change, and drives each job to its end.
///
/// It keeps nothing: a job is a record of the store under the request id that its client chose, so a repetition finds its own.
public struct JobCore: ServiceMachine {
  public typealias Event = BusOnly.Event
  public typealias Effect = BusOnly.Effect

  enum Purpose: Sendable, Hashable {
    /// An operation's Put.
    case put(JobID)
    /// Which nodes of the lab run, before some are started.
    case phases(JobID)
    case finish(JobID)
    case labs
    case remains(JobID)
    case hosts
    case host(HostName)
    case evacuation
  }

  var follower: Follower<Purpose>
  /// Operations that are not stored yet, in order of arrival.
  var operations: [Operation] = []
  /// Operations that left nothing in the store: why they were refused, or nil where all was so already. A repetition that was under way
  /// meanwhile finds the same answer, and undoes nothing that was asked since.
  var unstored: [JobID: LabError?] = [:]
  /// The same, oldest first.
  var unstoredOrder: [JobID] = []
  /// Intent's jobs that are under way, sorted.
  private(set) var runningJobs: [Job] = []
  /// Changes of what is recorded of hosts, in order of arrival.
  var hostOperations: [HostOperation] = []
  /// Labs that may have nodes on drained hosts.
  var crowded: Set<LabName> = []
  /// Hosts that the reconciler last didn't call lost; nil until it has answered.
  var online: Set<HostName>?
  var nextQuestion: Instant = .zero
  var nextHosts: Instant = .zero
  /// How often the reconciler has answered which hosts are there, or not in time.
  var hostAnswers: UInt64 = 0

  /// Operations that wait to be stored; a client that finds the queue full tries again.
  static let mostOperations = 256
  /// How often running jobs are asked about though no event came, in milliseconds.
  private static let questionInterval: UInt64 = 500
  /// Until the first one about a new job, in milliseconds.
  static let firstQuestion: UInt64 = 20
  private static let hostsInterval: UInt64 = 5_000

  public init(instance: Instance) { follower = Follower(instance: instance, topics: [.all]) }

  public var wakeAt: Instant? {
    let asksForHosts = follower.hasIntent && !follower.isUnderWay(.hosts)
    let question = Instant.earliest(runningJobs.isEmpty ? nil : nextQuestion, asksForHosts ? nextHosts : nil)
    return .earliest(follower.wakeAt, question)
  }

  public var figures: [Figure] {
    follower.figures + [
      Figure("running", UInt64(runningJobs.count)), Figure("unstored", UInt64(operations.count + hostOperations.count)),
    ]
  }

  public mutating func handle(_ event: Event, at now: Now) -> [Effect] {
    var effects: [BusEffect] = []
    let outcome: Follower<Purpose>.Outcome
    switch event {
    case .tick: outcome = follower.tick(at: now)
    case .bus(let event):
      outcome = follower.handle(event, at: now)
      switch event {
      case .request(let incoming): effects += answer(incoming, at: now)
      case .published(let publication): hear(publication, at: now)
      case .connected: nextHosts = .zero
      case .reply, .disconnected: break
      }
    }
    follow(outcome.change)
    effects += outcome.effects
    for purpose in outcome.expired { effects += expire(purpose) }
    if let answer = outcome.answer { effects += take(answer, at: now) }
    let settled = settleStored()
    // What changes nothing is done as soon as the reconciler has heard of it, and there is no event of it.
    if !settled.isEmpty { nextQuestion = min(nextQuestion, now.boot + Self.firstQuestion) }
    effects += settled
    effects += advance(at: now)
    effects += advanceHosts(at: now)
    effects += evacuate(at: now)
    effects += question(at: now)
    return effects.map { .bus($0) }
  }

  private mutating func follow(_ change: Follower<Purpose>.Change) {
    switch change {
    case .none: return
    case .records(let records):
      if records.contains(where: \.decidesPlaces) { lookAtPlaces() }
      guard records.contains(where: { if case .job = $0 { true } else { false } }) else { return }
    case .everything: lookAtPlaces()
    }
    runningJobs = follower.intent?.jobs.values.filter { $0.phase == .running }.sorted { $0.id < $1.id } ?? []
  }

  private mutating func lookAtPlaces() { crowded = follower.intent.map(Evacuation.labs) ?? [] }

  /// Anything that the reconciler tells may be what a job waits for.
  private mutating func hear(_ publication: Publication, at now: Now) {
    guard case .event(let event) = publication.fact else { return }
    switch event.kind {
    case .hostOnline, .hostLost, .hostDrained: nextHosts = .zero
    // All of a lab is judged for an answer: not for each of its nodes.
    case .labConverged, .labDestroyed: nextQuestion = now.boot
    case .nodeStarting, .nodeReady, .nodeStopped, .linkUp, .nodeExited, .nodeFailed, .nodeUnknown, .linkDown, .labApplied, .jobStarted,
      .jobDone, .jobFailed, .logGap:
      break
    }
  }

  private mutating func answer(_ incoming: Incoming, at now: Now) -> [BusEffect] {
    guard case .jobs(let request) = incoming.request else {
      return refuse(incoming.from, LabError(.unimplemented, "jobs", "the job service doesn't answer this request"))
    }
    guard let intent = follower.intent else {
      return refuse(incoming.from, LabError(.unavailable, "jobs", "the job service has not heard from the config service yet (try again)"))
    }
    switch request {
    case .list: return reply(incoming.from, .jobs(intent.jobs.values.sorted { ($0.started, $0.id) > ($1.started, $1.id) }))
    case .show(let id):
      guard let job = intent.jobs[id] else {
        return refuse(incoming.from, LabError(.notFound, "job \(id)", "there is no such job ('archetype job list' shows them)"))
      }
      return reply(incoming.from, .job(job))
    case .planLab(let spec, let reconfigure): return plan(spec, reconfigure: reconfigure, for: incoming.from, in: intent)
    case .registerHost, .forgetHost, .restrainHost:
      if let known = unstored[JobID(incoming.from.id)] {
        return known.map { refuse(incoming.from, $0) } ?? reply(incoming.from, .done)
      }
      return HostOperation(incoming).map { take($0, from: incoming.from) } ?? []
    case .applyLab, .destroyLab, .setNodes, .cancel:
      let id = JobID(incoming.from.id)
      if let job = intent.jobs[id] { return reply(incoming.from, .job(job)) }
      if let error = unstored[id] ?? nil { return refuse(incoming.from, error) }
      if let index = operations.firstIndex(where: { $0.id == id }) {
        operations[index].addresses.insert(incoming.from)
        return []
      }
      guard operations.count < Self.mostOperations else {
        return refuse(incoming.from, LabError(.resourceExhausted, "jobs", "\(Self.mostOperations) operations are waiting (try again)"))
      }
      operations.append(Operation(id: id, addresses: [incoming.from], request: request))
      return []
    }
  }

  func reply(_ address: Incoming.Address, _ reply: JobsReply) -> [BusEffect] { [.reply(address, .success(.jobs(reply)))] }
  func refuse(_ address: Incoming.Address, _ error: LabError) -> [BusEffect] { [.reply(address, .failure(error))] }

  /// Asks the reconciler where running jobs stand, and which hosts are there.
  private mutating func question(at now: Now) -> [BusEffect] {
    guard follower.hasIntent else { return [] }
    var effects: [BusEffect] = []
    if nextHosts <= now.boot, !follower.isUnderWay(.hosts) {
      nextHosts = now.boot + Self.hostsInterval
      effects.append(follower.send(.reconciler(.hosts), to: .reconciler, for: .hosts, deadline: 5_000, at: now))
    }
    guard nextQuestion <= now.boot else { return effects }
    nextQuestion = now.boot + Self.questionInterval
    let running = runningJobs.filter { !follower.isUnderWay(.finish($0.id)) }
    let labs = Set(running.filter { $0.kind != .destroy }.map(\.lab)).sorted()
    if !labs.isEmpty, !follower.isUnderWay(.labs) {
      effects.append(follower.send(.reconciler(.labs(labs)), to: .reconciler, for: .labs, deadline: 5_000, at: now))
    }
    for job in running where job.kind == .destroy && !follower.isUnderWay(.remains(job.id)) {
      let request = ReconcilerRequest.remains(LabKey(job.lab, born: job.born), of: job.hosts)
      effects.append(follower.send(.reconciler(request), to: .reconciler, for: .remains(job.id), deadline: 5_000, at: now))
    }
    return effects
  }

  private mutating func take(_ answer: Follower<Purpose>.Answer, at now: Now) -> [BusEffect] {
    switch (answer.purpose, answer.result) {
    case (.put(let id), let result): return stored(id, result)
    case (.phases(let id), .success(.reconciler(.lab(let status)))):
      return asked(id, healthy: Set(status.nodes.filter { $0.phase.isAlive }.map(\.name)))
    case (.phases(let id), _): return asked(id, healthy: [])
    case (.labs, .success(.reconciler(.labs(let labs, let store)))): return finish(by: labs, of: store, at: now)
    case (.remains(let id), .success(.reconciler(.remains(let hosts, let lost)))): return finish(id, remaining: hosts, lost: lost, at: now)
    case (.hosts, .success(.reconciler(.hosts(let hosts)))):
      let there = Set(hosts.filter { $0.state != .lost }.map(\.name))
      if there != online { lookAtPlaces() }
      hostAnswers += 1
      online = there
      return []
    case (.host(let name), let result): return recorded(name, result)
    case (.evacuation, _), (.finish, _), (.labs, _), (.remains, _), (.hosts, _): return []
    }
  }
}

extension RecordChange {
  /// Whether it may give a node a reason to leave its host, or a place to go to.
  fileprivate var decidesPlaces: Bool {
    switch self {
    case .lab, .host, .restraint: true
    case .segments, .projection, .tombstone, .job, .assigned: false
    }
  }
}

extension Phase {
  /// A process runs, or is about to without anybody's help.
  var isAlive: Bool {
    switch self {
    case .preparing, .starting, .booting, .ready: true
    case .pending, .stopping, .stopped, .failed, .unknown: false
    }
  }
}

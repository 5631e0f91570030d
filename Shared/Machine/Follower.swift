public import Model

/// What every service that follows intent does alike: subscribe, keep the mirror, ask for the snapshot when a number is missing, and keep its
/// own requests under way.
public struct Follower<Purpose: Sendable & Hashable>: Sendable {
  /// What an event of the bus came to.
  public struct Outcome: Sendable {
    public var effects: [BusEffect] = []
    public var change: Change = .none
    /// An answer to a request of the service's own.
    public var answer: Answer?
    /// Requests of the service's own that passed their deadline unanswered.
    public var expired: [Purpose] = []
    public init() {}
  }

  public enum Change: Sendable {
    case none
    case records([RecordChange])
    /// A snapshot was taken: anything may have changed.
    case everything
  }

  public struct Answer: Sendable {
    public var purpose: Purpose
    public var result: Result<Reply, LabError>
  }

  private var mirror = Mirror()
  /// nil: the snapshot.
  private var outbox: Outbox<Purpose?>
  private let topics: [Topic]
  /// Revisions of own Puts that the mirror hasn't reached: until then what it shows is older than what we know.
  private var awaited: [Purpose: Revision] = [:]
  /// Purposes whose last request failed: trying again at once with the same mirror would fail the same way.
  private var paused: [Purpose: Instant] = [:]
  private static var pause: UInt64 { 250 }

  /// - Parameter topics: further ones that the service reads.
  public init(instance: Instance, topics: [Topic] = []) {
    outbox = Outbox(instance: instance)
    self.topics = topics
  }

  /// nil until the first snapshot.
  public var intent: Intent? { mirror.intent }
  /// Whether there is one, without a copy of it.
  public var hasIntent: Bool { mirror.isThere }
  /// How far it has come; of a service that has no intent yet there is none.
  public var figures: [Figure] { mirror.intent.map { [Figure("revision", $0.revision.number)] } ?? [] }
  public var wakeAt: Instant? { paused.isEmpty ? outbox.wakeAt : .earliest(outbox.wakeAt, paused.values.min()) }
  /// Whether a request for this purpose is unanswered, or was a Put whose change the mirror doesn't show yet.
  public func isUnderWay(_ purpose: Purpose) -> Bool {
    (!awaited.isEmpty && awaited[purpose] != nil) || (!paused.isEmpty && paused[purpose] != nil) || outbox.contains(.some(purpose))
  }

  /// A Put says from which copy of intent it was made.
  public mutating func send(
    _ request: Request, to peer: PeerName, for purpose: Purpose, id: RequestID? = nil, deadline: UInt64 = 10_000, at now: Now
  ) -> BusEffect {
    var request = request
    if case .configs(.put(var put)) = request, let intent = mirror.intent {
      put.basis = PutBasis(store: intent.store, revision: intent.revision, instance: mirror.instance)
      request = .configs(.put(put))
    }
    return outbox.send(request, to: peer, for: purpose, id: id, deadline: deadline, at: now)
  }

  public mutating func cancel(where matches: (Purpose) -> Bool) {
    awaited = awaited.filter { !matches($0.key) }
    outbox.cancel { $0.map(matches) ?? false }
  }

  /// Publications on topics other than `intent` are the service's own to read.
  public mutating func handle(_ event: BusEvent, at now: Now) -> Outcome {
    var outcome = Outcome()
    switch event {
    case .connected:
      outcome.effects = ([.intent] + topics).map { .subscribe($0) }
      outbox.reconnected(at: now)
      // What was published while the bus was away is found by comparing, not by waiting for the next head.
      askForSnapshot(&outcome, at: now)
    case .published(let publication) where publication.topic == .intent:
      switch mirror.read(publication) {
      case .current: break
      case .changed(let records):
        outcome.change = .records(records)
        paused = [:]
      case .needsSnapshot: askForSnapshot(&outcome, at: now)
      }
    case .reply(let id, let result):
      switch outbox.settle(id, result) {
      case .some(nil):
        guard case .success(.configs(.snapshot(let snapshot))) = result else { break }
        let before = mirror.intent?.store
        guard mirror.take(snapshot) else { break }
        outcome.change = .everything
        paused = [:]
        // Revisions of another store may never be reached in this one.
        if before != snapshot.store { awaited = [:] }
      case .some(let purpose?):
        switch result {
        case .success(.configs(.put(let revision))): awaited[purpose] = revision
        case .success: break
        case .failure: paused[purpose] = now.boot + Self.pause
        }
        outcome.answer = Answer(purpose: purpose, result: result)
      case .none: break
      }
    case .published, .request, .disconnected: break
    }
    if !awaited.isEmpty, let reached = mirror.intent?.revision { awaited = awaited.filter { $0.value > reached } }
    return outcome
  }

  public mutating func tick(at now: Now) -> Outcome {
    var outcome = Outcome()
    if !paused.isEmpty { paused = paused.filter { $0.value > now.boot } }
    let due = outbox.tick(at: now)
    outcome.effects = due.repeats
    for item in due.expired {
      if let purpose = item.purpose { outcome.expired.append(purpose) } else { askForSnapshot(&outcome, at: now) }
    }
    return outcome
  }

  private mutating func askForSnapshot(_ outcome: inout Outcome, at now: Now) {
    guard !outbox.contains(nil) else { return }
    outcome.effects.append(outbox.send(.configs(.snapshot), to: .configs, for: nil, at: now))
  }
}

public import Machine
public import Model

/// The reconciler: hosts' sessions, what was last observed of nodes and links, the verdict on each link, whether labs have converged, and the
/// numbered log of events.
public struct ReconcilerCore: ServiceMachine {
  public enum Event: ServiceEvent {
    case bus(BusEvent)
    case tick
    /// What `Effect.readEvents` asked for; `last` is the log's last index.
    case eventsRead(Incoming.Address, [LabEvent], last: UInt64)
  }

  public enum Effect: ServiceEffect {
    case bus(BusEffect)
    /// Events, their hosts' sequences and what was announced: one transaction, before anything of it is sent.
    case append(LogAppend)
    case readEvents(Incoming.Address, EventQuery)

    public var busEffect: BusEffect? {
      if case .bus(let effect) = self { effect } else { nil }
    }
  }

  enum Purpose: Sendable, Hashable {
    case register(HostName)
    case greet(HostName)
  }

  /// A host is lost after this many milliseconds without a word: five heartbeats.
  static let lease: UInt64 = 5_000
  /// Longer than this between two ticks and the loop stood still: all leases start anew.
  private static let stillness: UInt64 = 1_500
  /// In this many milliseconds after a start every host that is there has sent a heartbeat and all it has.
  static let settling: UInt64 = 2_000
  private static let tickInterval: UInt64 = 500

  var follower: Follower<Purpose>
  /// Since when intent has been known; nil: it isn't yet.
  private(set) var begin: Instant?
  /// Whose intent is followed.
  private var store: StoreIdentity?
  var hosts: [HostName: HostRecord] = [:]
  var log: LogState
  /// Hosts whose records may not be in intent as they registered.
  var unregistered: Set<HostName> = []
  /// What has to be judged anew before this event's effects leave: labs as a whole, what differs of others, and parts of others.
  var dirtyLabs: Set<LabName> = []
  var changedLabs: Set<LabName> = []
  var touched: [LabName: Touched] = [:]
  /// Restrained hosts that may be drained now, or not any more.
  var dirtyHosts: Set<HostName> = []
  var judgements: [LabName: Judgement] = [:]
  /// Hosts that are still to be greeted, and when the next ones are.
  var ungreeted: [HostName] = []
  var nextGreeting: Instant = .zero
  /// Questions that wait until the hosts have reported.
  var held: [Incoming] = []
  private var jitter: Jitter
  private var lastTick: Instant?
  private var nextTick: Instant = .zero

  public init(instance: Instance, log: LogState) {
    follower = Follower(instance: instance)
    jitter = Jitter(seed: instance.number &+ 1)
    self.log = log
  }

  public var wakeAt: Instant? { .earliest(follower.wakeAt, ungreeted.isEmpty ? nextTick : min(nextTick, nextGreeting)) }

  public var figures: [Figure] {
    follower.figures + [
      Figure("event", log.last), Figure("hosts", UInt64(hosts.count)), Figure("labs", UInt64(judgements.count)),
      Figure("held", UInt64(held.count)),
    ]
  }

  public mutating func handle(_ event: Event, at now: Now) -> [Effect] {
    var answers: [Effect] = []
    var outcome = Follower<Purpose>.Outcome()
    switch event {
    case .tick:
      outcome = follower.tick(at: now)
      checkLeases(at: now)
    case .eventsRead(let address, let events, let last): answers = reply(address, .events(events, last: last))
    case .bus(.request(let incoming)): answers = answer(incoming, at: now)
    case .bus(let event):
      if case .connected = event { renewLeases(at: now) }
      outcome = follower.handle(event, at: now)
    }
    var effects = outcome.effects
    follow(outcome.change)
    if begin == nil, let intent = follower.intent {
      begin = now.boot
      ungreeted = intent.hosts.keys.sorted()
    }
    effects += greetHosts(at: now) + registerHosts(at: now)
    judgeLabs(at: now)
    judgeHosts()
    answers += answerHeld(at: now)
    if case .tick = event { effects += heads() }
    guard let append = log.flush(at: now) else { return answers + effects.map { .bus($0) } }
    return [.append(append)] + answers + (effects + log.publications(of: append)).map { .bus($0) }
  }

  mutating func makeSession() -> Session { Session(jitter.next()) }

  /// The bus was away, or this process stood still: silence says nothing about the hosts.
  private mutating func renewLeases(at now: Now) {
    for name in hosts.keys { hosts[name]?.lastHeard = now.boot }
  }

  private mutating func checkLeases(at now: Now) {
    guard nextTick <= now.boot else { return }
    nextTick = now.boot + Self.tickInterval
    if let lastTick, now.boot.since(lastTick) > Self.stillness { renewLeases(at: now) }
    lastTick = now.boot
    guard let intent = follower.intent else { return }
    for name in intent.hosts.keys.sorted() {
      if hosts[name] == nil { hosts[name] = HostRecord(lastHeard: now.boot) }
      guard let heard = hosts[name]?.lastHeard, now.boot.since(heard) >= Self.lease, hosts[name]?.isLost == false else { continue }
      hosts[name]?.isLost = true
      hosts[name]?.session = nil
      announceHost(name, .lost)
      touchLabs(of: name)
    }
    for name in hosts.keys where intent.hosts[name] == nil && hosts[name]?.session == nil { hosts[name] = nil }
  }

  /// Everything that a host's state decides is judged anew.
  mutating func touchLabs(of host: HostName) {
    guard let intent = follower.intent else { return }
    dirtyLabs.formUnion((intent.index.placed[host] ?? [:]).keys)
  }

  /// Which versions a host has, and should have, decides how far its labs are, but nothing of their nodes and links.
  mutating func weighLabs(of host: HostName) {
    for name in (follower.intent?.index.placed[host] ?? [:]).keys where touched[name] == nil { touched[name] = Touched() }
  }

  private func heads() -> [BusEffect] {
    let last = log.last
    return [.publish(Publication(topic: .all, number: last, previous: last, fact: .head))]
  }

  /// Level-triggered: a host's record is asked for until intent shows it.
  private mutating func registerHosts(at now: Now) -> [BusEffect] {
    guard !unregistered.isEmpty, let intent = follower.intent else { return [] }
    var effects: [BusEffect] = []
    for name in unregistered.sorted() where !follower.isUnderWay(.register(name)) {
      guard let host = hosts[name], let spec = host.spec, host.session != nil, intent.hosts[name] != spec else {
        unregistered.remove(name)
        continue
      }
      effects.append(follower.send(.jobs(.registerHost(spec)), to: .jobs, for: .register(name), at: now))
    }
    return effects
  }

  /// Another store in the place of the one that was followed: hosts must say anew whom they obey, and what was told of labs is not of these.
  private mutating func follow(_ new: StoreIdentity) {
    defer { store = new }
    guard let store, !new.succeeds(store) else { return }
    for name in hosts.keys { hosts[name]?.session = nil }
    for key in log.announcedLabs(where: { _ in true }) { log.forgetAll(of: key) }
  }

  private mutating func follow(_ change: Follower<Purpose>.Change) {
    if case .none = change { return }
    guard let intent = follower.intent else { return }
    switch change {
    case .none: return
    case .everything:
      unregistered = Set(hosts.keys)
      follow(intent.store)
      dirtyLabs = Set(intent.labs.keys)
      judgements = [:]
      dirtyHosts = Set(intent.hosts.keys)
      for id in log.announcedJobs where intent.jobs[id] == nil { log.forget(.job(id)) }
      for job in intent.jobs.values.sorted(by: { $0.id < $1.id }) { announce(job) }
    case .records(let records):
      for record in records {
        switch record {
        case .lab(let name, _):
          changedLabs.insert(name)
          // A node that no host was told of yet leaves one without its assignment being another.
          dirtyHosts.formUnion(intent.restraints.keys)
        case .segments(let name, _), .projection(let name, _): changedLabs.insert(name)
        case .job(let id, let job):
          if let job { announce(job) } else { log.forget(.job(id)) }
        case .assigned(let host, _):
          weighLabs(of: host)
          dirtyHosts.insert(host)
        case .restraint(let host, _): dirtyHosts.insert(host)
        case .host(let host, let spec):
          if spec == nil {
            log.forget(.host(host))
            // One that is known again before the next tick has a lease again.
            if hosts[host]?.session == nil { hosts[host] = nil }
          }
          unregistered.insert(host)
          touchLabs(of: host)
        case .tombstone: break
        }
      }
    }
  }
}

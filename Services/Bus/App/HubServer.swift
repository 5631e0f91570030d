import Bus
import CZMQ
import HubCore
import Journal
import Logging
import Machine
import Metrics
import Model
import Reactor
import Wire

/// The hub's loop: what comes is decided by the core and done at once. Nothing in it waits but the poll.
struct HubServer: ~Copyable {
  enum End { case stop, startAgain }

  /// Sockets that may hold something: one whose descriptor says so, or that was used since it was last found empty.
  struct Unread {
    var requests = true
    var events = true
    var tap = true
    var gate = true

    var isNone: Bool { !requests && !events && !tap && !gate }
  }

  /// Requests taken in one round, so that subscriptions, keys and signals are heard under load.
  private static let mostRequests = 512
  /// Publications between two looks for subscriptions. Only then libzmq learns what followers have read; many more would seem to fill queues
  /// of `Limits.highWaterMark`, and be lost.
  private static let mostPublications = 16
  /// Messages of one round that are remembered; with fewer at a time nothing is left out.
  private static let mostRemembered = 64

  var hub: Hub<Parcel>
  let sockets: HubSockets
  let gate: KeyGate?
  let audit: AuditLog
  private let signals: Signals
  private let bells: [Int32]
  private var poller = Poller()
  var unread = Unread()
  private var publications = 0
  /// Messages taken in this round.
  private var received = 0
  private var notifier: Notifier
  var vitals: Vitals
  private var metrics: MetricsServer
  var frames = FrameMemory()
  var recorder = FlightRecorder()
  var tap = Tap()
  /// Whether anybody may see what passes.
  let isTraced: Bool
  var complaints = RateLimit(most: 10, in: 10_000)
  var counts: [Hub<Parcel>.Count: Int] = [:]

  init(
    _ addresses: [BusAddress], gate: KeyGate?, isTraced: Bool, audit: AuditLog, signals: consuming Signals,
    metrics: consuming MetricsServer, in context: Context
  ) throws(LabError) {
    // The gate must answer before anything is bound (RFC 27).
    let keys = gate?.keys
    let sockets = try HubSockets(addresses, keys: keys, in: context)
    bells = [signals.descriptor, try sockets.requests.descriptor, try sockets.events.descriptor, try sockets.tap.descriptor]
    self.sockets = sockets
    let now = Clock.now()
    let instance = Clock.makeInstance()
    hub = Hub(instance: instance)
    vitals = Vitals(instance, at: now)
    self.gate = gate
    self.isTraced = isTraced
    self.audit = audit
    self.signals = signals
    self.metrics = metrics
    notifier = Notifier(at: now)
  }

  mutating func run() throws(LabError) -> End {
    if let gate { _ = hub.handle(.roles(gate.roles), at: Clock.now()) }
    notifier.ready()
    Log.notice("serving", ["instance": hub.instance])
    var keysDue = Clock.now().boot + KeyGate.pause
    while true {
      try wait(until: [hub.wakeAt, tap.wakeAt, notifier.wakeAt, metrics.wakeAt, gate == nil ? nil : keysDue].compactMap(\.self).min())
      let now = Clock.now()
      let begin = Vitals.microseconds()
      while let wish = signals.next() {
        switch wish {
        case .end: return try finish()
        case .reload: if try reloadKeys(force: true, now) { return .startAgain }
        }
      }
      if gate != nil, keysDue <= now.boot {
        keysDue = now.boot + KeyGate.pause
        if try reloadKeys(force: false, now) { return .startAgain }
      }
      try read(now)
      if let wake = tap.wakeAt, wake <= now.boot { try showWaiting() }
      if let wake = hub.wakeAt, wake <= now.boot { try perform(hub.handle(.tick, at: now), now) }
      notifier.tick(at: now)
      vitals.round(since: begin, events: received, at: now)
      received = 0
      if metrics.isDue(at: now) { metrics.show(status(at: now).program, at: now) }
    }
  }

  /// Whether a key that was good is no more.
  private mutating func reloadKeys(force: Bool, _ now: Now) throws(LabError) -> Bool {
    guard let gate else { return false }
    switch gate.reload(force: force) {
    case .none: return false
    case .less: return true
    case .more:
      try perform(hub.handle(.roles(gate.roles), at: now), now)
      return false
    }
  }

  /// Returns when a socket may hold something, or a signal is there.
  private mutating func wait(until due: Instant?) throws(LabError) {
    poller.clear()
    for bell in bells { poller.add(descriptor: bell) }
    if let gate { poller.add(descriptor: try gate.socket.descriptor) }
    try poller.wait(unread.isNone ? due.map { $0.since(Clock.now().boot) } : 0)
    if poller.isReady(1) { unread.requests = true }
    if poller.isReady(2) { unread.events = true }
    if poller.isReady(3) { unread.tap = true }
    if gate != nil, poller.isReady(4) { unread.gate = true }
  }

  /// Requests last: what they publish goes to those who have asked for it before.
  private mutating func read(_ now: Now) throws(LabError) {
    if unread.gate {
      try gate?.answer(at: now.boot.milliseconds)
      unread.gate = false
    }
    if unread.events { try readSubscriptions(now) }
    if unread.tap {
      try readTap(now)
      unread.tap = false
    }
    if unread.requests { try readRequests(now) }
    // What was published may have taken the word that somebody wants to follow.
    if unread.events { try readSubscriptions(now) }
  }

  private mutating func finish() throws(LabError) -> End {
    notifier.stopping()
    try showWaiting()
    for (count, number) in counts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      Log.debug("counted", ["what": count.rawValue, "number": number])
    }
    return .stop
  }

  private mutating func readRequests(_ now: Now) throws(LabError) {
    for _ in 0..<Self.mostRequests {
      guard let message = try sockets.requests.receive(isKeyed: isKeyed) else {
        unread.requests = false
        return
      }
      received += 1
      guard message.frames.count >= 2, !message.isOverlong, let frame = frames.frame(message.frames[1]) else {
        counts[.strange, default: 0] += 1
        continue
      }
      let parcel = Parcel(message.frames[2...])
      // Of a flood only the begin of each round is remembered: it would cost all of them a part of their rate, and push out the rest.
      if isTraced, received <= Self.mostRemembered || tap.isFollowed {
        try show(message.frames[1], from: hub.name(of: RoutingID(message.frames[0])), parcel, now)
      }
      let event = Hub<Parcel>.Event.received(RoutingID(message.frames[0]), key: key(message), frame, parcel)
      try perform(hub.handle(event, at: now), now)
    }
  }

  var isKeyed: Bool { gate != nil }

  /// The name that the sender's key is bound to. A connection without a key is one to the local folder.
  mutating func key(_ message: Socket.Received) -> PeerName? { message.userID.flatMap { frames.peer($0) } }

  mutating func perform(_ effects: [Hub<Parcel>.Effect], _ now: Now) throws(LabError) {
    for effect in effects {
      switch effect {
      case .send(let routing, let frame, let parcel): try send(routing, frame, parcel, now)
      case .publish(let from, let topic, let parcel): try publish(from, topic, parcel, now)
      case .answer(let routing, let name, let key, let parcel): try answer(routing, name, key, parcel, now)
      case .audit(let name, let key, let parcel, let refusal):
        audit.add(AuditRecord(parcel, from: name, key, refusal, at: now))
        for remark in audit.takeRemarks() { Log.warning("audit", ["remark": remark]) }
      case .count(let what, let name): count(what, name, now)
      case .note(let note): say(note, now)
      // Answers to a subscription, done where it is read.
      case .allow, .deny: continue
      }
    }
  }

  private mutating func publish(_ from: PeerName, _ topic: Topic, _ parcel: Parcel, _ now: Now) throws(LabError) {
    publications += 1
    if publications >= Self.mostPublications { try readSubscriptions(now) }
    unread.events = true
    let frame = frames.bytes(.published(from: from, topic))
    if try sockets.events.send([frames.subscription(topic), frame] + parcel.frames) != .sent { count(.dropped, from, now) }
  }

  mutating func send(_ routing: RoutingID, _ frame: HubFrame, _ parcel: Parcel?, _ now: Now) throws(LabError) {
    unread.requests = true
    switch frame {
    case .refused, .undelivered: if isTraced { try show(frames.bytes(frame), from: .bus, to: hub.name(of: routing), nil, now) }
    default: break
    }
    switch try sockets.requests.send([routing.bytes, frames.bytes(frame)] + (parcel?.frames ?? [])) {
    case .sent: return
    case .unroutable: try perform(hub.handle(.unroutable(routing, frame, parcel), at: now), now)
    case .full: try perform(hub.handle(.full(routing, frame, parcel), at: now), now)
    }
  }

  /// Takes all subscriptions there are.
  ///
  /// A setting counts for the follower whose subscription was read last, and libzmq 4.3 doesn't forget those that wait to be read when
  /// their connection ends. So each is answered at once, and all are read before many others can have come.
  private mutating func readSubscriptions(_ now: Now) throws(LabError) {
    publications = 0
    while let message = try sockets.events.receive(isKeyed: isKeyed) { try takeSubscription(message, now) }
    unread.events = false
  }
}

import Bus
import CZMQ
import HubCore
import Logging
import Machine
import Model
import Reactor
import Wire

/// The hub's loop: what comes is decided by the core and done at once. Nothing in it waits but the poll.
struct HubServer: ~Copyable {
  enum End { case stop, startAgain }

  /// Requests taken in one round, so that subscriptions, keys and signals are heard under load.
  private static let mostRequests = 512

  var hub: Hub<Parcel>
  let sockets: HubSockets
  private let gate: KeyGate?
  private let signals: Signals
  private var poller = Poller()
  private var notifier: Notifier
  var tappers = 0
  var deniedTappers = 0
  var complaints = RateLimit(most: 10, in: 10_000)
  var counts: [Hub<Parcel>.Count: Int] = [:]

  init(_ addresses: [BusAddress], gate: KeyGate?, signals: consuming Signals, in context: Context) throws(LabError) {
    // The gate must answer before anything is bound (RFC 27).
    let keys = gate?.keys
    sockets = try HubSockets(addresses, keys: keys, in: context)
    hub = Hub(instance: Clock.makeInstance())
    self.gate = gate
    self.signals = signals
    notifier = Notifier(at: Clock.now())
  }

  mutating func run() throws(LabError) -> End {
    notifier.ready()
    Log.notice("serving", ["instance": hub.instance])
    var keysDue = Clock.now().boot + KeyGate.pause
    while true {
      var now = Clock.now()
      let due = [hub.wakeAt, notifier.wakeAt, gate == nil ? nil : keysDue].compactMap(\.self).min()
      poller.clear()
      poller.add(descriptor: signals.descriptor)
      poller.add(sockets.events)
      poller.add(sockets.tap)
      poller.add(sockets.requests)
      if let gate { poller.add(gate.socket) }
      try poller.wait(due.map { $0.since(now.boot) })
      now = Clock.now()
      while let wish = signals.next() {
        switch wish {
        case .end: return finish()
        case .reload: if gate?.reload(force: true) == .less { return .startAgain }
        }
      }
      if gate != nil, keysDue <= now.boot {
        keysDue = now.boot + KeyGate.pause
        if gate?.reload(force: false) == .less { return .startAgain }
      }
      try gate?.answer(at: now.boot.milliseconds)
      try readSubscriptions(now)
      try readTap(now)
      try readRequests(now)
      if let wake = hub.wakeAt, wake <= now.boot { try perform(hub.handle(.tick, at: now), now) }
      notifier.tick(at: now)
    }
  }

  private func finish() -> End {
    notifier.stopping()
    for (count, number) in counts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      Log.debug("counted", ["what": count.rawValue, "number": number])
    }
    return .stop
  }

  private mutating func readRequests(_ now: Now) throws(LabError) {
    for _ in 0..<Self.mostRequests {
      guard let message = try sockets.requests.receive() else { return }
      guard message.frames.count >= 2, !message.isOverlong, let frame = try? HubFrame(decoding: message.frames[1]) else {
        counts[.strange, default: 0] += 1
        continue
      }
      let parcel = Parcel(message.frames[2...])
      try showTap(message.frames[0], frame, parcel, now)
      let event = Hub<Parcel>.Event.received(RoutingID(message.frames[0]), key: Self.key(message), frame, parcel)
      try perform(hub.handle(event, at: now), now)
    }
  }

  /// The name that the sender's key is bound to. A connection without a key is one to the local folder.
  static func key(_ message: Socket.Received) -> PeerName? {
    // The gate gives out only names of peers.
    message.userID.flatMap { try? PeerName($0) }
  }

  mutating func perform(_ effects: [Hub<Parcel>.Effect], _ now: Now) throws(LabError) {
    for effect in effects {
      switch effect {
      case .send(let routing, let frame, let parcel): try send(routing, frame, parcel, now)
      case .publish(let from, let topic, let parcel):
        try readSubscriptions(now)
        let frame = HubFrame.published(from: from, topic).encode()
        if try sockets.events.send([Subscription.topic(topic).bytes, frame] + parcel.frames) != .sent { count(.dropped, from, now) }
      case .count(let what, let name): count(what, name, now)
      case .note(let note): say(note, now)
      // Answers to a subscription, done where it is read.
      case .allow, .deny: continue
      }
    }
  }

  private mutating func send(_ routing: RoutingID, _ frame: HubFrame, _ parcel: Parcel?, _ now: Now) throws(LabError) {
    switch try sockets.requests.send([routing.bytes, frame.encode()] + (parcel?.frames ?? [])) {
    case .sent: return
    case .unroutable: try perform(hub.handle(.unroutable(routing, frame, parcel), at: now), now)
    case .full: try perform(hub.handle(.full(routing, frame, parcel), at: now), now)
    }
  }
}

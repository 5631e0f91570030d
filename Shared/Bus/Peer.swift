import CZMQ
public import Machine
public import Model
import Wire

/// A peer's end of the bus: one connection for requests, replies and what it publishes, one for what it follows.
///
/// It never blocks and belongs to one thread: poll its sockets, `receive`, `send`, `flush`. What was sent while the hub was away is
/// answered with `UNAVAILABLE`; nothing is repeated here (Outbox does).
public struct Peer: ~Copyable {
  /// Requests whose answers are awaited; a thousand times what a service has under way.
  static let mostAwaited = 65_536
  /// How often awaited answers and half-received messages are looked through, in milliseconds.
  static let sweepPause: UInt64 = 5_000

  struct Awaited {
    var from: PeerName
    var until: UInt64
  }

  public let name: PeerName
  public let instance: Instance
  let build: String
  let requests: Socket
  let events: Socket
  let requestsMonitor: Monitor
  let eventsMonitor: Monitor

  var session: BusSession
  var topics: Set<Topic> = []
  var syncTopic: [UInt8]?
  var queue = OutQueue()
  var awaited: [RequestID: Awaited] = [:]
  var assembler = Assembler()
  var sweepAt: UInt64?
  var hasNewTopics = false
  /// What happened while sending, for the next `receive`.
  var waiting: [PeerEvent] = []

  /// - Parameters:
  ///   - keys: needed for TCP, unused otherwise.
  /// - Throws: `FAILED_PRECONDITION` where keys are missing.
  public init(
    name: PeerName, instance: Instance, address: BusAddress, keys: PeerKeys?, build: String, context: Context
  ) throws(LabError) {
    let requests = try Self.open(.dealer, address, keys, context)
    let events = try Self.open(.subscriber, address, keys, context)
    let requestsMonitor = try Monitor(of: requests, named: "requests.\(name).\(instance)", in: context)
    let eventsMonitor = try Monitor(of: events, named: "events.\(name).\(instance)", in: context)
    try requests.connect(address.requests)
    try events.connect(address.events)
    self.name = name
    self.instance = instance
    self.build = build
    self.requests = requests
    self.events = events
    self.requestsMonitor = requestsMonitor
    self.eventsMonitor = eventsMonitor
    session = BusSession(instance: instance)
  }

  static func open(
    _ kind: Socket.Kind, _ address: BusAddress, _ keys: PeerKeys?, _ context: Context
  ) throws(LabError) -> Socket {
    let socket = try Socket(kind, in: context)
    try socket.setUp()
    guard case .tcp = address else { return socket }
    guard let keys else {
      throw LabError(.failedPrecondition, "\(address)", "TCP needs keys (--keys DIR; on the bus's machine: archetype keys host NAME)")
    }
    try socket.set(ZMQ_CURVE_SERVERKEY, keys.hub)
    try socket.set(ZMQ_CURVE_PUBLICKEY, keys.own.publicKey)
    try socket.set(ZMQ_CURVE_SECRETKEY, keys.own.secretKey)
    return socket
  }

  /// The hub has admitted this peer and its subscriptions are in place.
  public var isConnected: Bool { session.isReady }

  /// When `receive` wants to be called though nothing comes.
  public var wakeAt: Instant? {
    if !waiting.isEmpty { return .zero }
    let due = [session.wakeAt, sweepAt].compactMap(\.self).min()
    return due.map { Instant(milliseconds: $0) }
  }

  public mutating func poll(with poller: inout Poller) {
    poller.add(requests, alsoWritable: !queue.isEmpty && session.isReady)
    poller.add(events)
    poller.add(requestsMonitor.socket)
    poller.add(eventsMonitor.socket)
  }

  /// What has come, at most `most` messages of each socket.
  public mutating func receive(most: Int, at now: Now) throws(LabError) -> [PeerEvent] {
    let time = now.boot.milliseconds
    var out = waiting
    waiting = []
    try watch(time, &out)
    for _ in 0..<most {
      guard let message = try requests.receive() else { break }
      try takeRequest(message, time, &out)
    }
    for _ in 0..<most {
      guard let message = try events.receive() else { break }
      try takeEvent(message, time, &out)
    }
    try act(session.tick(at: time), &out)
    if let due = sweepAt, due <= time { sweep(time) }
    return out
  }

  private mutating func watch(_ now: UInt64, _ out: inout [PeerEvent]) throws(LabError) {
    while let happening = try requestsMonitor.next() {
      switch happening {
      case .up: try act(session.requestsUp(at: now), &out)
      case .down: try act(session.requestsDown(), &out)
      case .refused: out.append(.refused(keyRefused))
      }
    }
    while let happening = try eventsMonitor.next() {
      switch happening {
      case .up: try act(session.eventsUp(at: now), &out)
      case .down: try act(session.eventsDown(), &out)
      case .refused: out.append(.refused(keyRefused))
      }
    }
  }

  private var keyRefused: LabError {
    let command = if case .client = name { "client" } else { "host" }
    return LabError(
      .unauthenticated, "\(name)", "the bus doesn't know this key (make one on its machine: archetype keys \(command) NAME)")
  }

  mutating func act(_ actions: [BusSession.Action], _ out: inout [PeerEvent]) throws(LabError) {
    for action in actions {
      switch action {
      case .hello:
        // A greeting overtakes what waits for the hub, and is repeated if it is lost.
        let hello = Hello(name: name, instance: instance, build: build)
        _ = try requests.send([HubFrame.hello(hello).encode()])
      case .sync(let number):
        if let syncTopic { try events.set(ZMQ_UNSUBSCRIBE, syncTopic) }
        let topic = Subscription.sync(number).bytes
        try events.set(ZMQ_SUBSCRIBE, topic)
        syncTopic = topic
      case .connected: out.append(.bus(.connected, .fresh()))
      case .disconnected:
        queue.removeAll()
        out.append(.bus(.disconnected, .fresh()))
      }
    }
  }

  private mutating func sweep(_ now: UInt64) {
    assembler.expire(at: now)
    for (id, item) in awaited where item.until <= now { awaited[id] = nil }
    sweepAt = awaited.isEmpty && assembler.isEmpty ? nil : now + Self.sweepPause
  }

  mutating func sweepLater(_ now: UInt64) {
    if sweepAt == nil { sweepAt = now + Self.sweepPause }
  }
}

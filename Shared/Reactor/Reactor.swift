public import Bus
import Logging
import Machine
public import Metrics
public import Model

/// The one loop of a service: waits for bus, descriptors, signals and time; drives the core; performs; commits; sends.
public struct Reactor<A: App & ~Copyable>: ~Copyable {
  /// Messages taken in one round of each socket: enough for group commits, and few enough to hear signals.
  private static var mostMessages: Int { 256 }
  /// Events handled in one round, follow-ups included; the rest is handled in the next.
  private static var mostEvents: Int { 10_000 }
  /// How long what was begun may take, in milliseconds, to be told as part of the same operation.
  private static var causeTime: UInt64 { 60_000 }

  private var app: A
  private var peer: Peer
  private let signals: Signals
  private var poller = Poller()
  private var notifier: Notifier
  private var complaints = RateLimit(most: 10, in: 10_000)
  private var vitals: Vitals
  private var metrics: MetricsServer
  private var isOver = false
  private var queue: [(event: A.Core.Event, trace: Trace?)] = []
  /// The operation for which something was begun last: what descriptors bring is taken to be of it.
  private var cause: (trace: Trace, until: Instant)?

  public init(app: consuming A, peer: consuming Peer, signals: consuming Signals, metrics: consuming MetricsServer) {
    let now = Clock.now()
    notifier = Notifier(at: now)
    vitals = Vitals(peer.instance, at: now)
    self.app = app
    self.peer = peer
    self.signals = signals
    self.metrics = metrics
  }

  /// Runs until SIGTERM or SIGINT, or until the app wants to begin anew.
  ///
  /// - Returns: whether it does.
  /// - Throws: when the hub refuses us for good (another live process has our name), or the app can't go on.
  public mutating func run() throws(LabError) -> Bool {
    // The first tick starts the core's timers.
    queue.append((.tick, nil))
    while !isOver, !app.startsAgain { try round() }
    if isOver { notifier.stopping() }
    app.end(at: Clock.now())
    try peer.flush(at: Clock.now())
    return !isOver
  }

  /// One round; waits for something to do.
  private mutating func round() throws(LabError) {
    let descriptors = app.descriptors
    poller.clear()
    poller.add(descriptor: signals.descriptor)
    for descriptor in descriptors { poller.add(descriptor: descriptor) }
    peer.poll(with: &poller)
    try poller.wait(pause(at: Clock.now()))

    let now = Clock.now()
    let begin = Vitals.microseconds()
    try read(descriptors, now)
    let arrived = queue.count
    let sends = try handle(now)
    for (effect, trace) in sends { try peer.send(effect, trace: trace, at: now) }
    try peer.flush(at: now)
    vitals.round(since: begin, events: arrived, at: now)
    if metrics.isDue(at: now) { metrics.show(status(now, isServing: notifier.isReady && (peer.isConnected || app.servesAlone)), at: now) }
    notifier.tick(at: now)
    if !notifier.isReady, peer.isConnected || app.servesAlone, app.isServing {
      notifier.ready()
      Log.notice("serving", ["peer": peer.name, "instance": peer.instance])
    }
  }

  /// Milliseconds until something is due; nil: nothing is.
  private func pause(at now: Now) -> UInt64? {
    if !queue.isEmpty { return 0 }
    let due = [app.core.wakeAt, peer.wakeAt, notifier.wakeAt, metrics.wakeAt].compactMap(\.self).min()
    return due.map { $0.since(now.boot) }
  }

  private mutating func read(_ descriptors: [Int32], _ now: Now) throws(LabError) {
    if poller.isReady(0) {
      while let wish = signals.next() {
        switch wish {
        case .end: isOver = true
        case .reload: queue += try app.reload(at: now).map { ($0, nil) }
        }
      }
    }
    for (index, descriptor) in descriptors.enumerated() where poller.isReady(index + 1) {
      let cause = cause.flatMap { $0.until > now.boot ? $0.trace : nil }
      queue += try app.readable(descriptor, at: now).map { ($0, cause) }
    }
    for event in try peer.receive(most: Self.mostMessages, at: now) {
      switch event {
      case .bus(.request(let incoming), let trace) where incoming.request.isForPeer:
        try peer.send(.reply(incoming.from, answer(incoming.request, now)), trace: Self.child(of: trace), at: now)
      case .bus(let event, let trace):
        note(event)
        queue.append((.bus(event), trace))
      case .refused(let error): throw error
      case .complaint(let complaint):
        guard let withheld = complaints.take(at: now.boot.milliseconds) else { continue }
        Log.warning(
          "message not taken", ["what": complaint.what, "peer": complaint.peer, "detail": complaint.detail, "withheld": withheld])
      }
    }
    if let due = app.core.wakeAt, due <= now.boot { queue.append((.tick, nil)) }
  }

  /// Handles what has come, and what comes of it at once; the result is what is to be sent once it is committed.
  private mutating func handle(_ now: Now) throws(LabError) -> [(BusEffect, Trace)] {
    var sends: [(BusEffect, Trace)] = []
    var next = 0
    var hasPerformed = false
    while next < queue.count, next < Self.mostEvents {
      let (event, trace) = queue[next]
      next += 1
      var own: [A.Core.Effect] = []
      var span: Trace?
      for effect in app.core.handle(event, at: now) {
        guard let wish = effect.busEffect else {
          own.append(effect)
          continue
        }
        let current = span ?? Self.child(of: trace)
        span = current
        sends.append((wish, current))
      }
      guard !own.isEmpty else { continue }
      hasPerformed = true
      if let trace { cause = (span ?? trace, now.boot + Self.causeTime) }
      queue += try app.perform(own, at: now).map { ($0, span ?? trace) }
    }
    queue.removeFirst(next)
    if hasPerformed { try app.commit(at: now) }
    return sends
  }

  /// The same operation, in a span of this handling.
  private static func child(of trace: Trace?) -> Trace {
    var fresh = Trace.fresh()
    if let trace { fresh.id = trace.id }
    return fresh
  }

  /// What each service answers beside its core.
  private func answer(_ request: Request, _ now: Now) -> Result<Reply, LabError> {
    guard request == .peer(.status) else {
      return .failure(LabError(.unimplemented, "\(peer.name)", "remembers no messages (the bus does)"))
    }
    let program = status(now, isServing: notifier.isReady)
    return .success(.peer(.status(PeerStatus(name: peer.name, program: program))))
  }

  private func status(_ now: Now, isServing: Bool) -> ProgramStatus {
    vitals.status(isServing: isServing, waiting: queue.count, figures: app.core.figures, at: now)
  }

  private func note(_ event: BusEvent) {
    switch event {
    case .connected: Log.notice("connected to the bus", ["peer": peer.name])
    case .disconnected: Log.warning("bus is away", ["peer": peer.name])
    case .request, .reply, .published: break
    }
  }
}

extension Request {
  fileprivate var isForPeer: Bool { if case .peer = self { true } else { false } }
}

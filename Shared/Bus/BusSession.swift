import Machine
import Model

/// Where a peer stands with the hub, as a value: connections of both sockets, admission, and whether subscriptions are in place.
struct BusSession {
  enum Action: Equatable {
    case hello
    /// Subscribe to this number in place of the last one, behind all topics.
    case sync(UInt64)
    case connected
    case disconnected
  }

  /// A hub answers within milliseconds; a greeting is repeated only because anything may be lost.
  private static let patience: UInt64 = 500

  private var areRequestsUp = false
  private var areEventsUp = false
  private(set) var hub: Instance?
  /// Begins at the peer's instance, so that two peers rarely use one number; if they do, both are told the truth.
  private var number: UInt64
  private var isSynced = false
  private(set) var isAnnounced = false
  private var helloDue: UInt64?
  private var syncDue: UInt64?
  private var holdUntil: UInt64 = 0

  init(instance: Instance) { number = instance.number }

  /// Admitted, and every subscription made so far is in place.
  var isReady: Bool { isAnnounced && isSynced }
  var isAdmitted: Bool { hub != nil }
  var wakeAt: UInt64? {
    switch (helloDue, syncDue) {
    case (let a?, let b?): min(a, b)
    case (let a, let b): a ?? b
    }
  }

  mutating func requestsUp(at now: UInt64) -> [Action] {
    areRequestsUp = true
    return lose() + greet(at: now)
  }

  mutating func requestsDown() -> [Action] {
    areRequestsUp = false
    helloDue = nil
    return lose()
  }

  mutating func eventsUp(at now: UInt64) -> [Action] {
    areEventsUp = true
    return withdraw() + sync(at: now)
  }

  mutating func eventsDown() -> [Action] {
    areEventsUp = false
    isSynced = false
    syncDue = nil
    return withdraw()
  }

  mutating func welcomed(by hub: Instance) -> [Action] {
    // A second welcome of the same life answers a repeated greeting.
    let lost = self.hub == hub || self.hub == nil ? [] : lose()
    self.hub = hub
    helloDue = nil
    return lost + announce()
  }

  mutating func helloRequired(at now: UInt64) -> [Action] {
    // One is under way: this is about what was sent before it.
    if hub == nil && helloDue != nil { return [] }
    return lose() + greet(at: now)
  }

  /// Another life has the name. `isFinal` false: it may be ours in a moment, so greet again.
  mutating func refused(isFinal: Bool, at now: UInt64) -> [Action] {
    helloDue = isFinal ? nil : now + Self.patience
    return lose()
  }

  /// Topics have changed: they are in place when the next number comes back.
  ///
  /// Until then what is sent waits, so that a question for a snapshot never overtakes the subscription that it follows.
  mutating func subscribed(at now: UInt64) -> [Action] {
    guard areEventsUp else { return [] }
    holdUntil = now + Self.patience
    return sync(at: now)
  }

  func holds(at now: UInt64) -> Bool { areEventsUp && !isSynced && now < holdUntil }

  mutating func synced(_ number: UInt64) -> [Action] {
    guard number == self.number else { return [] }
    isSynced = true
    syncDue = nil
    return announce()
  }

  mutating func tick(at now: UInt64) -> [Action] {
    var actions: [Action] = []
    if let due = helloDue, due <= now { actions += greet(at: now) }
    if let due = syncDue, due <= now { actions += sync(at: now) }
    return actions
  }

  private mutating func greet(at now: UInt64) -> [Action] {
    guard areRequestsUp else { return [] }
    helloDue = now + Self.patience
    return [.hello]
  }

  private mutating func sync(at now: UInt64) -> [Action] {
    number &+= 1
    isSynced = false
    syncDue = now + Self.patience
    return [.sync(number)]
  }

  private mutating func announce() -> [Action] {
    guard !isAnnounced, hub != nil, isSynced else { return [] }
    isAnnounced = true
    return [.connected]
  }

  private mutating func lose() -> [Action] {
    hub = nil
    return withdraw()
  }

  private mutating func withdraw() -> [Action] {
    guard isAnnounced else { return [] }
    isAnnounced = false
    return [.disconnected]
  }
}

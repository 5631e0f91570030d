public import Machine
public import Model

/// ZeroMQ's name for a connection, drawn by the hub's socket.
public struct RoutingID: Sendable, Hashable, Comparable {
  public var bytes: [UInt8]
  public init(_ bytes: [UInt8]) { self.bytes = bytes }
  /// All at once: an array hashes its bytes one by one, and each message is looked up by this.
  public func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }
  public static func < (a: Self, b: Self) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }
}

/// What passes through the hub unread.
public protocol HubPayload: Sendable {
  /// The id, if this is a request and somebody waits for its answer; read only when it can't be delivered.
  var waitingRequest: RequestID? { get }
  /// What it asks for, if it is a request: its envelope's kind. Read of what command lines send.
  var kind: String? { get }
}

/// The hub's decisions: who holds which name, who may do what, and what becomes of messages that can't be delivered.
public struct Hub<Payload: HubPayload>: Machine {
  public enum Event: Sendable {
    /// `key` is the name that the sender's key is bound to; nil: the local operator, who may be anyone and do anything.
    case received(RoutingID, key: PeerName?, HubFrame, Payload?)
    /// What was sent last to this connection did not leave: it is gone.
    case unroutable(RoutingID, HubFrame, Payload?)
    /// What was sent last to this connection did not leave: its queue is full.
    case full(RoutingID, HubFrame, Payload?)
    /// Someone wants to follow a topic.
    case subscribed(key: PeerName?, Topic)
    /// Someone wants all that passes.
    case tapped(key: PeerName?)
    /// Roles of command lines' keys; one that isn't named is an admin's.
    case roles([PeerName: Role])
    case tick
  }

  public enum Effect: Sendable {
    /// Failure comes back as `unroutable` or `full`.
    case send(RoutingID, HubFrame, Payload?)
    case publish(from: PeerName, Topic, Payload)
    /// The hub itself is asked.
    case answer(RoutingID, PeerName, key: PeerName?, Payload)
    /// A command line's request that is to be noted, with why it isn't passed on; empty: it is.
    case audit(PeerName, key: PeerName?, Payload, refusal: String)
    /// Of the subscription that was the last event.
    case allow
    case deny
    case count(Count, PeerName?)
    indirect case note(Note)
  }

  /// What is counted.
  public enum Count: String, Sendable, CaseIterable {
    case forwarded, published, unavailable, full, forbidden, strange, dropped
  }

  /// What an operator should read.
  public enum Note: Sendable, Hashable {
    case admitted(Hello)
    case tookOver(PeerName, from: Instance)
    case refused(Hello, String)
    case forbidden(PeerName, String)
  }

  struct Member {
    var routing: RoutingID
    var hello: Hello
  }

  /// Two instances of one name: the newcomer waits until the holder has answered or its time is over.
  struct Contest {
    var newcomer: Member
    var number: UInt64
    var deadline: Instant
  }

  /// A live peer's loop answers within milliseconds.
  public static var probeDeadline: UInt64 { 1_000 }
  /// An unknown connection is told once in this time that it must greet.
  static var reminderPause: UInt64 { 100 }
  /// Reminders remembered; a flood of strangers forgets the rest, which costs some frames.
  static var mostReminders: Int { 4_096 }
  /// Peers at a time: ten times the hosts that the system is for.
  static var mostPeers: Int { 4_096 }
  /// A full hub asks its command lines at most once in this time whether they are still there.
  static var sweepPause: UInt64 { 1_000 }

  /// Repeated requests are known among so many.
  static var mostNoted: Int { 1_024 }

  public let instance: Instance
  var roles: [PeerName: Role] = [:]
  /// Requests that were noted lately.
  var noted: Set<RequestID> = []
  var members: [PeerName: Member] = [:]
  var names: [RoutingID: PeerName] = [:]
  var contests: [PeerName: Contest] = [:]
  var reminded: [RoutingID: Instant] = [:]
  /// When the members were last asked whether they are there.
  var lastSweep: Instant?
  var number: UInt64 = 0

  public init(instance: Instance) { self.instance = instance }

  /// Admitted peers, sorted.
  public var peers: [PeerName] { members.keys.sorted() }
  public var wakeAt: Instant? {
    var first: Instant?
    for contest in contests.values { first = .earliest(first, contest.deadline) }
    return first
  }

  public mutating func handle(_ event: Event, at now: Now) -> [Effect] {
    switch event {
    case .received(let sender, let key, let frame, let payload): received(sender, key, frame, payload, now)
    case .unroutable(let routing, let frame, let payload): lost(routing, frame, payload, now)
    case .full(let routing, let frame, let payload): full(routing, frame, payload)
    case .subscribed(let key, let topic):
      Permissions.mayFollow(key, role(of: key), topic) ? [.allow] : [.deny, .count(.forbidden, key)] + note(key, "follow \(topic)")
    case .tapped(let key):
      Permissions.mayTap(key, role(of: key)) ? [.allow] : [.deny, .count(.forbidden, key)] + note(key, "follow the tap")
    case .roles(let roles): take(roles)
    case .tick: endContests(at: now)
    }
  }

  private func note(_ key: PeerName?, _ what: String) -> [Effect] { key.map { [.note(.forbidden($0, what))] } ?? [] }

  private mutating func received(_ sender: RoutingID, _ key: PeerName?, _ frame: HubFrame, _ payload: Payload?, _ now: Now) -> [Effect] {
    if case .hello(let hello) = frame { return greet(sender, key, hello, now) }
    // The key is compared each time: a routing id is the hub's own and can't be chosen, but this costs nothing.
    guard let name = names[sender], Permissions.mayBe(name, key: key) else { return remind(sender, now) }
    switch (frame, payload) {
    case (.request(let to), let payload?): return forward(sender, name, key, to, payload)
    case (.publish(let topic), let payload?): return publish(name, topic, payload)
    case (.probed(let number), _): return held(name, number)
    case (.request, nil), (.publish, nil), (.hello, _), (.welcome, _), (.helloRequired, _), (.refused, _), (.probe, _), (.delivered, _),
      (.published, _), (.synced, _), (.undelivered, _):
      return [.count(.strange, name)]
    }
  }

  private mutating func forward(_ sender: RoutingID, _ from: PeerName, _ key: PeerName?, _ to: PeerName, _ payload: Payload) -> [Effect] {
    guard Permissions.maySend(from, to: to) else {
      return [.count(.forbidden, from), .note(.forbidden(from, "send to \(to)"))]
        + answer(sender, to, payload, .permissionDenied, "\(from) may not send to it")
    }
    var isNoted = false
    if case .client = from, let kind = payload.kind {
      let (right, role) = (Rights.right(to: kind), role(of: key))
      guard role >= right.need else {
        let why = "needs the role \(right.need.rawValue), and this key has \(role.rawValue)"
        return [.count(.forbidden, from), .note(.forbidden(from, kind)), .audit(from, key: key, payload, refusal: why)]
          + answer(sender, to, payload, .permissionDenied, "\(kind) \(why) (archetype keys client makes others)")
      }
      isNoted = right.isNoted
    }
    if to == .bus { return (isNoted ? note(payload, from, key) : []) + [.answer(sender, from, key: key, payload)] }
    guard let member = members[to] else {
      return [.count(.unavailable, to)] + answer(sender, to, payload, .unavailable, Self.absent)
    }
    let passed: [Effect] = [.send(member.routing, .delivered(from: from), payload), .count(.forwarded, from)]
    return isNoted ? note(payload, from, key) + passed : passed
  }

  private mutating func take(_ new: [PeerName: Role]) -> [Effect] {
    roles = new
    return []
  }

  /// Local operators' connections bear no key.
  private func role(of key: PeerName?) -> Role { key.flatMap { roles[$0] } ?? .admin }

  /// A request is repeated until it is answered, and is noted once.
  private mutating func note(_ payload: Payload, _ from: PeerName, _ key: PeerName?) -> [Effect] {
    if let id = payload.waitingRequest {
      if noted.count >= Self.mostNoted { noted = [] }
      guard noted.insert(id).inserted else { return [] }
    }
    return [.audit(from, key: key, payload, refusal: "")]
  }

  static var absent: String { "is not connected to the bus (is it running? it may be starting: try again)" }

  private func publish(_ from: PeerName, _ topic: Topic, _ payload: Payload) -> [Effect] {
    guard Permissions.mayPublish(from, topic) else {
      return [.count(.forbidden, from), .note(.forbidden(from, "publish \(topic)"))]
    }
    return [.publish(from: from, topic, payload), .count(.published, from)]
  }

  /// Tells the sender of a request that it went nowhere; of anything else nobody waits for word.
  func answer(_ sender: RoutingID, _ to: PeerName, _ payload: Payload?, _ code: ErrorCode, _ text: String) -> [Effect] {
    guard let id = payload?.waitingRequest else { return [] }
    return [.send(sender, .undelivered(to: to, id, code, text), nil)]
  }

  private mutating func remind(_ sender: RoutingID, _ now: Now) -> [Effect] {
    if let last = reminded[sender], now.boot.since(last) < Self.reminderPause { return [.count(.strange, nil)] }
    if reminded.count >= Self.mostReminders { reminded = [:] }
    reminded[sender] = now.boot
    return [.send(sender, .helloRequired, nil), .count(.strange, nil)]
  }
}

extension Hub {
  /// Who has greeted by this connection.
  public func name(of routing: RoutingID) -> PeerName? { names[routing] }
}

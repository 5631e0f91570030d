public import Model

/// Requests under way: each is repeated under its own id, with growing and jittered pauses, until it is answered or its deadline has passed.
///
/// `Purpose` says what the answer is for.
public struct Outbox<Purpose: Sendable & Hashable>: Sendable {
  struct Pending: Sendable {
    var outgoing: Outgoing
    var purpose: Purpose
    var backoff: Backoff
    var due: Instant
    var deadline: Instant

    var next: Instant { min(due, deadline) }
  }

  /// One that ended without an answer.
  public struct Expired: Sendable {
    public var id: RequestID
    public var purpose: Purpose
  }

  public struct Due: Sendable {
    public var repeats: [BusEffect] = []
    public var expired: [Expired] = []
  }

  private let instance: Instance
  private var number: UInt64 = 0
  private var jitter: Jitter
  private var pending: [RequestID: Pending] = [:]
  /// How many of them there are for each purpose.
  private var underWay: [Purpose: Int] = [:]
  /// When the first of them is due or over.
  public private(set) var wakeAt: Instant?

  /// - Parameter instance: of this process; makes its request ids unique, and its jitter its own.
  public init(instance: Instance) {
    self.instance = instance
    jitter = Jitter(seed: instance.number)
  }

  public var isEmpty: Bool { pending.isEmpty }
  public func contains(_ purpose: Purpose) -> Bool { !underWay.isEmpty && underWay[purpose] != nil }
  /// How many requests are under way for such purposes.
  public func count(where matches: (Purpose) -> Bool) -> Int {
    var count = 0
    for (purpose, number) in underWay where matches(purpose) { count += number }
    return count
  }

  /// A fresh request id of this process.
  public mutating func makeID() -> RequestID {
    number += 1
    return RequestID(instance, number)
  }

  /// Sends a request and remembers it. `id` nil: a fresh one.
  public mutating func send(
    _ request: Request, to peer: PeerName, for purpose: Purpose, id: RequestID? = nil, deadline: UInt64 = 10_000, at now: Now
  ) -> BusEffect {
    let outgoing = Outgoing(to: peer, id: id ?? makeID(), request: request, deadline: deadline)
    var backoff = Backoff(first: 250, most: 4_000)
    let due = now.boot + backoff.next(&jitter)
    remove(outgoing.id)
    let item = Pending(outgoing: outgoing, purpose: purpose, backoff: backoff, due: due, deadline: now.boot + deadline)
    wakeAt = .earliest(wakeAt, item.next)
    pending[outgoing.id] = item
    underWay[purpose, default: 0] += 1
    return .send(outgoing)
  }

  /// What an answer is for; nil when nobody waits for it any more.
  ///
  /// - Parameter result: an `UNAVAILABLE` leaves the request under way: it will be repeated.
  public mutating func settle(_ id: RequestID, _ result: Result<Reply, LabError>) -> Purpose? {
    if case .failure(let error) = result, error.isTransient { return nil }
    return remove(id)
  }

  @discardableResult
  private mutating func remove(_ id: RequestID) -> Purpose? {
    guard let item = pending.removeValue(forKey: id) else { return nil }
    let left = (underWay[item.purpose] ?? 1) - 1
    underWay[item.purpose] = left > 0 ? left : nil
    if item.next == wakeAt { findWake() }
    return item.purpose
  }

  /// Forgets what is under way for a purpose.
  public mutating func cancel(where matches: (Purpose) -> Bool) {
    guard underWay.keys.contains(where: matches) else { return }
    for (id, item) in pending where matches(item.purpose) { remove(id) }
  }

  /// After a reconnect everything under way is due at once, spread by jitter so that a thousand peers are a ripple.
  public mutating func reconnected(at now: Now) {
    for id in pending.keys.sorted() {
      pending[id]?.due = now.boot + jitter.below(100)
    }
    findWake()
  }

  /// What is due for repetition, and what has passed its deadline.
  public mutating func tick(at now: Now) -> Due {
    guard let wakeAt, wakeAt <= now.boot else { return Due() }
    return takeDue(at: now)
  }

  private mutating func takeDue(at now: Now) -> Due {
    var due = Due()
    var ids: [RequestID] = []
    for (id, item) in pending where item.next <= now.boot { ids.append(id) }
    ids.sort()
    for id in ids {
      guard var item = pending[id] else { continue }
      if item.deadline <= now.boot {
        remove(id)
        due.expired.append(Expired(id: id, purpose: item.purpose))
      } else if item.due <= now.boot {
        item.due = now.boot + item.backoff.next(&jitter)
        var again = item.outgoing
        again.deadline = item.deadline.since(now.boot)
        due.repeats.append(.send(again))
        pending[id] = item
      }
    }
    findWake()
    return due
  }

  private mutating func findWake() {
    wakeAt = nil
    for item in pending.values { wakeAt = .earliest(wakeAt, item.next) }
  }
}

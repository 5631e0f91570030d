import Machine
import Model

/// One life of a service again: what it heard is handed to a fresh core in its order and at its times, and what that decides is compared with
/// what was really sent.
struct Replay<Service: Replayed> {
  /// A line of the comparison.
  struct Line {
    enum State: String {
      case equal = "="
      case onlyDecided = "-"
      case onlySent = "+"
    }
    /// Milliseconds since 1970.
    var at: Int64
    var state: State
    var said: Said
  }

  /// Milliseconds. The recording's times are the bus's: a core's timer may be so far ahead of them. And facts and messages to a service alone come by
  /// two connections: which of two that are no further apart was read first, the recording doesn't say.
  private static var slack: Int64 { 250 }
  /// Lines that are held where they may still change.
  private static var mostLines: Int { 512 }

  /// How things stood before a fact was taken that may have been read later.
  private struct Alternative {
    var before: Replay
    var fact: Recorded
    var since: [Recorded] = []
  }

  private var service: Service
  private var lines: [Line] = []
  /// Lines that don't change any more.
  private var settled: [[Line]] = []
  private var alternatives: [Alternative] = []
  private(set) var events = 0
  /// Lines that wait for their other half.
  private var decided: [Int] = []
  private var sent: [Int] = []
  private var topics: Set<Topic> = []
  private var asked: Set<RequestID> = []
  /// Ids count on, so another order is another id: what it is here.
  private var ids: [RequestID: RequestID] = [:]
  private var now: Int64

  init(_ service: Service, at begin: Int64) {
    self.service = service
    now = begin
  }

  /// - Parameter messages: those of one life, after what it began with.
  mutating func run(_ messages: ArraySlice<Recorded>) {
    feed(.tick)
    feed(.bus(.connected))
    for message in messages {
      step(message, isSure: false)
      settle()
    }
  }

  /// All lines in the order of their times.
  var result: [Line] {
    // What is decided at the very end was sent after the recording's.
    let end = now - Self.slack
    let all = settled.joined() + lines.filter { $0.state != .onlyDecided || $0.at < end }
    return all.sorted { $0.at < $1.at }
  }

  private mutating func step(_ message: Recorded, isSure: Bool) {
    tick(until: message.at)
    now = max(now, message.at)
    let misses = sent.count
    for place in alternatives.indices { alternatives[place].since.append(message) }
    switch message.what {
    // It greets the bus again: one of the two was away.
    case .hello:
      feed(.bus(.disconnected))
      feed(.bus(.connected))
    case .sent(let said): take(said)
    case .heard(.published(let publication)):
      guard topics.contains(publication.topic) else { return }
      if !isSure { noteAlternative(message) }
      feed(.bus(.published(publication)))
    case .heard(.reply(let id, let result)): feed(.bus(.reply(ids[id] ?? id, result)))
    case .heard(let event): feed(.bus(event))
    }
    if !isSure, sent.count > misses { tryAlternatives() }
  }

  private mutating func noteAlternative(_ fact: Recorded) {
    alternatives.removeAll { $0.fact.at + Self.slack < now }
    var before = self
    before.alternatives = []
    alternatives.append(Alternative(before: before, fact: fact))
  }

  /// Something was sent that isn't decided: was a fact read later than the bus had it?
  private mutating func tryAlternatives() {
    for alternative in alternatives.reversed() where alternative.fact.at + Self.slack >= now {
      var other = alternative.before
      var facts = [alternative.fact]
      for message in alternative.since {
        if case .heard(.published) = message.what { facts.append(message) } else { other.step(message, isSure: true) }
      }
      guard other.sent.count < sent.count else { continue }
      for fact in facts { other.step(fact, isSure: true) }
      self = other
      return
    }
  }

  private mutating func settle() {
    guard lines.count > Self.mostLines else { return }
    settled.append(lines.filter { $0.state == .equal })
    lines.removeAll { $0.state == .equal }
    decided = lines.indices.filter { lines[$0].state == .onlyDecided }
    sent = lines.indices.filter { lines[$0].state == .onlySent }
  }

  private mutating func tick(until time: Int64) {
    while let wake = service.core.wakeAt, Int64(wake.milliseconds) <= time {
      now = max(now, Int64(wake.milliseconds))
      feed(.tick)
      if let again = service.core.wakeAt, Int64(again.milliseconds) <= now { now += 1 }
    }
  }

  private mutating func feed(_ event: Service.Core.Event) {
    var queue = [event]
    while !queue.isEmpty {
      let event = queue.removeFirst()
      events += 1
      let time = Now(boot: Instant(milliseconds: UInt64(clamping: now)), wall: now)
      for effect in service.core.handle(event, at: time) {
        if let wish = effect.busEffect { decide(wish) } else { queue += service.perform(effect) }
      }
    }
  }

  private mutating func decide(_ effect: BusEffect) {
    if case .subscribe(let topic) = effect { topics.insert(topic) }
    if case .unsubscribe(let topic) = effect { topics.remove(topic) }
    let said = Said(effect)
    if let id = said.id, !asked.insert(id).inserted { return }
    guard said.isCompared else { return }
    if let place = sent.firstIndex(where: { lines[$0].said.text == said.text }) {
      let line = sent.remove(at: place)
      lines[line].state = .equal
      if let real = lines[line].said.id, let id = said.id { ids[real] = id }
    } else {
      decided.append(lines.count)
      lines.append(Line(at: now, state: .onlyDecided, said: said))
    }
  }

  private mutating func take(_ said: Said) {
    guard said.isCompared else { return }
    if let id = said.id, ids[id] != nil { return }
    if meet(said) { return }
    // Perhaps its timer is a little behind.
    if let wake = service.core.wakeAt, Int64(wake.milliseconds) <= now + Self.slack {
      tick(until: Int64(wake.milliseconds))
      if meet(said) { return }
    }
    if let id = said.id, sent.contains(where: { lines[$0].said.id == id }) { return }
    sent.append(lines.count)
    lines.append(Line(at: now, state: .onlySent, said: said))
  }

  /// Whether it was decided.
  private mutating func meet(_ said: Said) -> Bool {
    guard let place = decided.firstIndex(where: { lines[$0].said.text == said.text }) else { return false }
    let line = decided.remove(at: place)
    lines[line].state = .equal
    if let real = said.id, let id = lines[line].said.id { ids[real] = id }
    return true
  }
}

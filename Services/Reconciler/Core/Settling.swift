import Machine
import Model

/// What a reconciler that has begun anew does to know its hosts soon: it greets them, and answers what is asked meanwhile once they have reported.
extension ReconcilerCore {
  /// Hosts that are greeted at a time, and the milliseconds between: the reports of a thousand at once would be a wave.
  private static let greetedAtOnce = 16
  private static let greetingPause: UInt64 = 10

  mutating func greetHosts(at now: Now) -> [BusEffect] {
    guard !ungreeted.isEmpty, nextGreeting <= now.boot else { return [] }
    nextGreeting = now.boot + Self.greetingPause
    let names = ungreeted.prefix(Self.greetedAtOnce)
    ungreeted.removeFirst(names.count)
    return names.filter { hosts[$0]?.session == nil }.map {
      follower.send(.agent(.greet), to: .agent($0), for: .greet($0), deadline: Self.settling, at: now)
    }
  }

  /// What isn't known only because this process is new is told to nobody, for as long as a heartbeat may take.
  func isSettling(in intent: Intent, at now: Now) -> Bool {
    guard let begin, now.boot.since(begin) < Self.settling else { return false }
    return intent.hosts.keys.contains { name in !(hosts[name].map { $0.isTrusted || $0.isLost } ?? false) }
  }

  /// A question that is repeated while it waits is the same one.
  mutating func hold(_ incoming: Incoming) -> [Effect] {
    if held.contains(where: { $0.from == incoming.from }) { return [] }
    guard held.count < Limits.heldQuestions else {
      return refuse(
        incoming.from, LabError(.unavailable, "reconciler", "has just started, and not all hosts have reported yet (try again)"))
    }
    held.append(incoming)
    return []
  }

  mutating func answerHeld(at now: Now) -> [Effect] {
    guard !held.isEmpty, let intent = follower.intent, !isSettling(in: intent, at: now) else { return [] }
    let waiting = held
    held = []
    return waiting.flatMap { answer($0, at: now) }
  }
}

import Machine
import Model

/// What a run came to.
public struct Outcome: Sendable {
  public var seed: UInt64
  /// nil: every invariant held and the world came to its goal.
  public var problem: String?
  public var steps: Int
  /// Of all steps; equal for two runs of one seed, in any process.
  public var fingerprint: UInt64
  public var trace: [String]
  public var coverage: [String: Int]
}

extension World {
  /// How long a healed world may take, in virtual milliseconds.
  private static let healing: UInt64 = 150_000
  /// No world needs as many: a loop that does is a fault.
  private static let mostSteps = 1_000_000

  /// Safety under faults first, then healing: it must come to its goal, and then do nothing.
  public static func run(seed: UInt64, settings: Settings = Settings()) -> Outcome {
    var world = World(seed: seed, settings: settings)
    let problem = world.run()
    return Outcome(
      seed: seed, problem: problem, steps: world.steps, fingerprint: world.fingerprint, trace: world.trace, coverage: world.coverage)
  }

  private mutating func run() -> String? {
    while time < storm || operationsLeft > 0 || storeState.isBroken { guard advance() else { return checks?.violation } }
    if storeState.isForked { return nil }
    // What is still on its way arrives, also what a pause holds up.
    let wait: UInt64 = faults.pause > 0 ? 6_500 : 1_500
    let absent = workload.happens(250) ? workload.pick(hosts) : nil
    heal(without: absent)
    guard advance(for: wait) else { return checks?.violation }
    guard lookAfterStore() else { return checks?.violation }
    if let absent, let problem = settleWithout(absent) { return problem }
    return settle("not at its goal") ?? calm() ?? prove() ?? destroyEverything()
  }

  mutating func advance() -> Bool {
    if steps > Self.mostSteps { checks?.fail("more than \(Self.mostSteps) steps: something goes round") }
    guard step() else {
      checks?.fail("nothing left to happen")
      return false
    }
    return true
  }

  mutating func advance(for duration: UInt64) -> Bool {
    let end = time + duration
    while time < end { guard advance() else { return false } }
    return true
  }

  /// Until nothing is unfinished, or the first reason why something still is.
  mutating func settle(_ failure: String) -> String? {
    let limit = time + Self.healing
    var seen: (changes: UInt64, problem: String?)?
    while true {
      let changes = checks?.changes ?? 0
      if let seen, seen.changes == changes, let problem = seen.problem {
        if time > limit { return "\(failure): \(problem)" }
      } else {
        let problem = unfinished
        seen = (changes, problem)
        if problem == nil { return indexProblem }
      }
      guard advance(for: 100) else { return checks?.violation }
    }
  }

  /// What intent keeps beside its records is what they say together.
  private var indexProblem: String? {
    var whole = Intent(store: store.intent.store)
    for item in store.intent.records { whole.load(item.record, at: item.revision) }
    return whole.index == store.intent.index ? nil : "the store's index is not what its records say"
  }
}

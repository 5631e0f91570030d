import AgentCore
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
}

extension World {
  /// How long faults go on, and how long a healed world may take, in virtual milliseconds.
  private static let storm: UInt64 = 30_000
  private static let healing: UInt64 = 150_000
  /// A world at its goal is watched this long: nothing may be done in it (invariant 30).
  private static let quiet: UInt64 = 20_000
  /// No world needs as many: a loop that does is a fault.
  private static let mostSteps = 2_000_000

  /// Safety under faults first, then healing: it must come to its goal, and then do nothing.
  public static func run(seed: UInt64, tracing: Bool = false) -> Outcome {
    var world = World(seed: seed, tracing: tracing)
    let problem = world.run()
    return Outcome(
      seed: seed, problem: problem, steps: world.steps, fingerprint: world.fingerprint, trace: world.trace)
  }

  private mutating func run() -> String? {
    while time < Self.storm || operationsLeft > 0 { guard advance() else { return violation } }
    heal()
    let limit = time + Self.healing
    while let waiting = unfinished {
      if time > limit { return "not at its goal: \(waiting)" }
      let next = time + 200
      while time < next { guard advance() else { return violation } }
    }
    return calm() ?? destroyEverything()
  }

  private mutating func advance() -> Bool {
    if steps > Self.mostSteps { violation = "more than \(Self.mostSteps) steps: something goes round" }
    guard step() else {
      if violation == nil { violation = "nothing left to happen" }
      return false
    }
    if case .client(let client)? = processes[Self.client]?.core, let problem = checks.afterAcknowledgement(client, store.intent) {
      violation = problem
    }
    return violation == nil
  }

  private mutating func heal() {
    say("--- healed ---")
    faults = .none
    for name in hosts.keys.sorted() {
      powerOn(name)
      // What nodes did to their own interfaces is theirs; here they undo it.
      for key in hosts[name]?.truth.taps.keys.sorted() ?? [] where hosts[name]?.truth.taps[key]?.nodeUp == false {
        hosts[name]?.truth.taps[key]?.nodeUp = true
        if let process = processes[.agent(name)] { push(.observe(name, process.instance, [.tap(key, nil)]), in: 5) }
      }
    }
  }

  /// The first reason why the world isn't as its users want it; nil when it is.
  var unfinished: String? {
    if case .client(let client)? = processes[Self.client]?.core, !client.isIdle { return "a request is unanswered" }
    for (id, job) in store.intent.jobs.sorted(by: { $0.key < $1.key }) where job.phase == .running {
      return "8: job \(id) (\(job.kind)) is stuck"
    }
    if let (vni, tombstone) = store.intent.tombstones.min(by: { $0.key < $1.key }) { return "37: VNI \(vni) rests for \(tombstone.hosts)" }
    for (name, host) in hosts.sorted(by: { $0.key < $1.key }) {
      if let problem = Oracle(intent: store.intent, host: host, others: hosts).difference { return "\(name): \(problem)" }
    }
    return nil
  }

  /// 6, 17, 30: at its goal nothing is done, though every service and agent starts anew.
  private mutating func calm() -> String? {
    let before = hosts.mapValues(\.performed)
    for name in Self.services + hosts.keys.sorted().map({ PeerName.agent($0) }) { kill(name, restartIn: machines.between(10, 500)) }
    let end = time + Self.quiet
    while time < end { guard advance() else { return violation } }
    for (name, host) in hosts.sorted(by: { $0.key < $1.key }) where host.performed != before[name] {
      return "30: \(name) performed \(host.performed - (before[name] ?? 0)) actions in a quiet world"
    }
    return unfinished.map { "after the calm: \($0)" }
  }

  /// 26: every way to remove something leaves nothing.
  private mutating func destroyEverything() -> String? {
    for name in store.intent.labs.keys.sorted() {
      guard let id = try? RequestID("end.\(name)") else { continue }
      driveClient(.ask(id, .destroyLab(name)))
    }
    let limit = time + Self.healing
    while let waiting = unfinished {
      if time > limit { return "26: not gone: \(waiting)" }
      let next = time + 200
      while time < next { guard advance() else { return violation } }
    }
    for (name, host) in hosts.sorted(by: { $0.key < $1.key }) where host.truth != Inventory() {
      return "26: \(name) is left with \(host.truth)"
    }
    if !store.intent.segments.isEmpty { return "26: segments are left" }
    return nil
  }
}

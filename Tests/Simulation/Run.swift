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
    heal()
    guard advance(for: wait) else { return checks?.violation }
    // Its operator reads that it obeys another store; by then it has shown which.
    for _ in 0..<2 where needsOperator {
      guard advance(for: 12_000) else { return checks?.violation }
      run(.recover)
      guard advance(for: 3_000) else { return checks?.violation }
    }
    return settle("not at its goal") ?? calm() ?? destroyEverything()
  }

  private mutating func advance() -> Bool {
    if steps > Self.mostSteps { checks?.fail("more than \(Self.mostSteps) steps: something goes round") }
    guard step() else {
      checks?.fail("nothing left to happen")
      return false
    }
    return true
  }

  private mutating func advance(for duration: UInt64) -> Bool {
    let end = time + duration
    while time < end { guard advance() else { return false } }
    return true
  }

  /// Until nothing is unfinished, or the first reason why something still is.
  private mutating func settle(_ failure: String) -> String? {
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

  private mutating func heal() {
    say("--- healed ---")
    faults = .none
    loops = []
    hubPausedUntil = 0
    for process in living {
      process.pausedUntil = 0
      process.mutedUntil = 0
      process.deafUntil = 0
      if processes[process.name] !== process { end(process) }
    }
    for host in hosts {
      powerOn(host)
      host.clearForeign()
      setFirewall(of: host, drops: false)
      // What nodes did to their own interfaces is theirs; here they undo it.
      for (key, var tap) in host.truth.taps.sorted(by: { $0.key < $1.key }) where !tap.nodeUp {
        tap.nodeUp = true
        disturb(host) { $0.set(key, tap) }
      }
    }
  }

  /// The first reason why the world isn't as its users want it; nil when it is.
  private var unfinished: String? {
    for name in Self.clients {
      if let client = processes[name]?.client?.machine, !client.isIdle { return "a request of \(name) is unanswered" }
    }
    if let host = hosts.first(where: { $0.cached?.store != store.intent.store }) {
      return "21: \(host.name) doesn't obey the store that goes on"
    }
    let oracle = Oracle(intent: store.intent, hosts: hosts, told: log.toldHosts)
    if let problem = oracle.difference ?? checks?.untold ?? oracle.crowd { return problem }
    for (id, job) in store.intent.jobs.sorted(by: { $0.key < $1.key }) where job.phase == .running {
      return "8: job \(id) (\(job.kind)) is stuck"
    }
    return store.intent.tombstones.min { $0.key < $1.key }.map { "37: VNI \($0.key) rests for \($0.value.hosts)" }
  }

  /// What intent keeps beside its records is what they say together.
  private var indexProblem: String? {
    var whole = Intent(store: store.intent.store)
    for item in store.intent.records { whole.load(item.record, at: item.revision) }
    return whole.index == store.intent.index ? nil : "the store's index is not what its records say"
  }

  /// 6, 17, 30: at its goal nothing is done, though every service and agent starts anew and every lab is asked for again.
  private mutating func calm() -> String? {
    let before = hosts.map(\.performed)
    for name in Self.services + hosts.map({ PeerName.agent($0.name) }) { kill(name, restartIn: machines.between(10, 500)) }
    for (name, lab) in store.intent.labs.sorted(by: { $0.key < $1.key }) {
      guard let id = try? RequestID("again.\(name)") else { continue }
      ask(Self.clients[0], id, .jobs(.applyLab(lab.spec, reconfigure: false)))
    }
    guard advance(for: workload.happens(300) ? 12_000 : 3_000) else { return checks?.violation }
    if let problem = settle("after the calm") { return problem }
    for (host, count) in zip(hosts, before) where host.performed != count {
      return "17, 30: \(host.name) performed \(host.performed - count) actions in a quiet world"
    }
    return nil
  }

  /// 26: every way to remove something leaves nothing.
  private mutating func destroyEverything() -> String? {
    for name in store.intent.labs.keys.sorted() {
      guard let id = try? RequestID("end.\(name)") else { continue }
      ask(Self.clients[0], id, .jobs(.destroyLab(name)))
    }
    if let problem = settle("26: not gone") { return problem }
    for host in hosts where host.truth != Inventory() { return "26: \(host.name) is left with \(host.truth)" }
    for host in hosts where !host.crashes.isEmpty { return "26: \(host.name) is left with crash records of \(host.crashes.keys.sorted())" }
    if !store.intent.segments.isEmpty { return "26: segments are left" }
    if !store.intent.held.isEmpty { return "26: held projections are left" }
    return nil
  }
}

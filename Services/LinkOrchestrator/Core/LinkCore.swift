public import Machine
public import Model

/// The link orchestrator: plans the cable of every link from placement alone, and lets freed VNIs rest until no host can send with them.
public struct LinkCore: ServiceMachine {
  public typealias Event = BusOnly.Event
  public typealias Effect = BusOnly.Effect

  enum Purpose: Sendable, Hashable {
    case segments(LabName)
    case clear
    case tombstones
  }

  /// How often tombstones are asked about, in milliseconds.
  private static let clearInterval: UInt64 = 1_000
  /// How many with one question.
  private static let tombstonesAtOnce = 1_000

  var follower: Follower<Purpose>
  private var pool = VNIPool()
  /// Labs whose segments may not be those of their wiring.
  private var stale: Set<LabName> = []
  private var nextClear: Instant = .zero
  /// The last VNI that was asked about; the next ones are asked about next.
  private var lastAsked: VNI?

  public init(instance: Instance) { follower = Follower(instance: instance) }

  public var wakeAt: Instant? {
    let isAsking = follower.isUnderWay(.clear) || follower.isUnderWay(.tombstones)
    let clear = !isAsking && follower.intent?.tombstones.isEmpty == false ? nextClear : nil
    return .earliest(follower.wakeAt, clear)
  }

  public var figures: [Figure] {
    follower.figures + [
      Figure("unplanned", UInt64(stale.count)), Figure("tombstones", UInt64(follower.intent?.tombstones.count ?? 0)),
    ]
  }

  public mutating func handle(_ event: Event, at now: Now) -> [Effect] {
    let outcome: Follower<Purpose>.Outcome
    switch event {
    case .tick: outcome = follower.tick(at: now)
    case .bus(.request(let incoming)):
      return [.bus(.reply(incoming.from, .failure(LabError(.unimplemented, "links", "the link orchestrator answers no requests"))))]
    case .bus(let event): outcome = follower.handle(event, at: now)
    }
    follow(outcome.change)
    var effects = outcome.effects
    if let answer = outcome.answer { effects += take(answer, at: now) }
    for name in pool.labs where !follower.isUnderWay(.segments(name)) { pool.release(name, in: follower.intent) }
    effects += plan(at: now)
    effects += askForClear(at: now)
    return effects.map { .bus($0) }
  }

  private mutating func follow(_ change: Follower<Purpose>.Change) {
    if case .none = change { return }
    guard let intent = follower.intent else { return }
    switch change {
    case .none: return
    case .everything:
      stale = Set(intent.labs.keys).union(intent.segments.keys)
      pool.begin(in: intent.store)
    case .records(let records):
      for record in records {
        switch record {
        case .lab(let name, _), .segments(let name, _): stale.insert(name)
        // A host that is known now is what a lab's cables may have waited for.
        case .host: stale.formUnion(intent.labs.keys)
        case .tombstone(let vni, nil): pool.free(vni)
        case .projection, .tombstone, .job, .assigned, .restraint: break
        }
      }
    }
  }

  private mutating func take(_ answer: Follower<Purpose>.Answer, at now: Now) -> [BusEffect] {
    guard answer.purpose == .clear, case .success(.reconciler(.clearVNIs(let clear))) = answer.result else { return [] }
    return bury(clear, at: now)
  }

  /// Puts segments for every lab whose segments aren't those of its wiring, and frees those of labs that are gone.
  private mutating func plan(at now: Now) -> [BusEffect] {
    guard !stale.isEmpty, let intent = follower.intent else { return [] }
    var effects: [BusEffect] = []
    for name in stale.sorted() where !follower.isUnderWay(.segments(name)) {
      let current = intent.segments[name]
      let lab = intent.labs[name]
      if lab?.key == current?.lab, lab?.wiring == current?.wiring {
        stale.remove(name)
        continue
      }
      guard let planned = Planner(intent: intent, pool: pool).segments(for: name) else { continue }
      pool.reserve(planned.taken, for: name, floor: planned.floor)
      let put = Put(
        changes: [.segments(name, planned.segments)] + planned.tombstones.map { .tombstone($0.vni, $0) },
        expect: [
          Expectation(.segments(name), at: intent.version(of: .segments(name))),
          Expectation(.lab(name), at: intent.version(of: .lab(name))),
        ])
      effects.append(follower.send(.configs(.put(put)), to: .configs, for: .segments(name), at: now))
    }
    return effects
  }

  private mutating func askForClear(at now: Now) -> [BusEffect] {
    guard nextClear <= now.boot, let intent = follower.intent, !intent.tombstones.isEmpty, !follower.isUnderWay(.clear),
      !follower.isUnderWay(.tombstones)
    else { return [] }
    nextClear = now.boot + Self.clearInterval
    // In turn: those that wait for a lost host hold up no others.
    let all = intent.tombstones.values.sorted { $0.vni < $1.vni }
    let first = lastAsked.flatMap { last in all.firstIndex { $0.vni > last } } ?? 0
    let part = (all[first...] + all[..<first]).prefix(Self.tombstonesAtOnce)
    lastAsked = part.last?.vni
    return [follower.send(.reconciler(.clearVNIs(Array(part))), to: .reconciler, for: .clear, at: now)]
  }

  /// Takes hosts that are clear, or that have been forgotten, off the tombstones; one without hosts goes.
  private mutating func bury(_ clear: [ClearVNI], at now: Now) -> [BusEffect] {
    guard let intent = follower.intent else { return [] }
    var put = Put(changes: [], expect: [])
    for item in clear {
      guard var tombstone = intent.tombstones[item.vni] else { continue }
      let before = tombstone.hosts
      tombstone.hosts.removeAll { item.hosts.contains($0) || intent.hosts[$0] == nil }
      if tombstone.hosts == before { continue }
      put.changes.append(.tombstone(item.vni, tombstone.hosts.isEmpty ? nil : tombstone))
      put.expect.append(Expectation(.tombstone(item.vni), at: intent.version(of: .tombstone(item.vni))))
    }
    if put.changes.isEmpty { return [] }
    return [follower.send(.configs(.put(put)), to: .configs, for: .tombstones, at: now)]
  }
}

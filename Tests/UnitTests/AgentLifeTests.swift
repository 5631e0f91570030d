import AgentCore
import Machine
import Model
import Testing

/// What an agent makes of ends that are told before their beginnings, and of another host's cache.
struct AgentLifeTests {
  struct Missing: Error {}

  private let host: HostName
  private let lab: Lab
  private var key: NodeKey { lab.key(at: 0) }

  init() throws {
    host = try HostName("h1")
    lab = try CoreScene.lab("ring", nodes: ["a"], born: Revision(1))
  }

  private func agent(named name: String, crashes: [NodeKey: CrashRecord] = [:]) throws -> AgentCore {
    AgentCore(
      AgentCore.Start(
        spec: try CoreScene.host(name), instance: Instance(5), cached: CoreScene.assignment(lab), isCacheTrusted: true, blobs: [],
        crashes: crashes))
  }

  private func process(_ pid: Int32) -> NodeProcess {
    NodeProcess(pid: pid, startSerial: lab.nodes[0].startSerial, specDigest: lab.spec.nodes[0].processDigest, config: nil, execDone: true)
  }

  private func end(_ pid: Int32) -> AgentCore.Event { .observed([.exited(key, ProcessEnd(pid: pid, exit: .code(1)))]) }

  private func started(_ effects: [AgentCore.Effect]) -> Batch? {
    for case .perform(let batch) in effects where batch.lane == .starts { return batch }
    return nil
  }

  @Test func aNodeThatDiesBeforeItsStartIsToldIsStartedAgain() throws {
    var core = try agent(named: "h1")
    var inventory = Inventory()
    inventory.sandboxes = [key]
    let batch = try #require(started(core.handle(.inventory(inventory, ended: []), at: CoreScene.now(0))))
    // An earlier life's end says nothing about this one.
    _ = core.handle(end(50), at: CoreScene.now(1))
    _ = core.handle(end(78), at: CoreScene.now(2))
    let effects = core.handle(.performed(batch.id, failures: [], observations: [.process(key, process(78))]), at: CoreScene.now(3))
    #expect(core.inventory?.processes[key] == nil)
    #expect(started(effects) != nil)
  }

  @Test func anotherLifesEndLeavesAProcessAlone() throws {
    var core = try agent(named: "h1")
    var inventory = Inventory()
    inventory.sandboxes = [key]
    let batch = try #require(started(core.handle(.inventory(inventory, ended: []), at: CoreScene.now(0))))
    _ = core.handle(end(50), at: CoreScene.now(1))
    let effects = core.handle(.performed(batch.id, failures: [], observations: [.process(key, process(78))]), at: CoreScene.now(2))
    #expect(core.inventory?.processes[key]?.pid == 78)
    #expect(started(effects) == nil)
  }

  @Test func anEndThatIsToldWhileTheHostIsReadCounts() throws {
    var core = try agent(named: "h1")
    _ = core.handle(end(77), at: CoreScene.now(0))
    var inventory = Inventory()
    inventory.sandboxes = [key]
    inventory.processes[key] = process(77)
    let effects = core.handle(.inventory(inventory, ended: []), at: CoreScene.now(1))
    #expect(core.inventory?.processes[key] == nil)
    #expect(started(effects) != nil)
  }

  @Test func anEndIsRememberedForAStartThatIsUnderWayThoughTheNodeIsNotWantedAnyMore() throws {
    var core = try agent(named: "h1")
    let connected = core.handle(.bus(.connected), at: CoreScene.now(0))
    var inventory = Inventory()
    inventory.sandboxes = [key]
    let batch = try #require(started(core.handle(.inventory(inventory, ended: []), at: CoreScene.now(0))))
    _ = core.handle(end(78), at: CoreScene.now(2))
    let nothing = Assignment(host: host, store: CoreScene.store, revision: Revision(4), labs: [])
    let news = Publication(topic: .assign(host), number: 4, previous: 3, fact: .assigned(Revision(4)))
    _ = answer(connected, nothing, &core)
    _ = answer(core.handle(.bus(.published(news)), at: CoreScene.now(3)), nothing, &core)
    _ = core.handle(.assignmentSaved(nil), at: CoreScene.now(4))
    #expect(core.assignment?.revision == Revision(4))
    _ = core.handle(.performed(batch.id, failures: [], observations: [.process(key, process(78))]), at: CoreScene.now(5))
    #expect(core.inventory?.processes[key] == nil)
  }

  /// Its node, which died early once before, runs when the agent begins.
  @Test(
    "Who dies with its sandbox is not to blame, whichever is told first",
    arguments: [
      (["end", "loss", "make"], true), (["loss", "end", "make"], true), (["loss", "make", "end"], false), (["end"], false),
    ])
  func sandbox(told: [String], isForgiven: Bool) throws {
    let record = CrashRecord(startSerial: lab.nodes[0].startSerial, early: 1, restarts: 1, cause: "x")
    var core = try agent(named: "h1", crashes: [key: record])
    var inventory = Inventory()
    inventory.sandboxes = [key]
    inventory.processes[key] = process(77)
    var effects = core.handle(.inventory(inventory, ended: []), at: CoreScene.now(0))
    for word in told {
      let event =
        switch word {
        case "loss": AgentCore.Event.observed([.sandbox(key, exists: false)])
        case "end": end(77)
        default: try made(effects)
        }
      effects += core.handle(event, at: CoreScene.now(1))
    }
    let start = started(effects)?.actions.first
    guard isForgiven else { return #expect(start == nil) }
    guard case .start(_, let next)? = start else { throw Missing() }
    #expect(next.early == 1 && next.restarts == 2)
  }

  /// The sandbox that was to be made is there.
  private func made(_ effects: [AgentCore.Effect]) throws -> AgentCore.Event {
    for case .perform(let batch) in effects where batch.actions == [.makeSandbox(key)] {
      return .performed(batch.id, failures: [], observations: [.sandbox(key, exists: true)])
    }
    throw Missing()
  }

  @Test func anotherHostsCacheIsNotObeyed() throws {
    var core = try agent(named: "h2")
    let effects = core.handle(.tick, at: CoreScene.now(0))
    #expect(core.assignment == nil)
    #expect(!effects.contains { if case .readInventory = $0 { true } else { false } })
  }

  @Test func contentThatIsBeingSavedIsKeptThoughTheNewestAssignmentDoesWithoutIt() throws {
    let digest = try BlobDigest(String(repeating: "a", count: 64))
    var core = try agent(named: "h1")
    let connected = core.handle(.bus(.connected), at: CoreScene.now(0))
    let withConfig = try assignment(4, config: digest)
    let fetch = try #require(answer(connected, withConfig, &core).sent.first { $0.request == .configs(.getBlob(digest)) })
    let news = Publication(topic: .assign(host), number: 5, previous: 4, fact: .assigned(Revision(5)))
    let without = try assignment(5, config: nil)
    let asked = core.handle(.bus(.published(news)), at: CoreScene.now(1))
    #expect(answer(asked, without, &core).contains { if case .saveAssignment(without) = $0 { true } else { false } })
    _ = core.handle(.bus(.reply(fetch.id, .success(.configs(.blob([1]))))), at: CoreScene.now(2))
    let adopted = core.handle(.assignmentSaved(nil), at: CoreScene.now(3))
    let kept = adopted.compactMap { if case .dropBlobs(let keeping) = $0 { keeping } else { nil } }
    #expect(kept == [[digest]])
  }

  @Test func whatWaitsForContentAfterAFullDiskDoesNotAskToBeWokenAtOnce() throws {
    var core = try agent(named: "h1")
    let connected = core.handle(.bus(.connected), at: CoreScene.now(0))
    _ = answer(connected, try assignment(4, config: nil), &core)
    _ = core.handle(.assignmentSaved(LabError(.resourceExhausted, "disk", "no space left on device")), at: CoreScene.now(2))
    let news = Publication(topic: .assign(host), number: 5, previous: 4, fact: .assigned(Revision(5)))
    let asked = core.handle(.bus(.published(news)), at: CoreScene.now(3))
    _ = answer(asked, try assignment(5, config: try BlobDigest(String(repeating: "a", count: 64))), &core)
    let later = CoreScene.now(20_000)
    _ = core.handle(.tick, at: later)
    #expect(try #require(core.wakeAt) > later.boot)
  }

  @Test func aHostIsReadOnceThoughItsFirstAssignmentIsReplacedMeanwhile() throws {
    var core = AgentCore(
      AgentCore.Start(spec: try CoreScene.host("h1"), instance: Instance(5), cached: nil, isCacheTrusted: true, blobs: [], crashes: [:]))
    var reads = 0
    var effects = core.handle(.bus(.connected), at: CoreScene.now(0))
    for revision: UInt64 in 4...6 {
      _ = answer(effects, try assignment(revision, config: nil), &core)
      reads += core.handle(.assignmentSaved(nil), at: CoreScene.now(revision)).count { if case .readInventory = $0 { true } else { false } }
      let news = Publication(topic: .assign(host), number: revision + 1, previous: revision, fact: .assigned(Revision(revision + 1)))
      effects = core.handle(.bus(.published(news)), at: CoreScene.now(revision))
    }
    #expect(core.assignment?.revision == Revision(6))
    #expect(reads == 1)
  }

  /// Found by seed 167759: an assignment of a store that was given up waited for content that never came.
  @Test func whatWaitsAndWasNeverObeyedDoesNotBindTheHost() throws {
    var core = try agent(named: "h1")
    let lost = try BlobDigest(String(repeating: "a", count: 64))
    var (waiting, next) = (try assignment(4, config: lost), try assignment(9, config: nil))
    waiting.store = CoreScene.store.successor(Incarnation(random: 7), alsoOf: [])
    next.store = CoreScene.store.successor(Incarnation(random: 8), alsoOf: [])
    _ = answer(core.handle(.bus(.connected), at: CoreScene.now(0)), waiting, &core)
    func hears(_ assignment: Assignment, _ number: UInt64) -> [AgentCore.Effect] {
      let news = Publication(topic: .assign(host), number: number, previous: number - 1, fact: .assigned(Revision(number)))
      return answer(core.handle(.bus(.published(news)), at: CoreScene.now(number)), assignment, &core)
    }
    let effects = hears(next, 9)
    #expect(effects.contains { if case .saveAssignment(next) = $0 { true } else { false } })
    _ = core.handle(.assignmentSaved(nil), at: CoreScene.now(10))
    #expect(core.assignment == next)
    // What binds is what was obeyed.
    #expect(!hears(waiting, 11).contains { if case .saveAssignment = $0 { true } else { false } })
    #expect(core.assignment == next)
  }

  private func assignment(_ revision: UInt64, config: BlobDigest?) throws -> Assignment {
    let lab = try CoreScene.lab("ring", nodes: ["a"], born: Revision(1), config: config)
    return try #require(CoreScene.assignment(lab, at: Revision(revision)))
  }

  /// Answers the question for an assignment that is among what was sent.
  private func answer(_ effects: [AgentCore.Effect], _ assignment: Assignment, _ core: inout AgentCore) -> [AgentCore.Effect] {
    for outgoing in effects.sent {
      guard case .configs(.assignment) = outgoing.request else { continue }
      return core.handle(.bus(.reply(outgoing.id, .success(.configs(.assignment(assignment))))), at: CoreScene.now(1))
    }
    return []
  }
}

import AgentCore
import Machine
import Model
import ReconcilerCore
import Testing

/// Ends of nodes are told once and in order, whoever dies between.
struct EndTests {
  private let lab: Lab
  private var key: NodeKey { lab.key(at: 0) }
  private var other: NodeKey { lab.key(at: 1) }
  private func now(_ milliseconds: UInt64) -> Now { CoreScene.now(milliseconds) }

  init() throws {
    var lab = try CoreScene.lab("ring", nodes: ["a", "b"], born: Revision(1))
    lab.spec.links = []
    self.lab = lab
  }

  private func agent(_ ends: KeptEnds? = nil, crashes: [NodeKey: CrashRecord] = [:]) throws -> AgentCore {
    AgentCore(
      AgentCore.Start(
        spec: try CoreScene.host("h1"), instance: Instance(5), cached: CoreScene.assignment(lab), isCacheTrusted: true, blobs: [],
        crashes: crashes, ends: ends))
  }

  private func process(_ pid: Int32, serial: UInt64 = 1) -> NodeProcess {
    NodeProcess(pid: pid, startSerial: serial, specDigest: lab.spec.nodes[0].processDigest, config: nil, execDone: true)
  }

  private func inventory(_ processes: [NodeKey: NodeProcess]) -> Inventory {
    var inventory = Inventory()
    inventory.sandboxes = [key, other]
    inventory.processes = processes
    return inventory
  }

  private func found(_ node: NodeKey, _ process: NodeProcess, isTold: Bool) -> FoundEnd {
    FoundEnd(key: node, process: process, end: ProcessEnd(pid: process.pid, exit: .code(7)), isTold: isTold)
  }

  private func kept(_ ends: [NodeEnd], acknowledged: UInt64 = 0) -> KeptEnds {
    KeptEnds(deployment: CoreScene.store.deployment, series: EndSeries(origin: Instance(2), acknowledged: acknowledged), pending: ends)
  }

  private func writes(_ effects: [AgentCore.Effect]) -> [EndWrite] {
    effects.compactMap { if case .keep(let write) = $0 { write } else { nil } }
  }

  /// The first report after a session was given.
  private func firstReport(_ core: inout AgentCore) throws -> (report: Report, id: RequestID) {
    let beat = core.handle(.tick, at: now(1_000)) + core.handle(.bus(.connected), at: now(1_001))
    let id = try #require(
      beat.sent.first { if case .reconciler(.register) = $0.request { true } else { false } }?.id, "it doesn't register")
    let effects = core.handle(.bus(.reply(id, .success(.reconciler(.registered(Session(9)))))), at: now(1_002))
    for outgoing in effects.sent { if case .reconciler(.report(let report)) = outgoing.request { return (report, outgoing.id) } }
    throw ReconcilerScene.Missing()
  }

  @Test func anEndIsKeptBeforeItsNodeStartsAgain() throws {
    var core = try agent()
    var effects = core.handle(.inventory(inventory([key: process(70), other: process(71)]), ended: []), at: now(0))
    #expect(writes(effects) == [.begin(CoreScene.store.deployment, EndSeries(origin: Instance(5)))])
    effects = core.handle(.observed([.exited(key, ProcessEnd(pid: 70, exit: .signal(9)))]), at: now(50))
    let end = NodeEnd(number: 1, node: key, pid: 70, exit: .signal(9))
    #expect(writes(effects) == [.add(end)])
    let places = effects.indices.filter { if case .keep = effects[$0] { true } else { false } }
    let starts = effects.indices.filter { if case .perform = effects[$0] { true } else { false } }
    #expect(try #require(places.last) < (try #require(starts.first)))
    let (report, id) = try firstReport(&core)
    #expect(report.changes.compactMap(\.exit) == [end] && report.ends == EndSeries(origin: Instance(5)))
    effects = core.handle(.bus(.reply(id, .success(.reconciler(.reported(100))))), at: now(1_003))
    #expect(writes(effects) == [.acknowledged(1)])
  }

  @Test func whatAnEarlierLifeCouldNotTellIsToldFirst() throws {
    let old = [NodeEnd(number: 8, node: other, pid: 60, exit: .code(1)), NodeEnd(number: 9, node: key, pid: 61, exit: .unknown)]
    var core = try agent(kept(old, acknowledged: 7))
    let effects = core.handle(.inventory(inventory([key: process(70), other: process(71)]), ended: []), at: now(0))
    #expect(writes(effects) == [])
    _ = core.handle(.observed([.exited(key, ProcessEnd(pid: 70, exit: .signal(9)))]), at: now(50))
    let report = try firstReport(&core).report
    #expect(Array(report.changes.prefix(2)) == old.map { HostChange.exited($0) })
    #expect(report.changes.compactMap(\.exit).map(\.number) == [8, 9, 10])
    #expect(report.ends == EndSeries(origin: Instance(2), acknowledged: 7))
  }

  @Test func anotherDeploymentsEndsAreNotTold() throws {
    let ends = KeptEnds(
      deployment: Deployment(random: 77), series: EndSeries(origin: Instance(2)),
      pending: [NodeEnd(number: 1, node: key, pid: 60, exit: .unknown)])
    var core = try agent(ends)
    let effects = core.handle(.inventory(inventory([key: process(70), other: process(71)]), ended: []), at: now(0))
    #expect(writes(effects) == [.begin(CoreScene.store.deployment, EndSeries(origin: Instance(5)))])
    #expect(try firstReport(&core).report.changes.compactMap(\.exit) == [])
  }

  @Test(
    "What is found ended is told where nobody has, and counts in any case",
    arguments: [(false, false, 1), (true, false, 0), (false, true, 1)])
  func found(isTold: Bool, isKept: Bool, told: Int) throws {
    let record = CrashRecord(startSerial: 1, early: 1, restarts: 3, cause: "exit code 1")
    let ends = isKept ? kept([NodeEnd(number: 1, node: key, pid: 70, exit: .code(7))]) : nil
    var core = try agent(ends, crashes: [key: record])
    _ = core.handle(
      .inventory(inventory([other: process(71)]), ended: [found(key, process(70), isTold: isTold)]), at: now(0))
    let report = try firstReport(&core).report
    #expect(report.changes.compactMap(\.exit).count == told)
    let waiting = report.changes.compactMap { if case .node(let node) = $0, node.key == key { node } else { nil } }
    #expect(waiting.first?.phase == .failed && waiting.first?.restarts == 4)
  }

  @Test func whatWasToBeAnotherProcessIsNotTold() throws {
    var core = try agent()
    _ = core.handle(
      .inventory(inventory([other: process(71)]), ended: [found(key, process(70, serial: 0), isTold: false)]), at: now(0))
    #expect(try firstReport(&core).report.changes.compactMap(\.exit) == [])
  }

  @Test func anEndWithinItsOwnStartIsTold() throws {
    var core = try agent()
    let effects = core.handle(.inventory(inventory([other: process(71)]), ended: []), at: now(0))
    let batches = effects.compactMap { effect -> Batch? in if case .perform(let batch) = effect { batch } else { nil } }
    let batch = try #require(batches.first { $0.lane == .starts })
    _ = core.handle(.observed([.exited(key, ProcessEnd(pid: 70, exit: .code(1)))]), at: now(5))
    let after = core.handle(.performed(batch.id, failures: [], observations: [.process(key, process(70))]), at: now(6))
    #expect(writes(after) == [.add(NodeEnd(number: 1, node: key, pid: 70, exit: .code(1)))])
  }

  @Test func moreEndsThanAreKeptLoseTheOldest() throws {
    var core = try agent()
    _ = core.handle(.inventory(inventory([key: process(1), other: process(9)]), ended: []), at: now(0))
    for pid in 1...Int32(Limits.unacknowledgedChanges + 1) {
      let at = now(UInt64(pid))
      _ = core.handle(.observed([.exited(key, ProcessEnd(pid: pid, exit: .code(1))), .process(key, process(pid + 1))]), at: at)
    }
    let report = try firstReport(&core).report
    let numbers = report.changes.compactMap(\.exit).map(\.number)
    #expect(report.isFull && numbers.last == UInt64(Limits.unacknowledgedChanges) + 1)
    #expect(numbers == Array(numbers[0]...numbers[numbers.count - 1]) && numbers.count == Limits.unacknowledgedChanges / 2)
  }
}

/// What the reconciler makes of numbered ends.
struct EndLogTests {
  private func end(_ number: UInt64, _ lab: Lab) -> HostChange {
    .exited(NodeEnd(number: number, node: lab.key(at: 0), pid: 70 + Int32(number), exit: .code(1)))
  }

  @Test func anEndIsLoggedOnceInWhicheverLifeItIsTold() throws {
    let lab = try CoreScene.lab("ring", born: Revision(5))
    var scene = try ReconcilerScene([.lab(lab.key.name, lab)])
    #expect(try scene.report(1, applied: 1, [end(1, lab), end(2, lab)]).kinds == [.nodeExited, .nodeExited])
    // Another life of the agent tells what it doesn't know to be acknowledged.
    try scene.register(Instance(7))
    #expect(try scene.report(1, applied: 1, [end(2, lab), end(3, lab)]).kinds == [.nodeExited])
    #expect(scene.sequences.last?.ends == EndSeries(origin: Instance(1), acknowledged: 3))
    // Before a whole view, too.
    #expect(try scene.report(2, full: true, applied: 1, [end(3, lab), end(4, lab)]).kinds == [.hostOnline, .nodeExited])
  }

  @Test func endsThatNobodyTellsAreAGap() throws {
    let lab = try CoreScene.lab("ring", born: Revision(5))
    var scene = try ReconcilerScene([.lab(lab.key.name, lab)])
    // What another log was told isn't missing here.
    let first = try scene.report(1, applied: 1, [end(6, lab)], ends: EndSeries(origin: Instance(1), acknowledged: 5))
    #expect(first.kinds == [.nodeExited])
    #expect(try scene.report(2, applied: 1, [end(9, lab)]).kinds == [.logGap, .nodeExited])
    #expect(scene.last?.events.first?.detail == [EventDetail("from", "7"), EventDetail("to", "8")])
    #expect(scene.last?.events.first?.subject == "h1")
  }
}

import Machine
import Model
import Testing

@testable import AgentCore

/// What an agent makes of `wait-for`: `b` waits for `a`, here or on another host.
struct StagingTests {
  private let far: HostName
  private let near: HostName

  init() throws { (near, far) = (try HostName("h1"), try HostName("h2")) }

  private func lab(_ waits: [StageWait], on awaitedHost: HostName? = nil, exec: [String] = []) throws -> Lab {
    var lab = try CoreScene.lab("ring", nodes: ["a", "b"], born: Revision(1))
    lab.spec.links = []
    lab.spec.nodes[0].readiness = Readiness(.log("up"))
    lab.spec.nodes[0].exec = ["true"]
    lab.spec.nodes[1].exec = exec
    lab.spec.nodes[1].stages.waits = waits
    if let awaitedHost { lab.nodes[0].host = awaitedHost }
    return lab
  }

  private func wait(_ stage: Stage, until: Stage) throws -> StageWait { StageWait(stage, for: try NodeName("a"), until: until) }

  private func assignment(_ lab: Lab, for host: HostName? = nil, at revision: Revision = Revision(3)) -> Assignment? {
    let host = host ?? near
    var intent = Intent(store: CoreScene.store, revision: revision)
    for record in [
      RecordChange.lab(lab.key.name, lab), .segments(lab.key.name, CoreScene.segments(lab)), .assigned(host, revision),
    ] {
      intent.load(record, at: revision)
    }
    return intent.assignment(for: host)
  }

  private func agent(_ lab: Lab, on host: HostName? = nil, crashes: [NodeKey: CrashRecord] = [:]) throws -> AgentCore {
    let host = host ?? near
    return AgentCore(
      AgentCore.Start(
        spec: try CoreScene.host(host.text), instance: Instance(5), cached: assignment(lab, for: host), isCacheTrusted: true, blobs: [],
        crashes: crashes))
  }

  private func process(_ lab: Lab, _ index: Int, pid: Int32 = 77, done: Bool = false, passed: Bool = false) -> NodeProcess {
    NodeProcess(
      pid: pid, startSerial: lab.nodes[index].startSerial, specDigest: lab.spec.nodes[index].processDigest, config: nil, execDone: done,
      hasPassed: passed)
  }

  private func inventory(_ lab: Lab, _ processes: [Int: NodeProcess] = [:]) -> Inventory {
    var inventory = Inventory()
    inventory.sandboxes = Set(lab.nodes.indices.map { lab.key(at: $0) })
    for (index, process) in processes { inventory.processes[lab.key(at: index)] = process }
    return inventory
  }

  private func started(_ effects: [AgentCore.Effect]) -> [String] {
    effects.flatMap { effect -> [String] in
      guard case .perform(let batch) = effect else { return [] }
      return batch.actions.compactMap { if case .start(let node, _) = $0 { node.key.name.text } else { nil } }
    }
  }

  private func runs(_ effects: [AgentCore.Effect]) -> [StageRun] {
    effects.compactMap { if case .runCommands(let run) = $0 { run } else { nil } }
  }

  private func told(_ core: AgentCore, _ lab: Lab, _ index: Int) -> String? {
    core.report.view.nodes[lab.key(at: index)].map { "\($0.phase.rawValue): \($0.reason)" }
  }

  private func word(
    _ lab: Lab, _ reached: Set<Stage>?, version: UInt64 = 1, serial: UInt64 = 1, instance: UInt64 = 9
  ) throws -> AgentCore.Event {
    let node = reached.map {
      FarNode(lab.key(at: 0), startSerial: serial, specDigest: lab.spec.nodes[0].processDigest, reached: $0)
    }
    let ends = FarEnds(
      host: far, instance: Instance(instance), version: version, ends: node == nil ? nil : [], nodes: node.map { [$0] } ?? [])
    return .bus(try CoreScene.incoming(.agent(far), "far.\(version)", .agent(.farEnds(ends))))
  }

  @Test func aNodeStartsWhenTheOneItWaitsForIsHealthyAndNotBefore() throws {
    let lab = try lab([wait(.create, until: .healthy)])
    var core = try agent(lab)
    #expect(started(core.handle(.inventory(inventory(lab), ended: []), at: CoreScene.now(0))) == ["a"])
    #expect(told(core, lab, 1) == "preparing: waits for a on h1 to be healthy")
    let a = lab.key(at: 0)
    let seen = [Observation.process(a, process(lab, 0))]
    #expect(started(core.handle(.performed(1, failures: [], observations: seen), at: CoreScene.now(10))) == [])
    // Ready, and its commands are still to end.
    let effects = core.handle(.readinessTested(a, pid: 77, failure: nil), at: CoreScene.now(20))
    #expect(started(effects) == [] && told(core, lab, 0) == "ready: ")
    let run = try #require(runs(effects).first)
    #expect(started(core.handle(.commandsEnded(run, failed: []), at: CoreScene.now(30))) == ["b"])
  }

  @Test func whoRunsGoesOnWithoutTheOneItWaitedForAndWaitsAgainAtItsNextStart() throws {
    let lab = try lab([wait(.create, until: .healthy)])
    var core = try agent(lab)
    let processes = [0: process(lab, 0, done: true, passed: true), 1: process(lab, 1, pid: 78, done: true)]
    _ = core.handle(.inventory(inventory(lab, processes), ended: []), at: CoreScene.now(0))
    let (a, b) = (lab.key(at: 0), lab.key(at: 1))
    #expect(started(core.handle(.observed([.exited(a, ProcessEnd(pid: 77, exit: .code(1)))]), at: CoreScene.now(20_000))) == ["a"])
    #expect(told(core, lab, 1) == "ready: ")
    #expect(started(core.handle(.observed([.exited(b, ProcessEnd(pid: 78, exit: .code(1)))]), at: CoreScene.now(20_010))) == [])
    #expect(told(core, lab, 1) == "preparing: waits for a on h1 to be healthy")
    // The next life of the one that it waits for has come as far as the last.
    let alive = [Observation.process(a, process(lab, 0, pid: 79, done: true, passed: true))]
    #expect(started(core.handle(.performed(1, failures: [], observations: alive), at: CoreScene.now(20_020))) == ["b"])
  }

  @Test func anEndThatIsWaitedForLastsUntilTheUserStartsTheNodeAnew() throws {
    let lab = try lab([wait(.create, until: .exit)])
    let (a, b) = (lab.key(at: 0), lab.key(at: 1))
    var core = try agent(lab)
    _ = core.handle(.inventory(inventory(lab, [0: process(lab, 0, done: true, passed: true)]), ended: []), at: CoreScene.now(0))
    #expect(told(core, lab, 1) == "preparing: waits for a on h1 to end")
    #expect(started(core.handle(.observed([.exited(a, ProcessEnd(pid: 77, exit: .code(0)))]), at: CoreScene.now(1_000))) == ["a", "b"])
    // An agent that begins anew knows it from what was kept.
    var next = try agent(lab, crashes: [a: CrashRecord(startSerial: 1, restarts: 1, cause: "exit code 0")])
    #expect(
      started(next.handle(.inventory(inventory(lab, [0: process(lab, 0, pid: 80)]), ended: []), at: CoreScene.now(0))) == ["b"])
    var later = try agent(lab, crashes: [a: CrashRecord(startSerial: 0, restarts: 1, cause: "exit code 0")])
    #expect(
      started(later.handle(.inventory(inventory(lab, [0: process(lab, 0, pid: 80)]), ended: []), at: CoreScene.now(0))).contains(
        b.name.text)
        == false)
  }

  @Test func commandsOfEachStageRunWhenTheirWaitsAreOver() throws {
    var lab = try lab([wait(.configure, until: .create), wait(.healthy, until: .configure)], exec: ["two"])
    (lab.spec.nodes[1].stages.started, lab.spec.nodes[1].stages.healthy) = (["one"], ["three"])
    lab.spec.nodes[1].readiness = Readiness(.log("up"))
    lab.nodes[0].desired = .stopped
    var core = try agent(lab)
    let b = lab.key(at: 1)
    // The first ones don't wait for its readiness.
    var effects = core.handle(.inventory(inventory(lab, [1: process(lab, 1)]), ended: []), at: CoreScene.now(0))
    #expect(runs(effects).map(\.commands) == [["one"]])
    let failed = FailedCommand(command: "one", exit: .code(1), output: "")
    #expect(runs(core.handle(.commandsEnded(runs(effects)[0], failed: [failed]), at: CoreScene.now(10))).isEmpty)
    #expect(runs(core.handle(.readinessTested(b, pid: 77, failure: nil), at: CoreScene.now(20))).isEmpty)
    #expect(told(core, lab, 1) == "ready: waits for a on h1 to start")
    lab.nodes[0].desired = .running
    let changed = try #require(assignment(lab, at: Revision(4)))
    #expect(started(adopt(changed, &core, at: 100)) == ["a"])
    effects = core.handle(
      .performed(1, failures: [], observations: [.process(lab.key(at: 0), process(lab, 0, pid: 70))]), at: CoreScene.now(200))
    #expect(runs(effects).map(\.commands) == [["two"]])
    effects = core.handle(.commandsEnded(runs(effects)[0], failed: []), at: CoreScene.now(300))
    #expect(runs(effects).isEmpty && told(core, lab, 1) == "ready: waits for a on h1 to be configured")
    effects = core.handle(.readinessTested(lab.key(at: 0), pid: 70, failure: nil), at: CoreScene.now(400))
    #expect(runs(effects).map(\.commands) == [["true"]])
    effects = core.handle(.commandsEnded(runs(effects)[0], failed: []), at: CoreScene.now(500))
    #expect(runs(effects).map(\.commands) == [["three"]] && core.report.view.nodes[b]?.execDone == false)
    _ = core.handle(.commandsEnded(runs(effects)[0], failed: []), at: CoreScene.now(600))
    #expect(core.report.view.nodes[b]?.execDone == true && told(core, lab, 1) == "ready: exec 'one': exit code 1")
  }

  /// The config service's answer, and that it is on disk.
  private func adopt(_ new: Assignment, _ core: inout AgentCore, at time: UInt64) -> [AgentCore.Effect] {
    let asked = core.handle(.bus(.connected), at: CoreScene.now(time))
    guard let id = asked.sent.first(where: { $0.to == .configs })?.id else { return [] }
    return core.handle(.bus(.reply(id, .success(.configs(.assignment(new))))), at: CoreScene.now(time))
      + core.handle(.assignmentSaved(nil), at: CoreScene.now(time))
  }

  @Test func aFarNodeIsWaitedForByItsHostsWordAndSilenceIsTold() throws {
    let lab = try lab([wait(.create, until: .healthy)], on: far)
    var core = try agent(lab)
    #expect(started(core.handle(.inventory(inventory(lab), ended: []), at: CoreScene.now(0))).isEmpty)
    #expect(told(core, lab, 1) == "preparing: waits for a on h2 to be healthy, of which nothing is heard")
    #expect(started(core.handle(try word(lab, [.create]), at: CoreScene.now(100))).isEmpty)
    #expect(told(core, lab, 1) == "preparing: waits for a on h2 to be healthy")
    // What it was before its last start doesn't count.
    #expect(
      started(core.handle(try word(lab, [.create, .configure, .healthy], version: 2, serial: 0), at: CoreScene.now(200))).isEmpty)
    #expect(started(core.handle(try word(lab, [.create, .configure, .healthy], version: 3), at: CoreScene.now(300))) == ["b"])
  }

  @Test func anOldWordStartsNobody() throws {
    let lab = try lab([wait(.create, until: .create)], on: far)
    var core = try agent(lab)
    _ = core.handle(.inventory(inventory(lab, [1: process(lab, 1, done: true)]), ended: []), at: CoreScene.now(0))
    _ = core.handle(try word(lab, [.create]), at: CoreScene.now(1_000))
    let b = lab.key(at: 1)
    #expect(started(core.handle(.observed([.exited(b, ProcessEnd(pid: 77, exit: .code(1)))]), at: CoreScene.now(20_000))).isEmpty)
    #expect(told(core, lab, 1) == "preparing: waits for a on h2 to start, of which nothing is heard")
    // The word before it, late; then that nothing has changed.
    #expect(started(core.handle(try word(lab, [], version: 0), at: CoreScene.now(20_100))).isEmpty)
    #expect(started(core.handle(try word(lab, nil, version: 1), at: CoreScene.now(20_200))) == ["b"])
  }

  @Test func hostsWithNodesThatWaitAreToldHowFarANodeHasCome() throws {
    var lab = try lab([wait(.create, until: .healthy)], on: far)
    lab.nodes[1].host = near
    var core = try agent(lab, on: far)
    func word(_ effects: [AgentCore.Effect]) -> FarEnds? {
      effects.sent.compactMap { if case .agent(.farEnds(let ends)) = $0.request, $0.to == .agent(near) { ends } else { nil } }.last
    }
    let first = try #require(word(core.handle(.inventory(inventory(lab, [0: process(lab, 0)]), ended: []), at: CoreScene.now(0))))
    #expect(first.nodes.map(\.reached) == [[.create]] && first.nodes[0].key == lab.key(at: 0) && first.ends == [])
    #expect(word(core.handle(.observed([]), at: CoreScene.now(10))) == nil)
    let effects = core.handle(.readinessTested(lab.key(at: 0), pid: 77, failure: nil), at: CoreScene.now(20))
    let run = try #require(runs(effects).first)
    let done = try #require(word(core.handle(.commandsEnded(run, failed: []), at: CoreScene.now(30))))
    #expect(done.nodes.map(\.reached) == [[.create, .configure, .healthy]] && done.version > first.version)
    // Nobody waits any more.
    lab.spec.nodes[1].stages = NodeStages()
    _ = adopt(try #require(assignment(lab, for: far, at: Revision(4))), &core, at: 100)
    #expect(word(core.handle(.tick, at: CoreScene.now(5_000))) == nil)
  }

  @Test func aHostIsToldWhereThoseAreThatItsNodesWaitFor() throws {
    let lab = try lab([wait(.create, until: .healthy)], on: far)
    let here = try #require(assignment(lab)?.labs.first?.nodes.first)
    let awaited = AwaitedNode(lab.key(at: 0), on: far, startSerial: 1, specDigest: lab.spec.nodes[0].processDigest)
    #expect(here.key == lab.key(at: 1) && here.awaited == [awaited] && here.watchers == [])
    let there = try #require(assignment(lab, for: far)?.labs.first?.nodes.first)
    #expect(there.key == lab.key(at: 0) && there.awaited == [] && there.watchers == [near])
    #expect(try assignment(self.lab([wait(.create, until: .healthy)]))?.labs.first?.nodes.map(\.watchers) == [[], []])
  }
}

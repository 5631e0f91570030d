import Machine
import Model
import Testing

@testable import AgentCore

/// What an agent makes of a runtime that can't be listed yet.
struct ListingTests {
  private let lab: Lab
  private var own: NodeKey { lab.key(at: 0) }
  private var contained: NodeKey { lab.key(at: 1) }

  init() throws {
    var lab = try CoreScene.lab("ring", nodes: ["a", "b"], born: Revision(1))
    lab.spec.links = []
    lab.spec.nodes[1].runtimes = ["docker"]
    self.lab = lab
  }

  private func agent(crashes: [NodeKey: CrashRecord] = [:]) throws -> AgentCore {
    var spec = try CoreScene.host("h1")
    spec.runtimes = ["namespace", "docker"]
    return AgentCore(
      AgentCore.Start(
        spec: spec, instance: Instance(5), cached: CoreScene.assignment(lab), isCacheTrusted: true, blobs: [], crashes: crashes))
  }

  private func process(_ index: Int, pid: Int32) -> NodeProcess {
    NodeProcess(
      pid: pid, startSerial: lab.nodes[index].startSerial, specDigest: lab.spec.nodes[index].processDigest, config: nil, execDone: true)
  }

  /// Everything of the kernel's is there, and the engine isn't listed.
  private func read(_ core: inout AgentCore, suspects: Set<NodeKey>, sandboxes: Set<NodeKey>? = nil) -> [AgentCore.Effect] {
    var inventory = Inventory()
    inventory.sandboxes = sandboxes ?? [own, contained]
    return core.handle(.inventory(inventory, ended: [], unlisted: ["docker": suspects]), at: CoreScene.now(0))
  }

  private func actions(_ effects: [AgentCore.Effect]) -> [Action] {
    effects.flatMap { effect -> [Action] in if case .perform(let batch) = effect { batch.actions } else { [] } }
  }

  private func started(_ effects: [AgentCore.Effect]) -> [NodeKey] {
    actions(effects).compactMap { if case .start(let node, _) = $0 { node.key } else { nil } }
  }

  private func lists(_ effects: [AgentCore.Effect]) -> Bool { effects.contains { if case .list("docker") = $0 { true } else { false } } }

  private let away = LabError(.unavailable, "engine", "isn't there")

  @Test func whatNeedsNoListIsStartedAtOnceAndWhatMayRunIsLeftAlone() throws {
    var core = try agent()
    let effects = read(&core, suspects: [contained])
    #expect(started(effects) == [own] && lists(effects))
    // Told as soon as there is a list or a reason why not.
    #expect(core.report.view.nodes.isEmpty)
    #expect(actions(core.handle(.listed("docker", .failure(away)), at: CoreScene.now(10))).isEmpty)
    let told = core.report.view.nodes[contained]
    #expect(told?.phase == .unknown && told?.reason.contains("engine: isn't there") == true)
    #expect(core.report.view.nodes[own]?.phase == .starting)
    #expect(!lists(core.handle(.tick, at: CoreScene.now(900))) && lists(core.handle(.tick, at: CoreScene.now(1_010))))
    let list = RuntimeList(processes: [contained: process(1, pid: 7)], folders: [contained])
    #expect(actions(core.handle(.listed("docker", .success(list)), at: CoreScene.now(1_100))).isEmpty)
    #expect(core.report.view.nodes[contained]?.phase == .ready && core.report.view.nodes[contained]?.pid == 7)
  }

  @Test func anEngineThatSaysNothingIsTheReasonAfterASecond() throws {
    var core = try agent()
    _ = read(&core, suspects: [])
    _ = core.handle(.tick, at: CoreScene.now(999))
    #expect(core.report.view.nodes.isEmpty && core.wakeAt == Instant(milliseconds: 1_000))
    _ = core.handle(.tick, at: CoreScene.now(1_000))
    #expect(core.report.view.nodes[contained]?.reason.contains("doesn't answer") == true)
    _ = core.handle(.listed("docker", .success(RuntimeList())), at: CoreScene.now(30_000))
    #expect(core.report.view.nodes[contained]?.phase == .preparing)
  }

  @Test func aSandboxWhosePinIsLostIsNotMadeAnewUnderWhatMayRunInIt() throws {
    var core = try agent()
    #expect(actions(read(&core, suspects: [contained], sandboxes: [own])).allSatisfy { $0.target == .node(own) })
    let list = RuntimeList(processes: [contained: process(1, pid: 7)], folders: [contained])
    let effects = core.handle(.listed("docker", .success(list)), at: CoreScene.now(5))
    #expect(actions(effects) == [.makeSandbox(contained)])
    // After a boot nothing runs there yet.
    var booted = try agent()
    #expect(actions(read(&booted, suspects: [], sandboxes: [])).contains(.makeSandbox(contained)))
  }

  @Test func whatIsToldOfAContainerBeforeItsListCountsOnce() throws {
    var core = try agent(crashes: [contained: CrashRecord(startSerial: lab.nodes[1].startSerial)])
    _ = read(&core, suspects: [contained])
    let end = ProcessEnd(pid: 7, exit: .code(1))
    _ = core.handle(.observed([.process(contained, process(1, pid: 7)), .exited(contained, end)]), at: CoreScene.now(1))
    // The list is older than that end.
    let list = RuntimeList(processes: [contained: process(1, pid: 7)], folders: [contained])
    #expect(started(core.handle(.listed("docker", .success(list)), at: CoreScene.now(2))).isEmpty)
    #expect(core.report.view.nodes[contained]?.phase == .starting)
    // Word of the end goes first.
    #expect(started(core.handle(.tick, at: CoreScene.now(21))).isEmpty)
    #expect(started(core.handle(.tick, at: CoreScene.now(22))) == [contained])
    #expect(core.crashes[contained]?.restarts == 1)
    #expect(core.report.view.nodes[contained]?.restarts == 1)
  }

  @Test func whatBeganWhileTheEngineWasListedIsKnown() throws {
    var core = try agent()
    _ = read(&core, suspects: [contained])
    _ = core.handle(.observed([.process(contained, process(1, pid: 9))]), at: CoreScene.now(1))
    #expect(started(core.handle(.listed("docker", .success(RuntimeList())), at: CoreScene.now(2))).isEmpty)
    #expect(core.inventory?.processes[contained]?.pid == 9)
  }

  @Test func anEndThatTheListShowsIsToldAndCounted() throws {
    var core = try agent(crashes: [contained: CrashRecord(startSerial: lab.nodes[1].startSerial)])
    _ = read(&core, suspects: [contained])
    #expect(core.crashes[contained]?.restarts == 0)
    let end = FoundEnd(key: contained, process: process(1, pid: 7), end: ProcessEnd(pid: 7, exit: .code(3)), isTold: false)
    _ = core.handle(.listed("docker", .success(RuntimeList(folders: [contained], ended: [end]))), at: CoreScene.now(2))
    #expect(core.crashes[contained]?.restarts == 1 && core.crashes[contained]?.cause == "exit code 3")
    #expect(core.report.ends.contains(contained, pid: 7))
  }

  @Test func aNodeThatGoesIsNotTakenApartBeforeItsContainerIsKnown() throws {
    var core = try agent()
    let connected = core.handle(.bus(.connected), at: CoreScene.now(0))
    _ = read(&core, suspects: [])
    _ = core.handle(.listed("docker", .failure(away)), at: CoreScene.now(1))
    let nothing = Assignment(host: try HostName("h1"), store: CoreScene.store, revision: Revision(4), labs: [])
    let query = try #require(connected.sent.first { if case .configs(.assignment) = $0.request { true } else { false } })
    _ = core.handle(.bus(.reply(query.id, .success(.configs(.assignment(nothing))))), at: CoreScene.now(2))
    let effects = core.handle(.assignmentSaved(nil), at: CoreScene.now(3))
    #expect(actions(effects).allSatisfy { $0.target == .sandbox(own) })
    #expect(core.report.view.nodes[contained]?.phase == .stopping)
    let list = RuntimeList(processes: [contained: process(1, pid: 7)], folders: [contained])
    #expect(actions(core.handle(.listed("docker", .success(list)), at: CoreScene.now(4))) == [.stop(contained, grace: 0)])
  }
}

import JobCore
import Machine
import Model
import Testing

/// The job service's decisions.
struct JobCoreTests {
  struct Missing: Error {}
  private let client = PeerName.client("c")

  /// A job service that follows these records.
  private func core(_ records: [RecordChange], online: [HostName] = [], versions: [RecordKey: Revision] = [:]) throws -> JobCore {
    var core = JobCore(instance: Instance(3))
    let effects = core.handle(.bus(.connected), at: CoreScene.now(0))
    guard let id = effects.sent.first(where: { $0.request == .configs(.snapshot) })?.id else { throw Missing() }
    let revision = Revision(1_000)
    let versioned = records.map { VersionedRecord(revision: versions[$0.key] ?? revision, record: $0) }
    let snapshot = IntentSnapshot(store: CoreScene.store, revision: revision, records: versioned, instance: CoreScene.configs)
    let sent = core.handle(.bus(.reply(id, .success(.configs(.snapshot(snapshot))))), at: CoreScene.now(1, wall: 1)).sent
    for outgoing in sent where outgoing.request == .reconciler(.hosts) {
      let hosts = try online.map {
        HostStatus(
          name: $0, state: .online, session: nil, nodes: 0, links: 0, revision: .zero, load: HostLoad(), spec: try CoreScene.host($0.text))
      }
      _ = core.handle(.bus(.reply(outgoing.id, .success(.reconciler(.hosts(hosts))))), at: CoreScene.now(2, wall: 1))
    }
    return core
  }

  private func ask(_ core: inout JobCore, _ id: String, _ request: JobsRequest) throws -> [JobCore.Effect] {
    core.handle(.bus(try CoreScene.incoming(client, id, .jobs(request))), at: CoreScene.now(10, wall: 1))
  }

  private func stored(_ effects: [JobCore.Effect]) -> (id: RequestID, put: Put)? {
    for outgoing in effects.sent { if case .configs(.put(let put)) = outgoing.request { return (outgoing.id, put) } }
    return nil
  }

  @Test func anOperationIsAnsweredOnceTheNextQuestionFindsItsJob() throws {
    let host = try CoreScene.host("h1")
    var core = try core([.host(host.name, host)], online: [host.name])
    let asked = try ask(&core, "deploy", .applyLab(try CoreScene.spec("ring", nodes: ["a", "b"]), reconfigure: false))
    let (id, put) = try #require(stored(asked))
    #expect(asked.answer("deploy") == nil)
    // The store has it, this service's copy of intent hasn't.
    let early = core.handle(.bus(.reply(id, .success(.configs(.put(Revision(1_001)))))), at: CoreScene.now(20))
    #expect(early.answer("deploy") == nil)
    let fact = Fact.intent(IntentChange(revision: Revision(1_001), changes: put.changes))
    let change = Publication(topic: .intent, number: 1_001, previous: 1_000, fact: fact)
    let answered = core.handle(.bus(.published(change)), at: CoreScene.now(30))
    guard case .jobs(.job(let job))? = try answered.answer("deploy")?.get() else { throw Missing() }
    #expect(job.id.text == "deploy")
    #expect(try ask(&core, "show", .show(job.id)).answer("show")?.get() == .jobs(.job(job)))
    // A second change says nothing twice.
    #expect(core.handle(.bus(.published(change)), at: CoreScene.now(40)).answer("deploy") == nil)
  }

  @Test func theCopyMayHaveTheJobBeforeTheStoresAnswerCame() throws {
    let host = try CoreScene.host("h1")
    var core = try core([.host(host.name, host)], online: [host.name])
    let asked = try ask(&core, "deploy", .applyLab(try CoreScene.spec("ring", nodes: ["a"]), reconfigure: false))
    let (id, put) = try #require(stored(asked))
    let fact = Fact.intent(IntentChange(revision: Revision(1_001), changes: put.changes))
    let change = Publication(topic: .intent, number: 1_001, previous: 1_000, fact: fact)
    #expect(core.handle(.bus(.published(change)), at: CoreScene.now(20)).answer("deploy") != nil)
    let late = core.handle(.bus(.reply(id, .success(.configs(.put(Revision(1_001)))))), at: CoreScene.now(30))
    #expect(late.answer("deploy") == nil)
  }

  @Test func cancellingIsDoneOnceAndAnsweredAsOftenAsItIsAsked() throws {
    let lab = try CoreScene.lab("ring", born: Revision(5))
    let table: [(JobPhase, JobPhase?, ErrorCode?)] = [
      (.cancelled, .cancelled, nil), (.done, nil, .failedPrecondition), (.failed, nil, .failedPrecondition),
    ]
    for (phase, answer, code) in table {
      let job = try CoreScene.job("j", lab, phase)
      var core = try core([.lab(lab.key.name, lab), .job(job.id, job)])
      let effects = try ask(&core, "again", .cancel(job.id))
      #expect(stored(effects) == nil)
      #expect(effects.error("again") == code)
      if case .jobs(.job(let told))? = try? effects.answer("again")?.get() { #expect(told.phase == answer) } else { #expect(answer == nil) }
    }
  }

  @Test func aNodeRunsWhereItsRuntimeIsOffered() throws {
    let plain = try CoreScene.host("h1")
    var engine = try CoreScene.host("h2", "10.0.0.2")
    engine.runtimes = ["docker", "namespace"]
    var spec = try CoreScene.spec("ring", nodes: ["a", "b"])
    spec.nodes[0].runtimes = ["docker"]
    spec.nodes[1].runtimes = ["namespace", "docker"]
    var both = try core([.host(plain.name, plain), .host(engine.name, engine)], online: [plain.name, engine.name])
    let put = try #require(stored(try ask(&both, "deploy", .applyLab(spec, reconfigure: false)))).put
    let labs = put.changes.compactMap { if case .lab(_, let lab) = $0 { lab } else { nil } }
    #expect(labs.first?.nodes.map(\.host.text) == ["h2", "h1"])

    var none = try core([.host(plain.name, plain)], online: [plain.name])
    let refused = try ask(&none, "deploy", .applyLab(spec, reconfigure: false))
    #expect(refused.error("deploy") == .failedPrecondition && stored(refused) == nil)
    spec.nodes[0].host = plain.name
    var pinned = try core([.host(plain.name, plain), .host(engine.name, engine)], online: [plain.name, engine.name])
    #expect(try ask(&pinned, "deploy", .applyLab(spec, reconfigure: false)).error("deploy") == .failedPrecondition)
  }

  @Test func aLabWhoseNodesWaitInACircleOrForNobodyIsRefused() throws {
    let host = try CoreScene.host("h1")
    let names = try (NodeName("a"), NodeName("b"), NodeName("z"))
    for (waits, reason) in [
      ((names.1, names.0), "a → b → a"), ((names.2, names.0), "waits for z, which is not there"), ((names.0, names.0), "waits for itself"),
    ] {
      var spec = try CoreScene.spec("ring", nodes: ["a", "b"])
      spec.nodes[0].stages.waits = [StageWait(.create, for: waits.0, until: .exit)]
      spec.nodes[1].stages.waits = [StageWait(.create, for: waits.1, until: .healthy)]
      var core = try core([.host(host.name, host)], online: [host.name])
      let refused = try ask(&core, "deploy", .applyLab(spec, reconfigure: false))
      guard case .failure(let error)? = refused.answer("deploy") else { throw LabError(.internalError, reason, "is accepted") }
      #expect(error.code == .invalidArgument && error.message.contains(reason) && stored(refused) == nil, "\(error)")
    }
  }

  @Test func forgettingAHostThatIsGoneIsDone() throws {
    var core = try core([])
    #expect(try ask(&core, "again", .forgetHost(try HostName("h9"))).answer("again")?.get() == .jobs(.done))
  }

  /// Found by seed 127776.
  @Test func aRegistrationThatChangedNothingUndoesNothingWhenItComesAgain() throws {
    let host = try CoreScene.host("h1")
    var scene = try JobScene([.host(host.name, host)], online: [])
    #expect(try scene.ask(.reconciler, "same", .registerHost(host)).answer("same")?.get() == .jobs(.done))
    _ = try scene.ask(.client("c"), "forget", .forgetHost(host.name))
    _ = try scene.answerHosts([])
    scene.store(try scene.nextPut())
    #expect(try scene.ask(.reconciler, "same", .registerHost(host)).answer("same")?.get() == .jobs(.done))
    #expect(scene.isQuiet)
    _ = try scene.ask(.reconciler, "new", .registerHost(host))
    #expect(try scene.nextPut().put.changes == [.host(host.name, host)])
  }

  @Test func theJobsThatEndedLastAreKeptWhateverTheClockSays() throws {
    let host = try CoreScene.host("h1")
    let lab = try CoreScene.lab("ring", born: Revision(5))
    var records: [RecordChange] = [.host(host.name, host), .lab(lab.key.name, lab), .segments(lab.key.name, CoreScene.segments(lab))]
    var versions: [RecordKey: Revision] = [:]
    for number in 0...Limits.finishedJobs {
      // The clock was put back in the middle: what ended last began, by it, first.
      let job = try CoreScene.job("j\(number)", lab, .done, started: Int64(1_000 - number))
      records.append(.job(job.id, job))
      versions[.job(job.id)] = Revision(100 + UInt64(number))
    }
    let running = try CoreScene.job("now", lab, started: 5)
    var core = try core(records + [.job(running.id, running)], versions: versions)
    let question = try #require(
      core.handle(.tick, at: CoreScene.now(600, wall: 1)).sent.first { $0.request.asksForLabs })
    let summary = LabSummary(
      key: lab.key, revision: Revision(1_000), generation: 1, nodes: 2, ready: 2, links: 1, up: 1, hosts: [host.name], converged: true,
      reason: "")
    let ended = core.handle(
      .bus(.reply(question.id, .success(.reconciler(.labs([summary], of: CoreScene.store.incarnation))))), at: CoreScene.now(610, wall: 1))
    let dropped = try #require(stored(ended)).put.changes.filter(\.isDeletion).map(\.key)
    #expect(dropped == [.job(try JobID("j0"))])
  }

  @Test func aJobIsNotDoneByAnEarlierVersionOfItsLab() throws {
    var lab = try CoreScene.lab("ring", born: Revision(5))
    lab.generation = 2
    let job = try CoreScene.job("j", lab)
    for (generation, isDone) in [(UInt64(1), false), (2, true), (3, true)] {
      var core = try core([.lab(lab.key.name, lab), .job(job.id, job)])
      let question = try #require(core.handle(.tick, at: CoreScene.now(600)).sent.first { $0.request.asksForLabs })
      let summary = LabSummary(
        key: lab.key, revision: Revision(1_000), generation: generation, nodes: 2, ready: 2, links: 1, up: 1, hosts: lab.hosts,
        converged: true, reason: "")
      let labs = ReconcilerReply.labs([summary], of: CoreScene.store.incarnation)
      let answered = core.handle(.bus(.reply(question.id, .success(.reconciler(labs)))), at: CoreScene.now(610))
      #expect((stored(answered) != nil) == isDone, "\(generation)")
    }
  }

  @Test func labsAreAskedAboutWhenOneHasConvergedAndNotForEachNode() throws {
    let lab = try CoreScene.lab("ring", born: Revision(5))
    let job = try CoreScene.job("j", lab)
    for (kind, asks) in [(EventKind.nodeReady, false), (.linkUp, false), (.nodeStopped, false), (.labConverged, true)] {
      var core = try core([.lab(lab.key.name, lab), .job(job.id, job)])
      let first = try #require(core.handle(.tick, at: CoreScene.now(600)).sent.first { $0.request.asksForLabs })
      _ = core.handle(.bus(.reply(first.id, .success(.reconciler(.labs([], of: CoreScene.store.incarnation))))), at: CoreScene.now(610))
      let event = LabEvent(index: 1, at: 0, lab: "ring", subject: "a", kind: kind, detail: [])
      let heard = core.handle(
        .bus(.published(Publication(topic: .all, number: 1, previous: 0, fact: .event(event)))), at: CoreScene.now(620))
      #expect(heard.sent.contains { $0.request.asksForLabs } == asks, "\(kind)")
    }
  }
}

extension Request {
  fileprivate var asksForLabs: Bool {
    if case .reconciler(.labs) = self { true } else { false }
  }
}

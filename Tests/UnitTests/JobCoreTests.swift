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
    let snapshot = IntentSnapshot(store: CoreScene.store, revision: revision, records: versioned)
    let sent = core.handle(.bus(.reply(id, .success(.configs(.snapshot(snapshot))))), at: CoreScene.now(1, wall: 1)).sent
    for outgoing in sent where outgoing.request == .reconciler(.hosts) {
      let hosts = online.map {
        HostStatus(name: $0, state: .online, session: nil, nodes: 0, links: 0, revision: .zero, load: HostLoad())
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

  @Test func forgettingAHostThatIsGoneIsDone() throws {
    var core = try core([])
    #expect(try ask(&core, "again", .forgetHost(try HostName("h9"))).answer("again")?.get() == .jobs(.done))
  }
}

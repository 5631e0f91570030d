import JobCore
import Machine
import Model

/// A job service that follows intent, and the store and reconciler that it speaks to.
struct JobScene {
  struct Missing: Error {}
  struct SentPut {
    var id: RequestID
    var put: Put
  }

  private var core = JobCore(instance: Instance(3))
  private var time: UInt64 = 0
  private var revision = Revision(1_000)
  /// Sent and not looked at yet.
  private var puts: [SentPut] = []
  /// The question which hosts are there that was sent last.
  private var hostQuestion: RequestID?

  /// - Parameter online: nil: the reconciler says nothing.
  init(_ records: [RecordChange], online: [HostName]? = nil) throws {
    guard let id = core.handle(.bus(.connected), at: CoreScene.now(0)).sent.first(where: { $0.request == .configs(.snapshot) })?.id else {
      throw Missing()
    }
    let versioned = records.map { VersionedRecord(revision: revision, record: $0) }
    let snapshot = IntentSnapshot(store: CoreScene.store, revision: revision, records: versioned, instance: CoreScene.configs)
    let followed = handle(.bus(.reply(id, .success(.configs(.snapshot(snapshot))))))
    guard let online else { return }
    guard followed.sent.contains(where: { $0.request == .reconciler(.hosts) }) else { throw Missing() }
    _ = try answerHosts(online)
  }

  /// The reconciler says which hosts are there.
  mutating func answerHosts(_ online: [HostName]) throws -> [JobCore.Effect] {
    guard let id = hostQuestion else { throw Missing() }
    let hosts = try online.map {
      HostStatus(
        name: $0, state: .online, session: nil, nodes: 0, links: 0, revision: .zero, load: HostLoad(), spec: try CoreScene.host($0.text))
    }
    return handle(.bus(.reply(id, .success(.reconciler(.hosts(hosts))))))
  }

  private mutating func handle(_ event: JobCore.Event) -> [JobCore.Effect] {
    time += 1
    let effects = core.handle(event, at: CoreScene.now(time, wall: 1))
    for outgoing in effects.sent {
      if case .configs(.put(let put)) = outgoing.request { puts.append(SentPut(id: outgoing.id, put: put)) }
      if outgoing.request == .reconciler(.hosts) { hostQuestion = outgoing.id }
    }
    return effects
  }

  mutating func ask(_ peer: PeerName, _ id: String, _ request: JobsRequest) throws -> [JobCore.Effect] {
    handle(.bus(try CoreScene.incoming(peer, id, .jobs(request))))
  }

  @discardableResult
  mutating func tick(after pause: UInt64) -> [JobCore.Effect] {
    time += pause
    return handle(.tick)
  }

  /// Nothing was put that hasn't been looked at.
  var isQuiet: Bool { puts.isEmpty }

  /// The next Put that was sent.
  mutating func nextPut() throws -> SentPut {
    guard !puts.isEmpty else { throw Missing() }
    return puts.removeFirst()
  }

  mutating func dropPuts() { puts = [] }

  /// The store takes it and publishes it.
  @discardableResult
  mutating func store(_ put: SentPut) -> [JobCore.Effect] {
    let answered = answer(put, .success(.configs(.put(revision.next))))
    return answered + change(put.put.changes)
  }

  @discardableResult
  mutating func answer(_ put: SentPut, _ result: Result<Reply, LabError>) -> [JobCore.Effect] { handle(.bus(.reply(put.id, result))) }

  /// The next change of intent.
  @discardableResult
  mutating func change(_ changes: [RecordChange]) -> [JobCore.Effect] {
    let previous = revision
    revision = revision.next
    let fact = Fact.intent(IntentChange(revision: revision, changes: changes))
    return handle(.bus(.published(Publication(topic: .intent, number: revision.number, previous: previous.number, fact: fact))))
  }
}

import Machine
import Model
import ReconcilerCore

/// A reconciler that follows intent and has one host's session.
struct ReconcilerScene {
  struct Missing: Error {}

  var core: ReconcilerCore
  let host: HostName
  private(set) var session = Session(0)
  private var number = 0
  private var revision: Revision
  private var time: UInt64 = 0
  /// Whom it has greeted.
  private(set) var greeted: [PeerName] = []
  /// What was remembered as announced, and what was forgotten again.
  private(set) var announced: [Subject: String] = [:]
  private(set) var forgotten: Set<Subject> = []
  /// How far the host's changes are in the log, and what was written last.
  private(set) var sequences: [HostSequence] = []
  private(set) var last: LogAppend?

  init(_ records: [RecordChange], at revision: Revision = Revision(10), announced: [Subject: String] = [:]) throws {
    host = try HostName("h1")
    self.revision = revision
    core = ReconcilerCore(instance: Instance(4), log: LogState(last: 0, lastOfLab: [:], announced: announced, sequences: []))
    guard let id = core.handle(.bus(.connected), at: CoreScene.now(0)).sent.first?.id else { throw Missing() }
    let versioned = ([.host(host, try CoreScene.host("h1"))] + records).map { VersionedRecord(revision: revision, record: $0) }
    let snapshot = IntentSnapshot(store: CoreScene.store, revision: revision, records: versioned, instance: CoreScene.configs)
    _ = take(core.handle(.bus(.reply(id, .success(.configs(.snapshot(snapshot))))), at: CoreScene.now(0)))
    try register(Instance(6))
  }

  /// A life of the agent begins.
  mutating func register(_ instance: Instance) throws {
    let registration = Registration(spec: try CoreScene.host("h1"), instance: instance, store: nil)
    guard case .reconciler(.registered(let session))? = try? ask(.register(registration)).answer?.get() else { throw Missing() }
    self.session = session
  }

  mutating func wait(_ milliseconds: UInt64) { time += milliseconds }

  /// As much time passes as the core asks for, at most.
  mutating func tick() {
    time = max(time, core.wakeAt?.milliseconds ?? time)
    _ = take(core.handle(.tick, at: CoreScene.now(time)))
  }

  /// Time passes, and the reconciler sees it each second.
  mutating func tick(for seconds: Int) -> [EventKind] {
    (0..<seconds).flatMap { _ in
      time += 1_000
      return take(core.handle(.tick, at: CoreScene.now(time)))
    }
  }

  /// The events that come of it, and the answer.
  mutating func ask(_ request: ReconcilerRequest, as other: HostName? = nil) throws -> (
    kinds: [EventKind], answer: Result<Reply, LabError>?
  ) {
    number += 1
    time += 10
    let effects = core.handle(
      .bus(try CoreScene.incoming(.agent(other ?? host), "r\(number)", .reconciler(request))), at: CoreScene.now(time))
    return (take(effects), effects.answer("r\(number)"))
  }

  mutating func report(
    _ sequence: UInt64, full: Bool = false, applied: UInt64, _ changes: [HostChange] = [], ends: EndSeries = EndSeries(origin: Instance(1))
  )
    throws -> (kinds: [EventKind], answer: Result<Reply, LabError>?)
  {
    try ask(
      .report(
        Report(session: session, sequence: sequence, isFull: full, changes: changes, applied: Revision(applied), digest: 0, ends: ends)))
  }

  /// The next change of intent.
  mutating func change(_ changes: [RecordChange]) -> [EventKind] {
    let previous = revision
    revision = revision.next
    time += 10
    let fact = Fact.intent(IntentChange(revision: revision, changes: changes))
    let publication = Publication(topic: .intent, number: revision.number, previous: previous.number, fact: fact)
    return take(core.handle(.bus(.published(publication)), at: CoreScene.now(time)))
  }

  private mutating func take(_ effects: [ReconcilerCore.Effect]) -> [EventKind] {
    var kinds: [EventKind] = []
    greeted += effects.sent.filter { $0.request == .agent(.greet) }.map(\.to)
    for case .append(let append) in effects {
      last = append
      sequences += append.sequences
      kinds += append.events.map(\.kind)
      for item in append.announced {
        announced[item.subject] = item.state
        if item.state == nil { forgotten.insert(item.subject) }
      }
    }
    return kinds
  }

  /// What the host has of a lab that is as it should be.
  static func view(of lab: Lab) -> [HostChange] {
    lab.nodes.indices.map {
      .node(ObservedNode(key: lab.key(at: $0), phase: .ready, pid: 70 + Int32($0), startSerial: lab.nodes[$0].startSerial, execDone: true))
    }
      + lab.spec.links.map { .end(ObservedEnd(key: TunnelKey(lab.key, $0.id), fault: "", up: true, tunnel: nil, mtu: 1500)) }
  }

  static func gone(_ lab: Lab) -> [HostChange] {
    lab.nodes.indices.map { .nodeGone(lab.key(at: $0)) } + lab.spec.links.map { .endGone(TunnelKey(lab.key, $0.id)) }
  }
}

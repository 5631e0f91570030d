import ConfigCore
import Machine
import Model
import Testing
import Wire

/// The config service's decisions, without a store.
struct ConfigCoreTests {
  private let content: [UInt8] = [1, 2, 3]

  private func core(_ records: [RecordChange] = []) -> ConfigCore {
    var intent = Intent(store: CoreScene.store, revision: Revision(1))
    for record in records { intent.load(record, at: Revision(1)) }
    return ConfigCore(intent: intent, remembered: RememberedRequests(), blobs: [], instance: CoreScene.configs)
  }

  private func ask(_ core: inout ConfigCore, _ peer: PeerName, _ request: ConfigsRequest, at time: UInt64 = 0, id: String = "r") throws
    -> [ConfigCore.Effect]
  {
    core.handle(.bus(try CoreScene.incoming(peer, id, .configs(request))), at: CoreScene.now(time))
  }

  @Test func onlyCommandLinesPutBlobs() throws {
    for (peer, isAllowed) in [(PeerName.client("c"), true), (.agent(try HostName("h1")), false), (.jobs, false)] {
      var core = core()
      let effects = try ask(&core, peer, .putBlob(Digest.sha256(content), content))
      #expect(effects.error("r") == (isAllowed ? nil : .permissionDenied), "\(peer)")
      #expect(effects.contains { if case .store = $0 { true } else { false } } == isAllowed)
    }
  }

  @Test func aBlobIsTakenUnderItsOwnDigestOnly() throws {
    for (digest, isRight) in [(Digest.sha256(content), true), (Digest.sha256([9]), false)] {
      let coded = Codec.encode(Request.configs(.putBlob(digest, content)))
      let read = try? Codec.decodeRequest(kind: coded.kind, body: coded.body, secret: coded.secret)
      #expect((read != nil) == isRight)
    }
  }

  @Test func aPutThatChangesNothingIsRefusedAndLeavesNothing() throws {
    for peer in [PeerName.client("c"), .agent(try HostName("h1")), .reconciler, .jobs, .links] {
      var core = core()
      let effects = try ask(&core, peer, .put(Put(changes: [], expect: [])))
      #expect([.permissionDenied, .invalidArgument].contains(effects.error("r")), "\(peer)")
      #expect(!effects.contains { if case .store = $0 { true } else { false } })
      #expect(core.intent.revision == Revision(1))
    }
  }

  @Test func aPutFromANewerCopyOfThisStoreStopsEveryChangeAndOneOfAnotherIsGivenUp() throws {
    let other = StoreIdentity(deployment: Deployment(random: 9), incarnation: Incarnation(random: 9))
    let cases: [(basis: PutBasis, code: ErrorCode, stops: Bool)] = [
      (PutBasis(store: CoreScene.store, revision: Revision(2)), .failedPrecondition, true),
      (PutBasis(store: CoreScene.store, revision: Revision(1)), .invalidArgument, false),
      (PutBasis(store: other, revision: Revision(2)), .aborted, false),
      (PutBasis(store: CoreScene.store, revision: Revision(1), instance: CoreScene.configs), .invalidArgument, false),
      (PutBasis(store: CoreScene.store, revision: Revision(1), instance: Instance(90)), .aborted, false),
      (PutBasis(store: CoreScene.store, revision: Revision(2), instance: Instance(90)), .failedPrecondition, true),
    ]
    for (basis, code, stops) in cases {
      for peer in [PeerName.jobs, .links] {
        var core = core()
        let effects = try ask(&core, peer, .put(Put(changes: [], expect: [], basis: basis)))
        #expect(effects.error("r") == code, "\(basis)")
        // Who has an earlier life's copy is told that there is another one.
        let tells = effects.contains { if case .bus(.publish(let head)) = $0 { head.fact == .head } else { false } }
        #expect(tells == (basis.instance == Instance(90)), "\(basis)")
        #expect((core.suspension != nil) == stops, "\(basis)")
      }
      // Whoever writes nothing can stop nothing.
      var core = core()
      _ = try ask(&core, .client("c"), .put(Put(changes: [], expect: [], basis: basis)))
      #expect(core.suspension == nil)
    }
  }

  @Test func anOlderStoreGoesOnAsAnotherIncarnationOnceItsOperatorSaysSo() throws {
    let (host, other) = (try HostName("h1"), try HostName("h2"))
    let (new, strayed) = (Incarnation(random: 7), Incarnation(random: 8))
    var core = core([.host(host, try CoreScene.host("h1")), .assigned(host, Revision(1))])
    // One host has seen more of this incarnation, another has obeyed one that nobody declared.
    for (name, bound, have) in [(host, CoreScene.store.incarnation, 45), (other, strayed, 1 << 32 + 3)] as [(HostName, Incarnation, UInt64)]
    {
      let store = StoreIdentity(deployment: CoreScene.store.deployment, incarnation: bound)
      let query = AssignmentQuery(host: name, bound: store, have: Revision(have))
      #expect(try ask(&core, .agent(name), .assignment(query), id: name.text).error(name.text) != nil)
    }
    #expect(core.suspension != nil)
    guard case .configs(.standing(let standing))? = try ask(&core, .client("c"), .standing, id: "s").answer("s")?.get() else {
      Issue.record("no standing")
      return
    }
    #expect(!standing.suspension.isEmpty)
    let basis = PutBasis(store: standing.store, revision: standing.revision)
    #expect(try ask(&core, .jobs, .recover(new, of: basis)).error("r") == .permissionDenied)
    let effects = try ask(&core, .client("c"), .recover(new, of: basis), id: "recover")
    let store = core.intent.store
    #expect(store.incarnation == new)
    #expect(store.predecessors == [CoreScene.store.incarnation, strayed])
    #expect(core.suspension == nil)
    // Beyond all that any of them may have numbered, and every host is told anew.
    let base = Revision(1 << 32).nextEpoch(of: new)
    #expect(base.epoch == 2 && base.next.epoch == 2)
    #expect(core.intent.revision == base.next)
    // Who follows another recovery of the same store never has the same numbers.
    #expect(Revision(1 << 32).nextEpoch(of: strayed) != base)
    #expect(core.intent.assigned == [host: core.intent.revision])
    let writes = effects.compactMap { if case .store(let write) = $0 { write } else { nil } }
    #expect(writes.first == .succeed(store, after: base))
    #expect(effects.published.allSatisfy { $0.previous != 1 }, "who follows would take it for the next change")
    // Asked again it is done, also after a later one; a later one is of what is there now.
    let now = PutBasis(store: store, revision: core.intent.revision)
    for (again, of, code) in [
      (new, basis, nil), (Incarnation(random: 9), basis, .aborted), (Incarnation(random: 9), now, nil), (new, basis, nil),
    ] as [(Incarnation, PutBasis, ErrorCode?)] {
      let answer = try ask(&core, .client("c"), .recover(again, of: of), id: "again")
      #expect(answer.error("again") == code)
      if code == nil { #expect(try answer.answer("again")?.get() == .configs(.recovered(core.intent.store))) }
    }
    #expect(core.intent.store.predecessors == [new, CoreScene.store.incarnation, strayed])
    // Of the one before, a copy is known to be old.
    #expect(try ask(&core, .links, .put(Put(changes: [], expect: [], basis: basis)), id: "late").error("late") == .aborted)
    let query = AssignmentQuery(host: host, bound: CoreScene.store, have: Revision(45))
    guard case .configs(.assignment(let assignment))? = try ask(&core, .agent(host), .assignment(query), id: "q").answer("q")?.get() else {
      Issue.record("no assignment")
      return
    }
    #expect(assignment.store.succeeds(CoreScene.store))
  }

  @Test func aPutThatWasRefusedStaysSoHoweverLateItsCopyComes() throws {
    let host = try HostName("h1")
    let lab = try CoreScene.lab("ring", on: "h1")
    func put(_ revision: UInt64) -> ConfigsRequest {
      .put(
        Put(
          changes: [.lab(lab.key.name, lab)], expect: [], basis: PutBasis(store: CoreScene.store, revision: Revision(revision))))
    }
    var core = core()
    #expect(try ask(&core, .jobs, put(1), id: "lab").error("lab") == .aborted)
    _ = try ask(&core, .jobs, .put(Put(changes: [.host(host, try CoreScene.host("h1"))], expect: [])), id: "host")
    #expect(try ask(&core, .jobs, put(1), id: "lab").error("lab") == .aborted)
    // Also where another process of the service has refused it: all that was planned before it began is planned again.
    var next = ConfigCore(intent: core.intent, remembered: RememberedRequests(), blobs: [], instance: CoreScene.configs)
    #expect(try ask(&next, .jobs, put(1), id: "lab").error("lab") == .aborted)
    #expect(try ask(&next, .jobs, put(2), id: "again").error("again") == nil)
  }

  @Test func nodesAreOnlyPlacedOnHostsThatTakeThemAndAHostWithNodesStays() throws {
    let (h1, h2) = (try HostName("h1"), try HostName("h2"))
    let lab = try CoreScene.lab("ring", on: "h1", born: Revision(1))
    let records: [RecordChange] = [.host(h1, try CoreScene.host("h1")), .lab(lab.key.name, lab)]
    var moved = lab
    moved.nodes[0].host = h2
    var changed = lab
    changed.generation = 2
    let table: [(have: [RecordChange], put: RecordChange, code: ErrorCode?)] = [
      (records, .host(h1, nil), .aborted),
      (records, .lab(lab.key.name, moved), .aborted),
      (records + [.host(h2, try CoreScene.host("h2"))], .lab(lab.key.name, moved), nil),
      (records + [.host(h2, try CoreScene.host("h2")), .restraint(h2, .cordoned)], .lab(lab.key.name, moved), .aborted),
      // What is there stays there.
      (records + [.restraint(h1, .drained)], .lab(lab.key.name, changed), nil),
      ([.host(h1, try CoreScene.host("h1"))], .host(h1, nil), nil),
    ]
    for (have, change, code) in table {
      var core = core(have)
      #expect(try ask(&core, .jobs, .put(Put(changes: [change], expect: []))).error("r") == code, "\(change)")
    }
  }

  @Test func contentThatADeployAsksAboutHasItsWholeGraceAgain() throws {
    let digest = Digest.sha256(content)
    for request in [ConfigsRequest.missingBlobs([digest]), .putBlob(digest, content)] {
      var core = core()
      _ = try ask(&core, .client("c"), .putBlob(digest, content))
      _ = core.handle(.tick, at: CoreScene.now(0))
      // Just before its end.
      _ = try ask(&core, .client("c"), request, at: 3_599_000, id: "s")
      func drops(_ time: UInt64) -> Bool {
        core.handle(.tick, at: CoreScene.now(time)).contains { if case .store(.dropBlob) = $0 { true } else { false } }
      }
      #expect(!drops(3_660_000))
      #expect(!drops(7_200_000))
      #expect(drops(7_300_000))
    }
  }

  @Test func steadyPutsDontHoldUpTheHeads() throws {
    let host = try HostName("h1")
    let lab = try CoreScene.lab("ring")
    var core = core([.assigned(host, Revision(1)), .host(host, try CoreScene.host("h1"))])
    var heads: Set<Topic> = []
    for step in UInt64(1)...10 {
      let time = step * 500
      let job = try CoreScene.job("j\(step)", lab)
      _ = try ask(&core, .jobs, .put(Put(changes: [.job(job.id, job)], expect: [])), at: time, id: "p\(step)")
      if let wake = core.wakeAt, wake.milliseconds <= time {
        heads.formUnion(core.handle(.tick, at: CoreScene.now(time)).published.filter { $0.fact == .head }.map(\.topic))
      }
    }
    #expect(heads == [.intent, .assign(host)])
  }

  @Test func labsThatWouldMakeIntentTooLongForAMessageAreRefused() throws {
    let big = Limits.intentBytes / 5
    let host = try CoreScene.host("h1")
    var intent = Intent(store: CoreScene.store, revision: Revision(1))
    intent.load(.host(host.name, host), at: Revision(1))
    var core = ConfigCore(
      intent: intent, remembered: RememberedRequests(), blobs: [], instance: CoreScene.configs,
      measure: { if case .lab(_, .some) = $0 { big } else { 100 } })
    func put(_ name: String, _ change: (Lab) -> Lab?) throws -> ErrorCode? {
      let lab = try CoreScene.lab(name, nodes: ["a"])
      let put = Put(changes: [.lab(lab.key.name, change(lab))], expect: [])
      return try ask(&core, .jobs, .put(put), id: "\(name)\(core.intent.revision)").error("\(name)\(core.intent.revision)")
    }
    // A lab counts twice: its cables come after it.
    #expect(try put("one") { $0 } == nil)
    #expect(try put("two") { $0 } == nil)
    #expect(try put("three") { $0 } == .failedPrecondition)
    // What doesn't grow is taken, and so is what ends.
    var changed = try CoreScene.lab("two", nodes: ["a"])
    changed.generation = 2
    #expect(try put("two") { _ in changed } == nil)
    let job = try CoreScene.job("j", changed, .done)
    #expect(try ask(&core, .jobs, .put(Put(changes: [.job(job.id, job)], expect: []))).error("r") == nil)
    #expect(try put("one") { _ in nil } == nil)
    #expect(try put("three") { $0 } == nil)
  }

  @Test func onlyHostsWhosePartOfALabHasChangedAreTold() throws {
    let hosts = try ["h1", "h2", "h3"].map { try HostName($0) }
    var lab = try CoreScene.lab("ring", nodes: ["a", "b", "c"], born: Revision(1))
    for index in hosts.indices { lab.nodes[index].host = hosts[index] }
    let ends = try hosts.indices.map { TunnelEnd(hosts[$0], try IPAddress("10.0.0.\($0 + 1)")) }
    var segments = CoreScene.segments(lab)
    for index in segments.segments.indices {
      segments.segments[index].path = .tunnel(try VNI(5_000 + UInt32(index)), a: ends[index], b: ends[index + 1])
    }
    let parts = Projection(lab: lab, segments: segments).parts
    #expect(parts.mapValues(\.links.count) == [hosts[0]: 1, hosts[1]: 2, hosts[2]: 1])
    for host in hosts { #expect(parts[host] == Projection(lab: lab, segments: segments).part(for: host)) }
    var core = core(
      try hosts.map { .host($0, try CoreScene.host($0.text)) } + hosts.map { .assigned($0, Revision(1)) }
        + [.lab(lab.key.name, lab), .segments(lab.key.name, segments)])
    func told(_ changes: [RecordChange], by peer: PeerName, _ id: String) throws -> Set<Topic> {
      Set(try ask(&core, peer, .put(Put(changes: changes, expect: [])), id: id).published.map(\.topic).filter { $0 != .intent })
    }
    lab.nodes[2].startSerial = 2
    #expect(try told([.lab(lab.key.name, lab)], by: .jobs, "node") == [.assign(hosts[2])])
    segments.segments[0].mtu = 1_400
    #expect(try told([.segments(lab.key.name, segments)], by: .links, "link") == [.assign(hosts[0]), .assign(hosts[1])])
    #expect(try told([.lab(lab.key.name, nil)], by: .jobs, "end") == Set(hosts.map { .assign($0) }))
  }
}

import Machine
import Model
import ReconcilerCore
import Testing
import Wire

/// The reconciler's decisions, without a log on disk.
struct ReconcilerCoreTests {
  private func records(_ lab: Lab, _ host: HostName, at revision: UInt64) -> [RecordChange] {
    [.lab(lab.key.name, lab), .segments(lab.key.name, CoreScene.segments(lab)), .assigned(host, Revision(revision))]
  }

  @Test func aReportThatOnlySaysWhatIsAppliedIsJudged() throws {
    let host = try HostName("h1")
    let lab = try CoreScene.lab("ring", born: Revision(5))
    var scene = try ReconcilerScene(records(lab, host, at: 10))
    #expect(try scene.report(0, full: true, applied: 10, ReconcilerScene.view(of: lab)).kinds.contains(.labConverged))
    // Only `exec:` has changed: the next generation needs nothing done.
    var next = lab
    next.generation = 2
    _ = scene.change([.lab(lab.key.name, next), .assigned(host, Revision(11))])
    #expect(try scene.report(1, applied: 11).kinds == [.labConverged])
  }

  /// Found by seed 127776.
  @Test func aHostThatWasForgottenAndIsKnownAgainAtOnceIsToldAsLost() throws {
    let spec = try CoreScene.host("h2")
    var scene = try ReconcilerScene([.host(spec.name, spec)])
    _ = scene.tick(for: 7)
    #expect(scene.announced[.host(spec.name)] == "lost")
    _ = scene.change([.host(spec.name, nil)])
    _ = scene.change([.host(spec.name, spec)])
    #expect(scene.announced[.host(spec.name)] == nil)
    _ = scene.tick(for: 7)
    #expect(scene.announced[.host(spec.name)] == "lost")
  }

  @Test func whatWasAnnouncedOfADestroyedLabIsForgotten() throws {
    let host = try HostName("h1")
    let lab = try CoreScene.lab("ring", nodes: ["a", "b", "c"], born: Revision(5))
    var scene = try ReconcilerScene(records(lab, host, at: 10))
    _ = try scene.report(0, full: true, applied: 10, ReconcilerScene.view(of: lab))
    #expect(scene.announced[.link(TunnelKey(lab.key, lab.spec.links[0].id))] == "up")
    _ = scene.change([.lab(lab.key.name, nil), .segments(lab.key.name, nil), .assigned(host, Revision(11))])
    #expect(try scene.report(1, applied: 11, ReconcilerScene.gone(lab)).kinds.contains(.labDestroyed))
    #expect(Array(scene.announced.keys) == [.host(host)])
  }

  @Test func whatWasAnnouncedOfALinkThatWasTakenOutIsForgotten() throws {
    let host = try HostName("h1")
    let lab = try CoreScene.lab("ring", nodes: ["a", "b", "c"], born: Revision(5))
    var scene = try ReconcilerScene(records(lab, host, at: 10))
    _ = try scene.report(0, full: true, applied: 10, ReconcilerScene.view(of: lab))
    var next = lab
    let link = TunnelKey(lab.key, next.spec.links.removeLast().id)
    next.generation = 2
    next.wiring = 2
    _ = scene.change([
      .lab(lab.key.name, next), .segments(lab.key.name, CoreScene.segments(next)), .assigned(host, Revision(11)),
    ])
    _ = try scene.report(1, applied: 11, [.endGone(link)])
    #expect(scene.forgotten == [.link(link)])
  }

  @Test func whatALogOfOldHasOfLabsThatAreGoneIsForgotten() throws {
    let lab = try CoreScene.lab("ring", nodes: ["a", "b"], born: Revision(5))
    let old = try CoreScene.lab("ring", nodes: ["a", "b"], born: Revision(2))
    let link = lab.spec.links[0].id
    let stale: [Subject] = [.link(TunnelKey(old.key, link)), .node(old.key(at: 0))]
    var announced = Dictionary(uniqueKeysWithValues: stale.map { ($0, "up") })
    announced[.link(TunnelKey(lab.key, link))] = "up"
    announced[.lab(lab.key)] = "converged 1"
    let host = try HostName("h1")
    var scene = try ReconcilerScene(records(lab, host, at: 10), announced: announced)
    _ = try scene.report(0, full: true, applied: 10, ReconcilerScene.view(of: lab))
    #expect(scene.forgotten == Set(stale))
  }

  @Test func aDrainedHostIsToldSoWhenNothingIsLeftOnIt() throws {
    let host = try HostName("h1")
    let lab = try CoreScene.lab("ring", born: Revision(5))
    var scene = try ReconcilerScene(records(lab, host, at: 10))
    _ = try scene.report(0, full: true, applied: 10, ReconcilerScene.view(of: lab))
    func status() throws -> HostStatus? {
      guard case .reconciler(.hosts(let hosts))? = try scene.ask(.hosts).answer?.get() else { return nil }
      return hosts.first
    }
    #expect(scene.change([.restraint(host, .drained)]) == [])
    #expect(try status()?.state == .online)
    #expect(try status()?.reason == "ring/a waits for room elsewhere (and 1 more)")
    let other = try HostName("h2")
    var moved = lab
    for index in moved.nodes.indices { moved.nodes[index].host = other }
    moved.wiring = 2
    _ = scene.change([
      .host(other, try CoreScene.host("h2")), .lab(lab.key.name, moved), .segments(lab.key.name, CoreScene.segments(moved)),
      .assigned(host, Revision(12)),
    ])
    // Of the other host nothing is heard.
    scene.wait(3_000)
    #expect(try status()?.reason == "what it ran is being removed")
    #expect(try scene.report(1, applied: 12, ReconcilerScene.gone(lab)).kinds.contains(.hostDrained))
    #expect(try status()?.state == .drained)
    #expect(try status()?.reason == "")
    #expect(scene.change([.restraint(host, nil)]) == [.hostOnline])
  }

  @Test func aHostsLoadIsNotKnownUntilItSaysIt() throws {
    var scene = try ReconcilerScene([])
    func load() throws -> HostLoad? {
      guard case .reconciler(.hosts(let hosts))? = try scene.ask(.hosts).answer?.get(), let host = hosts.first else {
        throw ReconcilerScene.Missing()
      }
      return host.load
    }
    _ = try scene.report(1, full: true, applied: 10)
    #expect(try load() == nil)
    let busy = HostLoad(nodes: 1, load1: 20, memoryTotal: 900)
    _ = try scene.ask(.heartbeat(Heartbeat(session: scene.session, sequence: 1, applied: Revision(10), digest: 0, load: busy)))
    #expect(try load() == busy)
  }

  @Test func aLostHostThatOnlyRegistersIsLostAgain() throws {
    var scene = try ReconcilerScene([])
    _ = try scene.report(1, full: true, applied: 10)
    for lost: UInt64 in [10_000, 20_000] {
      for time in stride(from: lost - 9_000, through: lost, by: 500) { _ = scene.core.handle(.tick, at: CoreScene.now(time)) }
      let request = try CoreScene.incoming(.client("c"), "hosts\(lost)", .reconciler(.hosts))
      let answer = try scene.core.handle(.bus(request), at: CoreScene.now(lost)).answer("hosts\(lost)")?.get()
      guard case .reconciler(.hosts(let hosts))? = answer else { throw ReconcilerScene.Missing() }
      #expect(hosts.map(\.state) == [.lost])
      scene.wait(lost)
      try scene.register(Instance(lost))
    }
  }

  @Test func whatIsJudgedInPartsIsAsWhatIsJudgedWhole() throws {
    let host = try HostName("h1")
    var chance = Jitter(seed: 11)
    for _ in 0..<20 {
      let lab = try CoreScene.lab("ring", nodes: ["a", "b", "c", "d"], born: Revision(5))
      let wholeView = ReconcilerScene.view(of: lab)
      var scene = try ReconcilerScene(records(lab, host, at: 10))
      var sequence: UInt64 = 0
      _ = try scene.report(0, full: true, applied: 10, wholeView)
      for _ in 0..<40 {
        var changes: [HostChange] = []
        for _ in 0...chance.below(2) { changes.append(Self.change(wholeView, &chance)) }
        _ = try scene.report(sequence + 1, applied: chance.below(12) == 0 ? 9 : 10, changes)
        sequence += UInt64(changes.count)
        // An answer is worked out whole.
        guard case .reconciler(.lab(let status))? = try scene.ask(.inspect(lab.key.name)).answer?.get() else {
          Issue.record("no status")
          return
        }
        #expect((scene.announced[.lab(lab.key)] == "converged 1") == status.converged, "\(status.reason)")
        for link in status.links where scene.announced[.link(TunnelKey(lab.key, link.spec.id))] != nil {
          #expect(scene.announced[.link(TunnelKey(lab.key, link.spec.id))] == link.state.rawValue)
        }
      }
    }
  }

  @Test("A reconciler that begins greets its hosts, and answers once they have reported or had the time to", arguments: [true, false])
  func settling(reports: Bool) throws {
    var scene = try ReconcilerScene([])
    #expect(scene.greeted == [.agent(scene.host)])
    func ask(_ number: Int, at time: UInt64 = 20) throws -> Result<Reply, LabError>? {
      let question = try CoreScene.incoming(.client("c"), "q\(number)", .reconciler(.hosts))
      return scene.core.handle(.bus(question), at: CoreScene.now(time)).answer("q\(number)")
    }
    for number in 0..<Limits.heldQuestions { #expect(try ask(number) == nil) }
    // One that is repeated is held once, and one more than may be held is refused.
    #expect(try ask(0) == nil)
    guard case .failure(let error)? = try ask(Limits.heldQuestions) else { throw ReconcilerScene.Missing() }
    #expect(error.code == .unavailable)
    let report = Report(
      session: scene.session, sequence: 0, isFull: true, changes: [], applied: Revision(10), digest: 0, ends: EndSeries(origin: Instance(1))
    )
    let effects =
      reports
      ? scene.core.handle(.bus(try CoreScene.incoming(.agent(scene.host), "r", .reconciler(.report(report)))), at: CoreScene.now(30))
      : scene.core.handle(.tick, at: CoreScene.now(2_000))
    let answers = effects.compactMap {
      if case .reply(let address, .success)? = $0.busEffect, address.id.text != "r" { address.id } else { nil }
    }
    #expect(answers == (0..<Limits.heldQuestions).compactMap { try? RequestID("q\($0)") })
    #expect(try ask(0, at: 2_000) != nil)
  }

  @Test func manyHostsAreGreetedOneAfterAnother() throws {
    var scene = try ReconcilerScene(try (11..<50).map { .host(try HostName("h\($0)"), try CoreScene.host("h\($0)")) })
    #expect(scene.greeted.count < 40)
    for _ in 0..<10 { scene.tick() }
    #expect(Set(scene.greeted).count == 40)
  }

  /// One of the host's parts of the lab as it should be, or otherwise.
  private static func change(_ whole: [HostChange], _ chance: inout Jitter) -> HostChange {
    let right = whole[Int(chance.below(UInt64(whole.count)))]
    switch (right, chance.below(3)) {
    case (.node(var node), 0):
      node.phase = .failed
      return .node(node)
    case (.node(let node), 1): return .nodeGone(node.key)
    case (.end(var end), 0):
      end.fault = "cut"
      return .end(end)
    case (.end(let end), 1): return .endGone(end.key)
    default: return right
    }
  }
}

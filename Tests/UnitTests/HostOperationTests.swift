import JobCore
import Machine
import Model
import Testing

/// What operators ask of hosts: drain, cordon, forget.
struct HostOperationTests {
  private let client = PeerName.client("c")

  private func scene(_ labs: [Lab], restraints: [String: Restraint] = [:], online: [String] = ["h1", "h2"]) throws -> JobScene {
    var records: [RecordChange] = try ["h1", "h2", "h3"].map { .host(try HostName($0), try CoreScene.host($0)) }
    for lab in labs { records += [.lab(lab.key.name, lab), .segments(lab.key.name, CoreScene.segments(lab))] }
    for (host, restraint) in restraints { records.append(.restraint(try HostName(host), restraint)) }
    return try JobScene(records, online: try online.map { try HostName($0) })
  }

  @Test func whatIsNotPinnedLeavesADrainedHostOneLabAtATime() throws {
    let (h1, h2) = (try HostName("h1"), try HostName("h2"))
    var first = try CoreScene.lab("one", nodes: ["a", "b"], on: "h1", born: Revision(5))
    first.spec.nodes[1].host = h1
    let second = try CoreScene.lab("two", nodes: ["a"], on: "h1", born: Revision(6))
    var scene = try scene([first, second], restraints: ["h1": .drained])
    let put = try scene.nextPut()
    guard case .lab(_, let moved?)? = put.put.changes.first else { throw JobScene.Missing() }
    #expect(moved.key == first.key)
    #expect(moved.nodes.map(\.host) == [h2, h1])
    #expect(moved.nodes.map(\.startSerial) == first.nodes.map(\.startSerial))
    #expect(moved.wiring == first.wiring + 1)
    #expect(scene.isQuiet)
    scene.store(put)
    let next = try scene.nextPut()
    #expect(next.put.changes.map(\.key) == [.lab(second.key.name)])
    scene.store(next)
    scene.tick(after: 1_000)
    #expect(scene.isQuiet)
  }

  @Test func nodesStayUntilThereIsRoomElsewhere() throws {
    let lab = try CoreScene.lab("one", nodes: ["a"], on: "h1", born: Revision(5))
    var scene = try scene([lab], restraints: ["h1": .drained, "h2": .cordoned], online: ["h1", "h2"])
    #expect(scene.isQuiet)
    scene.change([.restraint(try HostName("h2"), nil)])
    let next = try scene.nextPut()
    #expect(next.put.changes.map(\.key) == [.lab(lab.key.name)])
  }

  @Test func whatCouldNotBeStoredIsTriedAgain() throws {
    let lab = try CoreScene.lab("one", nodes: ["a"], on: "h1", born: Revision(5))
    var scene = try scene([lab], restraints: ["h1": .drained])
    let put = try scene.nextPut()
    scene.answer(put, .failure(LabError(.resourceExhausted, "configs", "the disk is full")))
    #expect(scene.isQuiet)
    scene.tick(after: 1_000)
    #expect(try scene.nextPut().put.changes == put.put.changes)
  }

  @Test func aHostWithPinnedNodesIsNotDrained() throws {
    let host = try HostName("h1")
    var lab = try CoreScene.lab("one", nodes: ["a"], on: "h1", born: Revision(5))
    lab.spec.nodes[0].host = host
    var scene = try scene([lab])
    #expect(try scene.ask(client, "drain", .restrainHost(host, .drained)).error("drain") == .failedPrecondition)
    // What was refused stays so, though it could be done now.
    scene.change([.lab(lab.key.name, nil)])
    #expect(try scene.ask(client, "drain", .restrainHost(host, .drained)).error("drain") == .failedPrecondition)
    _ = try scene.ask(client, "again", .restrainHost(host, .drained))
    let next = try scene.nextPut()
    #expect(next.put.changes == [.restraint(host, .drained)])
  }

  @Test func aRepetitionGoesToTheStoreUnderTheSameID() throws {
    let host = try HostName("h1")
    var scene = try scene([])
    _ = try scene.ask(client, "drain", .restrainHost(host, .drained))
    let first = try scene.nextPut()
    #expect(first.id.text == "drain")
    scene.store(first)
    scene.change([.restraint(host, nil)])
    _ = try scene.ask(client, "drain", .restrainHost(host, .drained))
    let next = try scene.nextPut()
    #expect(next.id.text == "drain", "the store answers it with what it came to")
  }

  @Test func whatLosesAgainstAnotherChangeIsDecidedAgain() throws {
    let host = try HostName("h3")
    var scene = try scene([])
    #expect(try scene.ask(client, "forget", .forgetHost(host)).answer("forget") == nil)
    _ = try scene.answerHosts([])
    let put = try scene.nextPut()
    let lost = scene.answer(put, .failure(LabError(.aborted, "host h3", "changed meanwhile")))
    #expect(lost.answer("forget") == nil)
    scene.tick(after: 300)
    let again = try scene.nextPut()
    #expect(put.id.text == "forget" && again.id.text == "forget.1", "what lost stays lost")
    #expect(try scene.store(again).answer("forget")?.get() == .jobs(.done))
  }

  @Test func aHostIsForgottenOnlyWhenItIsKnownToBeGone() throws {
    let host = try HostName("h3")
    // It was there when the reconciler was last asked, so it is asked again.
    for (there, code) in [([host], ErrorCode.failedPrecondition), ([], nil)] as [([HostName], ErrorCode?)] {
      var scene = try scene([], online: ["h3"])
      #expect(try scene.ask(client, "forget", .forgetHost(host)).answer("forget") == nil)
      #expect(scene.isQuiet)
      #expect(try scene.answerHosts(there).error("forget") == code)
      #expect(scene.isQuiet == (code != nil))
    }
    var silent = try JobScene([.host(host, try CoreScene.host("h3"))])
    _ = try silent.ask(client, "forget", .forgetHost(host))
    let effects = silent.tick(after: 6_000) + silent.tick(after: 6_000)
    #expect(effects.error("forget") == .unavailable)
  }

  @Test func whoFindsNoPlaceIsRefusedByWhatIsKnownAfterItHasAsked() throws {
    let hosts = try ["h1", "h2", "h3"].map { try HostName($0) }
    for (there, isPlaced) in [([hosts[2]], true), ([], false)] {
      var scene = try scene([], online: [])
      let asked = try scene.ask(client, "deploy", .applyLab(try CoreScene.spec("new", nodes: ["a"]), reconfigure: false))
      #expect(asked.answer("deploy") == nil)
      #expect(scene.isQuiet)
      let answered = try scene.answerHosts(there)
      #expect(answered.error("deploy") == (isPlaced ? nil : .failedPrecondition))
      #expect(scene.isQuiet == !isPlaced)
    }
  }

  @Test func nothingNewIsPlacedOnARestrainedHost() throws {
    let host = try HostName("h1")
    for restraint in Restraint.allCases {
      let old = try CoreScene.lab("old", nodes: ["a"], on: "h1", born: Revision(5))
      var scene = try scene([old], restraints: ["h1": restraint])
      scene.dropPuts()
      var pinned = try CoreScene.spec("new", nodes: ["a"])
      pinned.nodes[0].host = host
      // What the reconciler says of h3 could have changed meanwhile.
      _ = try scene.ask(client, "pinned", .applyLab(pinned, reconfigure: false))
      #expect(try scene.answerHosts([host, try HostName("h2")]).error("pinned") == .failedPrecondition)
      _ = try scene.ask(client, "free", .applyLab(try CoreScene.spec("new", nodes: ["a"]), reconfigure: false))
      guard case .lab(_, let lab?)? = try scene.nextPut().put.changes.first else { throw JobScene.Missing() }
      #expect(lab.hosts == [try HostName("h2")])
    }
  }
}

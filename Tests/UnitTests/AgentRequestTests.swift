import AgentCore
import Machine
import Model
import Testing

/// Who may ask an agent what, and what becomes of repetitions.
struct AgentRequestTests {
  private let client = PeerName.client("c")

  /// An agent whose host runs the node `a` of a lab.
  private func agent(blob: BlobDigest? = nil, execs: [Incoming.Address] = []) throws -> AgentCore {
    let lab = try CoreScene.lab("ring", nodes: ["a"], born: Revision(1), config: blob)
    var core = AgentCore(
      AgentCore.Start(
        spec: try CoreScene.host("h1"), instance: Instance(5), cached: CoreScene.assignment(lab), isCacheTrusted: true, blobs: [],
        crashes: [:], execs: execs))
    var inventory = Inventory()
    inventory.processes[lab.key(at: 0)] = NodeProcess(
      pid: 77, startSerial: 1, specDigest: lab.spec.nodes[0].processDigest, config: blob, execDone: true)
    _ = core.handle(.inventory(inventory, ended: []), at: CoreScene.now(0))
    return core
  }

  private func served(_ effects: [AgentCore.Effect]) -> [AgentRequest] {
    effects.compactMap { if case .serve(_, _, let request) = $0 { request } else { nil } }
  }

  private func requests() throws -> [AgentRequest] {
    let node = NodeID(try LabName("ring"), try NodeName("a"))
    return [
      .exec(ExecRequest(node: node, argv: ["id"], timeout: 1_000)), .execRead(ExecID(Instance(5), 1), stdout: 0, stderr: 0, wait: 0),
      .execWrite(ExecID(Instance(5), 1), offset: 0, [1], isEnd: false),
      .execResize(ExecID(Instance(5), 1), TerminalSize(rows: 24, columns: 80)), .execKill(ExecID(Instance(5), 1)),
      .logs(node, offset: 0, limit: 10),
    ]
  }

  @Test func onlyACommandLineRunsCommandsAndReadsOutput() throws {
    let peers: [(PeerName, Bool)] = [
      (client, true), (.agent(try HostName("h2")), false), (.jobs, false), (.configs, false), (.reconciler, false), (.links, false),
    ]
    for (peer, isAllowed) in peers {
      for request in try requests() {
        var core = try agent()
        let effects = core.handle(.bus(try CoreScene.incoming(peer, "r", .agent(request))), at: CoreScene.now(1))
        #expect(served(effects) == (isAllowed ? [request] : []), "\(peer)")
        #expect(effects.error("r") == (isAllowed ? nil : .permissionDenied), "\(peer)")
      }
    }
  }

  @Test func onlyTheReconcilerMakesAnAgentRegister() throws {
    let peers: [(PeerName, Bool)] = [(.reconciler, true), (client, false), (.agent(try HostName("h2")), false), (.jobs, false)]
    for (peer, isAllowed) in peers {
      var core = try agent()
      func registrations(_ effects: [AgentCore.Effect]) -> [RequestID] {
        effects.sent.compactMap { if case .reconciler(.register) = $0.request { $0.id } else { nil } }
      }
      let id = try #require(registrations(core.handle(.tick, at: CoreScene.now(1))).first)
      _ = core.handle(.bus(.reply(id, .success(.reconciler(.registered(Session(3)))))), at: CoreScene.now(2))
      let effects = core.handle(.bus(try CoreScene.incoming(peer, "r", .agent(.greet))), at: CoreScene.now(3))
      #expect(registrations(core.handle(.tick, at: CoreScene.now(3))).isEmpty == !isAllowed, "\(peer)")
      #expect(effects.error("r") == (isAllowed ? nil : .permissionDenied), "\(peer)")
    }
  }

  @Test func whatNodesTakeIsAskedForAPageAtATimeAndOnlyOfThoseThatRun() throws {
    let names = (0..<Limits.usagePage + 3).map { "n\(1_000 + $0)" }
    let lab = try CoreScene.lab("ring", nodes: names, born: Revision(1))
    var core = AgentCore(
      AgentCore.Start(
        spec: try CoreScene.host("h1"), instance: Instance(5), cached: CoreScene.assignment(lab), isCacheTrusted: true, blobs: [],
        crashes: [:]
      ))
    func measured(_ query: UsageQuery, _ peer: PeerName? = nil) throws -> (nodes: [MeasuredNode], last: NodeID?)? {
      for case .measure(_, let nodes, let last) in core.handle(
        .bus(try CoreScene.incoming(peer ?? client, "r", .agent(.usage(query)))), at: CoreScene.now(1))
      {
        return (nodes, last)
      }
      return nil
    }
    #expect(try measured(UsageQuery()) == nil)
    var inventory = Inventory()
    for index in names.indices.dropFirst() {
      inventory.processes[lab.key(at: index)] = NodeProcess(
        pid: Int32(index), startSerial: 1, specDigest: lab.spec.nodes[index].processDigest, config: nil, execDone: true)
    }
    _ = core.handle(.inventory(inventory, ended: []), at: CoreScene.now(0))
    let first = try #require(try measured(UsageQuery(lab: lab.key.name)))
    #expect(first.nodes.count == Limits.usagePage && first.nodes[0] == MeasuredNode(key: lab.key(at: 1), kind: "linux", pid: 1))
    #expect(first.last == first.nodes.last.map { NodeID($0.key.lab.name, $0.key.name) })
    let second = try #require(try measured(UsageQuery(after: first.last)))
    #expect(second.nodes.map(\.pid) == [Int32(Limits.usagePage + 1), Int32(Limits.usagePage + 2)] && second.last == nil)
    let some = try #require(try measured(UsageQuery(lab: lab.key.name, nodes: [lab.spec.nodes[0].name, lab.spec.nodes[5].name])))
    #expect(some.nodes.map(\.pid) == [5])
    #expect(try measured(UsageQuery(lab: try LabName("other")))?.nodes == [])
    #expect(try measured(UsageQuery(), .jobs) == nil)
  }

  @Test func aRepeatedExecFindsItsCommandAndStartsNoOther() throws {
    var core = try agent()
    let exec = try requests()[0]
    let ask = AgentCore.Event.bus(try CoreScene.incoming(client, "r", .agent(exec)))
    #expect(served(core.handle(ask, at: CoreScene.now(1))) == [exec])
    // While it is being started, and after.
    #expect(served(core.handle(ask, at: CoreScene.now(2))).isEmpty)
    let id = Reply.agent(.exec(ExecID(Instance(5), 9)))
    let first = core.handle(.answer(try CoreScene.address(client, "r"), .success(id)), at: CoreScene.now(3))
    #expect(try first.answer("r")?.get() == id)
    let again = core.handle(ask, at: CoreScene.now(4))
    #expect(served(again).isEmpty)
    #expect(try again.answer("r")?.get() == id)
    // Another's request of the same id, and another request of its own, are others.
    #expect(served(core.handle(.bus(try CoreScene.incoming(.client("d"), "r", .agent(exec))), at: CoreScene.now(5))) == [exec])
    #expect(served(core.handle(.bus(try CoreScene.incoming(client, "s", .agent(exec))), at: CoreScene.now(6))) == [exec])
  }

  @Test func anExecThatCouldNotBeTakenIsTriedAgain() throws {
    for (code, isFinal) in [(ErrorCode.resourceExhausted, false), (.notFound, true)] {
      var core = try agent()
      let exec = try requests()[0]
      let ask = AgentCore.Event.bus(try CoreScene.incoming(client, "r", .agent(exec)))
      _ = core.handle(ask, at: CoreScene.now(1))
      _ = core.handle(.answer(try CoreScene.address(client, "r"), .failure(LabError(code, "x", "y"))), at: CoreScene.now(2))
      let again = core.handle(ask, at: CoreScene.now(3))
      #expect(served(again).isEmpty == isFinal)
      #expect(again.error("r") == (isFinal ? code : nil))
    }
  }

  @Test func aRepetitionAfterTheAgentsDeathIsToldThatTheOutcomeIsUnknown() throws {
    var core = try agent(execs: [try CoreScene.address(client, "r")])
    let exec = try requests()[0]
    let again = core.handle(.bus(try CoreScene.incoming(client, "r", .agent(exec))), at: CoreScene.now(1))
    #expect(served(again).isEmpty)
    #expect(again.error("r") == .unknown)
    #expect(served(core.handle(.bus(try CoreScene.incoming(client, "s", .agent(exec))), at: CoreScene.now(2))) == [exec])
  }

  @Test func whatTheStoreLackedIsAskedForAgainAndHoldsUpNothing() throws {
    let digest = try BlobDigest(String(repeating: "a", count: 64))
    var core = try agent(blob: digest)
    func asked(_ effects: [AgentCore.Effect]) -> RequestID? {
      effects.sent.first { $0.request == .configs(.getBlob(digest)) }?.id
    }
    // It was asked for once, at the start, and is repeated until there is an answer.
    var time: UInt64 = 1_000
    let first = try #require(asked(core.handle(.tick, at: CoreScene.now(time))))
    let lacking = LabError(.notFound, "\(digest)", "not here")
    #expect(asked(core.handle(.bus(.reply(first, .failure(lacking))), at: CoreScene.now(time))) == nil)
    var second: RequestID?
    while second == nil, time < 30_000 {
      time += 500
      second = asked(core.handle(.tick, at: CoreScene.now(time)))
    }
    let id = try #require(second)
    let found = core.handle(.bus(.reply(id, .success(.configs(.blob([1]))))), at: CoreScene.now(time))
    #expect(found.contains { if case .saveBlob(digest, _) = $0 { true } else { false } })
  }
}

import AgentCore
import Machine
import Model
import Testing

/// Links' tunnels and the probe tunnel as the agent wants them, and what it tells of the ways.
struct ProbingTests {
  private let host: HostName
  private let far: HostName
  private let lab: Lab
  private let deployment = CoreScene.store.deployment

  init() throws {
    host = try HostName("h1")
    far = try HostName("h2")
    var lab = try CoreScene.lab("ring", nodes: ["a", "b"], born: Revision(1))
    lab.nodes[1].host = far
    self.lab = lab
  }

  private var link: LinkID { lab.spec.links[0].id }
  private func remote(_ number: Int = 2) throws -> IPAddress { try IPAddress("10.0.0.\(number)") }

  private func assignment(_ revision: UInt64, farAddress: String?) throws -> Assignment {
    var intent = Intent(store: CoreScene.store, revision: Revision(revision))
    var records = [RecordChange.assigned(host, Revision(revision))]
    if let farAddress {
      let ends = (TunnelEnd(host, try CoreScene.host("h1").underlay), TunnelEnd(far, try IPAddress(farAddress)))
      let segment = Segment(link: link, path: .tunnel(try VNI(5_000), a: ends.0, b: ends.1), mtu: 1_450)
      records += [.lab(lab.key.name, lab), .segments(lab.key.name, Segments(lab: lab.key, wiring: lab.wiring, segments: [segment]))]
    }
    for record in records { intent.load(record, at: Revision(revision)) }
    return try #require(intent.assignment(for: host))
  }

  private func agent(_ farAddress: String? = "10.0.0.2") throws -> AgentCore {
    AgentCore(
      AgentCore.Start(
        spec: try CoreScene.host("h1"), instance: Instance(5), cached: try assignment(3, farAddress: farAddress), isCacheTrusted: true,
        blobs: [], crashes: [:]))
  }

  private func wish(_ peers: Set<IPAddress>) throws -> ProbeTunnel {
    ProbeTunnel(vni: VNI(ofProbesIn: deployment), local: try CoreScene.host("h1").underlay, peers: peers)
  }

  /// All that the host should have, but for its probe tunnel.
  private func inventory() throws -> Inventory {
    let (node, tunnel) = (lab.key(at: 0), TunnelKey(lab.key, link))
    let tap = TapKey(node, try Ordinal(1))
    var inventory = Inventory()
    inventory.sandboxes = [node]
    inventory.folders = [node]
    inventory.taps[tap] = Tap(mtu: 1_450, nodeUp: true, fabricUp: true, patchedTo: .tunnel(tunnel))
    inventory.tunnels[tunnel] = Tunnel(
      vni: try VNI(5_000), local: try CoreScene.host("h1").underlay, remote: try remote(), mtu: 1_450, up: true, patchedTo: .tap(tap))
    inventory.processes[node] = NodeProcess(
      pid: 77, startSerial: 1, specDigest: lab.spec.nodes[0].processDigest, config: nil, execDone: true)
    return inventory
  }

  private func batch(_ effects: [AgentCore.Effect]) -> Batch? {
    for case .perform(let batch) in effects where batch.lane == .kernel { return batch }
    return nil
  }

  private func steps(_ batch: Batch?) -> [Action] {
    batch?.actions.filter { $0.target == .probe } ?? []
  }

  /// As on a host that was forgotten with its tunnel and has come back.
  @Test func aLinksTunnelIsMadeOnceWhatHoldsItsVNIIsGone() throws {
    let (tunnel, old) = (TunnelKey(lab.key, link), TunnelKey(LabKey(lab.key.name, born: Revision(7)), link))
    var seen = try inventory()
    seen.tunnels = [old: try #require(seen.tunnels[tunnel])]
    seen.probe = try wish([remote()])
    var agent = try agent()
    let first = try #require(batch(agent.handle(.inventory(seen, ended: []), at: CoreScene.now(10))))
    #expect(first.actions.contains(.deleteTunnel(old)) && !first.actions.contains { $0.target == .device(.tunnel(tunnel)) })
    let next = batch(agent.handle(.performed(first.id, failures: [], observations: [.tunnel(old, nil)]), at: CoreScene.now(20)))
    #expect(next?.actions.contains { if case .makeTunnel(tunnel, _) = $0 { true } else { false } } == true)
  }

  @Test func whatIsNotAsItShouldBeIsMadeOrMendedAndNothingElse() throws {
    let right = try wish([remote()])
    var broken = right
    broken.isWhole = false
    var elsewhere = right
    elsewhere.local = try remote(9)
    let stray = ProbeTunnel(vni: right.vni, local: nil, peers: [], isWhole: false)
    let table: [(String?, ProbeTunnel?, [Action])] = [
      ("10.0.0.2", stray, [.deleteProbe]), (nil, stray, [.deleteProbe]),
      ("10.0.0.2", nil, [.makeProbe(right)]), ("10.0.0.2", right, []), ("10.0.0.2", broken, [.makeProbe(right)]),
      ("10.0.0.2", try wish([remote(), remote(3)]), [.makeProbe(right)]), ("10.0.0.2", elsewhere, [.deleteProbe]),
      ("fd00::2", nil, []), (nil, right, [.deleteProbe]), (nil, nil, []),
    ]
    for (far, present, expected) in table {
      var core = try agent(far)
      var inventory = Inventory()
      inventory.probe = present
      #expect(
        steps(batch(core.handle(.inventory(inventory, ended: []), at: CoreScene.now(0)))) == expected,
        "\(far ?? "-") \(String(describing: present))")
    }
  }

  @Test func theProberIsToldOfEveryOtherTunnelAndOfItsHostsFromTheStart() throws {
    var core = try agent()
    func asked(_ effects: [AgentCore.Effect]) -> [IPAddress: Int]? {
      for case .probe(let needs) in effects { return needs }
      return nil
    }
    #expect(asked(core.handle(.tick, at: CoreScene.now(0))) == [try remote(): 1_500])
    let made = batch(core.handle(.inventory(try inventory(), ended: []), at: CoreScene.now(1)))
    let right = try wish([remote()])
    let performed = AgentCore.Event.performed(try #require(made).id, failures: [], observations: [.probe(right)])
    #expect(asked(core.handle(performed, at: CoreScene.now(2))) != nil)
    #expect(asked(core.handle(.tick, at: CoreScene.now(3))) == nil)
    let vanished = core.handle(.observed([.probe(nil)]), at: CoreScene.now(4))
    #expect(steps(batch(vanished)) == [.makeProbe(right)])
  }

  @Test func aTunnelThatCanNotBeMadeSpeaksForEveryCableThatItWatches() throws {
    var core = try agent()
    let made = try #require(batch(core.handle(.inventory(try inventory(), ended: []), at: CoreScene.now(0))))
    #expect(made.actions.map(\.target) == [.probe])
    let failure = Failure(target: .probe, error: LabError(.alreadyExists, "probe", "create probe tunnel", cause: "the VNI is taken"))
    _ = core.handle(.performed(made.id, failures: [failure], observations: []), at: CoreScene.now(1))
    let report = try self.report(&core, [])
    let faults = report.compactMap { if case .end(let end) = $0 { end.fault } else { nil } }
    #expect(faults.contains { $0.contains("can't be probed: create probe tunnel: the VNI is taken") }, "\(faults)")
  }

  @Test func aWayThatNobodyNeedsAnyMoreIsForgotten() throws {
    var core = try agent()
    _ = core.handle(.inventory(Inventory(), ended: []), at: CoreScene.now(0))
    let open = ObservedPath(remote: try remote(), reachable: true, mtu: 1_500)
    let late = ObservedPath(remote: try remote(7), reachable: true, mtu: 1_500)
    let first = try report(&core, [.observed([.path(open), .path(late)])])
    #expect(first.contains(.path(open)) && !first.contains(.path(late)))
    _ = core.handle(.bus(.connected), at: CoreScene.now(20))
    let asked = core.handle(.tick, at: CoreScene.now(30_000)).sent + core.handle(.tick, at: CoreScene.now(31_000)).sent
    let query = try #require(asked.first { if case .configs(.assignment) = $0.request { true } else { false } })
    let reply = Reply.configs(.assignment(try assignment(4, farAddress: nil)))
    _ = core.handle(.bus(.reply(query.id, .success(reply))), at: CoreScene.now(31_001))
    let next = try report(&core, [.assignmentSaved(nil)])
    #expect(next.contains(.pathGone(try remote())), "\(next)")
  }

  /// What the agent has reported to a reconciler that takes everything.
  private func report(_ core: inout AgentCore, _ events: [AgentCore.Event]) throws -> [HostChange] {
    var waiting = core.handle(.bus(.connected), at: CoreScene.now(40_000)).sent
    for event in events { waiting += core.handle(event, at: CoreScene.now(40_001)).sent }
    for step in UInt64(0)..<3 { waiting += core.handle(.tick, at: CoreScene.now(41_000 + step * 1_000)).sent }
    var changes: [HostChange] = []
    while !waiting.isEmpty {
      let outgoing = waiting.removeFirst()
      switch outgoing.request {
      case .reconciler(.register):
        waiting += core.handle(.bus(.reply(outgoing.id, .success(.reconciler(.registered(Session(1)))))), at: CoreScene.now(44_000)).sent
      case .reconciler(.report(let report)):
        changes += report.changes
        let last = report.isFull ? report.sequence : report.sequence + UInt64(report.changes.count) - 1
        waiting += core.handle(.bus(.reply(outgoing.id, .success(.reconciler(.reported(last))))), at: CoreScene.now(44_000)).sent
      default: break
      }
    }
    return changes
  }

  @Test func noLinkHasAVNIOfProbes() throws {
    for number in UInt64(0)..<2_000 {
      let vni = VNI(ofProbesIn: Deployment(random: number))
      #expect(!vni.isForLinks && (try? VNI(vni.number)) == vni)
    }
    #expect(try VNI(0xef_ffff).isForLinks)
  }
}

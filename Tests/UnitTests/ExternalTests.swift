import Machine
import Model
import Testing

@testable import AgentCore

/// Ends that containers take which no lab manages, as their host's agent joins them: in whatever order they, labs and agents come.
@Suite struct ExternalTests {
  private let lab: Lab
  private let node: NodeKey
  private let external: NodeKey
  private let near: TapKey
  private let far: TapKey

  init() throws {
    var lab = try CoreScene.lab("x", nodes: ["a", "e"], born: Revision(1))
    lab.spec.nodes[1].kind = "ext-container"
    lab.spec.nodes[1].runtimes = [NodeSpec.externalRuntime]
    self.lab = lab
    (node, external) = (lab.key(at: 0), lab.key(at: 1))
    near = TapKey(node, try Ordinal(1))
    far = TapKey(external: lab.key.name, external.name, try Ordinal(2))
  }

  private func agent(_ lab: Lab?) throws -> AgentCore {
    let assignment =
      try lab.map { try #require(CoreScene.assignment($0)) }
      ?? Assignment(host: try HostName("h1"), store: CoreScene.store, revision: Revision(3), labs: [])
    return AgentCore(
      AgentCore.Start(
        spec: try CoreScene.host("h1"), instance: Instance(5), cached: assignment, isCacheTrusted: true, blobs: [], crashes: [:]))
  }

  /// The host with its node, its cable's near end as given.
  private func inventory(_ tap: Tap) -> Inventory {
    var inventory = Inventory()
    inventory.sandboxes = [node]
    inventory.folders = [node]
    inventory.taps[near] = tap
    inventory.processes[node] = NodeProcess(
      pid: 7, startSerial: 1, specDigest: lab.spec.nodes[0].processDigest, config: nil, execDone: true)
    return inventory
  }

  private static let fresh = Tap(mtu: 1_500, nodeUp: true, fabricUp: false, patchedTo: nil)

  private func actions(_ effects: [AgentCore.Effect]) -> [Action] {
    effects.flatMap { if case .perform(let batch) = $0 { batch.actions } else { [Action]() } }
  }

  private func phase(_ agent: AgentCore) -> Phase? { agent.report.view.nodes[external]?.phase }

  @Test func nothingIsMadeForAContainerAndTheCableWaitsWithoutCarrier() throws {
    var agent = try agent(lab)
    let first = actions(agent.handle(.inventory(Inventory(), ended: []), at: CoreScene.now(10)))
    #expect(
      first == [.makeSandbox(node), .makeTap(near, kind: "linux", mtu: 1_500, addressing: Addressing(), carrier: false)])
    var waiting = try self.agent(lab)
    #expect(actions(waiting.handle(.inventory(inventory(Self.fresh), ended: []), at: CoreScene.now(10))).isEmpty)
    let seen = try #require(waiting.report.view.nodes[external])
    #expect(seen.phase == .pending && seen.reason.contains("waits for a container at interface 2"))
    // The cable is as it should be: its far interface is down.
    let end = try #require(waiting.report.view.ends[TunnelKey(lab.key, lab.spec.links[0].id)])
    #expect(end.fault == "" && !end.up && end.mtu == 1_500)
  }

  @Test func aContainerThatComesIsJoinedAndOneThatGoesLeavesTheCableWithoutCarrier() throws {
    var agent = try agent(lab)
    _ = agent.handle(.inventory(inventory(Self.fresh), ended: []), at: CoreScene.now(10))
    var came = Self.fresh
    came.mtu = 1_400
    #expect(
      actions(agent.handle(.observed([.tap(far, came)]), at: CoreScene.now(20))) == [
        .setMTU(.tap(far), 1_500), .patch(.tap(far), to: .tap(near)), .patch(.tap(near), to: .tap(far)), .setCarrier(far, true),
        .setCarrier(near, true),
      ])
    #expect(phase(agent) == .ready)
    let joined = Tap(mtu: 1_500, nodeUp: true, fabricUp: true, patchedTo: .tap(far))
    let back = Tap(mtu: 1_500, nodeUp: true, fabricUp: true, patchedTo: .tap(near))
    _ = agent.handle(.performed(1, failures: [], observations: [.tap(near, joined), .tap(far, back)]), at: CoreScene.now(30))
    #expect(agent.report.view.ends[TunnelKey(lab.key, lab.spec.links[0].id)]?.up == true)
    // Its patch went with it.
    var alone = joined
    alone.patchedTo = nil
    #expect(actions(agent.handle(.observed([.tap(far, nil), .tap(near, alone)]), at: CoreScene.now(40))) == [.setCarrier(near, false)])
    #expect(phase(agent) == .pending)
  }

  @Test func aLabThatComesAfterItsContainerTakesIt() throws {
    var agent = try agent(lab)
    var before = inventory(Self.fresh)
    before.taps[far] = Self.fresh
    let steps = actions(agent.handle(.inventory(before, ended: []), at: CoreScene.now(10)))
    #expect(steps.contains(.patch(.tap(far), to: .tap(near))) && steps.contains(.setCarrier(far, true)))
    #expect(phase(agent) == .ready)
  }

  @Test func aContainerWhoseLabGoesStaysAndSendsNowhere() throws {
    var agent = try agent(nil)
    var left = Inventory()
    left.taps[far] = Tap(mtu: 1_500, nodeUp: true, fabricUp: true, patchedTo: .tap(near))
    #expect(
      actions(agent.handle(.inventory(left, ended: []), at: CoreScene.now(10))) == [.unpatch(.tap(far)), .setCarrier(far, false)])
    left.taps[far] = Self.fresh
    var idle = try self.agent(nil)
    #expect(actions(idle.handle(.inventory(left, ended: []), at: CoreScene.now(10))).isEmpty)
  }

  @Test func aNodeThatBecomesAContainersIsTakenAway() throws {
    var agent = try agent(lab)
    var before = inventory(Self.fresh)
    before.sandboxes.insert(external)
    let old = TapKey(external, try Ordinal(2))
    before.taps[old] = Self.fresh
    before.processes[external] = NodeProcess(pid: 8, startSerial: 1, specDigest: 1, config: nil, execDone: true)
    let steps = actions(agent.handle(.inventory(before, ended: []), at: CoreScene.now(10)))
    #expect(steps.contains(.stop(external, grace: 0)) && steps.contains(.deleteTap(old)))
  }

  @Test func aContainerOnTheManagementNetworkIsAPortOfIt() throws {
    var managed = lab
    managed.spec.management = ManagementSpec()
    managed.networks = [ManagementNetwork(subnet: try Subnet("10.9.0.0/24"), gateway: try IPAddress("10.9.0.1"))]
    managed.nodes[0].addresses = [try IPAddress("10.9.0.2")]
    var agent = try agent(managed)
    let port = TapKey(external: lab.key.name, try NodeName("0123456789abcdef"), .management)
    var before = inventory(Self.fresh)
    before.taps[port] = Self.fresh
    let steps = actions(agent.handle(.inventory(before, ended: []), at: CoreScene.now(10)))
    #expect(steps.contains(.patch(.tap(port), to: .segment(lab.key))) && steps.contains(.setCarrier(port, true)))
    // Without the network it waits for it, and goes to it as soon as it is there.
    var later = try self.agent(lab)
    #expect(!actions(later.handle(.inventory(before, ended: []), at: CoreScene.now(10))).contains { $0.target == .device(.tap(port)) })
  }
}

import Machine
import Model
import Testing

@testable import AgentCore

/// A lab's management network as its host's agent makes it, keeps it and takes it away.
@Suite struct SegmentPlanningTests {
  private let lab: Lab
  private let node: NodeKey
  private let tap: TapKey

  init() throws {
    var lab = try CoreScene.lab("x", nodes: ["a"], born: Revision(1))
    lab.spec.management = ManagementSpec(reachesOutside: true)
    lab.networks = [ManagementNetwork(subnet: try Subnet("10.9.0.0/24"), gateway: try IPAddress("10.9.0.1"))]
    lab.nodes[0].addresses = [try IPAddress("10.9.0.2")]
    self.lab = lab
    node = lab.key(at: 0)
    tap = TapKey(node, .management)
  }

  private func wish(_ gateway: String = "10.9.0.1/24") throws -> AssignedManagement {
    AssignedManagement(gateways: [try InterfaceAddress(gateway)], mtu: 1_500, reachesOutside: true)
  }

  private func segment(_ gateway: String = "10.9.0.1/24") throws -> ManagementSegment {
    try wish(gateway).segment
  }

  private var addressing: Addressing { lab.addressing(of: lab.nodes[0]) }

  private func agent(_ lab: Lab?) throws -> AgentCore {
    let assignment =
      try lab.map { try #require(CoreScene.assignment($0)) }
      ?? Assignment(host: try HostName("h1"), store: CoreScene.store, revision: Revision(3), labs: [])
    return AgentCore(
      AgentCore.Start(
        spec: try CoreScene.host("h1"), instance: Instance(5), cached: assignment, isCacheTrusted: true, blobs: [], crashes: [:]))
  }

  /// All that the host should have.
  private func whole() throws -> Inventory {
    var inventory = Inventory()
    inventory.sandboxes = [node]
    inventory.folders = [node]
    inventory.management[lab.key] = try segment()
    inventory.taps[tap] = Tap(mtu: 1_500, nodeUp: true, fabricUp: true, patchedTo: .segment(lab.key), addressing: addressing.digest)
    inventory.processes[node] = NodeProcess(
      pid: 7, startSerial: 1, specDigest: lab.spec.nodes[0].processDigest, config: nil, execDone: true)
    return inventory
  }

  private func batches(_ effects: [AgentCore.Effect]) -> [Batch] {
    effects.compactMap { if case .perform(let batch) = $0 { batch } else { nil } }
  }

  private func actions(_ lab: Lab?, _ inventory: Inventory) throws -> [Action] {
    var agent = try agent(lab)
    return batches(agent.handle(.inventory(inventory, ended: []), at: CoreScene.now(10))).flatMap(\.actions)
  }

  @Test func interfaceZeroIsOnItsNetworkBeforeTheNodesFirstProcess() throws {
    var agent = try agent(lab)
    let first = try #require(batches(agent.handle(.inventory(Inventory(), ended: []), at: CoreScene.now(10))).first)
    #expect(
      first.actions == [
        .makeSandbox(node), .makeSegment(lab.key, try wish()),
        .makeTap(tap, kind: "linux", mtu: 1_500, addressing: addressing, carrier: true), .patch(.tap(tap), to: .segment(lab.key)),
      ])
    #expect(addressing.addresses.map(\.description) == ["10.9.0.2/24"] && addressing.gateways.map(\.text) == ["10.9.0.1"])
    // While the network can't be made the node waits, and says why.
    let refusal = LabError(.failedPrecondition, "x", "make the management network", cause: "this host has a route there")
    let wire = Tap(mtu: 1_500, nodeUp: true, fabricUp: true, patchedTo: nil, addressing: addressing.digest)
    let failed = AgentCore.Event.performed(
      first.id, failures: [Failure(target: .device(.segment(lab.key)), error: refusal)],
      observations: [.sandbox(node, exists: true), .tap(tap, wire)])
    #expect(batches(agent.handle(failed, at: CoreScene.now(20))).isEmpty)
    let again = try #require(batches(agent.handle(.tick, at: CoreScene.now(2_000))).first)
    #expect(again.actions.first == .makeSegment(lab.key, try wish()))
    var on = wire
    on.patchedTo = .segment(lab.key)
    // A part of it is not enough.
    var part = try segment()
    part.isWhole = false
    let half = AgentCore.Event.performed(again.id, failures: [], observations: [.segment(lab.key, part), .tap(tap, on)])
    let rest = try #require(batches(agent.handle(half, at: CoreScene.now(2_005))).first)
    #expect(rest.actions == [.makeSegment(lab.key, try wish())])
    let made = AgentCore.Event.performed(rest.id, failures: [], observations: [.segment(lab.key, try segment()), .tap(tap, on)])
    #expect(
      batches(agent.handle(made, at: CoreScene.now(2_010))).flatMap(\.actions).contains { if case .start = $0 { true } else { false } })
  }

  @Test func whatIsNotAsItShouldBeIsMendedAndNothingElse() throws {
    var broken = try segment()
    broken.isWhole = false
    for (present, expected) in [
      (try segment(), []), (broken, [.makeSegment(lab.key, try wish())]),
      (try segment("10.8.0.1/24"), [.makeSegment(lab.key, try wish())]),
    ] as [(ManagementSegment, [Action])] {
      var inventory = try whole()
      inventory.management[lab.key] = present
      #expect(try actions(lab, inventory) == expected)
    }
    var inventory = try whole()
    inventory.management[lab.key] = nil
    inventory.taps[tap]?.patchedTo = nil
    #expect(try actions(lab, inventory) == [.makeSegment(lab.key, try wish()), .patch(.tap(tap), to: .segment(lab.key))])
  }

  /// What was called a failure and came through all the same is told no more, and keeps nobody waiting.
  @Test func whatFailedAndIsThereAllTheSameIsForgotten() throws {
    var inventory = try whole()
    inventory.management = [:]
    inventory.taps[tap]?.patchedTo = nil
    var agent = try agent(lab)
    let made = try #require(batches(agent.handle(.inventory(inventory, ended: []), at: CoreScene.now(10))).first)
    let error = LabError(.deadlineExceeded, "h1", "no answer in time")
    let outcome = AgentCore.Event.performed(
      made.id, failures: [Failure(target: .device(.segment(lab.key)), error: error), Failure(target: .device(.tap(tap)), error: error)],
      observations: [.segment(lab.key, try segment())])
    _ = agent.handle(outcome, at: CoreScene.now(20))
    #expect(agent.report.view.nodes[node]?.reason.contains("no answer in time") == true)
    let again = batches(agent.handle(.tick, at: CoreScene.now(2_000))).flatMap(\.actions)
    #expect(again == [.patch(.tap(tap), to: .segment(lab.key))])
    #expect(agent.report.view.nodes[node]?.reason == "")
  }

  @Test func anInterfaceWithOtherAddressesIsMadeAnewBetweenTwoLivesOfItsNode() throws {
    var inventory = try whole()
    inventory.taps[tap]?.addressing = 1
    #expect(try actions(lab, inventory) == [])
    inventory.processes = [:]
    #expect(try actions(lab, inventory) == [.deleteTap(tap)])
  }

  @Test func theNetworkGoesAfterItsLastInterfaceAndTheSandboxAfterIt() throws {
    var inventory = try whole()
    inventory.processes = [:]
    inventory.folders = []
    #expect(try actions(nil, inventory) == [.deleteTap(tap)])
    inventory.taps = [:]
    #expect(try actions(nil, inventory) == [.deleteSegment(lab.key)])
    inventory.management = [:]
    #expect(try actions(nil, inventory) == [.deleteSandbox(node)])
  }

  @Test func whatHoldsItsAddressesAndIsNotWantedGoesFirst() throws {
    let old = LabKey(lab.key.name, born: Revision(7))
    var inventory = try whole()
    inventory.management = [old: try segment()]
    inventory.taps[tap]?.patchedTo = nil
    #expect(try actions(lab, inventory).filter { $0.rank < 5 } == [.deleteSegment(old)])
  }
}

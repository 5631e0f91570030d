import ConfigCore
import JobCore
import Machine
import Model
import Testing

/// Hosts whose agents are of a version that doesn't know all that labs may need.
struct CapabilityTests {
  private let client = PeerName.client("c")
  private let older = "h1"
  private let newer = "h2"

  /// `a` waits for `b`; `c` has to do with neither.
  private func spec(pinned: [String: String] = [:]) throws -> LabSpec {
    var spec = try CoreScene.spec("ring", nodes: ["a", "b", "c"])
    spec.nodes[0].stages.waits = [StageWait(.create, for: try NodeName("b"), until: .healthy)]
    for index in spec.nodes.indices { spec.nodes[index].host = try pinned[spec.nodes[index].name.text].map { try HostName($0) } }
    return spec
  }

  private func lab(on host: String, _ change: (inout LabSpec) throws -> Void = { _ in }) throws -> Lab {
    var lab = try CoreScene.lab("ring", nodes: ["a", "b", "c"], on: host, born: Revision(5))
    lab.spec = try spec()
    try change(&lab.spec)
    return lab
  }

  private func hosts(_ knowledge: [String: [String]]) throws -> [RecordChange] {
    try knowledge.sorted { $0.key < $1.key }.map { .host(try HostName($0.key), try CoreScene.host($0.key, knows: $0.value)) }
  }

  private func scene(_ labs: [Lab] = [], knowledge: [String: [String]]? = nil, restrained: String? = nil) throws -> JobScene {
    var records = try hosts(knowledge ?? [older: [], newer: Capability.spoken])
    for lab in labs { records += [.lab(lab.key.name, lab), .segments(lab.key.name, CoreScene.segments(lab))] }
    if let restrained { records.append(.restraint(try HostName(restrained), .drained)) }
    return try JobScene(records, online: try [older, newer].map { try HostName($0) })
  }

  /// Where nodes are in the version that a deploy puts; nil: it changes nothing.
  private func placed(_ scene: inout JobScene, _ spec: LabSpec) throws -> [String]? {
    _ = try scene.ask(client, "deploy", .applyLab(spec, reconfigure: false))
    for case .lab(_, let lab?) in try scene.nextPut().put.changes { return lab.nodes.map(\.host.text) }
    return nil
  }

  private func message(_ effects: [JobCore.Effect], _ id: String) -> String? {
    guard case .failure(let error)? = effects.answer(id), error.code == .failedPrecondition else { return nil }
    return "\(error)"
  }

  @Test func anOlderAgentIsGivenNothingNewThatItDoesNotKnow() throws {
    var free = try scene()
    #expect(try placed(&free, try spec()) == [newer, newer, older])

    for node in ["a", "b"] {
      var pinned = try scene()
      let spec = try spec(pinned: [node: older])
      let refused = try pinned.ask(client, "deploy", .applyLab(spec, reconfigure: false))
      let planned = try pinned.ask(client, "plan", .planLab(spec, reconfigure: false))
      let expected = "ring/\(node): the agent of host h1 doesn't know stages (upgrade its agent, or pin the node to another host)"
      #expect(message(refused, "deploy") == expected)
      #expect(message(planned, "plan") == expected)
    }

    // One that knows something else, which this version doesn't, knows no more of what is asked.
    var none = try scene(knowledge: [older: [], newer: ["teleport"]])
    let refused = try none.ask(client, "deploy", .applyLab(try spec(), reconfigure: false))
    #expect(message(refused, "deploy") == "ring/a: no host's agent knows stages (upgrade the agents of h1, h2, or of one of them)")
  }

  @Test func whatAHostHasItKeepsThoughItsAgentHasBecomeAnOlderOne() throws {
    let lab = try lab(on: older)
    var same = try scene([lab])
    #expect(try placed(&same, lab.spec) == nil)

    // A node that comes to need what it didn't goes where that is known.
    var more = try scene([lab])
    var spec = lab.spec
    spec.nodes[2].stages.started = ["true"]
    #expect(try placed(&more, spec) == [older, older, newer])
    var pinned = try scene([lab])
    spec.nodes[2].host = try HostName(older)
    let refused = try pinned.ask(client, "deploy", .applyLab(spec, reconfigure: false))
    #expect(message(refused, "deploy")?.hasPrefix("ring/c: the agent of host h1 doesn't know stages") == true)
  }

  @Test func aDrainedHostsNodesDoNotGoToAnOlderAgent() throws {
    var scene = try scene([try lab(on: newer)], restrained: newer)
    guard case .lab(_, let moved?)? = try scene.nextPut().put.changes.first else { throw JobScene.Missing() }
    #expect(moved.nodes.map(\.host.text) == [newer, newer, older])
  }

  @Test func theStoreTakesNoLabThatWasPlacedBeforeAnAgentWasExchanged() throws {
    for (before, taken) in [(nil, false), (try lab(on: older), true), (try lab(on: older) { $0.nodes[0].stages = NodeStages() }, false)] {
      var intent = Intent(store: CoreScene.store, revision: Revision(1))
      for record in try hosts([older: []]) { intent.load(record, at: Revision(1)) }
      if let before { intent.load(.lab(before.key.name, before), at: Revision(1)) }
      var core = ConfigCore(intent: intent, remembered: RememberedRequests(), blobs: [], instance: CoreScene.configs)
      var lab = try lab(on: older)
      lab.generation += 1
      let put = Put(changes: [.lab(lab.key.name, lab)], expect: [])
      let effects = core.handle(.bus(try CoreScene.incoming(.jobs, "put", .configs(.put(put)))), at: CoreScene.now(0))
      #expect(effects.error("put") == (taken ? nil : .aborted))
    }
  }
}

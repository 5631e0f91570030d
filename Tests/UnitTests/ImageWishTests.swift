import Machine
import Model
import Testing

@testable import AgentCore

/// What an agent makes of images that nodes wait for.
struct ImageWishTests {
  private let lab: Lab

  init() throws {
    var lab = try CoreScene.lab("ring", nodes: ["a", "b", "c", "d"], born: Revision(1))
    lab.spec.links = []
    for (index, image) in ["one", "two", "three", "one"].enumerated() {
      lab.spec.nodes[index].runtimes = ["docker"]
      lab.spec.nodes[index].image = image
    }
    self.lab = lab
  }

  /// An agent that has read its host, on which nothing runs.
  private func agent(_ lab: Lab, folders: Set<NodeKey> = []) throws -> (AgentCore, [AgentCore.Effect]) {
    var spec = try CoreScene.host("h1")
    spec.runtimes = ["docker"]
    var core = AgentCore(
      AgentCore.Start(
        spec: spec, instance: Instance(5), cached: CoreScene.assignment(lab), isCacheTrusted: true, blobs: [], crashes: [:]))
    var inventory = Inventory()
    inventory.sandboxes = Set(lab.nodes.indices.map { lab.key(at: $0) })
    _ = core.handle(.inventory(inventory, ended: [], unlisted: ["docker": []]), at: CoreScene.now(0))
    let effects = core.handle(.listed("docker", .success(RuntimeList(folders: folders))), at: CoreScene.now(0))
    return (core, effects)
  }

  private func sought(_ effects: [AgentCore.Effect]) -> [String] {
    effects.compactMap { if case .findImage(let image) = $0 { image } else { nil } }
  }

  private func pulls(_ effects: [AgentCore.Effect]) -> [String] {
    effects.compactMap { if case .pull(let id, let image) = $0 { "\(id) \(image)" } else { nil } }
  }

  private func started(_ effects: [AgentCore.Effect]) -> [String] {
    effects.flatMap { effect -> [String] in
      guard case .perform(let batch) = effect else { return [] }
      return batch.actions.compactMap { if case .start(let node, _) = $0 { node.key.name.text } else { nil } }
    }
  }

  private func told(_ core: AgentCore, _ index: Int) -> String {
    core.report.view.nodes[lab.key(at: index)].map { "\($0.phase.rawValue): \($0.reason)" } ?? ""
  }

  @Test func eachImageIsLookedForOncePulledOnceAndTwoAtATime() throws {
    var (core, effects) = try agent(lab)
    #expect(sought(effects) == ["one", "three", "two"] && started(effects).isEmpty)
    #expect(told(core, 0) == "preparing: looking for image one")
    #expect(started(core.handle(.imageFound("three", .success(true)), at: CoreScene.now(1))) == ["c"])
    #expect(pulls(core.handle(.imageFound("one", .success(false)), at: CoreScene.now(2))) == ["1 one"])
    #expect(pulls(core.handle(.imageFound("two", .success(false)), at: CoreScene.now(2))) == ["2 two"])
    _ = core.handle(.pullProgress(1, "45 %"), at: CoreScene.now(3))
    #expect(told(core, 0) == "preparing: pulling one: 45 %" && told(core, 3) == told(core, 0) && told(core, 1) == "preparing: pulling two")
    #expect(started(core.handle(.pullEnded(1, nil), at: CoreScene.now(4))) == ["a", "d"])
  }

  @Test func aThirdPullWaitsForOneOfTheTwo() throws {
    var (core, _) = try agent(lab)
    for image in ["one", "two", "three"] { _ = core.handle(.imageFound(image, .success(false)), at: CoreScene.now(1)) }
    #expect(told(core, 2) == "preparing: three is pulled after other images")
    #expect(pulls(core.handle(.pullEnded(2, nil), at: CoreScene.now(2))) == ["3 three"])
  }

  @Test func whatCanNotBePulledIsPulledAgainLaterAndLookedForMeanwhile() throws {
    var (core, _) = try agent(lab)
    _ = core.handle(.imageFound("one", .success(false)), at: CoreScene.now(0))
    let error = LabError(.notFound, "image one", "can't be pulled", cause: "manifest unknown")
    _ = core.handle(.pullEnded(1, error), at: CoreScene.now(1_000))
    #expect(told(core, 0) == "failed: image one: can't be pulled: manifest unknown")
    #expect(sought(core.handle(.tick, at: CoreScene.now(2_900))).isEmpty)
    #expect(sought(core.handle(.tick, at: CoreScene.now(3_000))) == ["one"])
    #expect(pulls(core.handle(.imageFound("one", .success(false)), at: CoreScene.now(3_001))).isEmpty)
    #expect(sought(core.handle(.tick, at: CoreScene.now(7_500))) == ["one"])
    #expect(pulls(core.handle(.imageFound("one", .success(false)), at: CoreScene.now(7_501))) == ["2 one"])
    // Somebody brings it meanwhile.
    _ = core.handle(.pullEnded(2, error), at: CoreScene.now(8_000))
    #expect(sought(core.handle(.tick, at: CoreScene.now(10_000))) == ["one"])
    #expect(started(core.handle(.imageFound("one", .success(true)), at: CoreScene.now(10_001))) == ["a", "d"])
  }

  @Test func aPolicyDecidesWhetherItIsPulled() throws {
    var lab = lab
    lab.spec.nodes[0].container.pull = .never
    lab.spec.nodes[3].container.pull = .always
    var (core, effects) = try agent(lab)
    #expect(pulls(effects) == ["1 one"])
    #expect(pulls(core.handle(.imageFound("one", .success(false)), at: CoreScene.now(1))).isEmpty)
    #expect(told(core, 0).hasPrefix("failed: image one: isn't on this host, and its image-pull-policy is Never"))
    // It came by the other one's wish.
    #expect(started(core.handle(.pullEnded(1, nil), at: CoreScene.now(2))) == ["a", "d"])
  }

  @Test func aPullIsGivenUpWhenNobodyWaitsForItAnyMore() throws {
    var (core, _) = try agent(lab)
    let connected = core.handle(.bus(.connected), at: CoreScene.now(0))
    _ = core.handle(.imageFound("one", .success(false)), at: CoreScene.now(1))
    let nothing = Assignment(host: try HostName("h1"), store: CoreScene.store, revision: Revision(4), labs: [])
    let query = try #require(connected.sent.first { if case .configs(.assignment) = $0.request { true } else { false } })
    _ = core.handle(.bus(.reply(query.id, .success(.configs(.assignment(nothing))))), at: CoreScene.now(2))
    let effects = core.handle(.assignmentSaved(nil), at: CoreScene.now(3))
    #expect(effects.contains { if case .dropPull(1) = $0 { true } else { false } })
    #expect(core.handle(.pullEnded(1, LabError(.cancelled, "image one", "over")), at: CoreScene.now(4)).allSatisfy { $0.busEffect != nil })
  }

  @Test func afterAFailedStartItIsLookedForAgainAndWhatOnceHinderedIsForgotten() throws {
    var (core, _) = try agent(lab)
    _ = core.handle(.imageFound("two", .failure(LabError(.unavailable, "engine", "doesn't answer"))), at: CoreScene.now(0))
    #expect(told(core, 1) == "failed: engine: doesn't answer")
    #expect(sought(core.handle(.tick, at: CoreScene.now(2_000))) == ["two"])
    let effects = core.handle(.imageFound("two", .success(true)), at: CoreScene.now(2_001))
    let batch = try #require(effects.compactMap { if case .perform(let batch) = $0 { batch } else { nil } }.first)
    let failure = Failure(target: .node(lab.key(at: 1)), error: LabError(.notFound, "image two", "isn't on this host"))
    #expect(sought(core.handle(.performed(batch.id, failures: [failure], observations: []), at: CoreScene.now(2_100))) == ["two"])
    #expect(told(core, 1) == "failed: isn't on this host")
    #expect(started(core.handle(.imageFound("two", .success(true)), at: CoreScene.now(2_101))).isEmpty)
    #expect(started(core.handle(.tick, at: CoreScene.now(2_500))) == ["b"])
  }

  @Test func aContainerThatIsThereIsStartedThoughItsImageCanNotBePulled() throws {
    var (core, _) = try agent(lab, folders: [lab.key(at: 0)])
    _ = core.handle(.imageFound("one", .success(false)), at: CoreScene.now(1))
    #expect(started(core.handle(.pullEnded(1, LabError(.notFound, "image one", "no")), at: CoreScene.now(2))) == ["a"])
    #expect(told(core, 3) == "failed: image one: no")
  }
}

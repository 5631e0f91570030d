import Machine
import Model
import Testing

@testable import AgentCore

/// Which starts an agent lets through, and what it says of those that wait.
struct AdmissionTests {
  private func lab(_ count: Int, memory: [UInt64] = []) throws -> Lab {
    var lab = try CoreScene.lab("ring", nodes: (0..<count).map { "n\($0)" }, born: Revision(1))
    lab.spec.links = []
    for (index, size) in memory.enumerated() { lab.spec.nodes[index].container.memory = size << 20 }
    return lab
  }

  private func load(memory: Int = 4_000, pids: Int = 100, cpu: Int = 0, pressure: Int = 0) -> AgentCore.Event {
    .load(
      HostLoad(
        memoryAvailable: memory, memoryTotal: 8_000, pids: pids, pidLimit: 32_768,
        pressure: HostPressure(cpu: cpu, memory: pressure, io: 0)))
  }

  /// An agent that has read its host after this reading, and which of its nodes it starts.
  private func agent(_ lab: Lab, _ load: AgentCore.Event?, runtime: String = "namespace") throws -> (AgentCore, started: [Batch]) {
    var spec = try CoreScene.host("h1")
    spec.runtimes = [runtime]
    var core = AgentCore(
      AgentCore.Start(
        spec: spec, instance: Instance(5), cached: CoreScene.assignment(lab), isCacheTrusted: true, blobs: [], crashes: [:]))
    if let load { _ = core.handle(load, at: CoreScene.now(0)) }
    var inventory = Inventory()
    inventory.sandboxes = Set(lab.nodes.indices.map { lab.key(at: $0) })
    var effects = core.handle(.inventory(inventory, ended: []), at: CoreScene.now(0))
    for case .findImage(let image) in effects { effects += core.handle(.imageFound(image, .success(true)), at: CoreScene.now(0)) }
    return (core, starts(effects))
  }

  private func starts(_ effects: [AgentCore.Effect]) -> [Batch] {
    effects.compactMap { effect -> Batch? in if case .perform(let batch) = effect, batch.lane == .starts { batch } else { nil } }
  }

  private func names(_ batches: [Batch]) -> [String] {
    batches.flatMap(\.actions).compactMap { if case .start(let node, _) = $0 { node.key.name.text } else { nil } }
  }

  private func reason(_ core: AgentCore, _ lab: Lab, _ index: Int) -> String {
    core.report.view.nodes[lab.key(at: index)].map { "\($0.phase.rawValue): \($0.reason)" } ?? ""
  }

  @Test func withoutReadingsNothingWaits() throws {
    #expect(try names(agent(try lab(2), nil).started) == ["n0", "n1"])
  }

  @Test func whatANodeSaysThatItTakesIsCountedUntilTheReadingsShowIt() throws {
    let lab = try lab(3, memory: [2_000, 2_000, 100])
    var (core, started) = try agent(lab, load())
    #expect(names(started) == ["n0", "n2"])
    #expect(reason(core, lab, 1) == "preparing: waiting for memory: 2000 MiB free, needs 2000 MiB and 400 MiB for the host")
    #expect(names(starts(core.handle(load(), at: CoreScene.now(1_000)))).isEmpty)
    #expect(names(starts(core.handle(load(), at: CoreScene.now(10_000)))) == ["n1"])
  }

  @Test func whatAHostCanNeverGiveIsAFailureAndHoldsUpNoOther() throws {
    let lab = try lab(2, memory: [7_601, 100])
    let (core, started) = try agent(lab, load(memory: 7_900))
    #expect(names(started) == ["n1"])
    let reason = "failed: its memory of 7601 MiB is more than this host can ever give to nodes, 7600 MiB: say less, or another host"
    #expect(self.reason(core, lab, 0) == reason)
  }

  @Test("Nothing starts where something else lacks", arguments: [(300, 100, 0), (4_000, 32_000, 0), (4_000, 100, 50_000)])
  func scarce(memory: Int, pids: Int, pressure: Int) throws {
    let lab = try lab(1)
    var (core, started) = try agent(lab, load(memory: memory, pids: pids, pressure: pressure))
    #expect(started.isEmpty && reason(core, lab, 0).hasPrefix("preparing: waiting for "))
    #expect(names(starts(core.handle(load(), at: CoreScene.now(1_000)))) == ["n0"])
  }

  @Test func onABusyHostAFewStartAtATimeAndNeverNone() throws {
    let lab = try lab(6)
    var (core, started) = try agent(lab, load(cpu: 99_000))
    #expect(names(started) == ["n0", "n1", "n2", "n3"])
    #expect(reason(core, lab, 5) == "preparing: waiting for processors: 4 other nodes start")
    let batch = try #require(started.first)
    #expect(starts(core.handle(load(cpu: 99_000), at: CoreScene.now(1_000))).isEmpty)
    let begun = (0..<4).map { index in
      Observation.process(
        lab.key(at: index),
        NodeProcess(
          pid: 70 + Int32(index), startSerial: lab.nodes[index].startSerial, specDigest: lab.spec.nodes[index].processDigest, config: nil,
          execDone: true))
    }
    let effects = core.handle(.performed(batch.id, failures: [], observations: begun), at: CoreScene.now(1_001))
    #expect(names(starts(effects)) == ["n4", "n5"])
  }

  @Test func onABusyHostContainersStartTogether() throws {
    let (_, started) = try agent(try lab(6), load(cpu: 99_000), runtime: "docker")
    #expect(names(started) == (0..<6).map { "n\($0)" })
  }
}

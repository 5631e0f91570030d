import Machine
import Model
import Testing

@testable import AgentCore

/// What an agent makes of `ready` and `startup-delay`.
struct BootingTests {
  private let readiness = Readiness(.log("up"), startPeriod: 500, interval: 200, deadline: 3_000)

  private func lab(readiness: Readiness? = nil, delay: UInt64 = 0) throws -> Lab {
    var lab = try CoreScene.lab("ring", nodes: ["a"], born: Revision(1))
    (lab.spec.nodes[0].readiness, lab.spec.nodes[0].startupDelay, lab.spec.nodes[0].exec) = (readiness, delay, ["true"])
    return lab
  }

  private func agent(_ lab: Lab) throws -> AgentCore {
    AgentCore(
      AgentCore.Start(
        spec: try CoreScene.host("h1"), instance: Instance(5), cached: CoreScene.assignment(lab), isCacheTrusted: true, blobs: [],
        crashes: [:]))
  }

  private func inventory(_ lab: Lab, process: NodeProcess? = nil) -> Inventory {
    var inventory = Inventory()
    inventory.sandboxes = [lab.key(at: 0)]
    inventory.processes[lab.key(at: 0)] = process
    return inventory
  }

  private func process(_ lab: Lab, hasPassed: Bool = false) -> NodeProcess {
    NodeProcess(
      pid: 77, startSerial: lab.nodes[0].startSerial, specDigest: lab.spec.nodes[0].processDigest, config: nil, execDone: false,
      hasPassed: hasPassed)
  }

  private func starts(_ effects: [AgentCore.Effect]) -> Bool {
    effects.contains { if case .perform(let batch) = $0 { batch.lane == .starts } else { false } }
  }
  private func tests(_ effects: [AgentCore.Effect]) -> Bool {
    effects.contains { if case .testReadiness(_, 77, _) = $0 { true } else { false } }
  }
  private func runsCommands(_ effects: [AgentCore.Effect]) -> Bool {
    effects.contains { if case .runCommands = $0 { true } else { false } }
  }
  private func told(_ core: AgentCore, _ lab: Lab) -> ObservedNode? { core.report.view.nodes[lab.key(at: 0)] }

  @Test func aNodeIsReadyAndItsCommandsRunOnceItsTestHasPassed() throws {
    let lab = try lab(readiness: readiness)
    var core = try agent(lab)
    var effects = core.handle(.inventory(inventory(lab, process: process(lab)), ended: []), at: CoreScene.now(1_000))
    #expect(!tests(effects) && !runsCommands(effects))
    #expect(told(core, lab)?.phase == .booting && core.wakeAt.map { $0 <= Instant(milliseconds: 1_500) } == true)
    effects = core.handle(.tick, at: CoreScene.now(1_500))
    #expect(tests(effects))
    // One at a time.
    #expect(!tests(core.handle(.tick, at: CoreScene.now(1_900))))
    _ = core.handle(.readinessTested(lab.key(at: 0), pid: 77, failure: "silent"), at: CoreScene.now(2_000))
    #expect(told(core, lab)?.phase == .booting && told(core, lab)?.reason == "not ready yet: silent")
    #expect(!tests(core.handle(.tick, at: CoreScene.now(2_100))) && tests(core.handle(.tick, at: CoreScene.now(2_200))))
    // Of an earlier life.
    #expect(!runsCommands(core.handle(.readinessTested(lab.key(at: 0), pid: 76, failure: nil), at: CoreScene.now(2_250))))
    effects = core.handle(.readinessTested(lab.key(at: 0), pid: 77, failure: nil), at: CoreScene.now(2_300))
    #expect(runsCommands(effects) && told(core, lab)?.phase == .ready && told(core, lab)?.reason == "")
    #expect(!tests(core.handle(.tick, at: CoreScene.now(9_000))))
  }

  @Test func whoIsNotReadyInTimeHasFailedAndMayStillCome() throws {
    let lab = try lab(readiness: readiness)
    var core = try agent(lab)
    _ = core.handle(.inventory(inventory(lab, process: process(lab)), ended: []), at: CoreScene.now(0))
    #expect(tests(core.handle(.tick, at: CoreScene.now(500))))
    _ = core.handle(.readinessTested(lab.key(at: 0), pid: 77, failure: "silent"), at: CoreScene.now(3_000))
    #expect(told(core, lab)?.phase == .failed && told(core, lab)?.reason.hasPrefix("not ready within 3 s: silent") == true)
    #expect(tests(core.handle(.tick, at: CoreScene.now(3_200))))
    _ = core.handle(.readinessTested(lab.key(at: 0), pid: 77, failure: nil), at: CoreScene.now(3_300))
    #expect(told(core, lab)?.phase == .ready)
  }

  @Test func whatHasPassedIsNotTestedByTheNextAgent() throws {
    let lab = try lab(readiness: readiness)
    var core = try agent(lab)
    let effects = core.handle(.inventory(inventory(lab, process: process(lab, hasPassed: true)), ended: []), at: CoreScene.now(0))
    #expect(runsCommands(effects) && told(core, lab)?.phase == .ready)
    #expect(!tests(core.handle(.tick, at: CoreScene.now(5_000))))
  }

  @Test func aDelayBeginsWhenNothingElseIsMissingAndCountsOnceAStart() throws {
    let lab = try lab(delay: 2_000)
    var core = try agent(lab)
    #expect(!starts(core.handle(.inventory(inventory(lab), ended: []), at: CoreScene.now(100))))
    #expect(told(core, lab)?.phase == .preparing && told(core, lab)?.reason == "starts after its startup-delay of 2 s")
    #expect(!starts(core.handle(.tick, at: CoreScene.now(2_000))))
    let started = core.handle(.tick, at: CoreScene.now(2_100))
    #expect(starts(started))
    let batch = try #require(started.compactMap { if case .perform(let batch) = $0 { batch } else { nil } }.first)
    _ = core.handle(
      .performed(batch.id, failures: [], observations: [.process(lab.key(at: 0), process(lab))]), at: CoreScene.now(2_200))
    // A crash is repaired at once.
    #expect(
      starts(core.handle(.observed([.exited(lab.key(at: 0), ProcessEnd(pid: 77, exit: .code(1)))]), at: CoreScene.now(30_000))))
  }
}

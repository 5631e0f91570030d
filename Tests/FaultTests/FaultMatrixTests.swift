import Faults
import Testing

/// Every row on real processes and kernels: the healthy links lose nothing, everything comes back by itself, nothing is left over.
@Suite(.serialized) struct FaultMatrixTests {
  @Test func everyFaultIsRepairedAndTheHealthyLinksLoseNothing() throws {
    let lab = try FaultLab()
    do {
      for fault in Fault.matrix {
        let outcome = try fault.run(in: lab)
        #expect(outcome.received > 0 && outcome.lost == 0, "\(fault.name): \(outcome.lost) of \(outcome.received) echoes lost")
        #expect(outcome.leftovers == [], "\(fault.name)")
        #expect(outcome.missing == [], "\(fault.name)")
        #expect(outcome.renewed == [], "\(fault.name)")
      }
    } catch {
      _ = try? lab.down()
      throw error
    }
    try lab.down()
  }
}

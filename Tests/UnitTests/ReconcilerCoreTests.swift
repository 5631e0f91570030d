import Machine
import Model
import ReconcilerCore
import Testing
import Wire

/// The reconciler's decisions, without a log on disk.
struct ReconcilerCoreTests {
  private func records(_ lab: Lab, _ host: HostName, at revision: UInt64) -> [RecordChange] {
    [.lab(lab.key.name, lab), .segments(lab.key.name, CoreScene.segments(lab)), .assigned(host, Revision(revision))]
  }

  @Test func aReportThatOnlySaysWhatIsAppliedIsJudged() throws {
    let host = try HostName("h1")
    let lab = try CoreScene.lab("ring", born: Revision(5))
    var scene = try ReconcilerScene(records(lab, host, at: 10))
    #expect(try scene.report(0, full: true, applied: 10, ReconcilerScene.view(of: lab)).kinds.contains(.labConverged))
    // Only `exec:` has changed: the next generation needs nothing done.
    var next = lab
    next.generation = 2
    _ = scene.change([.lab(lab.key.name, next), .assigned(host, Revision(11))])
    #expect(try scene.report(1, applied: 11).kinds == [.labConverged])
  }
}

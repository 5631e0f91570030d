import Foundation
import Support
import Testing

/// Deployments on one machine, and labs of one deployment, that look alike.
@Suite(.serialized) struct SeparationTests {
  /// Each lab reaches its own `b` and not the other's, whose address is nowhere in it.
  private func expectOwnTraffic(_ lab: TestLab, _ name: String, own: String, others: String) throws {
    let mine = try lab.ping(own, from: "a", in: name)
    #expect(mine.exit == 0, "\(mine.output)\(mine.errors)")
    let theirs = try lab.ping(others, from: "a", in: name)
    #expect(theirs.exit == 1, "\(others) answers in \(name): \(theirs.output)")
  }

  @Test func `two testbeds with labs of the same name don't meet, and one's end is nothing to the other`() throws {
    try TestLab.with { left in
      let right = try TestLab(hosts: 2)
      var isRightUp = true
      defer { if isRightUp { _ = try? right.down() } }
      try left.deploy(.pair("pair", b: 2))
      try right.deploy(.pair("pair", b: 3))
      try expectOwnTraffic(left, "pair", own: "10.9.0.2", others: "10.9.0.3")
      try expectOwnTraffic(right, "pair", own: "10.9.0.3", others: "10.9.0.2")

      let processes = try left.processes(of: "pair")
      let actions = try left.settledActions()
      let ping = try left.start("exec", "pair", "a", "--", "ping", "-q", "-i", "0.01", "-c", "200", "10.9.0.2")
      let down = try right.down()
      isRightUp = false
      #expect(down.exit == 0, "\(down.errors)")
      let run = ping.wait(limit: 60)
      #expect(run.output.contains(" 0% packet loss"), "\(run.output)\(run.errors)")
      #expect(try left.isConverged("pair"))
      #expect(try left.processes(of: "pair") == processes)
      #expect(try left.settledActions() == actions)
    }
  }

  @Test func `two labs with the same node names and addresses don't meet, and one's end is nothing to the other`() throws {
    try TestLab.with { lab in
      try lab.deploy(.pair("left", b: 2))
      try lab.deploy(.pair("right", b: 3))
      try expectOwnTraffic(lab, "left", own: "10.9.0.2", others: "10.9.0.3")
      try expectOwnTraffic(lab, "right", own: "10.9.0.3", others: "10.9.0.2")

      let before = try ["a", "b"].map { try lab.interface("eth1", of: $0, in: "left") }
      let ping = try lab.start("exec", "left", "a", "--", "ping", "-q", "-i", "0.01", "-c", "200", "10.9.0.2")
      try lab.destroy("right")
      let run = ping.wait(limit: 60)
      #expect(run.output.contains(" 0% packet loss"), "\(run.output)\(run.errors)")
      let after = try ["a", "b"].map { try lab.interface("eth1", of: $0, in: "left") }
      #expect(after.map(\.index) == before.map(\.index) && after.map(\.mac) == before.map(\.mac))
      #expect(try lab.archetype("exec", "right", "a", "--", "true").exit == 125)
    }
  }
}

import Foundation
import Support
import Testing

/// What must not happen while nothing is asked for.
@Suite(.serialized) struct QuietTests {
  /// Frames of a lab's nodes, in and out.
  private func frames(_ lab: TestLab) throws -> [[Int]] { try ["a", "b"].map { try lab.interface("eth1", of: $0, in: "pair").frames } }

  /// The nodes themselves are silent (no IPv6), so every frame that is counted would be ours.
  @Test func `an idle cable over two hosts carries no frame, whatever agents and services do`() throws {
    try TestLab.with { lab in
      try lab.deploy(.pair("pair"))
      _ = try lab.settledActions()
      let before = try frames(lab)
      for name in ["agent/h1", "agent/h2", "bus", "configs", "jobs", "links", "reconciler"] {
        try lab.testbed("kill", name)
        try lab.testbed("start", name)
      }
      try lab.testbed("cut", "h2")
      #expect(try eventually { try !lab.isConverged("pair") })
      try lab.testbed("heal", "h2")
      #expect(try eventually { try lab.isConverged("pair") })
      try lab.deploy(.pair("pair"))
      _ = try lab.settledActions()
      #expect(try frames(lab) == before)

      // That the counters count: a ping is two frames of ARP and two of its own at each end.
      #expect(try lab.ping("10.9.0.2", from: "a", in: "pair", count: 1).exit == 0)
      #expect(try zip(frames(lab), before).allSatisfy { now, old in zip(now, old).allSatisfy { $0 > $1 } })
    }
  }

  /// Of all that was there the interfaces keep number, MAC, addresses and counters, the nodes their processes, and the other host its peace.
  @Test func `an added node and link touch nothing else`() throws {
    try TestLab.with { lab in
      try lab.deploy(.pair("pair"))
      #expect(try lab.ping("10.9.0.2", from: "a", in: "pair", count: 5).exit == 0)
      // Seconds later each asks once more whether the other is there (ARP, RFC 1122 2.3.2.1).
      for node in ["a", "b"] {
        #expect(try eventually { try lab.exec("pair", node, "ip", "neigh", "show", "nud", "delay", "nud", "probe").output.isEmpty })
      }
      let actions = try lab.settledActions()
      let before = try ["a", "b"].map { try lab.interface("eth1", of: $0, in: "pair") }
      let processes = try lab.processes(of: "pair")
      #expect(before.allSatisfy { $0.frames.allSatisfy { $0 >= 5 } })

      try lab.deploy(
        .pair(
          "pair", nodes: ["c: {kind: linux, image: alpine, host: h1, exec: [\"sysctl -q -w net.ipv6.conf.all.disable_ipv6=1\"]}"],
          links: ["endpoints: [\"c:eth1\", \"a:eth2\"]"]))
      let grown = try lab.processes(of: "pair")
      #expect(grown["a"] == processes["a"] && grown["b"] == processes["b"] && grown["c"] != nil)
      #expect(try ["a", "b"].map { try lab.interface("eth1", of: $0, in: "pair") } == before)
      let after = try lab.settledActions()
      #expect(after["h2"] == actions["h2"])
      // A sandbox, a process, two taps and their patch: what a lab of `c` alone with such a cable takes.
      let work = try #require(after["h1"]) - #require(actions["h1"])
      #expect((1...8).contains(work), "\(work) actions on h1")
      #expect(try lab.ping("10.9.0.2", from: "a", in: "pair").exit == 0)

      try lab.deploy(.pair("pair"))
      #expect(try lab.processes(of: "pair") == processes)
      #expect(try lab.interface("eth1", of: "b", in: "pair").index == before[1].index)
      #expect(try lab.settledActions()["h2"] == actions["h2"])
    }
  }
}

import Glibc
import Kernel
import Model
import Testing

/// Carrier as intent (dataplane.md, rules 1 to 3).
@Suite struct CarrierTests {
  @Test func `a node's end has carrier exactly while its fabric end is up`() throws {
    let bench = try FabricBench()
    let (a, _) = try bench.cable("a", "b")
    let node = try bench.inside("a")
    for isUp in [false, true, false, true] {
      try bench.all(bench.table.setUp([(device: a, isUp: isUp)]))
      try eventually("carrier \(isUp)") { try node.dump().first?.state.isLowerUp == isUp }
      // The node's own setting is untouched.
      #expect(try node.dump().first?.state.isUp == true)
    }
  }

  /// Both ends go down and come up in every order.
  @Test(arguments: [["a", "b"], ["b", "a"]], [["a", "b"], ["b", "a"]])
  func `a cable recovers from any order of downs and ups`(downs: [String], ups: [String]) throws {
    let bench = try FabricBench()
    let (a, b) = try bench.cable("a", "b")
    for (order, isUp) in [(downs, false), (ups, true)] {
      for node in order {
        try bench.setNodeEnd(node, up: isUp)
        try settle(bench, a, b)
      }
    }
    for node in ["a", "b"] {
      let table = try bench.inside(node)
      try eventually("\(node) has carrier") { try table.dump().first?.state.isLowerUp == true }
    }
  }

  /// What the agent does: each fabric end is up if and only if the far node's interface is administratively up.
  private func settle(_ bench: FabricBench, _ a: UInt32, _ b: UInt32) throws {
    let devices = try bench.table.dump()
    for (near, far) in [(a, b), (b, a)] {
      let isUp = devices.first { $0.index == far }?.nodeEnd?.isUp ?? false
      if devices.first(where: { $0.index == near })?.state.isUp != isUp { try bench.all(bench.table.setUp([(device: near, isUp: isUp)])) }
    }
  }

  @Test func `the monitor hears a node's end while the fabric end is down`() throws {
    let bench = try FabricBench()
    let (a, _) = try bench.cable("a", "b")
    try bench.all(bench.table.setUp([(device: a, isUp: false)]))
    let namespace = try #require(try bench.device(a).state.peer?.namespace)
    let monitor = try KernelMonitor(fabric: bench.fabric)
    try bench.setNodeEnd("a", up: false)
    try expect(monitor, "down") { if case .nodeEnd(namespace, let end) = $0 { end.index == 2 && !end.isUp } else { false } }
    #expect(bench.run("ip link set eth1 name wan mtu 1400", in: "a") == 0)
    try expect(monitor, "renamed") { if case .nodeEnd(namespace, let end) = $0 { end.name == "wan" && end.mtu == 1400 } else { false } }
    // And the table reads it through the fabric, also under its new name.
    #expect(try bench.device(a).nodeEnd?.name == "wan")
    #expect(bench.run("ip link del wan", in: "a") == 0)
    try expect(monitor, "fabric end gone") { if case .deviceGone(index: a, name: _) = $0 { true } else { false } }
  }

  @Test func `the monitor hears where an interface was moved and the table follows it`() throws {
    let bench = try FabricBench()
    let (a, _) = try bench.cable("a", "b")
    let before = try #require(try bench.device(a).state.peer)
    let monitor = try KernelMonitor(fabric: bench.fabric)
    #expect(bench.run("ip link set eth1 netns \(bench.pins.path("b")) name moved", in: "a") == 0)
    try expect(monitor, "gone from the sandbox") {
      if case .nodeEndGone(namespace: before.namespace, index: before.index, name: "eth1", moved: _) = $0 { true } else { false }
    }
    try eventually("followed") { try bench.device(a).nodeEnd?.name == "moved" }
    #expect(try bench.device(a).state.peer?.namespace != before.namespace)
  }

  @Test func `the monitor hears of a filter that somebody removed`() throws {
    let bench = try FabricBench()
    let (a, _) = try bench.cable("a", "b")
    let monitor = try KernelMonitor(fabric: bench.fabric)
    let name = try bench.device(a).name
    #expect(bench.run("tc filter del dev \(name) ingress", in: Fabric.name) == 0)
    try expect(monitor, "filter") { $0 == .filter(device: a) }
    #expect(try bench.device(a).redirect == .none)
  }

  @Test func `fabric ends and node ends have numbers of different ranges`() throws {
    let bench = try FabricBench()
    let (a, b) = try bench.cable("a", "b")
    for device in [a, b] {
      let read = try bench.device(device)
      #expect(read.index >= LinkLimits.firstFabricIndex)
      #expect(try #require(read.nodeEnd).index < LinkLimits.firstFabricIndex)
    }
  }

  private func expect(_ monitor: borrowing KernelMonitor, _ what: Comment, _ match: (KernelEvent) -> Bool) throws {
    for _ in 0..<200 {
      if try monitor.drain().events.contains(where: match) { return }
      var waiting = pollfd(fd: monitor.number, events: Int16(POLLIN), revents: 0)
      poll(&waiting, 1, 100)
    }
    Issue.record(what)
  }
}

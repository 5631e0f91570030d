import Glibc
import Kernel
import Model
import Testing

/// Taps: made, made again, adopted, refused, deleted.
@Suite struct TapTests {
  @Test func `a tap is as specified on both ends`() throws {
    let bench = try FabricBench()
    try bench.sandboxes(["a"])
    let spec = try bench.spec("a", mtu: 1450)
    let made = try bench.device(bench.taps([spec])[0])
    #expect(made.name == spec.name && made.state.alias == spec.alias && made.state.group == 42)
    #expect(made.state.kind == .veth && made.state.mtu == 65535 && made.state.isUp && made.state.isLowerUp)
    let end = try #require(made.nodeEnd)
    #expect(end.name == "eth1" && end.index == 2 && end.mtu == 1450 && end.mac == spec.mac && end.isUp && end.alias.isEmpty)
  }

  @Test func `making what is there already changes nothing`() throws {
    let bench = try FabricBench()
    try bench.sandboxes(["a"])
    let specs = try [bench.spec("a", 1), bench.spec("a", 2)]
    let first = try bench.taps(specs)
    try bench.setNodeEnd("a", up: false)
    let before = try bench.table.dump()
    #expect(try bench.taps(specs) == first)
    // The node's end stays down: it is the node's business.
    #expect(try bench.table.dump() == before)
  }

  @Test func `an unfinished tap, without alias, is adopted and finished`() throws {
    let bench = try FabricBench()
    try bench.sandboxes(["a"])
    let spec = try bench.spec("a")
    let path = bench.pins.path("a")
    #expect(
      bench.run("ip link add \(spec.name) type veth peer name eth1 address \(spec.mac) netns \(path)", in: Fabric.name) == 0)
    let made = try bench.device(bench.taps([spec])[0])
    #expect(made.state.alias == spec.alias && made.state.isUp && made.nodeEnd?.isUp == true)
  }

  @Test func `another device under the tap's name is never taken and is named in the error`() throws {
    let bench = try FabricBench()
    try bench.sandboxes(["a", "b"])
    let foreign = try bench.taps([bench.spec("b")])[0]
    var spec = try bench.spec("a")
    spec.name = try bench.device(foreign).name
    let before = try bench.table.dump()
    guard case .failure(let error) = bench.table.createTaps([spec])[0] else {
      Issue.record("a foreign device was taken")
      return
    }
    #expect(error.code == EEXIST && error.detail.contains("lab@1/b@1:1"))
    #expect(try bench.table.dump() == before)
  }

  @Test func `one refusal in a batch leaves the others alone`() throws {
    let bench = try FabricBench()
    try bench.sandboxes(["a", "b"])
    #expect(bench.run("ip link add eth1 type veth peer name other", in: "b") == 0)
    let outcomes = try bench.table.createTaps([bench.spec("a"), bench.spec("b"), bench.spec("nowhere"), bench.spec("a", 2)])
    #expect((try? outcomes[0].get()) != nil && (try? outcomes[3].get()) != nil)
    for (position, code) in [(1, EEXIST), (2, ENOENT)] {
      guard case .failure(let error) = outcomes[position] else {
        Issue.record("item \(position) succeeded")
        continue
      }
      #expect(error.code == code)
    }
    #expect(try bench.table.dump().count == 2)
  }

  @Test func `a vanished interface comes back with its name and MAC, and its peer keeps its own`() throws {
    let bench = try FabricBench()
    let (a, b) = try bench.cable("a", "b")
    let (before, peer) = (try bench.device(b), try bench.device(a))
    #expect(bench.run("ip link del eth1", in: "b") == 0)
    try eventually("vanished") { try bench.table.dump().map(\.index) == [a] }
    let again = try bench.taps([bench.spec("b")])[0]
    try bench.all(bench.table.patch([Redirection(from: a, to: again), Redirection(from: again, to: a)]))
    let after = try bench.device(again)
    #expect(after.name == before.name && after.nodeEnd?.mac == before.nodeEnd?.mac && after.nodeEnd?.name == "eth1")
    #expect(try bench.device(a).nodeEnd == peer.nodeEnd)
  }

  @Test func `the MTU is the node end's`() throws {
    let bench = try FabricBench()
    let (a, b) = try bench.cable("a", "b")
    try bench.all(bench.table.setMTU([(device: a, mtu: 1400), (device: b, mtu: 9000)]))
    #expect(try bench.device(a).nodeEnd?.mtu == 1400 && bench.device(b).nodeEnd?.mtu == 9000)
    #expect(try bench.device(a).state.mtu == 65535)
  }

  @Test func `a ring of 200 nodes is made and deleted, and nothing is left`() throws {
    let bench = try FabricBench()
    let count = 200
    let names = (0..<count).map { "n\($0)" }
    for outcome in bench.pins.createMany(names) { try outcome.get() }
    let specs = try names.indices.flatMap { position in
      try [bench.spec(names[position], 1), bench.spec(names[position], 2)]
    }
    let made = try bench.taps(specs)
    let redirections = names.indices.flatMap { position -> [Redirection] in
      let (one, other) = (made[2 * position], made[2 * ((position + 1) % count) + 1])
      return [Redirection(from: one, to: other), Redirection(from: other, to: one)]
    }
    try bench.all(bench.table.patch(redirections))
    let devices = try bench.table.dump()
    #expect(devices.count == 2 * count && devices.allSatisfy { $0.nodeEnd?.isLowerUp == true && $0.state.isLowerUp })
    for redirection in redirections { #expect(devices.first { $0.index == redirection.from }?.redirect == .to(redirection.to)) }
    try bench.all(bench.table.delete(made))
    #expect(try bench.table.dump().isEmpty)
    for name in names.prefix(3) { #expect(try bench.inside(name).dump().isEmpty) }
    // What is gone is gone: no error.
    try bench.all(bench.table.delete(made))
  }

  @Test func `a whole group goes, and a device of a group that stays goes alone`() throws {
    let bench = try FabricBench()
    try bench.sandboxes(["a", "b"])
    var specs = try [bench.spec("a", 1), bench.spec("a", 2), bench.spec("b", 1), bench.spec("b", 2)]
    for position in specs.indices { specs[position].group = position < 2 ? 7 : 8 }
    let made = try bench.taps(specs)
    try bench.all(bench.table.delete([made[0], made[1], made[2]]))
    #expect(try bench.table.dump().map(\.index) == [made[3]])
    #expect(try bench.device(made[3]).state.group == 8)
  }

  @Test func `deleting touches only what was named`() throws {
    let bench = try FabricBench()
    let kept = try bench.cable("a", "b")
    let doomed = try bench.cable("c", "d")
    let before = try [bench.device(kept.a), bench.device(kept.b)]
    let monitor = try KernelMonitor(fabric: bench.fabric)
    try bench.all(bench.table.delete([doomed.a, doomed.b]))
    #expect(try bench.table.dump() == before)
    let namespaces = before.map(\.state.peer?.namespace)
    for event in try monitor.drain().events {
      switch event {
      case .device(let state): #expect(state.index == doomed.a || state.index == doomed.b)
      case .deviceGone(let index, _), .filter(let index): #expect(index == doomed.a || index == doomed.b)
      case .nodeEnd(let namespace, _), .nodeEndGone(let namespace, _, _, _): #expect(!namespaces.contains(namespace))
      case .overrun: Issue.record("events were lost")
      }
    }
  }
}

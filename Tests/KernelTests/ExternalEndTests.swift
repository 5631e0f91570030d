import Glibc
import Kernel
import Model
import Testing

/// Ends of cables for an engine's containers.
@Suite struct ExternalEndTests {
  private func mark(_ place: ExternalPlace, _ id: Character) throws -> ExternalMark {
    ExternalMark(lab: try LabName("ring"), place: place, attachment: try EngineID(String(repeating: id, count: 64)))
  }

  private func end(_ id: Character) throws -> ExternalMark { try mark(.interface(try NodeName("ext"), try Ordinal(1)), id) }

  private func devices(_ bench: FabricBench) throws -> [Device] {
    try bench.table.dump().filter { ExternalMark(alias: $0.state.alias) != nil }
  }

  @Test func `a mark reads back, and nothing else is one`() throws {
    let longest = String(repeating: "n", count: 63)
    let marks = [
      try end("a"), try mark(.management, "0"),
      ExternalMark(
        lab: try LabName(longest), place: .interface(try NodeName(longest), try Ordinal(Limits.interfacesPerNode)),
        attachment: try EngineID(String(repeating: "f", count: 64))),
    ]
    for mark in marks {
      #expect(mark.alias.count <= LinkLimits.aliasBytes && ExternalMark(alias: mark.alias) == mark && Mark(alias: mark.alias) == nil)
    }
    let id = String(repeating: "a", count: 64)
    for text in [
      "", "ar1x", "ar1x ring ext:0 \(id)", "ar1x ring ext:01 \(id)", "ar1x ring ext:1", "ar1x ring ext:1 \(id) ", "ar1 ring ext:1 \(id)",
      "ar1x ring ext:1 zz\(id)", "ar1x ring lan \(id)", "ar1x ring  \(id)",
    ] { #expect(ExternalMark(alias: Array(text.utf8)) == nil, "\(text)") }
    #expect(marks[0].tap == TapKey(external: try LabName("ring"), try NodeName("ext"), try Ordinal(1)))
    #expect(marks[1].tap?.isExternal == true && marks[1].tap?.ordinal == .management)
  }

  @Test func `an end is made once, carries frames in a container's namespace, and goes with its container`() throws {
    let bench = try FabricBench()
    try bench.sandboxes(["box", "a"])
    let tap = try bench.taps([bench.spec("a")])[0]
    let name = try bench.table.makeExternal(try end("a"))
    #expect(try bench.table.makeExternal(try end("a")) == name)
    let device = try #require(try devices(bench).first)
    #expect(!device.state.isUp && device.index >= LinkLimits.firstExternalIndex)
    // As an engine does it.
    #expect(bench.run("ip link set \(name) netns \(bench.pins.path("box"))", in: "host") == 0)
    #expect(bench.run("ip link set \(name) name eth0 && ip addr add 10.0.0.2/24 dev eth0 && ip link set eth0 up", in: "box") == 0)
    #expect(bench.run("ip addr add 10.0.0.1/24 dev eth1", in: "a") == 0)
    try bench.all(
      bench.table.patch([Redirection(from: tap, to: device.index), Redirection(from: device.index, to: tap)])
        + bench.table.setUp([(device.index, true)]))
    #expect(bench.run("ping -c 1 -W 5 10.0.0.2", in: "a") == 0)
    try bench.all(bench.table.setMTU([(device.index, 1_400)]))
    #expect(try bench.device(device.index).nodeEnd?.mtu == 1_400)
    // Another container waits until this one has gone.
    #expect(throws: KernelError.self) { try bench.table.makeExternal(try end("b")) }
    try bench.table.removeExternal(try EngineID(String(repeating: "a", count: 64)))
    #expect(try devices(bench).isEmpty)
    #expect(bench.run("ip link show eth0", in: "box") != 0)
    try bench.table.removeExternal(try EngineID(String(repeating: "a", count: 64)))
    _ = try bench.table.makeExternal(try end("b"))
    // What never came into a container is in nobody's way.
    _ = try bench.table.makeExternal(try end("c"))
    #expect(try devices(bench).compactMap { ExternalMark(alias: $0.state.alias) } == [try end("c")])
  }

  @Test func `a management network takes many, and taps are numbered apart from them`() throws {
    let bench = try FabricBench()
    try bench.sandboxes(["a"])
    let names = try ["a", "b", "c"].map { try bench.table.makeExternal(try mark(.management, $0)) }
    #expect(Set(names).count == 3)
    #expect(try bench.taps([bench.spec("a")])[0] < LinkLimits.firstExternalIndex)
    try bench.table.removeExternal(try EngineID(String(repeating: "b", count: 64)))
    #expect(try devices(bench).count == 2)
  }
}

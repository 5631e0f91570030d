import Foundation
import Glibc
import Kernel
import Model
import Support
import Testing

/// Management networks: made, reached, mended, refused.
@Suite struct SegmentTests {
  private func spec(
    _ bench: FabricBench, _ gateways: [String] = ["10.9.0.1/24", "fd00:9::1/64"], reachesOutside: Bool = false,
    ports: [ForwardedPort] = []
  ) throws -> SegmentSpec {
    SegmentSpec(
      bench.lab,
      AssignedManagement(gateways: try gateways.map { try InterfaceAddress($0) }, mtu: 1_400, reachesOutside: reachesOutside, ports: ports),
      in: FabricBench.deployment, on: try HostName("h1"), group: 42)
  }

  /// A node with an interface 0.
  @discardableResult private func node(_ bench: FabricBench, _ name: String, _ last: Int) throws -> UInt32 {
    try bench.sandboxes([name])
    var tap = try bench.spec(name, 0, mtu: 1_400)
    tap.addressing = Addressing(
      addresses: [try InterfaceAddress("10.9.0.\(last)/24"), try InterfaceAddress("fd00:9::\(last)/64")],
      gateways: [try IPAddress("10.9.0.1"), try IPAddress("fd00:9::1")])
    return try bench.taps([tap])[0]
  }

  private func make(_ bench: FabricBench, _ spec: SegmentSpec, _ ports: [UInt32]) throws -> UInt32 {
    let bridge = try bench.table.ensureSegment(spec).get()
    try bench.all(bench.table.join(ports.map { ($0, bridge) }))
    return bridge
  }

  private func reaches(_ bench: FabricBench, _ address: String, from name: String) -> Bool {
    bench.run("ping -c 1 -W 5 \(address)", in: name) == 0
  }

  @Test func `the host and the nodes reach each other, and nothing is left of it`() throws {
    let bench = try FabricBench()
    let ports = [try node(bench, "a", 2), try node(bench, "b", 3)]
    let spec = try spec(bench)
    let bridge = try make(bench, spec, ports)
    for address in ["10.9.0.2", "10.9.0.3", "fd00:9::2"] { #expect(reaches(bench, address, from: "host"), "\(address)") }
    for address in ["10.9.0.1", "10.9.0.2", "fd00:9::1", "fd00:9::2"] { #expect(reaches(bench, address, from: "b"), "\(address)") }
    // What has no other way goes to the host.
    #expect(bench.run("ip -4 route get 203.0.113.1 | grep -q via.10.9.0.1", in: "a") == 0)
    #expect(bench.run("ip -6 route get 2001:db8::1 | grep -q via.fd00:9::1", in: "a") == 0)
    let devices = try bench.table.dump()
    #expect(devices.first { $0.index == bridge }?.state.kind == .bridge)
    #expect(devices.filter { $0.state.master == bridge }.count == 3)
    let gate = try #require(devices.first { $0.name == spec.gate })
    let side = try bench.table.hostSide()
    #expect(gate.nodeEnd?.name == spec.hostGate && gate.nodeEnd?.mac == spec.mac && gate.nodeEnd?.mtu == 1_400)
    #expect(gate.state.peer?.namespace == side.namespace)
    #expect(side.addresses[try #require(gate.nodeEnd).index] == Set(spec.wish.gateways))
    try bench.all(bench.table.delete([bridge, gate.index]))
    #expect(bench.run("ip link show \(spec.hostGate)", in: "host") != 0)
    #expect(Set(try bench.table.dump().map(\.index)) == Set(ports))
  }

  @Test(arguments: [
    ("fabric", "ip link del BRIDGE"), ("fabric", "ip link set BRIDGE down"), ("fabric", "ip link set GATE nomaster"),
    ("fabric", "ip link del GATE"),
    ("host", "ip link del HOSTGATE"), ("host", "ip link set HOSTGATE down"), ("host", "ip address flush dev HOSTGATE"),
    ("host", "ip address add 10.9.0.77/24 dev HOSTGATE"), ("host", "ip link set HOSTGATE down name other"),
    ("host", "ip link set HOSTGATE mtu 1300"),
  ])
  func `what is broken of it is mended, and mending what is whole changes nothing`(_ place: String, _ command: String) throws {
    let bench = try FabricBench()
    let port = try node(bench, "a", 2)
    let spec = try spec(bench)
    _ = try make(bench, spec, [port])
    let words = command.replacing("HOSTGATE", with: spec.hostGate).replacing("GATE", with: spec.gate).replacing("BRIDGE", with: spec.bridge)
    #expect(bench.run(words, in: place == "fabric" ? Fabric.name : "host") == 0)
    _ = try make(bench, spec, [port])
    #expect(reaches(bench, "10.9.0.2", from: "host"))
    let gate = try #require(try bench.table.dump().first { $0.name == spec.gate })
    let end = try #require(gate.nodeEnd)
    #expect(try bench.table.hostSide().addresses[end.index] == Set(spec.wish.gateways) && end.mtu == 1_400 && end.isUp)
    let before = try bench.table.dump()
    _ = try make(bench, spec, [port])
    #expect(try bench.table.dump() == before)
  }

  @Test func `addresses that the host has a way to, and names that others have, are refused with what is there`() throws {
    let bench = try FabricBench()
    #expect(bench.run("ip link add docker0 type bridge; ip address add 10.9.5.1/16 dev docker0; ip link set docker0 up", in: "host") == 0)
    func refusal(_ spec: SegmentSpec) throws -> KernelError {
      guard case .failure(let error) = bench.table.ensureSegment(spec) else { throw KernelError(0, "nothing was refused") }
      return error
    }
    let overlap = try refusal(spec(bench))
    #expect(overlap.code == EADDRINUSE && overlap.description.contains("10.9.0.0/24") && overlap.detail.contains("10.9.0.0/16 by docker0"))
    let free = try spec(bench, ["10.8.0.1/24"])
    #expect(bench.run("ip link add \(free.hostGate) type bridge", in: "host") == 0)
    #expect(try refusal(free).detail.contains("another device \(free.hostGate)"))
    #expect(bench.run("ip link del \(free.hostGate)", in: "host") == 0)
    #expect(bench.run("ip link del \(free.bridge); ip link add \(free.bridge) type veth peer name x", in: Fabric.name) == 0)
    #expect(try refusal(free).detail.contains("another device has its name"))
  }

  /// A host that forwards, and a place outside that knows the host's address only.
  private func outside(_ bench: FabricBench) throws {
    try bench.sandboxes(["outside"])
    let path = bench.pins.path("outside")
    for words in [
      "ip link add wan type veth peer name lan netns \(path); ip link set wan up; sysctl -w net.ipv6.conf.wan.disable_ipv6=0",
      "ip address add 192.0.2.1/24 dev wan; ip address add 2001:db8::1/64 dev wan nodad",
      "sysctl -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1",
    ] { #expect(bench.run(words, in: "host") == 0, "\(words)") }
    #expect(
      bench.run(
        "sysctl -w net.ipv6.conf.lan.disable_ipv6=0; ip link set lan up; ip address add 192.0.2.2/24 dev lan; ip address add 2001:db8::2/64 dev lan nodad",
        in: "outside") == 0)
  }

  @Test func `nodes reach what the host reaches, under its address, until that is taken back`() throws {
    let bench = try FabricBench()
    try outside(bench)
    let port = try node(bench, "a", 2)
    _ = try make(bench, spec(bench), [port])
    #expect(bench.run("ping -c 1 -W 1 192.0.2.2", in: "a") != 0)
    let open = try spec(bench, reachesOutside: true)
    for _ in 0..<2 {
      _ = try make(bench, open, [port])
      for address in ["192.0.2.2", "2001:db8::2"] { #expect(reaches(bench, address, from: "a"), "\(address)") }
      let table = try #require(try bench.table.ruleTables().first)
      #expect(table.name == open.hostGate && table.rules == 2)
      #expect(Mark(alias: table.mark)?.subject == .rules(bench.lab, try #require(open.wish.rules), count: 2))
    }
    // An engine's own chain, which asks the host's owner first.
    #expect(bench.run("iptables -N DOCKER-USER && iptables -A FORWARD -j DOCKER-USER && iptables -P FORWARD DROP", in: "host") == 0)
    #expect(bench.run("ping -c 1 -W 1 192.0.2.2", in: "a") != 0)
    _ = try make(bench, open, [port])
    #expect(reaches(bench, "192.0.2.2", from: "a"))
    _ = try make(bench, spec(bench), [port])
    #expect(bench.run("ping -c 1 -W 1 192.0.2.2", in: "a") != 0)
    #expect(try bench.table.ruleTables().isEmpty)
    #expect(bench.run("iptables -S DOCKER-USER | grep -q archetype", in: "host") != 0)
  }

  @Test func `a host that forwards nothing, and a table of another's, are named`() throws {
    let bench = try FabricBench()
    let open = try spec(bench, ["10.9.0.1/24"], reachesOutside: true)
    func refusal() throws -> KernelError {
      guard case .failure(let error) = bench.table.ensureSegment(open) else { throw KernelError(0, "nothing was refused") }
      return error
    }
    #expect(bench.run("sysctl -w net.ipv4.ip_forward=0", in: "host") == 0)
    #expect(try refusal().detail.contains("sysctl -w net.ipv4.ip_forward=1"))
    #expect(bench.run("sysctl -w net.ipv4.ip_forward=1; nft add table inet \(open.hostGate)", in: "host") == 0)
    #expect(try refusal().detail.contains("another table of nftables has the name"))
    #expect(bench.table.deleteRules(of: open.hostGate) == nil)
    #expect(bench.run("nft list table inet \(open.hostGate)", in: "host") == 0)
  }

  @Test func `a port of the host leads to a node, from outside, from the host itself and from other nodes`() throws {
    let bench = try FabricBench()
    try outside(bench)
    let port = try node(bench, "a", 2)
    let other = try node(bench, "b", 3)
    let published = PublishedPort(port: 8_080, nodePort: 80)
    let ports = [ForwardedPort(published, to: try IPAddress("10.9.0.2")), ForwardedPort(published, to: try IPAddress("fd00:9::2"))]
    let folder = FileManager.default.temporaryDirectory.path + "/\(UUID())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try "hello\n".write(toFile: folder + "/index.html", atomically: true, encoding: .utf8)
    let server = try serve(bench, in: "a", port: 80, folder: folder)
    defer { _ = server.terminate() }
    func hears(_ address: String, from name: String) -> Bool {
      bench.run("timeout 2 bash -c \"\(Self.question(address, 8_080))\" | grep -q hello", in: name) == 0
    }

    // Without a way out of its own the node answers too.
    _ = try make(bench, spec(bench, ports: ports), [port, other])
    for (address, name) in [
      ("192.0.2.1", "outside"), ("2001:db8::1", "outside"), ("192.0.2.1", "host"), ("127.0.0.1", "host"), ("2001:db8::1", "host"),
      ("10.9.0.1", "b"),
    ] {
      try eventually("\(address) from \(name)") { hears(address, from: name) }
    }
    // Not another port.
    #expect(bench.run("timeout 2 bash -c \"\(Self.question("192.0.2.1", 8_081))\"", in: "outside") != 0)
    #expect(try bench.table.ruleTables().map(\.rules) == [5])
    let narrow = PublishedPort(address: try IPAddress("192.0.2.1"), port: 8_080, nodePort: 80)
    _ = try make(bench, spec(bench, ports: [ForwardedPort(narrow, to: try IPAddress("10.9.0.2"))]), [port, other])
    try eventually("the address itself") { hears("192.0.2.1", from: "outside") }
    #expect(!hears("127.0.0.1", from: "host"))
    _ = try make(bench, spec(bench), [port, other])
    #expect(!hears("192.0.2.1", from: "outside") && bench.run("nft list ruleset | grep -q dnat", in: "host") != 0)
  }

  /// For bash: what a web server answers.
  private static func question(_ address: String, _ port: Int) -> String {
    "exec 3<>/dev/tcp/\(address)/\(port) && (echo GET / HTTP/1.0; echo) >&3 && cat <&3"
  }

  private func serve(_ bench: FabricBench, in name: String, port: Int, folder: String = "/") throws -> StartedCommand {
    try StartedCommand(
      "/usr/bin/nsenter", ["--net=" + bench.pins.path(name), "busybox", "httpd", "-f", "-p", "\(port)", "-h", folder])
  }

  @Test func `a port that a process of the host has is refused by name, and what is there already isn't asked again`() throws {
    let bench = try FabricBench()
    try outside(bench)
    func published(_ transport: PublishedPort.Transport) throws -> SegmentSpec {
      let port = PublishedPort(port: 8_080, nodePort: 80, transport: transport)
      return try spec(bench, ports: [ForwardedPort(port, to: try IPAddress("10.9.0.2"))])
    }
    func listens() -> Bool { bench.run("grep -q :1F90 /proc/thread-self/net/tcp6 /proc/thread-self/net/tcp", in: "host") == 0 }
    let server = try serve(bench, in: "host", port: 8_080)
    try eventually("somebody listens", listens)
    guard case .failure(let error) = bench.table.ensureSegment(try published(.tcp)) else {
      Issue.record("not refused")
      return
    }
    #expect(error.code == EADDRINUSE && error.description.contains("8080/tcp"), "\(error)")
    #expect(throws: Never.self) { try bench.table.ensureSegment(published(.udp)).get() }
    _ = server.terminate()
    #expect(throws: Never.self) { try bench.table.ensureSegment(published(.tcp)).get() }
    let later = try serve(bench, in: "host", port: 8_080)
    defer { _ = later.terminate() }
    try eventually("somebody listens", listens)
    #expect(throws: Never.self) { try bench.table.ensureSegment(published(.tcp)).get() }
  }
}

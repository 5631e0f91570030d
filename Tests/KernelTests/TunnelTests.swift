import Glibc
import Model
import Testing

@testable import Kernel

/// Two namespaces that stand for hosts, `10.8.0.1` and `10.8.0.2`, with a fabric each, on one underlay.
final class TwoHosts {
  let bench: FabricBench
  let tables: [LinuxLinkTable]
  let mtu: Int

  init(mtu: Int = 1500) throws {
    self.mtu = mtu
    bench = try FabricBench()
    _ = try bench.pins.openOrCreate("host2")
    let other = bench.pins.path("host2")
    #expect(bench.run("ip link add u1 mtu \(mtu) type veth peer name u2 netns \(other) mtu \(mtu)", in: "host") == 0)
    var made: [LinuxLinkTable] = []
    for (number, host) in [(1, "host"), (2, "host2")] {
      #expect(bench.run("ip addr add 10.8.0.\(number)/24 dev u\(number)", in: host) == 0)
      #expect(bench.run("ip addr add fd08::\(number)/64 dev u\(number) nodad", in: host) == 0)
      #expect(bench.run("ip link set u\(number) up", in: host) == 0)
      let fabric = try Fabric.open(in: bench.pins, named: "fabric\(number)")
      made.append(try LinuxLinkTable(fabric: fabric, host: try bench.pins.open(host), sandboxes: bench.pins.folder))
    }
    tables = made
  }

  func tunnel(from number: Int, vni: UInt32 = 7001, mtu: Int = 1450, prefix: String = "10.8.0.", name: String = "v1") throws -> TunnelSpec {
    let (near, far) = (Endpoint(try NodeName("n\(number)"), try Ordinal(1)), Endpoint(try NodeName("n\(3 - number)"), try Ordinal(1)))
    let mark = Mark(
      deployment: FabricBench.deployment, host: try HostName("h\(number)"), subject: .tunnel(bench.lab, near: near, far: far))
    return TunnelSpec(
      name: name, vni: try VNI(vni), local: try IPAddress("\(prefix)\(number)"), remote: try IPAddress("\(prefix)\(3 - number)"),
      mtu: mtu, group: 42, alias: mark.alias)
  }

  /// `n1` on the first host and `n2` on the second, joined by a tunnel.
  func cable(prefix: String = "10.8.0.", mtu: Int = 1450) throws {
    for (number, table) in zip(1..., tables) {
      try bench.sandboxes(["n\(number)"])
      let tap = try table.createTaps([bench.spec("n\(number)", mtu: mtu)])[0].get()
      let tunnel = try table.createTunnels([tunnel(from: number, mtu: mtu, prefix: prefix)])[0].get()
      try bench.all(table.patch([Redirection(from: tap, to: tunnel), Redirection(from: tunnel, to: tap)]))
      #expect(bench.run("ip addr add 10.9.0.\(number)/24 dev eth1", in: "n\(number)") == 0)
    }
  }
}

@Suite struct TunnelTests {
  @Test(arguments: [("10.8.0.", 1450), ("fd08::", 1430)])
  func `two nodes on two hosts reach each other with full frames`(prefix: String, mtu: Int) throws {
    let hosts = try TwoHosts()
    try hosts.cable(prefix: prefix, mtu: mtu)
    #expect(hosts.bench.run("ping -c2 -i0.01 -W10 10.9.0.2", in: "n1") == 0)
    #expect(hosts.bench.run("ping -c1 -W10 -M do -s \(mtu - 28) 10.9.0.2", in: "n1") == 0)
    let (from, to) = (try PacketPort(hosts.bench, "n1"), try PacketPort(hosts.bench, "n2"))
    let sent = frame(to: [0x01, 0x80, 0xc2, 0, 0, 0x0e], type: [0x88, 0xcc])
    #expect(from.send(sent))
    #expect(to.receive() == sent)
  }

  @Test func `a tunnel reads back as it was made`() throws {
    let hosts = try TwoHosts()
    let spec = try hosts.tunnel(from: 1)
    let index = try hosts.tables[0].createTunnels([spec])[0].get()
    let device = try #require(try hosts.tables[0].dump().first)
    #expect(device.index == index && device.state.alias == spec.alias && device.state.mtu == 1450 && device.state.isUp)
    let expected = TunnelState(vni: 7001, local: spec.local, remote: spec.remote, port: 4789, isLearning: false, dontFragment: true)
    #expect(device.state.kind == .vxlan(expected))
    // Its socket is the host's: the host has no device of ours, the fabric no address.
    #expect(hosts.bench.run("test $(ip -o link | wc -l) = 2", in: "host") == 0)
    #expect(try hosts.tables[0].createTunnels([spec])[0].get() == index)
    try hosts.bench.all(hosts.tables[0].delete([index]))
    #expect(try hosts.tables[0].dump().isEmpty)
  }

  @Test func `the kernel refuses a second tunnel with the same VNI on one host`() throws {
    let hosts = try TwoHosts()
    _ = try hosts.tables[0].createTunnels([hosts.tunnel(from: 1)])[0].get()
    guard case .failure(let error) = hosts.tables[0].createTunnels([try hosts.tunnel(from: 1, name: "v2")])[0] else {
      Issue.record("two tunnels of one VNI")
      return
    }
    #expect(error.code == EEXIST)
    #expect(try hosts.tables[0].dump().count == 1)
  }

  @Test func `a taken UDP port is said, and the tunnel is finished once it is free`() throws {
    let hosts = try TwoHosts()
    let spec = try hosts.tunnel(from: 1)
    do {
      let host = try hosts.bench.pins.open("host")
      let taken = try host.socket(family: AF_INET, type: 2, protocol: 0)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = VXLAN.port.bigEndian
      let bound = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(taken.number, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
      }
      #expect(bound == 0)
      guard case .failure(let error) = hosts.tables[0].createTunnels([spec])[0] else {
        Issue.record("a taken port was no error")
        return
      }
      #expect(error.code == EADDRINUSE)
    }
    _ = try hosts.tables[0].createTunnels([spec])[0].get()
    #expect(try hosts.tables[0].dump().first?.state.isUp == true)
  }

  @Test(arguments: ["10.8.0.", "fd08::"])
  func `a probe tells whether a size passes between two hosts`(prefix: String) throws {
    let hosts = try TwoHosts()
    let host = try hosts.bench.pins.open("host")
    let probe = try PathProbe(host: host, token: 0x1234_5678_9abc_def0)
    let remote = try IPAddress("\(prefix)2")
    for (sequence, size) in [(1, PathProbe.smallest), (2, 1500)] as [(UInt16, Int)] {
      try probe.send(to: remote, sequence: sequence, size: size)
      var echoes: [PathProbe.Echo] = []
      try eventually("an echo of \(size) bytes") {
        echoes += probe.receive()
        return !echoes.isEmpty
      }
      #expect(echoes == [PathProbe.Echo(from: remote, sequence: sequence, size: size)])
    }
    #expect(throws: KernelError.self) { try probe.send(to: remote, sequence: 3, size: 1501) }
  }

  @Test func `the underlay's interface is found by its address`() throws {
    let hosts = try TwoHosts(mtu: 9000)
    let host = try hosts.bench.pins.open("host")
    let expected = Underlay(device: "u1", mtu: 9000, isUp: true)
    #expect(try Underlay.owner(of: IPAddress("10.8.0.1"), in: host) == expected)
    #expect(try Underlay.owner(of: IPAddress("fd08::1"), in: host) == expected)
    #expect(try Underlay.owner(of: IPAddress("10.8.0.2"), in: host) == nil)
  }
}

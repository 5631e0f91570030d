import CLinux
import Glibc
import Model
import Testing

@testable import Kernel

/// A probe tunnel on each of two hosts, and what they hear.
private struct TwoProbes: ~Copyable {
  let hosts: TwoHosts
  let addresses: [IPAddress]
  let indices: [UInt32]
  let near: TunnelProbe
  let far: TunnelProbe

  static let token: UInt64 = 0x1234_5678_9abc_def0

  init(prefix: String = "10.8.0.", mtu: Int = 1500) throws {
    let hosts = try TwoHosts(mtu: mtu)
    let addresses = try (1...2).map { try IPAddress("\(prefix)\($0)") }
    var made: [UInt32] = []
    for (number, table) in zip(1..., hosts.tables) {
      made.append(try table.ensureProbe(Self.spec(number, addresses)).get())
    }
    let near = try TunnelProbe(fabric: try hosts.bench.pins.open("fabric1"), local: addresses[0], token: Self.token)
    let far = try TunnelProbe(fabric: try hosts.bench.pins.open("fabric2"), local: addresses[1], token: Self.token + 1)
    try near.attach(to: DeviceName.probe(in: FabricBench.deployment))
    try far.attach(to: DeviceName.probe(in: FabricBench.deployment))
    self.hosts = hosts
    self.addresses = addresses
    indices = made
    self.near = near
    self.far = far
  }

  static func spec(_ number: Int, _ addresses: [IPAddress], peers: Set<IPAddress>? = nil) throws -> ProbeSpec {
    let mark = Mark(deployment: FabricBench.deployment, host: try HostName("h\(number)"), subject: .probe)
    return ProbeSpec(
      name: DeviceName.probe(in: FabricBench.deployment), vni: VNI(ofProbesIn: FabricBench.deployment), local: addresses[number - 1],
      peers: peers ?? [addresses[2 - number]], group: 42, alias: mark.alias)
  }

  /// What the near host hears until something of a form has come.
  func nearHears(_ what: Comment, _ isIt: (TunnelProbe.Arrival) -> Bool) throws {
    try eventually(what) { near.receive().contains(where: isIt) }
  }

  func run(_ command: String, in host: Int) { #expect(hosts.bench.run(command, in: host == 1 ? "host" : "host2") == 0, "\(command)") }

  func state(_ number: Int) throws -> ProbeState? {
    try hosts.tables[number - 1].probe(indices[number - 1], at: addresses[number - 1])
  }
}

@Suite struct ProbeTests {
  @Test(arguments: ["10.8.0.", "fd08::"])
  func `a probe of any size that the way carries comes back from the far kernel`(prefix: String) throws {
    let probes = try TwoProbes(prefix: prefix)
    let remote = probes.addresses[1]
    for size in [128, 1_499, 1_500] {
      try probes.near.send(to: remote, size: size)
      try probes.nearHears("a probe of \(size) bytes") { $0 == .returned(remote, size: size) }
    }
    // One too large is lost, not cut in pieces; the small one after it shows when.
    try probes.near.send(to: remote, size: 1_501)
    try probes.near.send(to: remote, size: 128)
    var sizes: [Int] = []
    try probes.nearHears("the small one") { arrival in
      if case .returned(_, let size) = arrival { sizes.append(size) }
      return arrival == .returned(remote, size: 128)
    }
    #expect(sizes == [128])
    #expect(probes.far.receive().contains(.heard(probes.addresses[0])), "the far agent hears it too")
  }

  @Test func `a far agent that is dead is no matter`() throws {
    let hosts = try TwoHosts()
    let addresses = try (1...2).map { try IPAddress("10.8.0.\($0)") }
    for (number, table) in zip(1..., hosts.tables) { _ = try table.ensureProbe(TwoProbes.spec(number, addresses)).get() }
    let near = try TunnelProbe(fabric: try hosts.bench.pins.open("fabric1"), local: addresses[0], token: 7)
    try near.attach(to: DeviceName.probe(in: FabricBench.deployment))
    try near.send(to: addresses[1], size: 128)
    try eventually("a probe") { near.receive() == [.returned(addresses[1], size: 128)] }
    // Of another life of this agent: it isn't taken for one of ours.
    let heir = try TunnelProbe(fabric: try hosts.bench.pins.open("fabric1"), local: addresses[0], token: 8)
    try heir.attach(to: DeviceName.probe(in: FabricBench.deployment))
    try near.send(to: addresses[1], size: 128)
    try heir.send(to: addresses[1], size: 200)
    try eventually("the heir's own") { heir.receive() == [.returned(addresses[1], size: 200)] }
  }

  @Test(arguments: [1, 2]) func `a host that drops tunnels cuts the way for both, and only the other hears`(closed: Int) throws {
    let probes = try TwoProbes()
    let (one, two) = (probes.addresses[0], probes.addresses[1])
    probes.run("nft add table inet t", in: closed)
    probes.run("nft add chain inet t in \"{ type filter hook input priority 0; }\"", in: closed)
    probes.run("nft add rule inet t in udp dport 4789 drop", in: closed)
    try probes.near.send(to: two, size: 128)
    try probes.far.send(to: one, size: 128)
    // Echoes pass by the same cable and after the probes: what was to come has come.
    #expect(probes.hosts.bench.run("ping -c1 -W10 10.8.0.2", in: "host") == 0)
    #expect(probes.near.receive() == (closed == 1 ? [] : [.heard(two)]))
    #expect(probes.far.receive() == (closed == 2 ? [] : [.heard(one)]))
    probes.run("nft delete table inet t", in: closed)
    try probes.near.send(to: two, size: 128)
    try probes.nearHears("a probe") { $0 == .returned(two, size: 128) }
  }

  @Test func `only what is for a host is sent back by it, so nothing goes round`() throws {
    let probes = try TwoProbes()
    let (one, two) = (probes.addresses[0], probes.addresses[1])
    let stranger = try IPAddress("10.8.0.77")
    let fabric = try probes.hosts.bench.pins.open("fabric1")
    // As if from a stranger, for the far host; for a stranger; and with another type.
    for (to, from) in [(two, stranger), (stranger, one)] {
      var frame = ProbeFrame.make(from: from, to: to, token: 9, size: 100)
      frame.replaceSubrange(0..<6, with: MACAddress(ofProbesBetween: one, and: two).bytes)
      try send(frame, from: fabric)
    }
    var other = ProbeFrame.make(from: one, to: two, token: TwoProbes.token, size: 100)
    other[13] = 0xb6
    try send(other, from: fabric)
    try probes.near.send(to: two, size: 128)
    var heard: [TunnelProbe.Arrival] = []
    try eventually("the last one") {
      heard += probes.near.receive()
      return heard.contains(.returned(two, size: 128))
    }
    #expect(heard == [.returned(two, size: 128)])
    #expect(probes.hosts.bench.run("test $(cat /proc/sys/net/ipv4/ip_forward) = 0", in: "fabric1") == 0)
  }

  /// One frame out of the probe tunnel as it is.
  private func send(_ frame: [UInt8], from fabric: borrowing NetworkNamespace) throws {
    let socket = try fabric.socket(family: AF_PACKET, type: Int32(SOCK_RAW.rawValue), protocol: 0)
    guard clinux_packet_attach(socket.number, DeviceName.probe(in: FabricBench.deployment)) == 0,
      Glibc.send(socket.number, frame, frame.count, 0) == frame.count
    else { throw KernelError(errno, "send a frame") }
  }

  @Test func `a probe tunnel reads back as it was made, and to ensure it again changes nothing`() throws {
    let probes = try TwoProbes()
    let device = try #require(try probes.hosts.tables[0].dump().first)
    let expected = TunnelState(
      vni: VNI(ofProbesIn: FabricBench.deployment).number, local: probes.addresses[0], remote: nil, port: 4789, isLearning: false,
      dontFragment: true)
    #expect(device.state.kind == .vxlan(expected) && device.state.isUp && device.index == probes.indices[0])
    #expect(Mark(alias: device.state.alias)?.subject == .probe)
    let whole = ProbeState(sendsBack: true, peers: [probes.addresses[1]])
    #expect(try probes.state(1) == whole)
    let again = try probes.hosts.tables[0].ensureProbe(TwoProbes.spec(1, probes.addresses)).get()
    #expect(again == probes.indices[0])
    #expect(try probes.state(1) == whole)
    #expect(try probes.hosts.tables[0].dump() == [device])
    // Its host has no device of ours, and no entry of the kernel's points anywhere.
    #expect(probes.hosts.bench.run("test $(ip -o link | wc -l) = 2", in: "host") == 0)
  }

  @Test func `hosts come and go while the others' ways stay open`() throws {
    let probes = try TwoProbes()
    let (two, three) = (probes.addresses[1], try IPAddress("10.8.0.3"))
    for peers in [[two, three], [three], [], [two]] as [Set<IPAddress>] {
      let index = try probes.hosts.tables[0].ensureProbe(TwoProbes.spec(1, probes.addresses, peers: peers)).get()
      #expect(index == probes.indices[0])
      #expect(try probes.state(1)?.peers == peers)
    }
    try probes.near.send(to: two, size: 128)
    try probes.nearHears("a probe") { $0 == .returned(two, size: 128) }
  }

  @Test(arguments: [
    "tc qdisc del dev $P clsact", "ip link set $P down",
    "tc filter replace dev $P ingress prio 1 handle 1 protocol all bpf bytecode \"1,6 0 0 4294967295,\" action mirred egress redirect dev $P",
    "bridge fdb flush dev $P || bridge fdb del 02:00:00:00:00:00 dev $P self", "ip link del $P",
  ])
  func `what somebody does to it is seen and mended`(damage: String) throws {
    let probes = try TwoProbes()
    let (one, name) = (probes.addresses[0], DeviceName.probe(in: FabricBench.deployment))
    let pair = MACAddress(ofProbesBetween: one, and: probes.addresses[1])
    let command = damage.replacing("$P", with: name).replacing("02:00:00:00:00:00", with: "\(pair)")
    #expect(probes.hosts.bench.run(command, in: "fabric2") == 0)
    // An agent's next life: what it makes may have the number of what is gone.
    let fabric = try probes.hosts.bench.pins.open("fabric2")
    let host = try probes.hosts.bench.pins.open("host2")
    let far = try LinuxLinkTable(fabric: fabric, host: host, sandboxes: probes.hosts.bench.pins.folder)
    let isWhole = try probes.state(2) == ProbeState(sendsBack: true, peers: [one]) && far.dump().first?.state.isUp == true
    #expect(!isWhole)
    let index = try far.ensureProbe(TwoProbes.spec(2, probes.addresses)).get()
    #expect(try far.probe(index, at: probes.addresses[1]) == ProbeState(sendsBack: true, peers: [one]))
    try probes.near.send(to: probes.addresses[1], size: 128)
    try probes.nearHears("a probe") { $0 == .returned(probes.addresses[1], size: 128) }
    // The socket on one that was made again has to be led there.
    try probes.far.attach(to: name)
    try probes.far.send(to: one, size: 128)
    try eventually("the far host's own") { probes.far.receive().contains(.returned(one, size: 128)) }
    try probes.hosts.bench.all(far.delete([index]))
    #expect(try far.dump().isEmpty && far.probe(index, at: one) == nil)
    #expect(throws: KernelError.self) { try probes.far.attach(to: name) }
  }

  @Test func `a taken VNI is said`() throws {
    let probes = try TwoProbes()
    var spec = try TwoProbes.spec(1, probes.addresses)
    spec.name = "p2"
    guard case .failure(let error) = probes.hosts.tables[0].ensureProbe(spec) else {
      Issue.record("two devices of one VNI")
      return
    }
    #expect(error.code == EEXIST && error.detail.contains("has the VNI"))
  }

  @Test func `frames of nodes that look like probes pass as they are`() throws {
    let probes = try TwoProbes()
    try probes.hosts.cable()
    let (from, to) = (try PacketPort(probes.hosts.bench, "n1"), try PacketPort(probes.hosts.bench, "n2"))
    let sent = ProbeFrame.make(from: probes.addresses[0], to: probes.addresses[1], token: TwoProbes.token, size: 100)
    #expect(from.send(sent))
    #expect(to.receive() == sent)
    #expect(probes.near.receive() == [] && probes.far.receive() == [])
  }
}

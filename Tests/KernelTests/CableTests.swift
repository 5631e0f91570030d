import Glibc
import Kernel
import Model
import Testing

/// Patches: what passes, and how they change.
@Suite struct CableTests {
  @Test func `two nodes reach each other over a cable`() throws {
    let bench = try FabricBench()
    _ = try bench.cable("a", "b")
    #expect(bench.run("ip addr add 10.9.0.1/24 dev eth1", in: "a") == 0)
    #expect(bench.run("ip addr add 10.9.0.2/24 dev eth1", in: "b") == 0)
    #expect(bench.run("ping -c3 -i0.01 -W10 10.9.0.2", in: "a") == 0)
    // A full frame, whole.
    #expect(bench.run("ping -c1 -W10 -M do -s 1472 10.9.0.2", in: "a") == 0)
  }

  /// Destinations that a bridge would keep for itself, and types that nothing in a fabric speaks.
  @Test(
    arguments: [
      ("LLDP", [0x01, 0x80, 0xc2, 0, 0, 0x0e], [0x88, 0xcc]), ("LACP", [0x01, 0x80, 0xc2, 0, 0, 0x02], [0x88, 0x09]),
      ("STP", [0x01, 0x80, 0xc2, 0, 0, 0], [0x00, 0x26]), ("PAUSE", [0x01, 0x80, 0xc2, 0, 0, 0x01], [0x88, 0x08]),
      ("EAPOL", [0x01, 0x80, 0xc2, 0, 0, 0x03], [0x88, 0x8e]), ("CDP", [0x01, 0x00, 0x0c, 0xcc, 0xcc, 0xcc], [0x00, 0x2e]),
      ("IS-IS", [0x01, 0x80, 0xc2, 0, 0, 0x14], [0x00, 0x2e]), ("MPLS", [0x02, 0, 0, 0, 0, 9], [0x88, 0x47]),
      ("broadcast", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff], [0x08, 0x06]),
    ] as [(String, [UInt8], [UInt8])])
  func `a frame of any protocol passes byte for byte`(name: String, destination: [UInt8], type: [UInt8]) throws {
    let bench = try FabricBench()
    _ = try bench.cable("a", "b")
    let (from, to) = (try PacketPort(bench, "a"), try PacketPort(bench, "b"))
    let sent = frame(to: destination, type: type)
    #expect(from.send(sent))
    #expect(to.receive() == sent, "\(name)")
    #expect(to.send(sent))
    #expect(from.receive() == sent, "\(name) back")
  }

  @Test func `a frame with one, two or three tags keeps them`() throws {
    let bench = try FabricBench()
    _ = try bench.cable("a", "b")
    let (from, to) = (try PacketPort(bench, "a"), try PacketPort(bench, "b"))
    for tags in 1...3 {
      let inner: [UInt8] = (1..<tags).flatMap { tag -> [UInt8] in [0x81, 0x00, 0x00, UInt8(tag)] } + [0x08, 0x00]
      let whole = frame(to: [2, 0, 0, 0, 0, 9], type: [0x81, 0x00, 0x00, 0x64] + inner)
      #expect(from.send(whole))
      // The receiving kernel hands the outermost tag to a packet socket beside the frame.
      #expect(to.receive() == Array(whole[0..<12] + whole[16...]), "\(tags) tags")
    }
  }

  @Test func `no frame is lost while a patch is replaced 200 times`() throws {
    let bench = try FabricBench()
    let (a, b) = try bench.cable("a", "b")
    let (from, to) = (try PacketPort(bench, "a"), try PacketPort(bench, "b"))
    for number in 0..<200 {
      let sent = frame(to: [2, 0, 0, 0, 0, 9], type: [0x88, 0xb5], [UInt8(number)] + Array(repeating: 0, count: 45))
      #expect(from.send(sent))
      try bench.all(bench.table.patch([Redirection(from: a, to: b)]))
      #expect(to.receive() == sent)
    }
    #expect(try bench.device(a).redirect == .to(b))
  }

  @Test func `a removed patch passes nothing and removing it again is no error`() throws {
    let bench = try FabricBench()
    let (a, b) = try bench.cable("a", "b")
    let (from, to) = (try PacketPort(bench, "a"), try PacketPort(bench, "b"))
    try bench.all(bench.table.unpatch([a]))
    try bench.all(bench.table.unpatch([a, 0x7fff_ffff]))
    #expect(try bench.device(a).redirect == .none)
    #expect(try bench.device(b).redirect == .to(a))
    let (lost, marker) = (frame(to: [2, 0, 0, 0, 0, 9], type: [0x88, 0xb5]), frame(to: [2, 0, 0, 0, 0, 9], type: [0x88, 0xb6]))
    #expect(from.send(lost))
    try bench.all(bench.table.patch([Redirection(from: a, to: b)]))
    #expect(from.send(marker))
    #expect(to.receive() == marker)
  }

  @Test func `a filter whose target is gone reads as broken and is mended by a replacement`() throws {
    let bench = try FabricBench()
    let (a, b) = try bench.cable("a", "b")
    // The node removes its own interface: nobody took the filter away before.
    #expect(bench.run("ip link del eth1", in: "b") == 0)
    try eventually("the fabric end goes with the node's end") { try !bench.table.dump().contains { $0.index == b } }
    #expect(try bench.device(a).redirect == .broken)
    let again = try bench.taps([bench.spec("b")])[0]
    try bench.all(bench.table.patch([Redirection(from: a, to: again), Redirection(from: again, to: a)]))
    #expect(try bench.device(a).redirect == .to(again))
    let (from, to) = (try PacketPort(bench, "a"), try PacketPort(bench, "b"))
    let sent = frame(to: [2, 0, 0, 0, 0, 9], type: [0x88, 0xb5])
    #expect(from.send(sent))
    #expect(to.receive() == sent)
  }

  @Test func `deleting a device takes away the filters of survivors that send to it`() throws {
    let bench = try FabricBench()
    let (a, b) = try bench.cable("a", "b")
    try bench.all(bench.table.delete([b]))
    #expect(try bench.device(a).redirect == .none)
    #expect(try bench.table.dump().map(\.index) == [a])
  }

  @Test func `an idle cable carries no frame`() throws {
    let bench = try FabricBench()
    try bench.sandboxes(["a", "b"])
    let made = try bench.taps([bench.spec("a", isUp: false), bench.spec("b", isUp: false)])
    let port = try PacketPort(bench, "b")
    try bench.all(bench.table.patch([Redirection(from: made[0], to: made[1]), Redirection(from: made[1], to: made[0])]))
    try bench.all(bench.table.setUp(made.map { (device: $0, isUp: true) }))
    // Router solicitation, duplicate detection and MLD come within a second and a half of an interface's start.
    #expect(port.receive(2_000) == nil)
    for setting in ["ipv6/conf/all/disable_ipv6", "ipv6/conf/default/disable_ipv6"] {
      #expect(bench.run("test $(cat /proc/sys/net/\(setting)) = 1", in: Fabric.name) == 0)
    }
    #expect(bench.run("test $(cat /proc/sys/net/ipv4/ip_forward) = 0", in: Fabric.name) == 0)
  }
}

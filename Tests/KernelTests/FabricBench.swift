import Glibc
import Kernel
import Model
import Testing

/// A fabric with sandboxes of its own in a folder of its own; everything goes with it.
final class FabricBench {
  static let deployment = Deployment(random: 0xA1)
  let folder: String
  let pins: NamespacePins
  let fabric: NetworkNamespace
  let table: LinuxLinkTable
  let lab: LabKey
  private let host: HostName

  init() throws {
    var template = Array("/tmp/archetype-kernel-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw KernelError(errno, "make a folder for a test") }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    pins = try NamespacePins(folder: "\(folder)/netns")
    fabric = try Fabric.open(in: pins)
    // The tunnels' host is a namespace of the test's, never the machine's.
    let underlay = try pins.openOrCreate("host")
    table = try LinuxLinkTable(fabric: fabric, host: underlay, sandboxes: pins.folder)
    lab = LabKey(try LabName("lab"), born: Revision(1))
    host = try HostName("h1")
  }

  deinit {
    do {
      for name in try pins.list() { try pins.unpin(name) }
      try pins.remove()
    } catch { Issue.record(error) }
    rmdir(folder)
  }

  /// Makes sandboxes whose nodes say nothing by themselves (no IPv6).
  func sandboxes(_ names: [String]) throws {
    for outcome in pins.createMany(names) { try outcome.get() }
    for name in names { #expect(run("echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6", in: name) == 0) }
  }

  func spec(_ node: String, _ number: Int = 1, isUp: Bool = true, mtu: Int = 1500) throws -> TapSpec {
    let key = NodeKey(lab, try NodeName(node), born: Revision(1))
    let ordinal = try Ordinal(number)
    let mark = Mark(deployment: Self.deployment, host: host, subject: .tap(key, ordinal))
    return TapSpec(
      name: DeviceName.tap(key, ordinal, in: Self.deployment), sandbox: pins.path(node), nodeName: "eth\(number)",
      nodeIndex: LinkLimits.nodeIndex(of: ordinal), mac: MACAddress(of: key, ordinal, in: Self.deployment), mtu: mtu, group: 42,
      alias: mark.alias,
      isUp: isUp)
  }

  @discardableResult func taps(_ specs: [TapSpec]) throws -> [UInt32] { try table.createTaps(specs).map { try $0.get() } }

  /// A cable between `eth1` of two new nodes.
  func cable(_ a: String, _ b: String) throws -> (a: UInt32, b: UInt32) {
    try sandboxes([a, b])
    let made = try taps([spec(a), spec(b)])
    try all(table.patch([Redirection(from: made[0], to: made[1]), Redirection(from: made[1], to: made[0])]))
    return (made[0], made[1])
  }

  func all(_ outcomes: [KernelError?]) throws { for case let error? in outcomes { throw error } }

  func device(_ index: UInt32) throws -> Device { try #require(try table.dump().first { $0.index == index }) }

  /// What a node sees and does: the link table of its sandbox.
  func inside(_ node: String) throws -> LinuxLinkTable {
    let sandbox = try pins.open(node)
    return try LinuxLinkTable(fabric: sandbox, host: sandbox, sandboxes: pins.folder)
  }

  /// Sets the node's own end as the node would.
  func setNodeEnd(_ node: String, up: Bool, _ name: String = "eth1") throws {
    #expect(run("ip link set \(name) \(up ? "up" : "down")", in: node) == 0)
  }

  /// A shell command in a pinned namespace; its exit code.
  func run(_ command: String, in name: String) -> Int32 {
    system("nsenter --net=\(pins.path(name)) sh -c '\(command)' >/dev/null 2>&1") >> 8
  }
}

/// Waits for a condition: the limit is only for what never comes.
func eventually(_ what: Comment, _ condition: () throws -> Bool) throws {
  for _ in 0..<20_000 {
    if try condition() { return }
    usleep(1_000)
  }
  Issue.record(what)
}

/// One packet socket on one device of a sandbox; a class because expectations copy what they are given.
final class PacketPort {
  private let socket: Descriptor

  init(_ bench: FabricBench, _ node: String, device: UInt32 = 2) throws {
    let everything = Int32(UInt16(3).bigEndian)
    let sandbox = try bench.pins.open(node)
    let opened = try sandbox.socket(family: AF_PACKET, type: 3, protocol: everything)
    // sockaddr_ll: family, protocol, device; the rest is for receiving.
    var address = [UInt8](repeating: 0, count: 20)
    withUnsafeBytes(of: UInt16(AF_PACKET)) { address.replaceSubrange(0..<2, with: $0) }
    withUnsafeBytes(of: UInt16(3).bigEndian) { address.replaceSubrange(2..<4, with: $0) }
    withUnsafeBytes(of: device) { address.replaceSubrange(4..<8, with: $0) }
    let bound = address.withUnsafeBytes { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) { bind(opened.number, $0.baseAddress, 20) }
    }
    guard bound == 0 else { throw KernelError(errno, "bind a packet socket in \(node)") }
    socket = opened
  }

  func send(_ frame: [UInt8]) -> Bool { Glibc.send(socket.number, frame, frame.count, 0) == frame.count }

  /// The next frame that came in from outside; nil after `milliseconds` without one.
  func receive(_ milliseconds: Int32 = 20_000) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      var waiting = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, milliseconds) == 1 else { return nil }
      var address = [UInt8](repeating: 0, count: 128)
      var length = socklen_t(128)
      let count = address.withUnsafeMutableBytes { bytes in
        bytes.withMemoryRebound(to: sockaddr.self) { recvfrom(socket.number, &buffer, buffer.count, 0, $0.baseAddress, &length) }
      }
      // Byte 10: PACKET_OUTGOING is the node's own.
      if count > 0, address[10] != 4 { return Array(buffer[0..<count]) }
    }
  }
}

/// An Ethernet frame: destination, type and what follows.
func frame(to destination: [UInt8], type: [UInt8], _ payload: [UInt8] = Array(0..<46)) -> [UInt8] {
  destination + [0x02, 0, 0, 0, 0, 1] + type + payload
}

import CLinux
import Glibc
public import Model

/// The owner of two raw sockets in the host's namespace with which it asks other hosts' kernels for echoes that must not be cut in
/// fragments: whether a packet of a size passes, both ways.
public struct PathProbe: ~Copyable, Sendable {
  public struct Echo: Sendable, Hashable {
    public var from: IPAddress
    public var sequence: UInt16
    /// Of the whole IP packet, in bytes.
    public var size: Int
  }

  public enum Family: Sendable, CaseIterable { case v4, v6 }

  /// The smallest packet: IPv6 header, ICMP header, token.
  public static let smallest = 40 + header + tokenBytes
  private static let header = 8
  private static let tokenBytes = 8
  /// Echoes of one `receive`, so that a flood can't hold the caller.
  private static let echoesAtOnce = 1024
  /// "Don't fragment, and don't trust what was learned of the path" (IP_PMTUDISC_PROBE and IPV6_PMTUDISC_PROBE of linux/in.h, in6.h).
  private static let probing: Int32 = 3

  private let v4: Descriptor
  private let v6: Descriptor?
  private let numberV6: Int32?
  private let token: UInt64

  /// - Parameter token: random; tells our echoes from those of other senders in the namespace.
  public init(host: borrowing NetworkNamespace, token: UInt64) throws(KernelError) {
    let raw = Int32(SOCK_RAW.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let first = try host.socket(family: AF_INET, type: raw, protocol: Int32(IPPROTO_ICMP))
    setOption(first.number, Int32(IPPROTO_IP), IP_MTU_DISCOVER, Self.probing)
    // ICMP_FILTER of linux/icmp.h: let echo replies (type 0) through only.
    setOption(first.number, SOL_RAW, 1, Int32(bitPattern: ~1))
    // A host without IPv6 has no such peers.
    if let second = try? host.socket(family: AF_INET6, type: raw, protocol: Int32(IPPROTO_ICMPV6)) {
      setOption(second.number, Int32(IPPROTO_IPV6), IPV6_MTU_DISCOVER, Self.probing)
      setOption(second.number, Int32(IPPROTO_IPV6), IPV6_DONTFRAG, 1)
      numberV6 = second.number
      v6 = consume second
    } else {
      numberV6 = nil
      v6 = nil
    }
    v4 = first
    self.token = token
  }

  /// To poll for reading; nil where the host lacks the family.
  public func number(_ family: Family) -> Int32? {
    switch family {
    case .v4: v4.number
    case .v6: numberV6
    }
  }

  /// Sends one echo request whose IP packet has `size` bytes (`smallest` at least). EMSGSIZE where the host's own interface is too narrow.
  public func send(to address: IPAddress, sequence: UInt16, size: Int) throws(KernelError) {
    let action = "probe \(address) with \(size) bytes"
    guard size >= Self.smallest, size <= Limits.mtu.upperBound else { throw KernelError(EINVAL, action) }
    guard let socket = number(address.isIPv6 ? .v6 : .v4) else { throw KernelError(EAFNOSUPPORT, action) }
    var packet = [UInt8](repeating: 0, count: size - (address.isIPv6 ? 40 : 20))
    packet[0] = address.isIPv6 ? 128 : 8
    withUnsafeBytes(of: token.bigEndian) { packet.replaceSubrange(Self.header..<Self.header + Self.tokenBytes, with: $0) }
    packet[4] = packet[Self.header]
    packet[5] = packet[Self.header + 1]
    packet[6] = UInt8(sequence >> 8)
    packet[7] = UInt8(sequence & 0xff)
    // Of ICMPv6 the kernel makes the checksum itself, as it knows the source.
    if !address.isIPv6 { withUnsafeBytes(of: internetChecksum(packet).bigEndian) { packet.replaceSubrange(2..<4, with: $0) } }
    let sent = address.isIPv6 ? sendV6(socket, packet, address) : sendV4(socket, packet, address)
    guard sent == packet.count else { throw .current(action) }
  }

  /// The echoes that have come; never waits.
  public func receive() -> [Echo] { receive(.v4) + receive(.v6) }

  private func receive(_ family: Family) -> [Echo] {
    guard let socket = number(family) else { return [] }
    var buffer = [UInt8](repeating: 0, count: Limits.mtu.upperBound + 1)
    var echoes: [Echo] = []
    while echoes.count < Self.echoesAtOnce {
      var source = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let count = withUnsafeMutablePointer(to: &source) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { recvfrom(socket, &buffer, buffer.count, 0, $0, &length) }
      }
      // An error that a router sent for an earlier probe is reported once and says nothing that silence doesn't.
      if count < 0 { if errno == EAGAIN || errno == EBADF { break } else { continue } }
      if let echo = parse(family, buffer[0..<count], source) { echoes.append(echo) }
    }
    return echoes
  }

  private func parse(_ family: Family, _ packet: ArraySlice<UInt8>, _ source: sockaddr_storage) -> Echo? {
    let head = family == .v4 ? Int(packet.first ?? 0) & 15 * 4 : 0
    let message = packet.dropFirst(head)
    guard message.count >= Self.header + Self.tokenBytes, message[message.startIndex] == (family == .v4 ? 0 : 129) else { return nil }
    let bytes = Array(message.prefix(Self.header + Self.tokenBytes))
    let carried = bytes[Self.header...].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard carried == token else { return nil }
    let address = withUnsafeBytes(of: source) {
      IPAddress(network: UnsafeRawBufferPointer(rebasing: family == .v4 ? $0[4..<8] : $0[8..<24]))
    }
    guard let address else { return nil }
    return Echo(
      from: address, sequence: UInt16(bytes[6]) << 8 | UInt16(bytes[7]), size: packet.count + (family == .v4 ? 0 : 40))
  }
}

private func sendV4(_ socket: Int32, _ packet: [UInt8], _ address: IPAddress) -> Int {
  var target = sockaddr_in()
  target.sin_family = sa_family_t(AF_INET)
  withUnsafeMutableBytes(of: &target.sin_addr) { $0.copyBytes(from: address.bytes) }
  return withUnsafePointer(to: &target) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      sendto(socket, packet, packet.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
}

private func sendV6(_ socket: Int32, _ packet: [UInt8], _ address: IPAddress) -> Int {
  var target = sockaddr_in6()
  target.sin6_family = sa_family_t(AF_INET6)
  withUnsafeMutableBytes(of: &target.sin6_addr) { $0.copyBytes(from: address.bytes) }
  return withUnsafePointer(to: &target) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      sendto(socket, packet, packet.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
    }
  }
}

/// RFC 1071.
private func internetChecksum(_ bytes: [UInt8]) -> UInt16 {
  var sum: UInt32 = 0
  var position = 0
  while position < bytes.count {
    sum += UInt32(bytes[position]) << 8 | (position + 1 < bytes.count ? UInt32(bytes[position + 1]) : 0)
    position += 2
  }
  while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
  return UInt16(~sum & 0xffff)
}

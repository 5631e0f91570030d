/// An IPv4 or IPv6 network: its address, whose bits for hosts are zero, and how many bits are the network's.
public struct Subnet: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let address: IPAddress
  public let length: Int

  /// - Parameter text: `172.20.20.0/24`, `fd00:1::/64`.
  /// - Throws: `INVALID_ARGUMENT` for anything else, also where bits for hosts are set.
  public init(_ text: String) throws(LabError) {
    let whole = try InterfaceAddress(text)
    self = whole.subnet
    guard whole.address == address else { throw LabError(.invalidArgument, text, "has bits of a host set (the network is \(self))") }
  }

  /// The network that an address is in.
  init(of address: IPAddress, length: Int) {
    var bytes = address.bytes
    for index in bytes.indices {
      let bits = min(max(length - 8 * index, 0), 8)
      bytes[index] &= bits == 0 ? 0 : 0xff << UInt8(8 - bits)
    }
    self.address = IPAddress(bytes: bytes) ?? address
    self.length = length
  }

  public var isIPv6: Bool { address.isIPv6 }
  public func contains(_ other: IPAddress) -> Bool {
    other.isIPv6 == isIPv6 && Subnet(of: other, length: length).address == address
  }
  /// Whether an address is in both.
  public func overlaps(_ other: Subnet) -> Bool { contains(other.address) || other.contains(address) }

  /// How many addresses nodes and a gateway can have: not the network's own, and of IPv4 not the one for all.
  public var room: UInt64 {
    let bits = address.bytes.count * 8 - length
    return bits >= 63 ? .max >> 1 : max(1 << UInt64(bits), isIPv6 ? 1 : 2) - (isIPv6 ? 1 : 2)
  }

  /// The address with that number in the network; 0 is its own.
  public func address(at number: UInt64) -> IPAddress? {
    var bytes = address.bytes
    var rest = number
    for index in bytes.indices.reversed() where rest > 0 {
      let sum = UInt64(bytes[index]) + rest & 0xff
      guard sum <= 0xff else { return nil }
      bytes[index] = UInt8(sum)
      rest >>= 8
    }
    guard rest == 0, let found = IPAddress(bytes: bytes), contains(found) else { return nil }
    return found
  }

  /// Whether a node or a gateway can have it.
  public func isForHosts(_ other: IPAddress) -> Bool {
    contains(other) && other != address && (isIPv6 || other != address(at: room + 1))
  }

  public var description: String { "\(address)/\(length)" }
  public static func < (a: Self, b: Self) -> Bool {
    a.address.wide == b.address.wide ? a.length < b.length : a.address.wide.lexicographicallyPrecedes(b.address.wide)
  }
}

/// An address of an interface, with the length of its network's part.
public struct InterfaceAddress: Sendable, Hashable, CustomStringConvertible {
  public let address: IPAddress
  public let length: Int

  public init(_ address: IPAddress, in subnet: Subnet) {
    self.address = address
    length = subnet.length
  }

  /// - Parameter text: `172.20.20.2/24`.
  public init(_ text: String) throws(LabError) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let length = Int(parts[1]), let address = try? IPAddress(String(parts[0])),
      (0...address.bytes.count * 8).contains(length)
    else { throw LabError(.invalidArgument, text, "not an address with its length, such as 172.20.20.0/24") }
    self.address = address
    self.length = length
  }

  public var subnet: Subnet { Subnet(of: address, length: length) }
  public var description: String { "\(address)/\(length)" }
}

import Glibc

/// An IPv4 or IPv6 address in its canonical text form.
public struct IPAddress: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let text: String
  /// 4 or 16 bytes, network order.
  public let bytes: [UInt8]

  /// - Throws: `INVALID_ARGUMENT` for what `inet_pton` refuses.
  public init(_ text: String) throws(LabError) {
    var v4 = [UInt8](repeating: 0, count: 4)
    var v6 = [UInt8](repeating: 0, count: 16)
    let family: Int32
    if inet_pton(AF_INET, text, &v4) == 1 {
      (family, bytes) = (AF_INET, v4)
    } else if inet_pton(AF_INET6, text, &v6) == 1 {
      (family, bytes) = (AF_INET6, v6)
    } else {
      throw LabError(.invalidArgument, text, "not an IPv4 or IPv6 address")
    }
    guard let canonical = Self.text(family, bytes) else { throw LabError(.invalidArgument, text, "not an address that can be printed") }
    self.text = canonical
  }

  /// - Parameter bytes: in network order; nil for another number of them than 4 or 16.
  public init?(bytes: [UInt8]) {
    guard bytes.count == 4 || bytes.count == 16, let text = Self.text(bytes.count == 4 ? AF_INET : AF_INET6, bytes) else { return nil }
    self.bytes = bytes
    self.text = text
  }

  private static func text(_ family: Int32, _ bytes: [UInt8]) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    guard inet_ntop(family, bytes, &buffer, socklen_t(buffer.count)) != nil else { return nil }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The text says all.
  public func hash(into hasher: inout Hasher) { hasher.combine(text) }
  public var isIPv6: Bool { bytes.count == 16 }
  /// 16 bytes whatever the family: an IPv4 address as IPv6 maps it (RFC 4291, section 2.5.5.2).
  public var wide: [UInt8] { isIPv6 ? bytes : [UInt8](repeating: 0, count: 10) + [0xff, 0xff] + bytes }
  public var description: String { text }
  public static func < (a: Self, b: Self) -> Bool { a.text < b.text }
}

/// An Ethernet address.
public struct MACAddress: Sendable, Hashable, CustomStringConvertible {
  /// Six bytes.
  public let bytes: [UInt8]

  public init(_ bytes: [UInt8]) throws(LabError) {
    guard bytes.count == 6 else { throw LabError(.invalidArgument, "MAC", "an Ethernet address has six bytes, not \(bytes.count)") }
    self.bytes = bytes
  }

  /// The address of a node's interface: locally administered, the same whenever the interface is made again, so that no neighbour's
  /// table goes stale; different for two nodes or labs of the same name.
  public init(of node: NodeKey, _ ordinal: Ordinal, in deployment: Deployment) {
    self.init(hash: StableHash.of("\(deployment) \(node) \(ordinal)"))
  }

  /// The host's own in a lab's management network, the same whenever its gate is made again.
  public init(ofGate lab: LabKey, of host: HostName, in deployment: Deployment) {
    self.init(hash: StableHash.of("gate \(deployment) \(host) \(lab)"))
  }

  /// Of a container's interface, the same whoever comes there: nobody's table of neighbours gets old.
  public init(ofContainerAt place: String) { self.init(hash: StableHash.of("container \(place)")) }

  /// What a pair of hosts addresses its probes to: the same on both sides, since the far kernel sends a probe back as it came.
  public init(ofProbesBetween a: IPAddress, and b: IPAddress) {
    self.init(hash: StableHash.of("probe \(min(a, b)) \(max(a, b))"))
  }

  /// Whose probe it is, for those who read along.
  public init(ofProbesFrom address: IPAddress) { self.init(hash: StableHash.of("probe \(address)")) }

  /// Locally administered, one host's.
  private init(hash: UInt64) { bytes = [0x02] + (0..<5).map { UInt8(truncatingIfNeeded: hash >> (8 * UInt64($0))) } }

  public var description: String {
    bytes.map { byte in byte < 16 ? "0" + String(byte, radix: 16) : String(byte, radix: 16) }.joined(separator: ":")
  }
}

/// VXLAN's own (RFC 7348, section 5).
public enum VXLAN {
  public static let port: UInt16 = 4789
}

/// A VXLAN network identifier (RFC 7348: 24 bits). Links' are allocated, never hashed.
public struct VNI: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let number: UInt32
  /// From here up no link's: one of 2^20 for each deployment's probes.
  private static let firstOfProbes: UInt32 = 0xf0_0000
  /// - Parameter number: 1 to 2^24 − 1.
  public init(_ number: UInt32) throws(LabError) {
    guard number > 0, number < 1 << 24 else { throw LabError(.outOfRange, "VNI \(number)", "a VNI is 1 to 16777215 (RFC 7348)") }
    self.number = number
  }

  /// The deployment's own for its probes: the same on all of its hosts. Two deployments of one underlay namespace have the same one once in a
  /// million, and then the kernel refuses the second.
  public init(ofProbesIn deployment: Deployment) {
    number = Self.firstOfProbes | UInt32(truncatingIfNeeded: StableHash.of("probe \(deployment)") & 0xf_ffff)
  }

  /// Links may have it.
  public var isForLinks: Bool { number < Self.firstOfProbes }
  /// The one after this, nil after the last.
  public var next: VNI? { try? VNI(number + 1) }
  public var description: String { "\(number)" }
  public static func < (a: Self, b: Self) -> Bool { a.number < b.number }
}

/// A hash that is the same in every process and on every machine (FNV-1a, 64 bits, with a final mix); not for secrets.
public struct StableHash: Sendable {
  private var state: UInt64 = 0xcbf2_9ce4_8422_2325

  public init() {}

  public static func of(_ text: String) -> UInt64 {
    var hash = StableHash()
    hash.add(text)
    return hash.value
  }

  /// More of the same text.
  public mutating func add(_ text: String) {
    var hash = state
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    state = hash
  }

  /// Of all that was added.
  public var value: UInt64 {
    let hash = (state ^ (state >> 32)) &* 0xd6e8_feb8_6659_fd93
    return hash ^ (hash >> 32)
  }
}

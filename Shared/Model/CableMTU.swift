/// What cables carry, in bytes of payload, where the topology doesn't say.
public enum CableMTU {
  /// Ethernet's.
  public static let patch = 1500

  /// VXLAN over IPv4 costs 20 + 8 + 8 + 14 = 50 bytes of the underlay's packet, over IPv6 20 more (RFC 7348, section 5).
  public static func tunnel(between a: HostSpec, and b: HostSpec) -> Int {
    min(a.underlayMTU, b.underlayMTU) - overhead(a.underlay)
  }

  public static func overhead(_ underlay: IPAddress) -> Int { underlay.isIPv6 ? 70 : 50 }
}

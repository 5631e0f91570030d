import CLinux
import CMNL
import Glibc
import Model

/// Whether a port of the namespace that the calling thread is in is taken.
enum PortProbe {
  static func isTaken(_ port: PublishedPort) -> Bool {
    let families = port.address.map { [$0.isIPv6 ? AF_INET6 : AF_INET] } ?? [AF_INET, AF_INET6]
    return families.contains { isTaken(port, family: $0) }
  }

  /// Only what is in use counts: an address that the host hasn't yet is no reason.
  private static func isTaken(_ port: PublishedPort, family: Int32) -> Bool {
    let type = port.transport == .tcp ? SOCK_STREAM : SOCK_DGRAM
    let probe = socket(family, Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard probe >= 0 else { return false }
    defer { close(probe) }
    var yes: Int32 = 1
    // Connections that have ended are nobody's; and IPv4's are asked for apart.
    if port.transport == .tcp { setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &yes, 4) }
    if family == AF_INET6 { setsockopt(probe, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &yes, 4) }
    let result: Int32
    if family == AF_INET6 {
      var name = sockaddr_in6()
      name.sin6_family = sa_family_t(AF_INET6)
      name.sin6_port = port.port.bigEndian
      if let bytes = port.address?.bytes { withUnsafeMutableBytes(of: &name.sin6_addr) { $0.copyBytes(from: bytes) } }
      result = take(name, with: probe)
    } else {
      var name = sockaddr_in()
      name.sin_family = sa_family_t(AF_INET)
      name.sin_port = port.port.bigEndian
      if let bytes = port.address?.bytes { withUnsafeMutableBytes(of: &name.sin_addr) { $0.copyBytes(from: bytes) } }
      result = take(name, with: probe)
    }
    return result != 0 && errno == EADDRINUSE
  }

  private static func take(_ name: some Any, with probe: Int32) -> Int32 {
    withUnsafeBytes(of: name) { bytes in
      guard let name = bytes.bindMemory(to: sockaddr.self).baseAddress else { return -1 }
      return bind(probe, name, socklen_t(bytes.count))
    }
  }
}

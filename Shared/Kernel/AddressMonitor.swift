import CLinux
import CMNL
import Glibc

/// The owner of a socket that hears of every change of a namespace's addresses.
public struct AddressMonitor: ~Copyable, Sendable {
  private let descriptor: Descriptor
  /// To poll for reading.
  public var number: Int32 { descriptor.number }

  public init(in namespace: borrowing NetworkNamespace) throws(KernelError) {
    let opened = try namespace.socket(
      family: AF_NETLINK, type: Int32(SOCK_RAW.rawValue) | Int32(SOCK_NONBLOCK.rawValue), protocol: NETLINK_ROUTE)
    var address = sockaddr_nl()
    address.nl_family = sa_family_t(AF_NETLINK)
    address.nl_groups = 1 << (UInt32(RTNLGRP_IPV4_IFADDR.rawValue) - 1) | 1 << (UInt32(RTNLGRP_IPV6_IFADDR.rawValue) - 1)
    try bindNetlink(opened.number, &address)
    descriptor = opened
  }

  /// Forgets what was told: what is true is read.
  public func drain() {
    var memory = [UInt8](repeating: 0, count: 8 << 10)
    while recv(descriptor.number, &memory, memory.count, 0) >= 0 || errno == ENOBUFS || errno == EINTR {}
  }
}

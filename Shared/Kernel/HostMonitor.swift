import CLinux
import CMNL
import Glibc

/// The owner of sockets that hear of every change of a namespace's addresses and of its rules of nf_tables.
public struct HostMonitor: ~Copyable, Sendable {
  private let addresses: Descriptor
  /// nil: this kernel has no such rules.
  private let rules: Descriptor?
  /// To poll for reading.
  public var numbers: [Int32] { [addresses.number] + [ruleNumber].compactMap(\.self) }
  private let ruleNumber: Int32?

  public init(of namespace: borrowing NetworkNamespace) throws(KernelError) {
    addresses = try Self.open(
      in: namespace, NETLINK_ROUTE,
      groups: 1 << (UInt32(RTNLGRP_IPV4_IFADDR.rawValue) - 1) | 1 << (UInt32(RTNLGRP_IPV6_IFADDR.rawValue) - 1))
    do throws(KernelError) {
      let opened: Descriptor = try Self.open(in: namespace, NETLINK_NETFILTER, groups: 1 << (UInt32(NFNLGRP_NFTABLES.rawValue) - 1))
      ruleNumber = opened.number
      rules = consume opened
    } catch {
      ruleNumber = nil
      rules = nil
    }
  }

  private static func open(in namespace: borrowing NetworkNamespace, _ family: Int32, groups: UInt32) throws(KernelError) -> Descriptor {
    let opened = try namespace.socket(
      family: AF_NETLINK, type: Int32(SOCK_RAW.rawValue) | Int32(SOCK_NONBLOCK.rawValue), protocol: family)
    var address = sockaddr_nl()
    address.nl_family = sa_family_t(AF_NETLINK)
    address.nl_groups = groups
    try bindNetlink(opened.number, &address)
    return opened
  }

  /// Forgets what was told: what is true is read.
  public func drain() {
    var memory = [UInt8](repeating: 0, count: 8 << 10)
    for number in numbers { while recv(number, &memory, memory.count, 0) >= 0 || errno == ENOBUFS || errno == EINTR {} }
  }
}

import CLinux
import CMNL
import Glibc
import Model

extension NetlinkSocket {
  /// Addresses of every device of the socket's namespace, by its number; those that devices give themselves (link-local IPv6) left out.
  mutating func addresses() throws(KernelError) -> [UInt32: Set<InterfaceAddress>] {
    var found: [UInt32: Set<InterfaceAddress>] = [:]
    try dump("read the addresses") { message in
      guard let head = message.head(ifaddrmsg.self), head.ifa_scope != UInt8(RT_SCOPE_LINK.rawValue) else { return }
      var own: IPAddress?
      for attribute in message.attributes(after: MemoryLayout<ifaddrmsg>.size) {
        if attribute.type == Int(IFA_LOCAL) || attribute.type == Int(IFA_ADDRESS) && own == nil {
          own = IPAddress(network: attribute.value)
        }
      }
      if let own, let address = try? InterfaceAddress("\(own)/\(head.ifa_prefixlen)") { found[head.ifa_index, default: []].insert(address) }
    } reset: {
      found = [:]
    } _: { message in
      message.plain(Int(RTM_GETADDR), size: MemoryLayout<ifaddrmsg>.size)
    }
    return found
  }

  /// Networks that the socket's namespace has a way to, with the number of its device; not the ways to everything else.
  mutating func routes() throws(KernelError) -> [(subnet: Subnet, device: UInt32)] {
    var found: [(Subnet, UInt32)] = []
    try dump("read the routes") { message in
      guard let head = message.head(rtmsg.self), head.rtm_dst_len > 0, head.rtm_table == UInt8(RT_TABLE_MAIN.rawValue) else { return }
      var target: IPAddress?
      var device: UInt32 = 0
      for attribute in message.attributes(after: MemoryLayout<rtmsg>.size) {
        if attribute.type == Int(RTA_DST.rawValue) { target = IPAddress(network: attribute.value) }
        if attribute.type == Int(RTA_OIF.rawValue) { device = attribute.number() ?? 0 }
      }
      guard let target, let address = try? InterfaceAddress("\(target)/\(head.rtm_dst_len)") else { return }
      found.append((address.subnet, device))
    } reset: {
      found = []
    } _: { message in
      message.plain(Int(RTM_GETROUTE), size: MemoryLayout<rtmsg>.size)
    }
    return found
  }

  /// Gives a device an address, or takes it away. What is so already is success.
  mutating func set(_ addresses: [InterfaceAddress], of device: UInt32, present: Bool) throws(KernelError) {
    let outcomes = perform(addresses) {
      "\(present ? "add" : "remove") address \($0)"
    } write: { address, message in
      message.address(present ? Int(RTM_NEWADDR) : Int(RTM_DELADDR), address, of: device)
    }
    for case let error? in outcomes where error.code != (present ? EEXIST : EADDRNOTAVAIL) { throw error }
  }

  /// Sends what has no other way to these gateways.
  mutating func addDefaultRoutes(_ gateways: [IPAddress], by device: UInt32) throws(KernelError) {
    let outcomes = perform(gateways) {
      "add the route by \($0)"
    } write: { gateway, message in
      message.defaultRoute(gateway, by: device)
    }
    for case let error? in outcomes where error.code != EEXIST { throw error }
  }
}

extension NetworkNamespace {
  /// A device of ours can have IPv6 addresses, though the namespace gives its devices none.
  borrowing func enableIPv6(on device: String) throws(KernelError) {
    try inside { () throws(KernelError) in
      let path = "/proc/sys/net/ipv6/conf/\(device)/disable_ipv6"
      let setting = try Descriptor(path: path, flags: O_WRONLY)
      guard write(setting.number, "0", 1) == 1 else { throw .current("write \(path)") }
    }
  }
}

extension MessageWriter {
  fileprivate func address(_ type: Int, _ address: InterfaceAddress, of device: UInt32) {
    var head = ifaddrmsg()
    head.ifa_family = UInt8(address.address.isIPv6 ? AF_INET6 : AF_INET)
    head.ifa_prefixlen = UInt8(address.length)
    head.ifa_index = device
    plain(type, flags: type == Int(RTM_NEWADDR) ? NLM_F_CREATE | NLM_F_EXCL : 0, head: head)
    put(Int(IFA_LOCAL), address.address.bytes)
    put(Int(IFA_ADDRESS), address.address.bytes)
    // It is planned: nobody else has it, and it can be used at once.
    if address.address.isIPv6 { put(Int(IFA_FLAGS), UInt32(IFA_F_NODAD)) }
  }

  fileprivate func defaultRoute(_ gateway: IPAddress, by device: UInt32) {
    var head = rtmsg()
    head.rtm_family = UInt8(gateway.isIPv6 ? AF_INET6 : AF_INET)
    head.rtm_table = UInt8(RT_TABLE_MAIN.rawValue)
    head.rtm_protocol = UInt8(RTPROT_STATIC)
    head.rtm_scope = UInt8(RT_SCOPE_UNIVERSE.rawValue)
    head.rtm_type = UInt8(RTN_UNICAST)
    plain(Int(RTM_NEWROUTE), flags: NLM_F_CREATE | NLM_F_EXCL, head: head)
    put(Int(RTA_GATEWAY.rawValue), gateway.bytes)
    put(Int(RTA_OIF.rawValue), device)
  }
}

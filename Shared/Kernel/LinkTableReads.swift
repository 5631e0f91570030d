import CLinux
import CMNL
import Glibc

extension NetlinkSocket {
  /// RTEXT_FILTER_SKIP_STATS: counters make three quarters of an answer.
  static let withoutCounters: UInt32 = 1 << 3

  /// Every device of the socket's namespace.
  mutating func devices() throws(KernelError) -> [DeviceState] {
    var found: [DeviceState] = []
    try dump("read the devices") {
      if let device = DeviceState($0) { found.append(device) }
    } reset: {
      found.removeAll()
    } _: { message in
      message.link(Int(RTM_GETLINK))
      message.put(IFLA_EXT_MASK, Self.withoutCounters)
    }
    return found
  }

  /// The devices with these numbers in the namespaces with these ids (nil: the socket's own), nil for what isn't there.
  mutating func devices(_ places: [DeviceState.Peer]) throws(KernelError) -> [DeviceState?] {
    var found = [DeviceState?](repeating: nil, count: places.count)
    let outcomes = perform(places) {
      "read device \($0.index)"
    } reply: { position, message in
      found[position] = DeviceState(message)
    } write: { place, message in
      message.link(Int(RTM_GETLINK), index: place.index)
      if let namespace = place.namespace { message.put(IFLA_TARGET_NETNSID, namespace) }
      message.put(IFLA_EXT_MASK, Self.withoutCounters)
    }
    for case let error? in outcomes where error.code != ENODEV { throw error }
    return found
  }

  /// Counters of these devices, nil for what isn't there.
  mutating func traffic(of devices: [UInt32]) throws(KernelError) -> [DeviceTraffic?] {
    var found = [DeviceTraffic?](repeating: nil, count: devices.count)
    let outcomes = perform(devices) {
      "read the counters of device \($0)"
    } reply: { position, message in
      for attribute in message.attributes(after: MemoryLayout<ifinfomsg>.size) where attribute.type == IFLA_STATS64 {
        found[position] = DeviceTraffic(attribute.value)
      }
    } write: { device, message in
      message.link(Int(RTM_GETLINK), index: device)
    }
    for case let error? in outcomes where error.code != ENODEV { throw error }
    return found
  }

  /// The device of that name in the namespace with that id (nil: the socket's own).
  mutating func device(named name: String, namespace: Int32? = nil) throws(KernelError) -> DeviceState? {
    var found: DeviceState?
    do throws(KernelError) {
      try perform("read device \(name)") {
        found = DeviceState($0)
      } _: { message in
        message.link(Int(RTM_GETLINK))
        if let namespace { message.put(IFLA_TARGET_NETNSID, namespace) }
        message.put(IFLA_IFNAME, name)
        message.put(IFLA_EXT_MASK, Self.withoutCounters)
      }
    } catch  where error.code == ENODEV { return nil }
    return found
  }

  /// The socket's namespace's ids of other namespaces, nil for one that it has no device in common with.
  mutating func namespaceIDs(_ descriptors: [Int32]) throws(KernelError) -> [Int32?] {
    var found = [Int32?](repeating: nil, count: descriptors.count)
    let outcomes = perform(descriptors) { _ in
      "find a namespace's id"
    } reply: { position, message in
      for attribute in message.attributes(after: MemoryLayout<rtgenmsg>.size) where attribute.type == Int(NETNSA_NSID) {
        found[position] = attribute.number(Int32.self).flatMap { $0 < 0 ? nil : $0 }
      }
    } write: { descriptor, message in
      message.plain(Int(RTM_GETNSID), size: MemoryLayout<rtgenmsg>.size)
      message.put(Int(NETNSA_FD), UInt32(bitPattern: descriptor))
    }
    for case let error? in outcomes { throw error }
    return found
  }

  /// Where our ingress filters of these devices send, in their order.
  mutating func redirects(_ devices: [UInt32]) throws(KernelError) -> [Device.Redirect] {
    var found = [Device.Redirect](repeating: .none, count: devices.count)
    let outcomes = perform(devices) {
      "read the filter of device \($0)"
    } reply: { position, message in
      if let redirect = Device.Redirect(filter: message) { found[position] = redirect }
    } write: { device, message in
      Patch.filter(message, Int(RTM_GETTFILTER), device: device)
    }
    for case let error? in outcomes where !Patch.meansNoFilter(error.code) { throw error }
    return found
  }
}

extension DeviceTraffic {
  /// Of `struct rtnl_link_stats64`: packets in and out, bytes in and out.
  fileprivate init?(_ counters: UnsafeRawBufferPointer) {
    guard counters.count >= 32 else { return nil }
    func number(_ place: Int) -> UInt64 { counters.loadUnaligned(fromByteOffset: 8 * place, as: UInt64.self) }
    self.init(receivedPackets: number(0), sentPackets: number(1), receivedBytes: number(2), sentBytes: number(3))
  }
}

extension LinuxLinkTable.State {
  mutating func dump() throws(KernelError) -> [Device] {
    let states = try fabric.devices().filter { $0.name != "lo" }
    let taps = states.indices.filter { states[$0].peer?.namespace != nil }
    let ends = try fabric.devices(taps.compactMap { states[$0].peer })
    let redirects = try fabric.redirects(states.map(\.index))
    var devices = zip(states, redirects).map { Device(state: $0, nodeEnd: nil, redirect: $1) }
    for (position, end) in zip(taps, ends) { devices[position].nodeEnd = end }
    return devices
  }
}

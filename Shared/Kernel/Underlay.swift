import CLinux
import CMNL
import Glibc
public import Model

/// The interface of the host that owns the address which tunnels are sent from.
public struct Underlay: Sendable, Hashable {
  public var device: String
  public var mtu: Int
  public var isUp: Bool

  /// Finds the owner of `address` among the interfaces of `host`; nil if none has it.
  public static func owner(of address: IPAddress, in host: borrowing NetworkNamespace) throws(KernelError) -> Underlay? {
    var socket = try NetlinkSocket(in: host)
    var index: UInt32?
    try socket.dump("read the addresses") { message in
      guard let head = message.head(ifaddrmsg.self) else { return }
      for attribute in message.attributes(after: MemoryLayout<ifaddrmsg>.size)
      where attribute.type == Int(IFA_LOCAL) || attribute.type == Int(IFA_ADDRESS) && address.isIPv6 {
        if attribute.value.elementsEqual(address.bytes) { index = head.ifa_index }
      }
    } reset: {
      index = nil
    } _: { message in
      message.plain(Int(RTM_GETADDR), size: MemoryLayout<ifaddrmsg>.size)
    }
    guard let index, let device = try socket.devices([DeviceState.Peer(namespace: nil, index: index)])[0] else { return nil }
    return Underlay(device: device.name, mtu: device.mtu, isUp: device.isUp)
  }
}

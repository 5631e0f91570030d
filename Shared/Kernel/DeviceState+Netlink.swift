import CLinux
import CMNL
import Glibc
import Model

extension DeviceState {
  /// nil for a message that isn't about a device as such (of a bridge's port, say).
  init?(_ message: MessageReader) {
    guard let head = message.head(ifinfomsg.self), head.ifi_family == UInt8(AF_UNSPEC) else { return nil }
    self.init(
      index: UInt32(bitPattern: head.ifi_index), name: "", kind: .other(""), alias: [], group: 0,
      isUp: head.ifi_flags & UInt32(IFF_UP) != 0, isLowerUp: head.ifi_flags & Self.lowerUp != 0, mtu: 0)
    var peerIndex: UInt32?
    var peerNamespace: Int32?
    for attribute in message.attributes(after: MemoryLayout<ifinfomsg>.size) {
      switch attribute.type {
      case IFLA_IFNAME: name = attribute.text
      case IFLA_MTU: mtu = attribute.number(UInt32.self).map(Int.init) ?? 0
      case IFLA_GROUP: group = attribute.number() ?? 0
      case IFLA_IFALIAS: alias = attribute.bytes
      case IFLA_ADDRESS: mac = try? MACAddress(Array(attribute.value))
      case IFLA_LINK: peerIndex = attribute.number()
      case IFLA_LINK_NETNSID: peerNamespace = attribute.number()
      case IFLA_MASTER: master = attribute.number()
      case IFLA_LINKINFO: kind = Self.kind(attribute)
      default: break
      }
    }
    if let peerIndex, peerIndex != 0, case .veth = kind { peer = Peer(namespace: peerNamespace, index: peerIndex) }
  }

  /// IFF_LOWER_UP of linux/if.h, which can't be imported beside net/if.h.
  private static let lowerUp: UInt32 = 1 << 16

  private static func kind(_ info: Attribute) -> Kind {
    var word = ""
    var data: Attribute?
    for attribute in info.nested {
      if attribute.type == IFLA_INFO_KIND { word = attribute.text }
      if attribute.type == IFLA_INFO_DATA { data = attribute }
    }
    switch word {
    case "veth": return .veth
    case "bridge": return .bridge
    case "vxlan": return .vxlan(TunnelState(data))
    default: return .other(word)
    }
  }
}

extension TunnelState {
  fileprivate init(_ data: Attribute?) {
    self.init(vni: 0, local: nil, remote: nil, port: 0, isLearning: false, dontFragment: false)
    guard let data else { return }
    for attribute in data.nested {
      switch attribute.type {
      case IFLA_VXLAN_ID: vni = attribute.number() ?? 0
      case IFLA_VXLAN_LOCAL, IFLA_VXLAN_LOCAL6: local = IPAddress(network: attribute.value)
      case IFLA_VXLAN_GROUP, IFLA_VXLAN_GROUP6: remote = IPAddress(network: attribute.value)
      case IFLA_VXLAN_PORT: port = UInt16(bigEndian: attribute.number() ?? 0)
      case IFLA_VXLAN_LEARNING: isLearning = attribute.number(UInt8.self) != 0
      case IFLA_VXLAN_DF: dontFragment = attribute.number(UInt8.self) == UInt8(VXLAN_DF_SET.rawValue)
      default: break
      }
    }
  }
}

extension IPAddress {
  /// An address as the kernel holds it: 4 or 16 bytes in network order.
  init?(network bytes: UnsafeRawBufferPointer) { self.init(bytes: Array(bytes)) }
}

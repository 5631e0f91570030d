import CMNL
import Glibc
import Model

/// A cable of a host that can be cut.
public enum Cable: String, Sendable, Hashable, CaseIterable {
  /// To the control plane.
  case bus
  /// To the other hosts.
  case underlay
}

/// The networks of a testbed: two bridges in the control plane's network namespace, and two cables from there to each host.
struct Wiring {
  let manifest: Manifest

  static let busAddress = "tcp://10.253.0.1:7700"
  /// Hosts are .1 to .250 of the underlay and .2 to .251 of the management network.
  static let mostHosts = 250
  /// IPv6 needs 1280 (RFC 8200); the kernel's veth takes no more than 65535.
  static let mtus = 1280...65535

  func underlayAddress(_ host: Int) -> String { manifest.ipv6 ? "fd00::\(String(host, radix: 16))" : "10.254.0.\(host)" }

  /// The control plane's end of a host's cable.
  private func port(_ cable: Cable, _ host: Int) -> String { cable == .bus ? "bus-h\(host)" : "und-h\(host)" }
  private func bridge(_ cable: Cable) -> String { cable == .bus ? "mgmt" : "underlay" }
  private func device(_ cable: Cable) -> String { cable == .bus ? "mgmt" : "eth0" }
  private func mtu(_ cable: Cable) -> UInt32 { cable == .bus ? 1500 : UInt32(manifest.mtu) }

  /// What a machine's network needs before its first device. The bridges' own ends are silent; hosts announce and solicit nothing by
  /// themselves.
  func settings(ofHost: Bool) -> [(file: String, text: String)] {
    let ipv6 = "/proc/sys/net/ipv6/conf/"
    guard ofHost else { return [(ipv6 + "all/disable_ipv6", "1"), (ipv6 + "default/disable_ipv6", "1")] }
    guard manifest.ipv6 else { return [(ipv6 + "default/disable_ipv6", "1")] }
    return [(ipv6 + "default/accept_ra", "0"), (ipv6 + "default/accept_dad", "0"), (ipv6 + "default/router_solicitations", "0")]
  }

  /// The bridges, and the control plane's own address.
  func makeBridges(in control: Machine) throws(LabError) {
    var socket = try RouteSocket(in: control)
    try setUp(&socket, "lo")
    for cable in Cable.allCases {
      let name = bridge(cable)
      var message = RouteMessage(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, Wiring.link(up: true))
      message.attribute(Int(IFLA_IFNAME), name)
      message.attribute(Int(IFLA_MTU), mtu(cable))
      // A bridge without an address of its own takes a port's, which changes when that host is switched off: its peers would talk to nobody.
      message.attribute(Int(IFLA_ADDRESS), [0x02, 0xa7, 0, cable == .bus ? 253 : 254, 0, 0xff])
      message.nested(Int(IFLA_LINKINFO)) { info in
        info.attribute(Int(IFLA_INFO_KIND), "bridge")
        info.nested(Int(IFLA_INFO_DATA)) { $0.attribute(Int(IFLA_BR_MCAST_SNOOPING), [0]) }
      }
      try socket.request("the bridge \(name) can't be made", message)
    }
    try addAddress(&socket, "mgmt", [10, 253, 0, 1], prefix: 24)
  }

  /// The cables of a host that has just been made, and its addresses.
  func connect(_ host: Machine, number: Int, to control: Machine, cut: Set<Cable>) throws(LabError) {
    var outside = try RouteSocket(in: control)
    for cable in Cable.allCases {
      // From an earlier life of the host, if the kernel has not yet swept up after it.
      try remove(&outside, port(cable, number))
      var message = RouteMessage(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, Wiring.link(up: !cut.contains(cable)))
      message.attribute(Int(IFLA_IFNAME), port(cable, number))
      message.attribute(Int(IFLA_MTU), mtu(cable))
      message.attribute(Int(IFLA_MASTER), UInt32(try outside.index(bridge(cable))))
      message.nested(Int(IFLA_LINKINFO)) { info in
        info.attribute(Int(IFLA_INFO_KIND), "veth")
        info.nested(Int(IFLA_INFO_DATA)) { data in
          data.peer { peer in
            peer.attribute(Int(IFLA_IFNAME), device(cable))
            peer.attribute(Int(IFLA_MTU), mtu(cable))
            // The same in each life, as a network card's: nobody's neighbour table is out of date after a power cut.
            peer.attribute(Int(IFLA_ADDRESS), [0x02, 0xa7, 0, cable == .bus ? 253 : 254, 0, UInt8(number)])
            peer.attribute(Int(IFLA_NET_NS_PID), UInt32(host.first.pid))
          }
        }
      }
      try outside.request("the cable \(port(cable, number)) can't be made", message)
    }
    var inside = try RouteSocket(in: host)
    try setUp(&inside, "lo")
    try addAddress(&inside, "eth0", [10, 254, 0, UInt8(number)], prefix: 24)
    if manifest.ipv6 {
      try addAddress(&inside, "eth0", [0xfd] + [UInt8](repeating: 0, count: 14) + [UInt8(number)], prefix: 64)
    }
    try addAddress(&inside, "mgmt", [10, 253, 0, UInt8(number + 1)], prefix: 24)
    for cable in Cable.allCases { try setUp(&inside, device(cable)) }
  }

  /// Takes the cables of a host away that is off.
  func disconnect(_ number: Int, from control: Machine) throws(LabError) {
    var socket = try RouteSocket(in: control)
    for cable in Cable.allCases { try remove(&socket, port(cable, number)) }
  }

  /// Cuts or heals a cable; of a host that is off there is none.
  func set(_ cable: Cable, of number: Int, cut: Bool, in control: Machine) throws(LabError) {
    var socket = try RouteSocket(in: control)
    var message = RouteMessage(RTM_NEWLINK, 0, Wiring.link(up: !cut))
    message.attribute(Int(IFLA_IFNAME), port(cable, number))
    try socket.request("the cable \(port(cable, number)) can't be \(cut ? "cut" : "healed")", message, accepted: ENODEV)
  }

  private static func link(up: Bool) -> ifinfomsg {
    var header = ifinfomsg()
    header.ifi_flags = up ? UInt32(IFF_UP) : 0
    header.ifi_change = UInt32(IFF_UP)
    return header
  }

  private func setUp(_ socket: inout RouteSocket, _ name: String) throws(LabError) {
    var message = RouteMessage(RTM_NEWLINK, 0, Wiring.link(up: true))
    message.attribute(Int(IFLA_IFNAME), name)
    try socket.request("\(name) can't be set up", message)
  }

  private func remove(_ socket: inout RouteSocket, _ name: String) throws(LabError) {
    var message = RouteMessage(RTM_DELLINK, 0, ifinfomsg())
    message.attribute(Int(IFLA_IFNAME), name)
    try socket.request("\(name) can't be removed", message, accepted: ENODEV)
  }

  private func addAddress(_ socket: inout RouteSocket, _ name: String, _ address: [UInt8], prefix: UInt8) throws(LabError) {
    var header = ifaddrmsg()
    header.ifa_family = UInt8(address.count == 4 ? AF_INET : AF_INET6)
    header.ifa_prefixlen = prefix
    header.ifa_index = UInt32(try socket.index(name))
    // Nobody else has the address: it is there at once instead of after a second of asking.
    if address.count == 16 { header.ifa_flags = UInt8(IFA_F_NODAD) }
    var message = RouteMessage(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, header)
    message.attribute(Int(IFA_LOCAL), address)
    message.attribute(Int(IFA_ADDRESS), address)
    try socket.request("\(name) can't be given its address", message)
  }
}

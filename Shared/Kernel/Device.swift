public import Model

/// What the kernel says about one device.
public struct DeviceState: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    case veth
    case vxlan(TunnelState)
    case bridge
    /// `lo` has an empty one.
    case other(String)
  }

  /// A veth's other end: its number in the namespace with id `namespace`, nil where that is the device's own.
  public struct Peer: Sendable, Hashable {
    public var namespace: Int32?
    public var index: UInt32
    public init(namespace: Int32?, index: UInt32) {
      self.namespace = namespace
      self.index = index
    }
  }

  public var index: UInt32
  public var name: String
  public var kind: Kind
  /// `IFLA_IFALIAS` as bytes, because a compact mark is no text. Empty: none.
  public var alias: [UInt8]
  public var group: UInt32
  /// Administratively up (IFF_UP).
  public var isUp: Bool
  /// Carrier (IFF_LOWER_UP). Of a veth: both ends are up. Of a tunnel it means nothing.
  public var isLowerUp: Bool
  public var mtu: Int
  /// nil where the device has no Ethernet address.
  public var mac: MACAddress?
  public var peer: Peer?
  /// The bridge that it is a port of, by number.
  public var master: UInt32?
}

/// What a device has received and sent since it was made.
public struct DeviceTraffic: Sendable, Hashable {
  public var receivedPackets: UInt64
  public var sentPackets: UInt64
  public var receivedBytes: UInt64
  public var sentBytes: UInt64
}

/// How a VXLAN device was made.
public struct TunnelState: Sendable, Hashable {
  public var vni: UInt32
  public var local: IPAddress?
  public var remote: IPAddress?
  public var port: UInt16
  public var isLearning: Bool
  /// Whether frames that don't fit the path are lost (true) or cut in fragments.
  public var dontFragment: Bool
}

/// One device of the fabric, with what belongs to it.
public struct Device: Sendable, Hashable {
  /// Where the ingress filter of ours sends frames.
  public enum Redirect: Sendable, Hashable {
    case none
    case to(UInt32)
    /// The filter is there, its target is gone.
    case broken
  }

  public var state: DeviceState
  /// Of a tap: its end in the sandbox, read through the fabric. nil if it can't be reached.
  public var nodeEnd: DeviceState?
  public var redirect: Redirect

  public var index: UInt32 { state.index }
  public var name: String { state.name }
}

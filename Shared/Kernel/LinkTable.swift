public import Model

/// How a tap is made.
public struct TapSpec: Sendable, Hashable {
  /// In the fabric; `DeviceName.tap` makes it.
  public var name: String
  /// In the fabric: `LinkLimits.firstFabricIndex` or more. The table chooses it.
  var index: UInt32?
  /// Path of the sandbox's pin.
  public var sandbox: String
  /// The node's own name of it, such as `eth1`.
  public var nodeName: String
  /// In the sandbox: less than `LinkLimits.firstFabricIndex` (where both ends have one number, carrier events come up to 0.93 s late).
  public var nodeIndex: UInt32
  /// Of the node's end.
  public var mac: MACAddress
  /// Of the node's end; the fabric's end has the kernel's most.
  public var mtu: Int
  /// Of the node's end, set when it is made.
  public var addressing: Addressing
  public var group: UInt32
  /// The mark: at most 255 bytes, none of them zero.
  public var alias: [UInt8]
  /// Whether the fabric's end is up from the start: intent, see `LinkTable.setUp`.
  public var isUp: Bool

  public init(
    name: String, sandbox: String, nodeName: String, nodeIndex: UInt32, mac: MACAddress, mtu: Int, addressing: Addressing = Addressing(),
    group: UInt32, alias: [UInt8], isUp: Bool
  ) {
    self.addressing = addressing
    self.name = name
    self.sandbox = sandbox
    self.nodeName = nodeName
    self.nodeIndex = nodeIndex
    self.mac = mac
    self.mtu = mtu
    self.group = group
    self.alias = alias
    self.isUp = isUp
  }
}

/// How a tunnel is made: one VXLAN device, its underlay socket in the host's namespace, itself in the fabric.
public struct TunnelSpec: Sendable, Hashable {
  public var name: String
  /// The table chooses it.
  var index: UInt32?
  public var vni: VNI
  public var local: IPAddress
  public var remote: IPAddress
  public var mtu: Int
  public var group: UInt32
  public var alias: [UInt8]

  public init(
    name: String, vni: VNI, local: IPAddress, remote: IPAddress, mtu: Int, group: UInt32, alias: [UInt8]
  ) {
    self.name = name
    self.vni = vni
    self.local = local
    self.remote = remote
    self.mtu = mtu
    self.group = group
    self.alias = alias
  }
}

/// One direction of a cable: every frame that comes in at `from` goes out at `to`, byte for byte.
public struct Redirection: Sendable, Hashable {
  public var from: UInt32
  public var to: UInt32
  public init(from: UInt32, to: UInt32) {
    self.from = from
    self.to = to
  }
}

public enum LinkLimits {
  /// Fabric ends from here up, sandbox ends below (dataplane.md, rule 3).
  public static let firstFabricIndex: UInt32 = 1 << 20
  /// Ends for containers from here up: another program numbers them.
  public static let firstExternalIndex: UInt32 = 1 << 24
  /// Number of a node's end by its ordinal: 1 is `lo`, so interface 0 comes after the last.
  public static func nodeIndex(of ordinal: Ordinal) -> UInt32 {
    ordinal == .management ? UInt32(Limits.interfacesPerNode) + 2 : UInt32(ordinal.number) + 1
  }
  /// The kernel's IFALIASZ less its NUL.
  public static let aliasBytes = 255
  /// Of a fabric end: a redirect checks nothing, so only the receiving node's end decides.
  public static let fabricMTU: UInt32 = 65535
}

/// Outcome of one item of a batch; the number of the device that is there now.
public typealias LinkOutcome = Result<UInt32, KernelError>

/// The devices of one host's fabric. Every call is a batch, done in phases over all of it; one item's refusal doesn't stop the others.
/// All numbers of devices are the fabric's.
public protocol LinkTable: AnyObject, Sendable {
  /// All devices of the fabric except `lo`. Throws if any read failed: half a list is never returned.
  func dump() throws(KernelError) -> [Device]
  /// Counters of these devices, nil for what isn't there.
  func traffic(of devices: [UInt32]) throws(KernelError) -> [DeviceTraffic?]
  /// Makes taps. One that is there already as specified (or unfinished, without alias) is adopted; EEXIST where another one has its name.
  func createTaps(_ taps: [TapSpec]) -> [LinkOutcome]
  /// Makes tunnels. EEXIST where another device has the name or the VNI, EADDRINUSE where the UDP port is taken.
  func createTunnels(_ tunnels: [TunnelSpec]) -> [LinkOutcome]
  /// Sends what comes in at each device to another one; replaces an earlier target without losing a frame.
  func patch(_ redirections: [Redirection]) -> [KernelError?]
  /// What comes in at these devices goes nowhere. Success where there was no filter or device.
  func unpatch(_ devices: [UInt32]) -> [KernelError?]
  /// Sets fabric ends up or down, which is the carrier of the node's end: only ever from intent (dataplane.md, rule 1).
  func setUp(_ changes: [(device: UInt32, isUp: Bool)]) -> [KernelError?]
  /// Of the node's end for a tap, of the device itself for anything else.
  func setMTU(_ changes: [(device: UInt32, mtu: Int)]) -> [KernelError?]
  /// Makes the host's probe tunnel, or mends what of it isn't as specified. EEXIST where another device has the name or the VNI.
  func ensureProbe(_ probe: ProbeSpec) -> LinkOutcome
  /// What a probe tunnel does; nil: no such device. Throws if it can't be read.
  func probe(_ device: UInt32, at local: IPAddress) throws(KernelError) -> ProbeState?
  /// Makes these devices ports of bridges.
  func join(_ ports: [(device: UInt32, bridge: UInt32)]) -> [KernelError?]
  /// Makes a lab's management network, or mends what of it isn't as specified; what else bears its mark has gone before. The bridge's number.
  func ensureSegment(_ segment: SegmentSpec) -> LinkOutcome
  /// Tables of rules in the host's own namespace, others' too.
  func ruleTables() throws(KernelError) -> [RuleTable]
  /// Removes the rules of a management network, by its gate's name at the host. Success where there are none.
  func deleteRules(of gate: String) -> KernelError?
  /// What gates end in.
  func hostSide() throws(KernelError) -> HostSide
  /// Removes devices at once, with their node ends, after the filters that send to them. Success where one is gone already.
  func delete(_ devices: [UInt32]) -> [KernelError?]
}

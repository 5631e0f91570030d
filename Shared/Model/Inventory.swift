/// All that one host has of this deployment, read back from its kernel. The agent's own view; only digests and reports leave the host.
public struct Inventory: Sendable, Hashable {
  /// Sandboxes (network namespaces) that exist.
  public var sandboxes: Set<NodeKey> = []
  public var taps: [TapKey: Tap] = [:]
  public var tunnels: [TunnelKey: Tunnel] = [:]
  /// Of each lab that has one here.
  public var management: [LabKey: ManagementSegment] = [:]
  /// nil: there is none.
  public var probe: ProbeTunnel?
  public var processes: [NodeKey: NodeProcess] = [:]
  /// Folders of nodes on disk: overlay, config, logs.
  public var folders: Set<NodeKey> = []

  public init() {}
}

/// A tap by what it is for. It belongs to a node's interface, whatever link it is on.
public struct TapKey: Sendable, Hashable, Comparable, CustomStringConvertible {
  public var node: NodeKey
  public var ordinal: Ordinal
  public init(_ node: NodeKey, _ ordinal: Ordinal) {
    self.node = node
    self.ordinal = ordinal
  }
  public var description: String { "\(node):\(ordinal)" }
  public static func < (a: Self, b: Self) -> Bool { a.node == b.node ? a.ordinal < b.ordinal : a.node < b.node }
}

public struct Tap: Sendable, Hashable {
  /// Of the node end, in bytes.
  public var mtu: Int
  /// The node's interface is admin-up (IFF_UP).
  public var nodeUp: Bool
  /// The fabric end is admin-up: the node sees carrier.
  public var fabricUp: Bool
  /// Where its frames go, if the filter's target is alive.
  public var patchedTo: DeviceKey?
  /// `Addressing.digest` of what the node's end was made with.
  public var addressing: UInt64
  public init(mtu: Int, nodeUp: Bool, fabricUp: Bool, patchedTo: DeviceKey?, addressing: UInt64 = 0) {
    self.addressing = addressing
    self.mtu = mtu
    self.nodeUp = nodeUp
    self.fabricUp = fabricUp
    self.patchedTo = patchedTo
  }
}

/// A tunnel by the link that it carries.
public struct TunnelKey: Sendable, Hashable, Comparable, CustomStringConvertible {
  public var lab: LabKey
  public var link: LinkID
  public init(_ lab: LabKey, _ link: LinkID) {
    self.lab = lab
    self.link = link
  }
  public var description: String { "\(lab)/\(link)" }
  public static func < (a: Self, b: Self) -> Bool { a.lab == b.lab ? a.link < b.link : a.lab < b.lab }
}

public struct Tunnel: Sendable, Hashable {
  public var vni: VNI
  public var local: IPAddress
  public var remote: IPAddress
  public var mtu: Int
  public var up: Bool
  public var patchedTo: DeviceKey?
  public init(vni: VNI, local: IPAddress, remote: IPAddress, mtu: Int, up: Bool, patchedTo: DeviceKey?) {
    self.vni = vni
    self.local = local
    self.remote = remote
    self.mtu = mtu
    self.up = up
    self.patchedTo = patchedTo
  }
}

/// The one device of a host over which its ways to other hosts are probed: probes go as links' frames go, and each kernel sends back those
/// that are for its host.
public struct ProbeTunnel: Sendable, Hashable {
  public var vni: VNI
  /// nil: the device bears the mark of a probe tunnel, and is none.
  public var local: IPAddress?
  /// Hosts that probes can be sent, and sent back, to.
  public var peers: Set<IPAddress>
  /// It is up, and sends back.
  public var isWhole: Bool
  public init(vni: VNI, local: IPAddress?, peers: Set<IPAddress>, isWhole: Bool = true) {
    self.vni = vni
    self.local = local
    self.peers = peers
    self.isWhole = isWhole
  }
}

/// A lab's management network on one host: a bridge of the fabric, whose ports are its nodes' taps and the *gate*, a pair of devices that ends
/// in the host's own namespace.
public struct ManagementSegment: Sendable, Hashable {
  /// Of the gate's end at the host.
  public var gateways: [InterfaceAddress]
  public var mtu: Int
  /// Digest of its rules in the host's own namespace; nil: there are none.
  public var rules: UInt64?
  /// All devices and rules of it are there, up and joined, and nothing else bears their mark.
  public var isWhole: Bool
  public init(gateways: [InterfaceAddress], mtu: Int, rules: UInt64? = nil, isWhole: Bool = true) {
    self.rules = rules
    self.gateways = gateways
    self.mtu = mtu
    self.isWhole = isWhole
  }

  /// Whether an address is on both.
  public func overlaps(_ other: Self) -> Bool {
    gateways.contains { gateway in other.gateways.contains { $0.subnet.overlaps(gateway.subnet) } }
  }
}

/// A tap, a tunnel, or a lab's management segment.
public enum DeviceKey: Sendable, Hashable, Comparable, CustomStringConvertible {
  case tap(TapKey)
  case tunnel(TunnelKey)
  case segment(LabKey)
  public var description: String {
    switch self {
    case .tap(let key): "tap \(key)"
    case .tunnel(let key): "tunnel \(key)"
    case .segment(let lab): "management network of \(lab)"
    }
  }
  public static func < (a: Self, b: Self) -> Bool {
    switch (a, b) {
    case (.tap(let x), .tap(let y)): x < y
    case (.tunnel(let x), .tunnel(let y)): x < y
    case (.segment(let x), .segment(let y)): x < y
    case (.tap, .tunnel), (.tap, .segment), (.tunnel, .segment): true
    case (.tunnel, .tap), (.segment, .tap), (.segment, .tunnel): false
    }
  }
}

/// A node's first process.
public struct NodeProcess: Sendable, Hashable {
  /// As its host sees it.
  public var pid: Int32
  /// The start that it runs for.
  public var startSerial: UInt64
  /// What it was started with: a change of it is a replacement.
  public var specDigest: UInt64
  /// The startup configuration that was put in place.
  public var config: BlobDigest?
  /// The commands of all its stages have ended.
  public var execDone: Bool
  /// The last stage whose commands have ended; nil: none, or `execDone`.
  public var ended: Stage?
  /// Which of them failed, and how; empty: none.
  public var execWarning: String
  /// The test of its `Readiness` has passed.
  public var hasPassed: Bool
  public init(
    pid: Int32, startSerial: UInt64, specDigest: UInt64, config: BlobDigest?, execDone: Bool, ended: Stage? = nil,
    execWarning: String = "", hasPassed: Bool = false
  ) {
    self.pid = pid
    self.startSerial = startSerial
    self.specDigest = specDigest
    self.config = config
    self.execDone = execDone
    self.ended = ended
    self.execWarning = execWarning
    self.hasPassed = hasPassed
  }

  /// Whether it does what it is there for.
  public func isReady(as spec: NodeSpec) -> Bool { spec.readiness == nil || hasPassed }

  /// The commands of a stage have ended.
  public mutating func end(_ stage: Stage, as spec: NodeSpec) {
    execDone = spec.isLast(stage)
    ended = execDone ? nil : stage
  }

  /// What it has reached since its start.
  public func reached(as spec: NodeSpec) -> Set<Stage> {
    guard isReady(as: spec) else { return [.create] }
    if execDone { return [.create, .configure, .healthy] }
    return ended ?? .create >= .configure ? [.create, .configure] : [.create]
  }
}

/// How a process ended.
public enum Exit: Sendable, Hashable, CustomStringConvertible {
  case code(Int32)
  case signal(Int32)
  /// It ended while nobody could learn how.
  case unknown
  public var description: String {
    switch self {
    case .code(let code): "exit code \(code)"
    case .signal(let signal): "signal \(signal)"
    case .unknown: "ended, cause unknown"
    }
  }
}

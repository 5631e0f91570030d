// swift-format-ignore-file
// Generated from proto/reconciler.proto by proto/generate.sh. Do not edit.

import CMessages

extension Proto {
  enum HeartbeatAnswer: Sendable, Hashable {
    case unspecified
    case current
    case reportAll
    case register
    case unrecognized(Int32)

    init(rawValue: Int32) {
      switch rawValue {
        case 0: self = .unspecified
        case 1: self = .current
        case 2: self = .reportAll
        case 3: self = .register
        default: self = .unrecognized(rawValue)
      }
    }

    var rawValue: Int32 {
      switch self {
        case .unspecified: 0
        case .current: 1
        case .reportAll: 2
        case .register: 3
        case .unrecognized(let value): value
      }
    }
  }

  enum LinkState: Sendable, Hashable {
    case unspecified
    case up
    case down
    case unknown
    case unrecognized(Int32)

    init(rawValue: Int32) {
      switch rawValue {
        case 0: self = .unspecified
        case 1: self = .up
        case 2: self = .down
        case 3: self = .unknown
        default: self = .unrecognized(rawValue)
      }
    }

    var rawValue: Int32 {
      switch self {
        case .unspecified: 0
        case .up: 1
        case .down: 2
        case .unknown: 3
        case .unrecognized(let value): value
      }
    }
  }

  enum HostState: Sendable, Hashable {
    case unspecified
    case online
    case lost
    case drained
    case unrecognized(Int32)

    init(rawValue: Int32) {
      switch rawValue {
        case 0: self = .unspecified
        case 1: self = .online
        case 2: self = .lost
        case 3: self = .drained
        default: self = .unrecognized(rawValue)
      }
    }

    var rawValue: Int32 {
      switch self {
        case .unspecified: 0
        case .online: 1
        case .lost: 2
        case .drained: 3
        case .unrecognized(let value): value
      }
    }
  }

  struct RegisterRequest: ProtoMessage {
    var spec: Proto.HostSpec?
    var instance: UInt64 = 0
    /// Absent: the host is bound to no store yet.
    var store: Proto.StoreIdentity?
  }

  struct RegisterReply: ProtoMessage {
    var session: UInt64 = 0
  }

  struct ReportRequest: ProtoMessage {
    var session: UInt64 = 0
    /// Number of the first change, from 1; 0 only for a whole view before any.
    var sequence: UInt64 = 0
    /// The whole view instead of a difference.
    var full: Bool = false
    var changes: [Proto.HostChange] = []
    var applied: UInt64 = 0
    var digest: UInt64 = 0
    var ends: Proto.EndSeries?
  }

  /// What a host's ends of nodes are numbered by.
  struct EndSeries: ProtoMessage {
    /// The agent's life that began it.
    var origin: UInt64 = 0
    /// Ends up to this number were acknowledged.
    var acknowledged: UInt64 = 0
  }

  struct ReportReply: ProtoMessage {
    /// All changes up to this number are stored.
    var stored: UInt64 = 0
  }

  struct HeartbeatRequest: ProtoMessage {
    var session: UInt64 = 0
    /// Number of the last change.
    var sequence: UInt64 = 0
    var applied: UInt64 = 0
    var digest: UInt64 = 0
    var load: Proto.HostLoad?
    /// Why it doesn't take what it should have; empty: nothing hinders it.
    var reason: String = ""
    /// What it can't do, or does without.
    var lacks: [String] = []
  }

  struct HeartbeatReply: ProtoMessage {
    var answer: Proto.HeartbeatAnswer = .unspecified
  }

  /// One thing that a host reports.
  struct HostChange: ProtoMessage {
    var change: Change?

    enum Change: Sendable, Hashable {
      case exited(Proto.Exited)
      case node(Proto.ObservedNode)
      case nodeGone(Proto.NodeKey)
      case end(Proto.ObservedEnd)
      case endGone(Proto.TunnelKey)
      case path(Proto.ObservedPath)
      /// The address of a host that isn't probed any more.
      case pathGone(String)
    }
  }

  struct Exited: ProtoMessage {
    var node: Proto.NodeKey?
    var exit: Proto.Exit?
    /// From 1, of the report's series.
    var number: UInt64 = 0
    var pid: UInt32 = 0
    /// What the exit doesn't say.
    var reason: String = ""
  }

  struct ObservedNode: ProtoMessage {
    var key: Proto.NodeKey?
    var phase: Proto.Phase = .unspecified
    var reason: String = ""
    /// 0: none.
    var pid: UInt32 = 0
    var startSerial: UInt64 = 0
    /// Empty: none.
    var config: String = ""
    var restarts: UInt32 = 0
    var execDone: Bool = false
    var interfaces: [Proto.ObservedInterface] = []
  }

  struct ObservedInterface: ProtoMessage {
    var ordinal: UInt32 = 0
    var mtu: UInt32 = 0
    var up: Bool = false
  }

  struct ObservedEnd: ProtoMessage {
    var key: Proto.TunnelKey?
    var fault: String = ""
    var up: Bool = false
    /// Absent: a patch.
    var tunnel: Proto.ObservedTunnel?
    var mtu: UInt32 = 0
  }

  struct ObservedTunnel: ProtoMessage {
    var vni: UInt32 = 0
    var local: String = ""
    var remote: String = ""
  }

  struct ObservedPath: ProtoMessage {
    var remote: String = ""
    var reachable: Bool = false
    /// Largest packet that passed; 0: none did.
    var mtu: UInt32 = 0
    /// Probes of the far agent's own arrive.
    var heard: Bool = false
    /// The far host answers echo requests.
    var answers: Bool = false
  }

  struct HostLoad: ProtoMessage {
    var nodes: UInt32 = 0
    /// Load of the last minute, in thousandths.
    var load1: UInt32 = 0
    /// In MiB.
    var memoryAvailable: UInt32 = 0
    var actions: UInt64 = 0
    var memoryTotal: UInt32 = 0
    var pids: UInt32 = 0
    var pidLimit: UInt32 = 0
    /// In MiB, of the agent's folder.
    var diskAvailable: UInt64 = 0
    var diskTotal: UInt64 = 0
    /// Absent: the kernel doesn't tell.
    var pressure: Proto.HostPressure?
  }

  /// Share of the last ten seconds in which something waited, in thousandths of a percent.
  struct HostPressure: ProtoMessage {
    var cpu: UInt32 = 0
    var memory: UInt32 = 0
    var io: UInt32 = 0
  }

  struct InspectRequest: ProtoMessage {
    var lab: String = ""
  }

  struct InspectReply: ProtoMessage {
    var lab: Proto.LabStatus?
  }

  struct LabStatus: ProtoMessage {
    var lab: String = ""
    var generation: UInt64 = 0
    var revision: UInt64 = 0
    var converged: Bool = false
    var reason: String = ""
    var nodes: [Proto.NodeStatus] = []
    var links: [Proto.LinkStatus] = []
  }

  struct NodeStatus: ProtoMessage {
    var name: String = ""
    var key: Proto.NodeKey?
    var kind: String = ""
    var host: String = ""
    var desired: Proto.DesiredState = .unspecified
    var phase: Proto.Phase = .unspecified
    var reason: String = ""
    /// 0: none.
    var pid: UInt32 = 0
    var configDesired: String = ""
    var configApplied: String = ""
    var restarts: UInt32 = 0
    var interfaces: [Proto.InterfaceStatus] = []
  }

  struct InterfaceStatus: ProtoMessage {
    var ordinal: UInt32 = 0
    /// Six bytes.
    var mac: [UInt8] = []
    var mtu: UInt32 = 0
    var state: Proto.LinkState = .unspecified
    /// `ADDRESS/LENGTH`.
    var addresses: [String] = []
  }

  struct LinkStatus: ProtoMessage {
    var spec: Proto.LinkSpec?
    var hostA: String = ""
    var hostB: String = ""
    var state: Proto.LinkState = .unspecified
    var reason: String = ""
    /// 0: none.
    var vni: UInt32 = 0
    var mtu: UInt32 = 0
  }

  struct LabsRequest: ProtoMessage {
    /// Names of those that are asked about; none: all.
    var labs: [String] = []
  }

  struct LabsReply: ProtoMessage {
    var labs: [Proto.LabSummary] = []
    /// Of the store by whose revisions it is told.
    var incarnation: String = ""
  }

  struct LabSummary: ProtoMessage {
    var key: Proto.LabKey?
    /// The store's, that the answer reflects.
    var revision: UInt64 = 0
    var generation: UInt64 = 0
    var nodes: UInt32 = 0
    var ready: UInt32 = 0
    var links: UInt32 = 0
    var up: UInt32 = 0
    var hosts: [String] = []
    var converged: Bool = false
    var reason: String = ""
  }

  struct HostsRequest: ProtoMessage {
  }

  struct HostsReply: ProtoMessage {
    var hosts: [Proto.HostStatus] = []
  }

  struct HostStatus: ProtoMessage {
    var name: String = ""
    var state: Proto.HostState = .unspecified
    var session: UInt64?
    var nodes: UInt32 = 0
    var links: UInt32 = 0
    var revision: UInt64 = 0
    var load: Proto.HostLoad?
    var restraint: Proto.Restraint?
    /// Why it doesn't take what it should have, or what keeps a drained host from being empty.
    var reason: String = ""
    /// Nodes that are meant to be on it.
    var placed: UInt32 = 0
    var lacks: [String] = []
    var spec: Proto.HostSpec?
  }

  struct EventsRequest: ProtoMessage {
    /// Only later ones.
    var since: UInt64 = 0
    /// Only those at or after this, in milliseconds since 1970; 0: all.
    var from: Int64 = 0
    /// Empty: all labs.
    var lab: String = ""
    var limit: UInt32 = 0
  }

  struct EventsReply: ProtoMessage {
    var events: [Proto.LabEvent] = []
    /// The log's last index.
    var last: UInt64 = 0
  }

  struct RemainsRequest: ProtoMessage {
    var lab: Proto.LabKey?
    var hosts: [String] = []
  }

  struct RemainsReply: ProtoMessage {
    var hosts: [String] = []
    var lost: [String] = []
  }

  struct ClearVNIsRequest: ProtoMessage {
    var tombstones: [Proto.Tombstone] = []
  }

  struct ClearVNIsReply: ProtoMessage {
    var clear: [Proto.ClearVNI] = []
  }

  struct ClearVNI: ProtoMessage {
    var vni: UInt32 = 0
    var hosts: [String] = []
  }
}

extension Proto.RegisterRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__RegisterRequest>) { archetype__register_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__RegisterRequest>) {
    self.spec = _c.pointee.spec.map { Proto.HostSpec(c: $0) }
    self.instance = _c.pointee.instance
    self.store = _c.pointee.store.map { Proto.StoreIdentity(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__RegisterRequest>, _ _arena: borrowing Arena) {
    _c.pointee.spec = self.spec?.c(in: _arena)
    _c.pointee.instance = self.instance
    _c.pointee.store = self.store?.c(in: _arena)
  }
}

extension Proto.RegisterReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__RegisterReply>) { archetype__register_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__RegisterReply>) {
    self.session = _c.pointee.session
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__RegisterReply>, _ _arena: borrowing Arena) {
    _c.pointee.session = self.session
  }
}

extension Proto.ReportRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ReportRequest>) { archetype__report_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__ReportRequest>) {
    self.session = _c.pointee.session
    self.sequence = _c.pointee.sequence
    self.full = _c.pointee.full != 0
    self.changes = Arena.list(_c.pointee.changes, _c.pointee.n_changes) { Arena.message($0, Proto.HostChange.self) }
    self.applied = _c.pointee.applied
    self.digest = _c.pointee.digest
    self.ends = _c.pointee.ends.map { Proto.EndSeries(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ReportRequest>, _ _arena: borrowing Arena) {
    _c.pointee.session = self.session
    _c.pointee.sequence = self.sequence
    _c.pointee.full = self.full ? 1 : 0
    _c.pointee.n_changes = self.changes.count
    _c.pointee.changes = _arena.list(self.changes) { _value, _arena in _value.c(in: _arena) }
    _c.pointee.applied = self.applied
    _c.pointee.digest = self.digest
    _c.pointee.ends = self.ends?.c(in: _arena)
  }
}

extension Proto.EndSeries {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__EndSeries>) { archetype__end_series__init(_c) }

  init(c _c: UnsafePointer<Archetype__EndSeries>) {
    self.origin = _c.pointee.origin
    self.acknowledged = _c.pointee.acknowledged
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__EndSeries>, _ _arena: borrowing Arena) {
    _c.pointee.origin = self.origin
    _c.pointee.acknowledged = self.acknowledged
  }
}

extension Proto.ReportReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ReportReply>) { archetype__report_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__ReportReply>) {
    self.stored = _c.pointee.stored
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ReportReply>, _ _arena: borrowing Arena) {
    _c.pointee.stored = self.stored
  }
}

extension Proto.HeartbeatRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__HeartbeatRequest>) { archetype__heartbeat_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__HeartbeatRequest>) {
    self.session = _c.pointee.session
    self.sequence = _c.pointee.sequence
    self.applied = _c.pointee.applied
    self.digest = _c.pointee.digest
    self.load = _c.pointee.load.map { Proto.HostLoad(c: $0) }
    self.reason = Arena.text(_c.pointee.reason)
    self.lacks = Arena.list(_c.pointee.lacks, _c.pointee.n_lacks) { Arena.text($0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__HeartbeatRequest>, _ _arena: borrowing Arena) {
    _c.pointee.session = self.session
    _c.pointee.sequence = self.sequence
    _c.pointee.applied = self.applied
    _c.pointee.digest = self.digest
    _c.pointee.load = self.load?.c(in: _arena)
    _c.pointee.reason = _arena.string(self.reason)
    _c.pointee.n_lacks = self.lacks.count
    _c.pointee.lacks = _arena.list(self.lacks) { _value, _arena in _arena.string(_value) }
  }
}

extension Proto.HeartbeatReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__HeartbeatReply>) { archetype__heartbeat_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__HeartbeatReply>) {
    self.answer = Proto.HeartbeatAnswer(rawValue: .init(truncatingIfNeeded: _c.pointee.answer.rawValue))
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__HeartbeatReply>, _ _arena: borrowing Arena) {
    _c.pointee.answer = Archetype__HeartbeatAnswer(rawValue: .init(truncatingIfNeeded: self.answer.rawValue))
  }
}

extension Proto.HostChange {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__HostChange>) { archetype__host_change__init(_c) }

  init(c _c: UnsafePointer<Archetype__HostChange>) {
    switch _c.pointee.change_case.rawValue {
      case 1: self.change = .exited(Arena.message(_c.pointee.exited, Proto.Exited.self))
      case 2: self.change = .node(Arena.message(_c.pointee.node, Proto.ObservedNode.self))
      case 3: self.change = .nodeGone(Arena.message(_c.pointee.node_gone, Proto.NodeKey.self))
      case 4: self.change = .end(Arena.message(_c.pointee.end, Proto.ObservedEnd.self))
      case 5: self.change = .endGone(Arena.message(_c.pointee.end_gone, Proto.TunnelKey.self))
      case 6: self.change = .path(Arena.message(_c.pointee.path, Proto.ObservedPath.self))
      case 8: self.change = .pathGone(Arena.text(_c.pointee.path_gone))
      default: self.change = nil
    }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__HostChange>, _ _arena: borrowing Arena) {
    switch self.change {
      case nil: break
      case .exited(let _value)?:
        _c.pointee.change_case.rawValue = 1
        _c.pointee.exited = _value.c(in: _arena)
      case .node(let _value)?:
        _c.pointee.change_case.rawValue = 2
        _c.pointee.node = _value.c(in: _arena)
      case .nodeGone(let _value)?:
        _c.pointee.change_case.rawValue = 3
        _c.pointee.node_gone = _value.c(in: _arena)
      case .end(let _value)?:
        _c.pointee.change_case.rawValue = 4
        _c.pointee.end = _value.c(in: _arena)
      case .endGone(let _value)?:
        _c.pointee.change_case.rawValue = 5
        _c.pointee.end_gone = _value.c(in: _arena)
      case .path(let _value)?:
        _c.pointee.change_case.rawValue = 6
        _c.pointee.path = _value.c(in: _arena)
      case .pathGone(let _value)?:
        _c.pointee.change_case.rawValue = 8
        _c.pointee.path_gone = _arena.string(_value)
    }
  }
}

extension Proto.Exited {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__Exited>) { archetype__exited__init(_c) }

  init(c _c: UnsafePointer<Archetype__Exited>) {
    self.node = _c.pointee.node.map { Proto.NodeKey(c: $0) }
    self.exit = _c.pointee.exit.map { Proto.Exit(c: $0) }
    self.number = _c.pointee.number
    self.pid = _c.pointee.pid
    self.reason = Arena.text(_c.pointee.reason)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__Exited>, _ _arena: borrowing Arena) {
    _c.pointee.node = self.node?.c(in: _arena)
    _c.pointee.exit = self.exit?.c(in: _arena)
    _c.pointee.number = self.number
    _c.pointee.pid = self.pid
    _c.pointee.reason = _arena.string(self.reason)
  }
}

extension Proto.ObservedNode {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ObservedNode>) { archetype__observed_node__init(_c) }

  init(c _c: UnsafePointer<Archetype__ObservedNode>) {
    self.key = _c.pointee.key.map { Proto.NodeKey(c: $0) }
    self.phase = Proto.Phase(rawValue: .init(truncatingIfNeeded: _c.pointee.phase.rawValue))
    self.reason = Arena.text(_c.pointee.reason)
    self.pid = _c.pointee.pid
    self.startSerial = _c.pointee.start_serial
    self.config = Arena.text(_c.pointee.config)
    self.restarts = _c.pointee.restarts
    self.execDone = _c.pointee.exec_done != 0
    self.interfaces = Arena.list(_c.pointee.interfaces, _c.pointee.n_interfaces) { Arena.message($0, Proto.ObservedInterface.self) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ObservedNode>, _ _arena: borrowing Arena) {
    _c.pointee.key = self.key?.c(in: _arena)
    _c.pointee.phase = Archetype__Phase(rawValue: .init(truncatingIfNeeded: self.phase.rawValue))
    _c.pointee.reason = _arena.string(self.reason)
    _c.pointee.pid = self.pid
    _c.pointee.start_serial = self.startSerial
    _c.pointee.config = _arena.string(self.config)
    _c.pointee.restarts = self.restarts
    _c.pointee.exec_done = self.execDone ? 1 : 0
    _c.pointee.n_interfaces = self.interfaces.count
    _c.pointee.interfaces = _arena.list(self.interfaces) { _value, _arena in _value.c(in: _arena) }
  }
}

extension Proto.ObservedInterface {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ObservedInterface>) { archetype__observed_interface__init(_c) }

  init(c _c: UnsafePointer<Archetype__ObservedInterface>) {
    self.ordinal = _c.pointee.ordinal
    self.mtu = _c.pointee.mtu
    self.up = _c.pointee.up != 0
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ObservedInterface>, _ _arena: borrowing Arena) {
    _c.pointee.ordinal = self.ordinal
    _c.pointee.mtu = self.mtu
    _c.pointee.up = self.up ? 1 : 0
  }
}

extension Proto.ObservedEnd {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ObservedEnd>) { archetype__observed_end__init(_c) }

  init(c _c: UnsafePointer<Archetype__ObservedEnd>) {
    self.key = _c.pointee.key.map { Proto.TunnelKey(c: $0) }
    self.fault = Arena.text(_c.pointee.fault)
    self.up = _c.pointee.up != 0
    self.tunnel = _c.pointee.tunnel.map { Proto.ObservedTunnel(c: $0) }
    self.mtu = _c.pointee.mtu
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ObservedEnd>, _ _arena: borrowing Arena) {
    _c.pointee.key = self.key?.c(in: _arena)
    _c.pointee.fault = _arena.string(self.fault)
    _c.pointee.up = self.up ? 1 : 0
    _c.pointee.tunnel = self.tunnel?.c(in: _arena)
    _c.pointee.mtu = self.mtu
  }
}

extension Proto.ObservedTunnel {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ObservedTunnel>) { archetype__observed_tunnel__init(_c) }

  init(c _c: UnsafePointer<Archetype__ObservedTunnel>) {
    self.vni = _c.pointee.vni
    self.local = Arena.text(_c.pointee.local)
    self.remote = Arena.text(_c.pointee.remote)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ObservedTunnel>, _ _arena: borrowing Arena) {
    _c.pointee.vni = self.vni
    _c.pointee.local = _arena.string(self.local)
    _c.pointee.remote = _arena.string(self.remote)
  }
}

extension Proto.ObservedPath {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ObservedPath>) { archetype__observed_path__init(_c) }

  init(c _c: UnsafePointer<Archetype__ObservedPath>) {
    self.remote = Arena.text(_c.pointee.remote)
    self.reachable = _c.pointee.reachable != 0
    self.mtu = _c.pointee.mtu
    self.heard = _c.pointee.heard != 0
    self.answers = _c.pointee.answers != 0
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ObservedPath>, _ _arena: borrowing Arena) {
    _c.pointee.remote = _arena.string(self.remote)
    _c.pointee.reachable = self.reachable ? 1 : 0
    _c.pointee.mtu = self.mtu
    _c.pointee.heard = self.heard ? 1 : 0
    _c.pointee.answers = self.answers ? 1 : 0
  }
}

extension Proto.HostLoad {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__HostLoad>) { archetype__host_load__init(_c) }

  init(c _c: UnsafePointer<Archetype__HostLoad>) {
    self.nodes = _c.pointee.nodes
    self.load1 = _c.pointee.load1
    self.memoryAvailable = _c.pointee.memory_available
    self.actions = _c.pointee.actions
    self.memoryTotal = _c.pointee.memory_total
    self.pids = _c.pointee.pids
    self.pidLimit = _c.pointee.pid_limit
    self.diskAvailable = _c.pointee.disk_available
    self.diskTotal = _c.pointee.disk_total
    self.pressure = _c.pointee.pressure.map { Proto.HostPressure(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__HostLoad>, _ _arena: borrowing Arena) {
    _c.pointee.nodes = self.nodes
    _c.pointee.load1 = self.load1
    _c.pointee.memory_available = self.memoryAvailable
    _c.pointee.actions = self.actions
    _c.pointee.memory_total = self.memoryTotal
    _c.pointee.pids = self.pids
    _c.pointee.pid_limit = self.pidLimit
    _c.pointee.disk_available = self.diskAvailable
    _c.pointee.disk_total = self.diskTotal
    _c.pointee.pressure = self.pressure?.c(in: _arena)
  }
}

extension Proto.HostPressure {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__HostPressure>) { archetype__host_pressure__init(_c) }

  init(c _c: UnsafePointer<Archetype__HostPressure>) {
    self.cpu = _c.pointee.cpu
    self.memory = _c.pointee.memory
    self.io = _c.pointee.io
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__HostPressure>, _ _arena: borrowing Arena) {
    _c.pointee.cpu = self.cpu
    _c.pointee.memory = self.memory
    _c.pointee.io = self.io
  }
}

extension Proto.InspectRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__InspectRequest>) { archetype__inspect_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__InspectRequest>) {
    self.lab = Arena.text(_c.pointee.lab)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__InspectRequest>, _ _arena: borrowing Arena) {
    _c.pointee.lab = _arena.string(self.lab)
  }
}

extension Proto.InspectReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__InspectReply>) { archetype__inspect_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__InspectReply>) {
    self.lab = _c.pointee.lab.map { Proto.LabStatus(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__InspectReply>, _ _arena: borrowing Arena) {
    _c.pointee.lab = self.lab?.c(in: _arena)
  }
}

extension Proto.LabStatus {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__LabStatus>) { archetype__lab_status__init(_c) }

  init(c _c: UnsafePointer<Archetype__LabStatus>) {
    self.lab = Arena.text(_c.pointee.lab)
    self.generation = _c.pointee.generation
    self.revision = _c.pointee.revision
    self.converged = _c.pointee.converged != 0
    self.reason = Arena.text(_c.pointee.reason)
    self.nodes = Arena.list(_c.pointee.nodes, _c.pointee.n_nodes) { Arena.message($0, Proto.NodeStatus.self) }
    self.links = Arena.list(_c.pointee.links, _c.pointee.n_links) { Arena.message($0, Proto.LinkStatus.self) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__LabStatus>, _ _arena: borrowing Arena) {
    _c.pointee.lab = _arena.string(self.lab)
    _c.pointee.generation = self.generation
    _c.pointee.revision = self.revision
    _c.pointee.converged = self.converged ? 1 : 0
    _c.pointee.reason = _arena.string(self.reason)
    _c.pointee.n_nodes = self.nodes.count
    _c.pointee.nodes = _arena.list(self.nodes) { _value, _arena in _value.c(in: _arena) }
    _c.pointee.n_links = self.links.count
    _c.pointee.links = _arena.list(self.links) { _value, _arena in _value.c(in: _arena) }
  }
}

extension Proto.NodeStatus {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__NodeStatus>) { archetype__node_status__init(_c) }

  init(c _c: UnsafePointer<Archetype__NodeStatus>) {
    self.name = Arena.text(_c.pointee.name)
    self.key = _c.pointee.key.map { Proto.NodeKey(c: $0) }
    self.kind = Arena.text(_c.pointee.kind)
    self.host = Arena.text(_c.pointee.host)
    self.desired = Proto.DesiredState(rawValue: .init(truncatingIfNeeded: _c.pointee.desired.rawValue))
    self.phase = Proto.Phase(rawValue: .init(truncatingIfNeeded: _c.pointee.phase.rawValue))
    self.reason = Arena.text(_c.pointee.reason)
    self.pid = _c.pointee.pid
    self.configDesired = Arena.text(_c.pointee.config_desired)
    self.configApplied = Arena.text(_c.pointee.config_applied)
    self.restarts = _c.pointee.restarts
    self.interfaces = Arena.list(_c.pointee.interfaces, _c.pointee.n_interfaces) { Arena.message($0, Proto.InterfaceStatus.self) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__NodeStatus>, _ _arena: borrowing Arena) {
    _c.pointee.name = _arena.string(self.name)
    _c.pointee.key = self.key?.c(in: _arena)
    _c.pointee.kind = _arena.string(self.kind)
    _c.pointee.host = _arena.string(self.host)
    _c.pointee.desired = Archetype__DesiredState(rawValue: .init(truncatingIfNeeded: self.desired.rawValue))
    _c.pointee.phase = Archetype__Phase(rawValue: .init(truncatingIfNeeded: self.phase.rawValue))
    _c.pointee.reason = _arena.string(self.reason)
    _c.pointee.pid = self.pid
    _c.pointee.config_desired = _arena.string(self.configDesired)
    _c.pointee.config_applied = _arena.string(self.configApplied)
    _c.pointee.restarts = self.restarts
    _c.pointee.n_interfaces = self.interfaces.count
    _c.pointee.interfaces = _arena.list(self.interfaces) { _value, _arena in _value.c(in: _arena) }
  }
}

extension Proto.InterfaceStatus {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__InterfaceStatus>) { archetype__interface_status__init(_c) }

  init(c _c: UnsafePointer<Archetype__InterfaceStatus>) {
    self.ordinal = _c.pointee.ordinal
    self.mac = Arena.octets(_c.pointee.mac)
    self.mtu = _c.pointee.mtu
    self.state = Proto.LinkState(rawValue: .init(truncatingIfNeeded: _c.pointee.state.rawValue))
    self.addresses = Arena.list(_c.pointee.addresses, _c.pointee.n_addresses) { Arena.text($0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__InterfaceStatus>, _ _arena: borrowing Arena) {
    _c.pointee.ordinal = self.ordinal
    _c.pointee.mac = _arena.bytes(self.mac)
    _c.pointee.mtu = self.mtu
    _c.pointee.state = Archetype__LinkState(rawValue: .init(truncatingIfNeeded: self.state.rawValue))
    _c.pointee.n_addresses = self.addresses.count
    _c.pointee.addresses = _arena.list(self.addresses) { _value, _arena in _arena.string(_value) }
  }
}

extension Proto.LinkStatus {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__LinkStatus>) { archetype__link_status__init(_c) }

  init(c _c: UnsafePointer<Archetype__LinkStatus>) {
    self.spec = _c.pointee.spec.map { Proto.LinkSpec(c: $0) }
    self.hostA = Arena.text(_c.pointee.host_a)
    self.hostB = Arena.text(_c.pointee.host_b)
    self.state = Proto.LinkState(rawValue: .init(truncatingIfNeeded: _c.pointee.state.rawValue))
    self.reason = Arena.text(_c.pointee.reason)
    self.vni = _c.pointee.vni
    self.mtu = _c.pointee.mtu
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__LinkStatus>, _ _arena: borrowing Arena) {
    _c.pointee.spec = self.spec?.c(in: _arena)
    _c.pointee.host_a = _arena.string(self.hostA)
    _c.pointee.host_b = _arena.string(self.hostB)
    _c.pointee.state = Archetype__LinkState(rawValue: .init(truncatingIfNeeded: self.state.rawValue))
    _c.pointee.reason = _arena.string(self.reason)
    _c.pointee.vni = self.vni
    _c.pointee.mtu = self.mtu
  }
}

extension Proto.LabsRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__LabsRequest>) { archetype__labs_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__LabsRequest>) {
    self.labs = Arena.list(_c.pointee.labs, _c.pointee.n_labs) { Arena.text($0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__LabsRequest>, _ _arena: borrowing Arena) {
    _c.pointee.n_labs = self.labs.count
    _c.pointee.labs = _arena.list(self.labs) { _value, _arena in _arena.string(_value) }
  }
}

extension Proto.LabsReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__LabsReply>) { archetype__labs_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__LabsReply>) {
    self.labs = Arena.list(_c.pointee.labs, _c.pointee.n_labs) { Arena.message($0, Proto.LabSummary.self) }
    self.incarnation = Arena.text(_c.pointee.incarnation)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__LabsReply>, _ _arena: borrowing Arena) {
    _c.pointee.n_labs = self.labs.count
    _c.pointee.labs = _arena.list(self.labs) { _value, _arena in _value.c(in: _arena) }
    _c.pointee.incarnation = _arena.string(self.incarnation)
  }
}

extension Proto.LabSummary {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__LabSummary>) { archetype__lab_summary__init(_c) }

  init(c _c: UnsafePointer<Archetype__LabSummary>) {
    self.key = _c.pointee.key.map { Proto.LabKey(c: $0) }
    self.revision = _c.pointee.revision
    self.generation = _c.pointee.generation
    self.nodes = _c.pointee.nodes
    self.ready = _c.pointee.ready
    self.links = _c.pointee.links
    self.up = _c.pointee.up
    self.hosts = Arena.list(_c.pointee.hosts, _c.pointee.n_hosts) { Arena.text($0) }
    self.converged = _c.pointee.converged != 0
    self.reason = Arena.text(_c.pointee.reason)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__LabSummary>, _ _arena: borrowing Arena) {
    _c.pointee.key = self.key?.c(in: _arena)
    _c.pointee.revision = self.revision
    _c.pointee.generation = self.generation
    _c.pointee.nodes = self.nodes
    _c.pointee.ready = self.ready
    _c.pointee.links = self.links
    _c.pointee.up = self.up
    _c.pointee.n_hosts = self.hosts.count
    _c.pointee.hosts = _arena.list(self.hosts) { _value, _arena in _arena.string(_value) }
    _c.pointee.converged = self.converged ? 1 : 0
    _c.pointee.reason = _arena.string(self.reason)
  }
}

extension Proto.HostsRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__HostsRequest>) { archetype__hosts_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__HostsRequest>) {
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__HostsRequest>, _ _arena: borrowing Arena) {
  }
}

extension Proto.HostsReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__HostsReply>) { archetype__hosts_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__HostsReply>) {
    self.hosts = Arena.list(_c.pointee.hosts, _c.pointee.n_hosts) { Arena.message($0, Proto.HostStatus.self) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__HostsReply>, _ _arena: borrowing Arena) {
    _c.pointee.n_hosts = self.hosts.count
    _c.pointee.hosts = _arena.list(self.hosts) { _value, _arena in _value.c(in: _arena) }
  }
}

extension Proto.HostStatus {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__HostStatus>) { archetype__host_status__init(_c) }

  init(c _c: UnsafePointer<Archetype__HostStatus>) {
    self.name = Arena.text(_c.pointee.name)
    self.state = Proto.HostState(rawValue: .init(truncatingIfNeeded: _c.pointee.state.rawValue))
    self.session = _c.pointee.life_case.rawValue == 3 ? _c.pointee.session : nil
    self.nodes = _c.pointee.nodes
    self.links = _c.pointee.links
    self.revision = _c.pointee.revision
    self.load = _c.pointee.load.map { Proto.HostLoad(c: $0) }
    self.restraint = _c.pointee.operator_case.rawValue == 8 ? Proto.Restraint(rawValue: .init(truncatingIfNeeded: _c.pointee.restraint.rawValue)) : nil
    self.reason = Arena.text(_c.pointee.reason)
    self.placed = _c.pointee.placed
    self.lacks = Arena.list(_c.pointee.lacks, _c.pointee.n_lacks) { Arena.text($0) }
    self.spec = _c.pointee.spec.map { Proto.HostSpec(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__HostStatus>, _ _arena: borrowing Arena) {
    _c.pointee.name = _arena.string(self.name)
    _c.pointee.state = Archetype__HostState(rawValue: .init(truncatingIfNeeded: self.state.rawValue))
    if let _value = self.session {
      _c.pointee.life_case.rawValue = 3
      _c.pointee.session = _value
    }
    _c.pointee.nodes = self.nodes
    _c.pointee.links = self.links
    _c.pointee.revision = self.revision
    _c.pointee.load = self.load?.c(in: _arena)
    if let _value = self.restraint {
      _c.pointee.operator_case.rawValue = 8
      _c.pointee.restraint = Archetype__Restraint(rawValue: .init(truncatingIfNeeded: _value.rawValue))
    }
    _c.pointee.reason = _arena.string(self.reason)
    _c.pointee.placed = self.placed
    _c.pointee.n_lacks = self.lacks.count
    _c.pointee.lacks = _arena.list(self.lacks) { _value, _arena in _arena.string(_value) }
    _c.pointee.spec = self.spec?.c(in: _arena)
  }
}

extension Proto.EventsRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__EventsRequest>) { archetype__events_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__EventsRequest>) {
    self.since = _c.pointee.since
    self.from = _c.pointee.from
    self.lab = Arena.text(_c.pointee.lab)
    self.limit = _c.pointee.limit
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__EventsRequest>, _ _arena: borrowing Arena) {
    _c.pointee.since = self.since
    _c.pointee.from = self.from
    _c.pointee.lab = _arena.string(self.lab)
    _c.pointee.limit = self.limit
  }
}

extension Proto.EventsReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__EventsReply>) { archetype__events_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__EventsReply>) {
    self.events = Arena.list(_c.pointee.events, _c.pointee.n_events) { Arena.message($0, Proto.LabEvent.self) }
    self.last = _c.pointee.last
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__EventsReply>, _ _arena: borrowing Arena) {
    _c.pointee.n_events = self.events.count
    _c.pointee.events = _arena.list(self.events) { _value, _arena in _value.c(in: _arena) }
    _c.pointee.last = self.last
  }
}

extension Proto.RemainsRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__RemainsRequest>) { archetype__remains_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__RemainsRequest>) {
    self.lab = _c.pointee.lab.map { Proto.LabKey(c: $0) }
    self.hosts = Arena.list(_c.pointee.hosts, _c.pointee.n_hosts) { Arena.text($0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__RemainsRequest>, _ _arena: borrowing Arena) {
    _c.pointee.lab = self.lab?.c(in: _arena)
    _c.pointee.n_hosts = self.hosts.count
    _c.pointee.hosts = _arena.list(self.hosts) { _value, _arena in _arena.string(_value) }
  }
}

extension Proto.RemainsReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__RemainsReply>) { archetype__remains_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__RemainsReply>) {
    self.hosts = Arena.list(_c.pointee.hosts, _c.pointee.n_hosts) { Arena.text($0) }
    self.lost = Arena.list(_c.pointee.lost, _c.pointee.n_lost) { Arena.text($0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__RemainsReply>, _ _arena: borrowing Arena) {
    _c.pointee.n_hosts = self.hosts.count
    _c.pointee.hosts = _arena.list(self.hosts) { _value, _arena in _arena.string(_value) }
    _c.pointee.n_lost = self.lost.count
    _c.pointee.lost = _arena.list(self.lost) { _value, _arena in _arena.string(_value) }
  }
}

extension Proto.ClearVNIsRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ClearVNIsRequest>) { archetype__clear_vnis_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__ClearVNIsRequest>) {
    self.tombstones = Arena.list(_c.pointee.tombstones, _c.pointee.n_tombstones) { Arena.message($0, Proto.Tombstone.self) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ClearVNIsRequest>, _ _arena: borrowing Arena) {
    _c.pointee.n_tombstones = self.tombstones.count
    _c.pointee.tombstones = _arena.list(self.tombstones) { _value, _arena in _value.c(in: _arena) }
  }
}

extension Proto.ClearVNIsReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ClearVNIsReply>) { archetype__clear_vnis_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__ClearVNIsReply>) {
    self.clear = Arena.list(_c.pointee.clear, _c.pointee.n_clear) { Arena.message($0, Proto.ClearVNI.self) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ClearVNIsReply>, _ _arena: borrowing Arena) {
    _c.pointee.n_clear = self.clear.count
    _c.pointee.clear = _arena.list(self.clear) { _value, _arena in _value.c(in: _arena) }
  }
}

extension Proto.ClearVNI {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ClearVNI>) { archetype__clear_vni__init(_c) }

  init(c _c: UnsafePointer<Archetype__ClearVNI>) {
    self.vni = _c.pointee.vni
    self.hosts = Arena.list(_c.pointee.hosts, _c.pointee.n_hosts) { Arena.text($0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ClearVNI>, _ _arena: borrowing Arena) {
    _c.pointee.vni = self.vni
    _c.pointee.n_hosts = self.hosts.count
    _c.pointee.hosts = _arena.list(self.hosts) { _value, _arena in _arena.string(_value) }
  }
}

extension Proto {
  /// Agents' sessions and reports, and what users ask of the observed state.
  enum ReconcilerServiceMethod: String, CaseIterable, Sendable {
    case register = "ReconcilerService.Register"
    case report = "ReconcilerService.Report"
    case heartbeat = "ReconcilerService.Heartbeat"
    case inspect = "ReconcilerService.Inspect"
    case labs = "ReconcilerService.Labs"
    case hosts = "ReconcilerService.Hosts"
    case events = "ReconcilerService.Events"
    /// Where does a destroyed lab stand?
    case remains = "ReconcilerService.Remains"
    /// Which hosts of these tombstones can't send with their VNI any more?
    case clearVNIs = "ReconcilerService.ClearVNIs"

    /// Whether the reply opens a numbered stream of events.
    var isStream: Bool {
      false
    }

    /// What is sent, and what comes back.
    var types: (request: any ProtoMessage.Type, reply: any ProtoMessage.Type) {
      switch self {
        case .register: (Proto.RegisterRequest.self, Proto.RegisterReply.self)
        case .report: (Proto.ReportRequest.self, Proto.ReportReply.self)
        case .heartbeat: (Proto.HeartbeatRequest.self, Proto.HeartbeatReply.self)
        case .inspect: (Proto.InspectRequest.self, Proto.InspectReply.self)
        case .labs: (Proto.LabsRequest.self, Proto.LabsReply.self)
        case .hosts: (Proto.HostsRequest.self, Proto.HostsReply.self)
        case .events: (Proto.EventsRequest.self, Proto.EventsReply.self)
        case .remains: (Proto.RemainsRequest.self, Proto.RemainsReply.self)
        case .clearVNIs: (Proto.ClearVNIsRequest.self, Proto.ClearVNIsReply.self)
      }
    }
  }

  /// What answers ReconcilerService: one method an operation.
  protocol ReconcilerServiceHandler {
    associatedtype Output
    func register(_ request: Proto.RegisterRequest) throws -> Output
    func report(_ request: Proto.ReportRequest) throws -> Output
    func heartbeat(_ request: Proto.HeartbeatRequest) throws -> Output
    func inspect(_ request: Proto.InspectRequest) throws -> Output
    func labs(_ request: Proto.LabsRequest) throws -> Output
    func hosts(_ request: Proto.HostsRequest) throws -> Output
    func events(_ request: Proto.EventsRequest) throws -> Output
    func remains(_ request: Proto.RemainsRequest) throws -> Output
    func clearVNIs(_ request: Proto.ClearVNIsRequest) throws -> Output
  }

  /// What takes the replies of ReconcilerService: one method an operation.
  protocol ReconcilerServiceReplies {
    associatedtype Output
    func register(_ reply: Proto.RegisterReply) throws -> Output
    func report(_ reply: Proto.ReportReply) throws -> Output
    func heartbeat(_ reply: Proto.HeartbeatReply) throws -> Output
    func inspect(_ reply: Proto.InspectReply) throws -> Output
    func labs(_ reply: Proto.LabsReply) throws -> Output
    func hosts(_ reply: Proto.HostsReply) throws -> Output
    func events(_ reply: Proto.EventsReply) throws -> Output
    func remains(_ reply: Proto.RemainsReply) throws -> Output
    func clearVNIs(_ reply: Proto.ClearVNIsReply) throws -> Output
  }

  /// Calls ReconcilerService over a channel.
  struct ReconcilerServiceClient<Channel: RequestChannel> {
    let channel: Channel

    func register(_ request: Proto.RegisterRequest) throws -> Channel.Result {
      try channel.call("ReconcilerService.Register", request, returning: Proto.RegisterReply.self)
    }

    func report(_ request: Proto.ReportRequest) throws -> Channel.Result {
      try channel.call("ReconcilerService.Report", request, returning: Proto.ReportReply.self)
    }

    func heartbeat(_ request: Proto.HeartbeatRequest) throws -> Channel.Result {
      try channel.call("ReconcilerService.Heartbeat", request, returning: Proto.HeartbeatReply.self)
    }

    func inspect(_ request: Proto.InspectRequest) throws -> Channel.Result {
      try channel.call("ReconcilerService.Inspect", request, returning: Proto.InspectReply.self)
    }

    func labs(_ request: Proto.LabsRequest) throws -> Channel.Result {
      try channel.call("ReconcilerService.Labs", request, returning: Proto.LabsReply.self)
    }

    func hosts(_ request: Proto.HostsRequest) throws -> Channel.Result {
      try channel.call("ReconcilerService.Hosts", request, returning: Proto.HostsReply.self)
    }

    func events(_ request: Proto.EventsRequest) throws -> Channel.Result {
      try channel.call("ReconcilerService.Events", request, returning: Proto.EventsReply.self)
    }

    /// Where does a destroyed lab stand?
    func remains(_ request: Proto.RemainsRequest) throws -> Channel.Result {
      try channel.call("ReconcilerService.Remains", request, returning: Proto.RemainsReply.self)
    }

    /// Which hosts of these tombstones can't send with their VNI any more?
    func clearVNIs(_ request: Proto.ClearVNIsRequest) throws -> Channel.Result {
      try channel.call("ReconcilerService.ClearVNIs", request, returning: Proto.ClearVNIsReply.self)
    }
  }
}

extension Proto.ReconcilerServiceHandler {
  /// Decodes the request and calls its method; throws `WireError` for bytes that are none.
  func handle(_ method: Proto.ReconcilerServiceMethod, _ body: [UInt8]) throws -> Output {
    switch method {
      case .register: try self.register(Proto.RegisterRequest(decoding: body))
      case .report: try self.report(Proto.ReportRequest(decoding: body))
      case .heartbeat: try self.heartbeat(Proto.HeartbeatRequest(decoding: body))
      case .inspect: try self.inspect(Proto.InspectRequest(decoding: body))
      case .labs: try self.labs(Proto.LabsRequest(decoding: body))
      case .hosts: try self.hosts(Proto.HostsRequest(decoding: body))
      case .events: try self.events(Proto.EventsRequest(decoding: body))
      case .remains: try self.remains(Proto.RemainsRequest(decoding: body))
      case .clearVNIs: try self.clearVNIs(Proto.ClearVNIsRequest(decoding: body))
    }
  }
}

extension Proto.ReconcilerServiceReplies {
  /// Decodes the reply and calls its method; throws `WireError` for bytes that are none.
  func handleReply(_ method: Proto.ReconcilerServiceMethod, _ body: [UInt8]) throws -> Output {
    switch method {
      case .register: try self.register(Proto.RegisterReply(decoding: body))
      case .report: try self.report(Proto.ReportReply(decoding: body))
      case .heartbeat: try self.heartbeat(Proto.HeartbeatReply(decoding: body))
      case .inspect: try self.inspect(Proto.InspectReply(decoding: body))
      case .labs: try self.labs(Proto.LabsReply(decoding: body))
      case .hosts: try self.hosts(Proto.HostsReply(decoding: body))
      case .events: try self.events(Proto.EventsReply(decoding: body))
      case .remains: try self.remains(Proto.RemainsReply(decoding: body))
      case .clearVNIs: try self.clearVNIs(Proto.ClearVNIsReply(decoding: body))
    }
  }
}

// swift-format-ignore-file
// Generated from proto/model.proto by proto/generate.sh. Do not edit.

import CMessages

extension Proto {
  enum Transport: Sendable, Hashable {
    case unspecified
    case tcp
    case udp
    case unrecognized(Int32)

    init(rawValue: Int32) {
      switch rawValue {
        case 0: self = .unspecified
        case 1: self = .tcp
        case 2: self = .udp
        default: self = .unrecognized(rawValue)
      }
    }

    var rawValue: Int32 {
      switch self {
        case .unspecified: 0
        case .tcp: 1
        case .udp: 2
        case .unrecognized(let value): value
      }
    }
  }

  enum Stage: Sendable, Hashable {
    case unspecified
    case create
    case configure
    case healthy
    case exit
    case unrecognized(Int32)

    init(rawValue: Int32) {
      switch rawValue {
        case 0: self = .unspecified
        case 1: self = .create
        case 2: self = .configure
        case 3: self = .healthy
        case 4: self = .exit
        default: self = .unrecognized(rawValue)
      }
    }

    var rawValue: Int32 {
      switch self {
        case .unspecified: 0
        case .create: 1
        case .configure: 2
        case .healthy: 3
        case .exit: 4
        case .unrecognized(let value): value
      }
    }
  }

  enum PullPolicy: Sendable, Hashable {
    case unspecified
    case ifMissing
    case always
    case never
    case unrecognized(Int32)

    init(rawValue: Int32) {
      switch rawValue {
        case 0: self = .unspecified
        case 1: self = .ifMissing
        case 2: self = .always
        case 3: self = .never
        default: self = .unrecognized(rawValue)
      }
    }

    var rawValue: Int32 {
      switch self {
        case .unspecified: 0
        case .ifMissing: 1
        case .always: 2
        case .never: 3
        case .unrecognized(let value): value
      }
    }
  }

  enum DesiredState: Sendable, Hashable {
    case unspecified
    case running
    case stopped
    case unrecognized(Int32)

    init(rawValue: Int32) {
      switch rawValue {
        case 0: self = .unspecified
        case 1: self = .running
        case 2: self = .stopped
        default: self = .unrecognized(rawValue)
      }
    }

    var rawValue: Int32 {
      switch self {
        case .unspecified: 0
        case .running: 1
        case .stopped: 2
        case .unrecognized(let value): value
      }
    }
  }

  enum JobKind: Sendable, Hashable {
    case unspecified
    case deploy
    case destroy
    case start
    case stop
    case restart
    case unrecognized(Int32)

    init(rawValue: Int32) {
      switch rawValue {
        case 0: self = .unspecified
        case 1: self = .deploy
        case 2: self = .destroy
        case 3: self = .start
        case 4: self = .stop
        case 5: self = .restart
        default: self = .unrecognized(rawValue)
      }
    }

    var rawValue: Int32 {
      switch self {
        case .unspecified: 0
        case .deploy: 1
        case .destroy: 2
        case .start: 3
        case .stop: 4
        case .restart: 5
        case .unrecognized(let value): value
      }
    }
  }

  enum JobPhase: Sendable, Hashable {
    case unspecified
    case running
    case done
    case failed
    case cancelled
    case unrecognized(Int32)

    init(rawValue: Int32) {
      switch rawValue {
        case 0: self = .unspecified
        case 1: self = .running
        case 2: self = .done
        case 3: self = .failed
        case 4: self = .cancelled
        default: self = .unrecognized(rawValue)
      }
    }

    var rawValue: Int32 {
      switch self {
        case .unspecified: 0
        case .running: 1
        case .done: 2
        case .failed: 3
        case .cancelled: 4
        case .unrecognized(let value): value
      }
    }
  }

  enum Restraint: Sendable, Hashable {
    case unspecified
    case cordoned
    case drained
    case unrecognized(Int32)

    init(rawValue: Int32) {
      switch rawValue {
        case 0: self = .unspecified
        case 1: self = .cordoned
        case 2: self = .drained
        default: self = .unrecognized(rawValue)
      }
    }

    var rawValue: Int32 {
      switch self {
        case .unspecified: 0
        case .cordoned: 1
        case .drained: 2
        case .unrecognized(let value): value
      }
    }
  }

  enum Phase: Sendable, Hashable {
    case unspecified
    case pending
    case preparing
    case starting
    case booting
    case ready
    case stopping
    case stopped
    case failed
    case unknown
    case unrecognized(Int32)

    init(rawValue: Int32) {
      switch rawValue {
        case 0: self = .unspecified
        case 1: self = .pending
        case 2: self = .preparing
        case 3: self = .starting
        case 4: self = .booting
        case 5: self = .ready
        case 6: self = .stopping
        case 7: self = .stopped
        case 8: self = .failed
        case 9: self = .unknown
        default: self = .unrecognized(rawValue)
      }
    }

    var rawValue: Int32 {
      switch self {
        case .unspecified: 0
        case .pending: 1
        case .preparing: 2
        case .starting: 3
        case .booting: 4
        case .ready: 5
        case .stopping: 6
        case .stopped: 7
        case .failed: 8
        case .unknown: 9
        case .unrecognized(let value): value
      }
    }
  }

  /// One life of a lab's name.
  struct LabKey: ProtoMessage {
    var name: String = ""
    /// The revision that created it.
    var born: UInt64 = 0
  }

  /// One life of a node's name in one lab.
  struct NodeKey: ProtoMessage {
    var lab: Proto.LabKey?
    var name: String = ""
    var born: UInt64 = 0
  }

  /// A node as users name it.
  struct NodeID: ProtoMessage {
    var lab: String = ""
    var node: String = ""
  }

  struct Endpoint: ProtoMessage {
    var node: String = ""
    /// 0 is management, 1 and on are data ports.
    var ordinal: UInt32 = 0
  }

  /// A link by its two endpoints, the lesser first.
  struct LinkID: ProtoMessage {
    var a: Proto.Endpoint?
    var b: Proto.Endpoint?
  }

  /// A tunnel by the link that it carries.
  struct TunnelKey: ProtoMessage {
    var lab: Proto.LabKey?
    var link: Proto.LinkID?
  }

  struct StoreIdentity: ProtoMessage {
    /// 16 hexadecimal digits.
    var deployment: String = ""
    var incarnation: String = ""
    /// The nearest first.
    var predecessors: [String] = []
  }

  struct LabSpec: ProtoMessage {
    var name: String = ""
    var nodes: [Proto.NodeSpec] = []
    var links: [Proto.LinkSpec] = []
    /// Absent: no management network.
    var management: Proto.ManagementSpec?
  }

  struct ManagementSpec: ProtoMessage {
    /// Absent: none of the family.
    var ipv4: Proto.ManagementFamily?
    var ipv6: Proto.ManagementFamily?
    var mtu: UInt32 = 0
    var outside: Bool = false
  }

  struct ManagementFamily: ProtoMessage {
    /// `ADDRESS/LENGTH`; empty: one that no other lab has.
    var subnet: String = ""
    /// Empty: the first.
    var gateway: String = ""
  }

  struct NodeManagement: ProtoMessage {
    var off: Bool = false
    var addresses: [String] = []
    var ports: [Proto.PublishedPort] = []
  }

  struct PublishedPort: ProtoMessage {
    /// Of the host; empty: all that it has.
    var address: String = ""
    var port: UInt32 = 0
    var nodePort: UInt32 = 0
    var transport: Proto.Transport = .unspecified
  }

  struct NodeSpec: ProtoMessage {
    var name: String = ""
    var kind: String = ""
    var image: String = ""
    /// Empty: any.
    var host: String = ""
    /// 64 hexadecimal digits of SHA-256; empty: none.
    var startupConfig: String = ""
    var command: [String] = []
    var exec: [String] = []
    var environment: [Proto.EnvironmentVariable] = []
    var binds: [String] = []
    var files: [Proto.NodeFile] = []
    /// Empty: any.
    var runtimes: [String] = []
    /// Absent: the file says nothing.
    var container: Proto.ContainerOptions?
    /// Absent: ready as soon as it runs.
    var readiness: Proto.Readiness?
    /// Milliseconds.
    var startupDelay: UInt64 = 0
    /// Absent: the file says nothing.
    var management: Proto.NodeManagement?
    /// Absent: the file says nothing.
    var stages: Proto.NodeStages?
  }

  /// What a node waits for, and what is run in it beside `exec`.
  struct NodeStages: ProtoMessage {
    var waits: [Proto.StageWait] = []
    /// Once its process runs; once it is configured.
    var started: [String] = []
    var healthy: [String] = []
  }

  /// A stage that isn't begun before another node of the lab has reached one of its own.
  struct StageWait: ProtoMessage {
    var stage: Proto.Stage = .unspecified
    var node: String = ""
    var until: Proto.Stage = .unspecified
  }

  /// What tells that a node does what it is there for; times in milliseconds.
  struct Readiness: ProtoMessage {
    var test: Test?
    var startPeriod: UInt64 = 0
    var interval: UInt64 = 0
    var timeout: UInt64 = 0
    var deadline: UInt64 = 0

    enum Test: Sendable, Hashable {
      case command(Proto.Command)
      /// A POSIX extended regular expression.
      case log(String)
      case port(UInt32)
    }
  }

  struct Command: ProtoMessage {
    var words: [String] = []
  }

  /// How a node's container differs from what its image says.
  struct ContainerOptions: ProtoMessage {
    var entrypoint: [String] = []
    var user: String = ""
    var hostName: String = ""
    var labels: [Proto.Setting] = []
    var capabilities: [String] = []
    var privileged: Bool = false
    var devices: [String] = []
    /// sysctl(8).
    var settings: [Proto.Setting] = []
    var ulimits: [Proto.Ulimit] = []
    /// Bytes; 0: no limit.
    var memory: UInt64 = 0
    /// Thousandths of a processor; 0: no limit.
    var processors: UInt64 = 0
    var processorSet: String = ""
    var sharedMemory: UInt64 = 0
    var tmpfs: [String] = []
    var security: [String] = []
    var nameServers: [String] = []
    var searchDomains: [String] = []
    var resolverOptions: [String] = []
    var extraHosts: [String] = []
    var pull: Proto.PullPolicy = .unspecified
  }

  struct Setting: ProtoMessage {
    var name: String = ""
    var value: String = ""
  }

  /// -1: none.
  struct Ulimit: ProtoMessage {
    var name: String = ""
    var soft: Int64 = 0
    var hard: Int64 = 0
  }

  struct EnvironmentVariable: ProtoMessage {
    var name: String = ""
    /// Index of the value in Secrets.
    var secret: UInt32 = 0
  }

  struct NodeFile: ProtoMessage {
    var path: String = ""
    var content: String = ""
    /// Permission bits.
    var mode: UInt32 = 0
  }

  struct LinkSpec: ProtoMessage {
    var a: Proto.Endpoint?
    var b: Proto.Endpoint?
    /// In bytes; 0: what the path carries.
    var mtu: UInt32 = 0
  }

  struct Lab: ProtoMessage {
    var key: Proto.LabKey?
    var generation: UInt64 = 0
    var wiring: UInt64 = 0
    var spec: Proto.LabSpec?
    /// By position in the spec's nodes.
    var nodes: [Proto.NodeIntent] = []
    /// Of management, one family each.
    var networks: [Proto.ManagementNetwork] = []
  }

  struct ManagementNetwork: ProtoMessage {
    var subnet: String = ""
    var gateway: String = ""
  }

  struct NodeIntent: ProtoMessage {
    var born: UInt64 = 0
    var host: String = ""
    var desired: Proto.DesiredState = .unspecified
    var startSerial: UInt64 = 0
    /// Of interface 0, one of each of the lab's networks.
    var addresses: [String] = []
  }

  /// How the links of a lab are made, for one wiring of it.
  struct Segments: ProtoMessage {
    var lab: Proto.LabKey?
    var wiring: UInt64 = 0
    var segments: [Proto.Segment] = []
  }

  struct Segment: ProtoMessage {
    var link: Proto.LinkID?
    var mtu: UInt32 = 0
    var path: Path?

    enum Path: Sendable, Hashable {
      /// Both ends on this host.
      case patch(String)
      case tunnel(Proto.SegmentTunnel)
    }
  }

  struct SegmentTunnel: ProtoMessage {
    var vni: UInt32 = 0
    var a: Proto.TunnelEnd?
    var b: Proto.TunnelEnd?
  }

  struct TunnelEnd: ProtoMessage {
    var host: String = ""
    var address: String = ""
  }

  /// A lab as hosts are told it.
  struct Projection: ProtoMessage {
    var lab: Proto.Lab?
    var segments: Proto.Segments?
  }

  /// A freed VNI that may still be in use.
  struct Tombstone: ProtoMessage {
    var vni: UInt32 = 0
    var freed: UInt64 = 0
    var hosts: [String] = []
  }

  struct HostSpec: ProtoMessage {
    var name: String = ""
    var underlay: String = ""
    var underlayMtu: UInt32 = 0
    var capacity: UInt32 = 0
    var runtimes: [String] = []
    /// What its agent understands of assignments beyond version 1 of the protocol, as `stages`.
    var capabilities: [String] = []
  }

  struct Job: ProtoMessage {
    var id: String = ""
    var kind: Proto.JobKind = .unspecified
    var lab: String = ""
    var born: UInt64 = 0
    var generation: UInt64 = 0
    var phase: Proto.JobPhase = .unspecified
    var reason: String = ""
    /// Milliseconds since 1970.
    var started: Int64 = 0
    var ended: Int64?
    var hosts: [String] = []
    var nodes: [String] = []
  }

  /// A record of the intent store by its name.
  struct RecordKey: ProtoMessage {
    var key: Key?

    enum Key: Sendable, Hashable {
      case lab(String)
      case segments(String)
      case projection(String)
      case tombstone(UInt32)
      case host(String)
      case job(String)
      case assigned(String)
      case restraint(String)
    }
  }

  /// A record's new content; a record without content goes.
  struct RecordChange: ProtoMessage {
    var record: Record?

    enum Record: Sendable, Hashable {
      case lab(Proto.LabRecord)
      case segments(Proto.SegmentsRecord)
      case projection(Proto.ProjectionRecord)
      case tombstone(Proto.TombstoneRecord)
      case host(Proto.HostRecord)
      case job(Proto.JobRecord)
      case assigned(Proto.AssignedRecord)
      case restraint(Proto.RestraintRecord)
    }
  }

  struct LabRecord: ProtoMessage {
    var name: String = ""
    var content: Proto.Lab?
  }

  struct SegmentsRecord: ProtoMessage {
    var name: String = ""
    var content: Proto.Segments?
  }

  struct ProjectionRecord: ProtoMessage {
    var name: String = ""
    var content: Proto.Projection?
  }

  struct TombstoneRecord: ProtoMessage {
    var vni: UInt32 = 0
    var content: Proto.Tombstone?
  }

  struct HostRecord: ProtoMessage {
    var name: String = ""
    var content: Proto.HostSpec?
  }

  struct JobRecord: ProtoMessage {
    var id: String = ""
    var content: Proto.Job?
  }

  /// The revision that last changed a host's assignment.
  struct AssignedRecord: ProtoMessage {
    var host: String = ""
    var revision: UInt64?
  }

  /// What a host's operator has said of it.
  struct RestraintRecord: ProtoMessage {
    var host: String = ""
    var restraint: Proto.Restraint?
  }

  /// A record with the revision that last changed it.
  struct VersionedRecord: ProtoMessage {
    var revision: UInt64 = 0
    var record: Proto.RecordChange?
  }

  /// How a process ended.
  struct Exit: ProtoMessage {
    var exit: Exit?

    enum Exit: Sendable, Hashable {
      case code(Int32)
      case signal(Int32)
      /// Nobody could learn how.
      case unknown(Proto.Nothing)
    }
  }

  /// A choice that says all by being chosen.
  struct Nothing: ProtoMessage {
  }
}

extension Proto.LabKey {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__LabKey>) { archetype__lab_key__init(_c) }

  init(c _c: UnsafePointer<Archetype__LabKey>) {
    self.name = Arena.text(_c.pointee.name)
    self.born = _c.pointee.born
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__LabKey>, _ _arena: borrowing Arena) {
    _c.pointee.name = _arena.string(self.name)
    _c.pointee.born = self.born
  }
}

extension Proto.NodeKey {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__NodeKey>) { archetype__node_key__init(_c) }

  init(c _c: UnsafePointer<Archetype__NodeKey>) {
    self.lab = _c.pointee.lab.map { Proto.LabKey(c: $0) }
    self.name = Arena.text(_c.pointee.name)
    self.born = _c.pointee.born
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__NodeKey>, _ _arena: borrowing Arena) {
    _c.pointee.lab = self.lab?.c(in: _arena)
    _c.pointee.name = _arena.string(self.name)
    _c.pointee.born = self.born
  }
}

extension Proto.NodeID {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__NodeID>) { archetype__node_id__init(_c) }

  init(c _c: UnsafePointer<Archetype__NodeID>) {
    self.lab = Arena.text(_c.pointee.lab)
    self.node = Arena.text(_c.pointee.node)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__NodeID>, _ _arena: borrowing Arena) {
    _c.pointee.lab = _arena.string(self.lab)
    _c.pointee.node = _arena.string(self.node)
  }
}

extension Proto.Endpoint {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__Endpoint>) { archetype__endpoint__init(_c) }

  init(c _c: UnsafePointer<Archetype__Endpoint>) {
    self.node = Arena.text(_c.pointee.node)
    self.ordinal = _c.pointee.ordinal
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__Endpoint>, _ _arena: borrowing Arena) {
    _c.pointee.node = _arena.string(self.node)
    _c.pointee.ordinal = self.ordinal
  }
}

extension Proto.LinkID {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__LinkID>) { archetype__link_id__init(_c) }

  init(c _c: UnsafePointer<Archetype__LinkID>) {
    self.a = _c.pointee.a.map { Proto.Endpoint(c: $0) }
    self.b = _c.pointee.b.map { Proto.Endpoint(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__LinkID>, _ _arena: borrowing Arena) {
    _c.pointee.a = self.a?.c(in: _arena)
    _c.pointee.b = self.b?.c(in: _arena)
  }
}

extension Proto.TunnelKey {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__TunnelKey>) { archetype__tunnel_key__init(_c) }

  init(c _c: UnsafePointer<Archetype__TunnelKey>) {
    self.lab = _c.pointee.lab.map { Proto.LabKey(c: $0) }
    self.link = _c.pointee.link.map { Proto.LinkID(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__TunnelKey>, _ _arena: borrowing Arena) {
    _c.pointee.lab = self.lab?.c(in: _arena)
    _c.pointee.link = self.link?.c(in: _arena)
  }
}

extension Proto.StoreIdentity {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__StoreIdentity>) { archetype__store_identity__init(_c) }

  init(c _c: UnsafePointer<Archetype__StoreIdentity>) {
    self.deployment = Arena.text(_c.pointee.deployment)
    self.incarnation = Arena.text(_c.pointee.incarnation)
    self.predecessors = Arena.list(_c.pointee.predecessors, _c.pointee.n_predecessors) { Arena.text($0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__StoreIdentity>, _ _arena: borrowing Arena) {
    _c.pointee.deployment = _arena.string(self.deployment)
    _c.pointee.incarnation = _arena.string(self.incarnation)
    _c.pointee.n_predecessors = self.predecessors.count
    _c.pointee.predecessors = _arena.list(self.predecessors) { _value, _arena in _arena.string(_value) }
  }
}

extension Proto.LabSpec {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__LabSpec>) { archetype__lab_spec__init(_c) }

  init(c _c: UnsafePointer<Archetype__LabSpec>) {
    self.name = Arena.text(_c.pointee.name)
    self.nodes = Arena.list(_c.pointee.nodes, _c.pointee.n_nodes) { Arena.message($0, Proto.NodeSpec.self) }
    self.links = Arena.list(_c.pointee.links, _c.pointee.n_links) { Arena.message($0, Proto.LinkSpec.self) }
    self.management = _c.pointee.management.map { Proto.ManagementSpec(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__LabSpec>, _ _arena: borrowing Arena) {
    _c.pointee.name = _arena.string(self.name)
    _c.pointee.n_nodes = self.nodes.count
    _c.pointee.nodes = _arena.list(self.nodes) { _value, _arena in _value.c(in: _arena) }
    _c.pointee.n_links = self.links.count
    _c.pointee.links = _arena.list(self.links) { _value, _arena in _value.c(in: _arena) }
    _c.pointee.management = self.management?.c(in: _arena)
  }
}

extension Proto.ManagementSpec {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ManagementSpec>) { archetype__management_spec__init(_c) }

  init(c _c: UnsafePointer<Archetype__ManagementSpec>) {
    self.ipv4 = _c.pointee.ipv4.map { Proto.ManagementFamily(c: $0) }
    self.ipv6 = _c.pointee.ipv6.map { Proto.ManagementFamily(c: $0) }
    self.mtu = _c.pointee.mtu
    self.outside = _c.pointee.outside != 0
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ManagementSpec>, _ _arena: borrowing Arena) {
    _c.pointee.ipv4 = self.ipv4?.c(in: _arena)
    _c.pointee.ipv6 = self.ipv6?.c(in: _arena)
    _c.pointee.mtu = self.mtu
    _c.pointee.outside = self.outside ? 1 : 0
  }
}

extension Proto.ManagementFamily {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ManagementFamily>) { archetype__management_family__init(_c) }

  init(c _c: UnsafePointer<Archetype__ManagementFamily>) {
    self.subnet = Arena.text(_c.pointee.subnet)
    self.gateway = Arena.text(_c.pointee.gateway)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ManagementFamily>, _ _arena: borrowing Arena) {
    _c.pointee.subnet = _arena.string(self.subnet)
    _c.pointee.gateway = _arena.string(self.gateway)
  }
}

extension Proto.NodeManagement {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__NodeManagement>) { archetype__node_management__init(_c) }

  init(c _c: UnsafePointer<Archetype__NodeManagement>) {
    self.off = _c.pointee.off != 0
    self.addresses = Arena.list(_c.pointee.addresses, _c.pointee.n_addresses) { Arena.text($0) }
    self.ports = Arena.list(_c.pointee.ports, _c.pointee.n_ports) { Arena.message($0, Proto.PublishedPort.self) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__NodeManagement>, _ _arena: borrowing Arena) {
    _c.pointee.off = self.off ? 1 : 0
    _c.pointee.n_addresses = self.addresses.count
    _c.pointee.addresses = _arena.list(self.addresses) { _value, _arena in _arena.string(_value) }
    _c.pointee.n_ports = self.ports.count
    _c.pointee.ports = _arena.list(self.ports) { _value, _arena in _value.c(in: _arena) }
  }
}

extension Proto.PublishedPort {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__PublishedPort>) { archetype__published_port__init(_c) }

  init(c _c: UnsafePointer<Archetype__PublishedPort>) {
    self.address = Arena.text(_c.pointee.address)
    self.port = _c.pointee.port
    self.nodePort = _c.pointee.node_port
    self.transport = Proto.Transport(rawValue: .init(truncatingIfNeeded: _c.pointee.transport.rawValue))
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__PublishedPort>, _ _arena: borrowing Arena) {
    _c.pointee.address = _arena.string(self.address)
    _c.pointee.port = self.port
    _c.pointee.node_port = self.nodePort
    _c.pointee.transport = Archetype__Transport(rawValue: .init(truncatingIfNeeded: self.transport.rawValue))
  }
}

extension Proto.NodeSpec {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__NodeSpec>) { archetype__node_spec__init(_c) }

  init(c _c: UnsafePointer<Archetype__NodeSpec>) {
    self.name = Arena.text(_c.pointee.name)
    self.kind = Arena.text(_c.pointee.kind)
    self.image = Arena.text(_c.pointee.image)
    self.host = Arena.text(_c.pointee.host)
    self.startupConfig = Arena.text(_c.pointee.startup_config)
    self.command = Arena.list(_c.pointee.command, _c.pointee.n_command) { Arena.text($0) }
    self.exec = Arena.list(_c.pointee.exec, _c.pointee.n_exec) { Arena.text($0) }
    self.environment = Arena.list(_c.pointee.environment, _c.pointee.n_environment) { Arena.message($0, Proto.EnvironmentVariable.self) }
    self.binds = Arena.list(_c.pointee.binds, _c.pointee.n_binds) { Arena.text($0) }
    self.files = Arena.list(_c.pointee.files, _c.pointee.n_files) { Arena.message($0, Proto.NodeFile.self) }
    self.runtimes = Arena.list(_c.pointee.runtimes, _c.pointee.n_runtimes) { Arena.text($0) }
    self.container = _c.pointee.container.map { Proto.ContainerOptions(c: $0) }
    self.readiness = _c.pointee.readiness.map { Proto.Readiness(c: $0) }
    self.startupDelay = _c.pointee.startup_delay
    self.management = _c.pointee.management.map { Proto.NodeManagement(c: $0) }
    self.stages = _c.pointee.stages.map { Proto.NodeStages(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__NodeSpec>, _ _arena: borrowing Arena) {
    _c.pointee.name = _arena.string(self.name)
    _c.pointee.kind = _arena.string(self.kind)
    _c.pointee.image = _arena.string(self.image)
    _c.pointee.host = _arena.string(self.host)
    _c.pointee.startup_config = _arena.string(self.startupConfig)
    _c.pointee.n_command = self.command.count
    _c.pointee.command = _arena.list(self.command) { _value, _arena in _arena.string(_value) }
    _c.pointee.n_exec = self.exec.count
    _c.pointee.exec = _arena.list(self.exec) { _value, _arena in _arena.string(_value) }
    _c.pointee.n_environment = self.environment.count
    _c.pointee.environment = _arena.list(self.environment) { _value, _arena in _value.c(in: _arena) }
    _c.pointee.n_binds = self.binds.count
    _c.pointee.binds = _arena.list(self.binds) { _value, _arena in _arena.string(_value) }
    _c.pointee.n_files = self.files.count
    _c.pointee.files = _arena.list(self.files) { _value, _arena in _value.c(in: _arena) }
    _c.pointee.n_runtimes = self.runtimes.count
    _c.pointee.runtimes = _arena.list(self.runtimes) { _value, _arena in _arena.string(_value) }
    _c.pointee.container = self.container?.c(in: _arena)
    _c.pointee.readiness = self.readiness?.c(in: _arena)
    _c.pointee.startup_delay = self.startupDelay
    _c.pointee.management = self.management?.c(in: _arena)
    _c.pointee.stages = self.stages?.c(in: _arena)
  }
}

extension Proto.NodeStages {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__NodeStages>) { archetype__node_stages__init(_c) }

  init(c _c: UnsafePointer<Archetype__NodeStages>) {
    self.waits = Arena.list(_c.pointee.waits, _c.pointee.n_waits) { Arena.message($0, Proto.StageWait.self) }
    self.started = Arena.list(_c.pointee.started, _c.pointee.n_started) { Arena.text($0) }
    self.healthy = Arena.list(_c.pointee.healthy, _c.pointee.n_healthy) { Arena.text($0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__NodeStages>, _ _arena: borrowing Arena) {
    _c.pointee.n_waits = self.waits.count
    _c.pointee.waits = _arena.list(self.waits) { _value, _arena in _value.c(in: _arena) }
    _c.pointee.n_started = self.started.count
    _c.pointee.started = _arena.list(self.started) { _value, _arena in _arena.string(_value) }
    _c.pointee.n_healthy = self.healthy.count
    _c.pointee.healthy = _arena.list(self.healthy) { _value, _arena in _arena.string(_value) }
  }
}

extension Proto.StageWait {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__StageWait>) { archetype__stage_wait__init(_c) }

  init(c _c: UnsafePointer<Archetype__StageWait>) {
    self.stage = Proto.Stage(rawValue: .init(truncatingIfNeeded: _c.pointee.stage.rawValue))
    self.node = Arena.text(_c.pointee.node)
    self.until = Proto.Stage(rawValue: .init(truncatingIfNeeded: _c.pointee.until.rawValue))
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__StageWait>, _ _arena: borrowing Arena) {
    _c.pointee.stage = Archetype__Stage(rawValue: .init(truncatingIfNeeded: self.stage.rawValue))
    _c.pointee.node = _arena.string(self.node)
    _c.pointee.until = Archetype__Stage(rawValue: .init(truncatingIfNeeded: self.until.rawValue))
  }
}

extension Proto.Readiness {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__Readiness>) { archetype__readiness__init(_c) }

  init(c _c: UnsafePointer<Archetype__Readiness>) {
    switch _c.pointee.test_case.rawValue {
      case 1: self.test = .command(Arena.message(_c.pointee.command, Proto.Command.self))
      case 2: self.test = .log(Arena.text(_c.pointee.log))
      case 3: self.test = .port(_c.pointee.port)
      default: self.test = nil
    }
    self.startPeriod = _c.pointee.start_period
    self.interval = _c.pointee.interval
    self.timeout = _c.pointee.timeout
    self.deadline = _c.pointee.deadline
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__Readiness>, _ _arena: borrowing Arena) {
    switch self.test {
      case nil: break
      case .command(let _value)?:
        _c.pointee.test_case.rawValue = 1
        _c.pointee.command = _value.c(in: _arena)
      case .log(let _value)?:
        _c.pointee.test_case.rawValue = 2
        _c.pointee.log = _arena.string(_value)
      case .port(let _value)?:
        _c.pointee.test_case.rawValue = 3
        _c.pointee.port = _value
    }
    _c.pointee.start_period = self.startPeriod
    _c.pointee.interval = self.interval
    _c.pointee.timeout = self.timeout
    _c.pointee.deadline = self.deadline
  }
}

extension Proto.Command {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__Command>) { archetype__command__init(_c) }

  init(c _c: UnsafePointer<Archetype__Command>) {
    self.words = Arena.list(_c.pointee.words, _c.pointee.n_words) { Arena.text($0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__Command>, _ _arena: borrowing Arena) {
    _c.pointee.n_words = self.words.count
    _c.pointee.words = _arena.list(self.words) { _value, _arena in _arena.string(_value) }
  }
}

extension Proto.ContainerOptions {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ContainerOptions>) { archetype__container_options__init(_c) }

  init(c _c: UnsafePointer<Archetype__ContainerOptions>) {
    self.entrypoint = Arena.list(_c.pointee.entrypoint, _c.pointee.n_entrypoint) { Arena.text($0) }
    self.user = Arena.text(_c.pointee.user)
    self.hostName = Arena.text(_c.pointee.host_name)
    self.labels = Arena.list(_c.pointee.labels, _c.pointee.n_labels) { Arena.message($0, Proto.Setting.self) }
    self.capabilities = Arena.list(_c.pointee.capabilities, _c.pointee.n_capabilities) { Arena.text($0) }
    self.privileged = _c.pointee.privileged != 0
    self.devices = Arena.list(_c.pointee.devices, _c.pointee.n_devices) { Arena.text($0) }
    self.settings = Arena.list(_c.pointee.settings, _c.pointee.n_settings) { Arena.message($0, Proto.Setting.self) }
    self.ulimits = Arena.list(_c.pointee.ulimits, _c.pointee.n_ulimits) { Arena.message($0, Proto.Ulimit.self) }
    self.memory = _c.pointee.memory
    self.processors = _c.pointee.processors
    self.processorSet = Arena.text(_c.pointee.processor_set)
    self.sharedMemory = _c.pointee.shared_memory
    self.tmpfs = Arena.list(_c.pointee.tmpfs, _c.pointee.n_tmpfs) { Arena.text($0) }
    self.security = Arena.list(_c.pointee.security, _c.pointee.n_security) { Arena.text($0) }
    self.nameServers = Arena.list(_c.pointee.name_servers, _c.pointee.n_name_servers) { Arena.text($0) }
    self.searchDomains = Arena.list(_c.pointee.search_domains, _c.pointee.n_search_domains) { Arena.text($0) }
    self.resolverOptions = Arena.list(_c.pointee.resolver_options, _c.pointee.n_resolver_options) { Arena.text($0) }
    self.extraHosts = Arena.list(_c.pointee.extra_hosts, _c.pointee.n_extra_hosts) { Arena.text($0) }
    self.pull = Proto.PullPolicy(rawValue: .init(truncatingIfNeeded: _c.pointee.pull.rawValue))
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ContainerOptions>, _ _arena: borrowing Arena) {
    _c.pointee.n_entrypoint = self.entrypoint.count
    _c.pointee.entrypoint = _arena.list(self.entrypoint) { _value, _arena in _arena.string(_value) }
    _c.pointee.user = _arena.string(self.user)
    _c.pointee.host_name = _arena.string(self.hostName)
    _c.pointee.n_labels = self.labels.count
    _c.pointee.labels = _arena.list(self.labels) { _value, _arena in _value.c(in: _arena) }
    _c.pointee.n_capabilities = self.capabilities.count
    _c.pointee.capabilities = _arena.list(self.capabilities) { _value, _arena in _arena.string(_value) }
    _c.pointee.privileged = self.privileged ? 1 : 0
    _c.pointee.n_devices = self.devices.count
    _c.pointee.devices = _arena.list(self.devices) { _value, _arena in _arena.string(_value) }
    _c.pointee.n_settings = self.settings.count
    _c.pointee.settings = _arena.list(self.settings) { _value, _arena in _value.c(in: _arena) }
    _c.pointee.n_ulimits = self.ulimits.count
    _c.pointee.ulimits = _arena.list(self.ulimits) { _value, _arena in _value.c(in: _arena) }
    _c.pointee.memory = self.memory
    _c.pointee.processors = self.processors
    _c.pointee.processor_set = _arena.string(self.processorSet)
    _c.pointee.shared_memory = self.sharedMemory
    _c.pointee.n_tmpfs = self.tmpfs.count
    _c.pointee.tmpfs = _arena.list(self.tmpfs) { _value, _arena in _arena.string(_value) }
    _c.pointee.n_security = self.security.count
    _c.pointee.security = _arena.list(self.security) { _value, _arena in _arena.string(_value) }
    _c.pointee.n_name_servers = self.nameServers.count
    _c.pointee.name_servers = _arena.list(self.nameServers) { _value, _arena in _arena.string(_value) }
    _c.pointee.n_search_domains = self.searchDomains.count
    _c.pointee.search_domains = _arena.list(self.searchDomains) { _value, _arena in _arena.string(_value) }
    _c.pointee.n_resolver_options = self.resolverOptions.count
    _c.pointee.resolver_options = _arena.list(self.resolverOptions) { _value, _arena in _arena.string(_value) }
    _c.pointee.n_extra_hosts = self.extraHosts.count
    _c.pointee.extra_hosts = _arena.list(self.extraHosts) { _value, _arena in _arena.string(_value) }
    _c.pointee.pull = Archetype__PullPolicy(rawValue: .init(truncatingIfNeeded: self.pull.rawValue))
  }
}

extension Proto.Setting {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__Setting>) { archetype__setting__init(_c) }

  init(c _c: UnsafePointer<Archetype__Setting>) {
    self.name = Arena.text(_c.pointee.name)
    self.value = Arena.text(_c.pointee.value)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__Setting>, _ _arena: borrowing Arena) {
    _c.pointee.name = _arena.string(self.name)
    _c.pointee.value = _arena.string(self.value)
  }
}

extension Proto.Ulimit {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__Ulimit>) { archetype__ulimit__init(_c) }

  init(c _c: UnsafePointer<Archetype__Ulimit>) {
    self.name = Arena.text(_c.pointee.name)
    self.soft = _c.pointee.soft
    self.hard = _c.pointee.hard
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__Ulimit>, _ _arena: borrowing Arena) {
    _c.pointee.name = _arena.string(self.name)
    _c.pointee.soft = self.soft
    _c.pointee.hard = self.hard
  }
}

extension Proto.EnvironmentVariable {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__EnvironmentVariable>) { archetype__environment_variable__init(_c) }

  init(c _c: UnsafePointer<Archetype__EnvironmentVariable>) {
    self.name = Arena.text(_c.pointee.name)
    self.secret = _c.pointee.secret
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__EnvironmentVariable>, _ _arena: borrowing Arena) {
    _c.pointee.name = _arena.string(self.name)
    _c.pointee.secret = self.secret
  }
}

extension Proto.NodeFile {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__NodeFile>) { archetype__node_file__init(_c) }

  init(c _c: UnsafePointer<Archetype__NodeFile>) {
    self.path = Arena.text(_c.pointee.path)
    self.content = Arena.text(_c.pointee.content)
    self.mode = _c.pointee.mode
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__NodeFile>, _ _arena: borrowing Arena) {
    _c.pointee.path = _arena.string(self.path)
    _c.pointee.content = _arena.string(self.content)
    _c.pointee.mode = self.mode
  }
}

extension Proto.LinkSpec {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__LinkSpec>) { archetype__link_spec__init(_c) }

  init(c _c: UnsafePointer<Archetype__LinkSpec>) {
    self.a = _c.pointee.a.map { Proto.Endpoint(c: $0) }
    self.b = _c.pointee.b.map { Proto.Endpoint(c: $0) }
    self.mtu = _c.pointee.mtu
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__LinkSpec>, _ _arena: borrowing Arena) {
    _c.pointee.a = self.a?.c(in: _arena)
    _c.pointee.b = self.b?.c(in: _arena)
    _c.pointee.mtu = self.mtu
  }
}

extension Proto.Lab {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__Lab>) { archetype__lab__init(_c) }

  init(c _c: UnsafePointer<Archetype__Lab>) {
    self.key = _c.pointee.key.map { Proto.LabKey(c: $0) }
    self.generation = _c.pointee.generation
    self.wiring = _c.pointee.wiring
    self.spec = _c.pointee.spec.map { Proto.LabSpec(c: $0) }
    self.nodes = Arena.list(_c.pointee.nodes, _c.pointee.n_nodes) { Arena.message($0, Proto.NodeIntent.self) }
    self.networks = Arena.list(_c.pointee.networks, _c.pointee.n_networks) { Arena.message($0, Proto.ManagementNetwork.self) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__Lab>, _ _arena: borrowing Arena) {
    _c.pointee.key = self.key?.c(in: _arena)
    _c.pointee.generation = self.generation
    _c.pointee.wiring = self.wiring
    _c.pointee.spec = self.spec?.c(in: _arena)
    _c.pointee.n_nodes = self.nodes.count
    _c.pointee.nodes = _arena.list(self.nodes) { _value, _arena in _value.c(in: _arena) }
    _c.pointee.n_networks = self.networks.count
    _c.pointee.networks = _arena.list(self.networks) { _value, _arena in _value.c(in: _arena) }
  }
}

extension Proto.ManagementNetwork {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ManagementNetwork>) { archetype__management_network__init(_c) }

  init(c _c: UnsafePointer<Archetype__ManagementNetwork>) {
    self.subnet = Arena.text(_c.pointee.subnet)
    self.gateway = Arena.text(_c.pointee.gateway)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ManagementNetwork>, _ _arena: borrowing Arena) {
    _c.pointee.subnet = _arena.string(self.subnet)
    _c.pointee.gateway = _arena.string(self.gateway)
  }
}

extension Proto.NodeIntent {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__NodeIntent>) { archetype__node_intent__init(_c) }

  init(c _c: UnsafePointer<Archetype__NodeIntent>) {
    self.born = _c.pointee.born
    self.host = Arena.text(_c.pointee.host)
    self.desired = Proto.DesiredState(rawValue: .init(truncatingIfNeeded: _c.pointee.desired.rawValue))
    self.startSerial = _c.pointee.start_serial
    self.addresses = Arena.list(_c.pointee.addresses, _c.pointee.n_addresses) { Arena.text($0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__NodeIntent>, _ _arena: borrowing Arena) {
    _c.pointee.born = self.born
    _c.pointee.host = _arena.string(self.host)
    _c.pointee.desired = Archetype__DesiredState(rawValue: .init(truncatingIfNeeded: self.desired.rawValue))
    _c.pointee.start_serial = self.startSerial
    _c.pointee.n_addresses = self.addresses.count
    _c.pointee.addresses = _arena.list(self.addresses) { _value, _arena in _arena.string(_value) }
  }
}

extension Proto.Segments {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__Segments>) { archetype__segments__init(_c) }

  init(c _c: UnsafePointer<Archetype__Segments>) {
    self.lab = _c.pointee.lab.map { Proto.LabKey(c: $0) }
    self.wiring = _c.pointee.wiring
    self.segments = Arena.list(_c.pointee.segments, _c.pointee.n_segments) { Arena.message($0, Proto.Segment.self) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__Segments>, _ _arena: borrowing Arena) {
    _c.pointee.lab = self.lab?.c(in: _arena)
    _c.pointee.wiring = self.wiring
    _c.pointee.n_segments = self.segments.count
    _c.pointee.segments = _arena.list(self.segments) { _value, _arena in _value.c(in: _arena) }
  }
}

extension Proto.Segment {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__Segment>) { archetype__segment__init(_c) }

  init(c _c: UnsafePointer<Archetype__Segment>) {
    self.link = _c.pointee.link.map { Proto.LinkID(c: $0) }
    self.mtu = _c.pointee.mtu
    switch _c.pointee.path_case.rawValue {
      case 3: self.path = .patch(Arena.text(_c.pointee.patch))
      case 4: self.path = .tunnel(Arena.message(_c.pointee.tunnel, Proto.SegmentTunnel.self))
      default: self.path = nil
    }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__Segment>, _ _arena: borrowing Arena) {
    _c.pointee.link = self.link?.c(in: _arena)
    _c.pointee.mtu = self.mtu
    switch self.path {
      case nil: break
      case .patch(let _value)?:
        _c.pointee.path_case.rawValue = 3
        _c.pointee.patch = _arena.string(_value)
      case .tunnel(let _value)?:
        _c.pointee.path_case.rawValue = 4
        _c.pointee.tunnel = _value.c(in: _arena)
    }
  }
}

extension Proto.SegmentTunnel {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__SegmentTunnel>) { archetype__segment_tunnel__init(_c) }

  init(c _c: UnsafePointer<Archetype__SegmentTunnel>) {
    self.vni = _c.pointee.vni
    self.a = _c.pointee.a.map { Proto.TunnelEnd(c: $0) }
    self.b = _c.pointee.b.map { Proto.TunnelEnd(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__SegmentTunnel>, _ _arena: borrowing Arena) {
    _c.pointee.vni = self.vni
    _c.pointee.a = self.a?.c(in: _arena)
    _c.pointee.b = self.b?.c(in: _arena)
  }
}

extension Proto.TunnelEnd {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__TunnelEnd>) { archetype__tunnel_end__init(_c) }

  init(c _c: UnsafePointer<Archetype__TunnelEnd>) {
    self.host = Arena.text(_c.pointee.host)
    self.address = Arena.text(_c.pointee.address)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__TunnelEnd>, _ _arena: borrowing Arena) {
    _c.pointee.host = _arena.string(self.host)
    _c.pointee.address = _arena.string(self.address)
  }
}

extension Proto.Projection {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__Projection>) { archetype__projection__init(_c) }

  init(c _c: UnsafePointer<Archetype__Projection>) {
    self.lab = _c.pointee.lab.map { Proto.Lab(c: $0) }
    self.segments = _c.pointee.segments.map { Proto.Segments(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__Projection>, _ _arena: borrowing Arena) {
    _c.pointee.lab = self.lab?.c(in: _arena)
    _c.pointee.segments = self.segments?.c(in: _arena)
  }
}

extension Proto.Tombstone {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__Tombstone>) { archetype__tombstone__init(_c) }

  init(c _c: UnsafePointer<Archetype__Tombstone>) {
    self.vni = _c.pointee.vni
    self.freed = _c.pointee.freed
    self.hosts = Arena.list(_c.pointee.hosts, _c.pointee.n_hosts) { Arena.text($0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__Tombstone>, _ _arena: borrowing Arena) {
    _c.pointee.vni = self.vni
    _c.pointee.freed = self.freed
    _c.pointee.n_hosts = self.hosts.count
    _c.pointee.hosts = _arena.list(self.hosts) { _value, _arena in _arena.string(_value) }
  }
}

extension Proto.HostSpec {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__HostSpec>) { archetype__host_spec__init(_c) }

  init(c _c: UnsafePointer<Archetype__HostSpec>) {
    self.name = Arena.text(_c.pointee.name)
    self.underlay = Arena.text(_c.pointee.underlay)
    self.underlayMtu = _c.pointee.underlay_mtu
    self.capacity = _c.pointee.capacity
    self.runtimes = Arena.list(_c.pointee.runtimes, _c.pointee.n_runtimes) { Arena.text($0) }
    self.capabilities = Arena.list(_c.pointee.capabilities, _c.pointee.n_capabilities) { Arena.text($0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__HostSpec>, _ _arena: borrowing Arena) {
    _c.pointee.name = _arena.string(self.name)
    _c.pointee.underlay = _arena.string(self.underlay)
    _c.pointee.underlay_mtu = self.underlayMtu
    _c.pointee.capacity = self.capacity
    _c.pointee.n_runtimes = self.runtimes.count
    _c.pointee.runtimes = _arena.list(self.runtimes) { _value, _arena in _arena.string(_value) }
    _c.pointee.n_capabilities = self.capabilities.count
    _c.pointee.capabilities = _arena.list(self.capabilities) { _value, _arena in _arena.string(_value) }
  }
}

extension Proto.Job {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__Job>) { archetype__job__init(_c) }

  init(c _c: UnsafePointer<Archetype__Job>) {
    self.id = Arena.text(_c.pointee.id)
    self.kind = Proto.JobKind(rawValue: .init(truncatingIfNeeded: _c.pointee.kind.rawValue))
    self.lab = Arena.text(_c.pointee.lab)
    self.born = _c.pointee.born
    self.generation = _c.pointee.generation
    self.phase = Proto.JobPhase(rawValue: .init(truncatingIfNeeded: _c.pointee.phase.rawValue))
    self.reason = Arena.text(_c.pointee.reason)
    self.started = _c.pointee.started
    self.ended = _c.pointee.end_case.rawValue == 9 ? _c.pointee.ended : nil
    self.hosts = Arena.list(_c.pointee.hosts, _c.pointee.n_hosts) { Arena.text($0) }
    self.nodes = Arena.list(_c.pointee.nodes, _c.pointee.n_nodes) { Arena.text($0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__Job>, _ _arena: borrowing Arena) {
    _c.pointee.id = _arena.string(self.id)
    _c.pointee.kind = Archetype__JobKind(rawValue: .init(truncatingIfNeeded: self.kind.rawValue))
    _c.pointee.lab = _arena.string(self.lab)
    _c.pointee.born = self.born
    _c.pointee.generation = self.generation
    _c.pointee.phase = Archetype__JobPhase(rawValue: .init(truncatingIfNeeded: self.phase.rawValue))
    _c.pointee.reason = _arena.string(self.reason)
    _c.pointee.started = self.started
    if let _value = self.ended {
      _c.pointee.end_case.rawValue = 9
      _c.pointee.ended = _value
    }
    _c.pointee.n_hosts = self.hosts.count
    _c.pointee.hosts = _arena.list(self.hosts) { _value, _arena in _arena.string(_value) }
    _c.pointee.n_nodes = self.nodes.count
    _c.pointee.nodes = _arena.list(self.nodes) { _value, _arena in _arena.string(_value) }
  }
}

extension Proto.RecordKey {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__RecordKey>) { archetype__record_key__init(_c) }

  init(c _c: UnsafePointer<Archetype__RecordKey>) {
    switch _c.pointee.key_case.rawValue {
      case 1: self.key = .lab(Arena.text(_c.pointee.lab))
      case 2: self.key = .segments(Arena.text(_c.pointee.segments))
      case 3: self.key = .projection(Arena.text(_c.pointee.projection))
      case 4: self.key = .tombstone(_c.pointee.tombstone)
      case 5: self.key = .host(Arena.text(_c.pointee.host))
      case 6: self.key = .job(Arena.text(_c.pointee.job))
      case 7: self.key = .assigned(Arena.text(_c.pointee.assigned))
      case 8: self.key = .restraint(Arena.text(_c.pointee.restraint))
      default: self.key = nil
    }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__RecordKey>, _ _arena: borrowing Arena) {
    switch self.key {
      case nil: break
      case .lab(let _value)?:
        _c.pointee.key_case.rawValue = 1
        _c.pointee.lab = _arena.string(_value)
      case .segments(let _value)?:
        _c.pointee.key_case.rawValue = 2
        _c.pointee.segments = _arena.string(_value)
      case .projection(let _value)?:
        _c.pointee.key_case.rawValue = 3
        _c.pointee.projection = _arena.string(_value)
      case .tombstone(let _value)?:
        _c.pointee.key_case.rawValue = 4
        _c.pointee.tombstone = _value
      case .host(let _value)?:
        _c.pointee.key_case.rawValue = 5
        _c.pointee.host = _arena.string(_value)
      case .job(let _value)?:
        _c.pointee.key_case.rawValue = 6
        _c.pointee.job = _arena.string(_value)
      case .assigned(let _value)?:
        _c.pointee.key_case.rawValue = 7
        _c.pointee.assigned = _arena.string(_value)
      case .restraint(let _value)?:
        _c.pointee.key_case.rawValue = 8
        _c.pointee.restraint = _arena.string(_value)
    }
  }
}

extension Proto.RecordChange {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__RecordChange>) { archetype__record_change__init(_c) }

  init(c _c: UnsafePointer<Archetype__RecordChange>) {
    switch _c.pointee.record_case.rawValue {
      case 1: self.record = .lab(Arena.message(_c.pointee.lab, Proto.LabRecord.self))
      case 2: self.record = .segments(Arena.message(_c.pointee.segments, Proto.SegmentsRecord.self))
      case 3: self.record = .projection(Arena.message(_c.pointee.projection, Proto.ProjectionRecord.self))
      case 4: self.record = .tombstone(Arena.message(_c.pointee.tombstone, Proto.TombstoneRecord.self))
      case 5: self.record = .host(Arena.message(_c.pointee.host, Proto.HostRecord.self))
      case 6: self.record = .job(Arena.message(_c.pointee.job, Proto.JobRecord.self))
      case 7: self.record = .assigned(Arena.message(_c.pointee.assigned, Proto.AssignedRecord.self))
      case 8: self.record = .restraint(Arena.message(_c.pointee.restraint, Proto.RestraintRecord.self))
      default: self.record = nil
    }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__RecordChange>, _ _arena: borrowing Arena) {
    switch self.record {
      case nil: break
      case .lab(let _value)?:
        _c.pointee.record_case.rawValue = 1
        _c.pointee.lab = _value.c(in: _arena)
      case .segments(let _value)?:
        _c.pointee.record_case.rawValue = 2
        _c.pointee.segments = _value.c(in: _arena)
      case .projection(let _value)?:
        _c.pointee.record_case.rawValue = 3
        _c.pointee.projection = _value.c(in: _arena)
      case .tombstone(let _value)?:
        _c.pointee.record_case.rawValue = 4
        _c.pointee.tombstone = _value.c(in: _arena)
      case .host(let _value)?:
        _c.pointee.record_case.rawValue = 5
        _c.pointee.host = _value.c(in: _arena)
      case .job(let _value)?:
        _c.pointee.record_case.rawValue = 6
        _c.pointee.job = _value.c(in: _arena)
      case .assigned(let _value)?:
        _c.pointee.record_case.rawValue = 7
        _c.pointee.assigned = _value.c(in: _arena)
      case .restraint(let _value)?:
        _c.pointee.record_case.rawValue = 8
        _c.pointee.restraint = _value.c(in: _arena)
    }
  }
}

extension Proto.LabRecord {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__LabRecord>) { archetype__lab_record__init(_c) }

  init(c _c: UnsafePointer<Archetype__LabRecord>) {
    self.name = Arena.text(_c.pointee.name)
    self.content = _c.pointee.content.map { Proto.Lab(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__LabRecord>, _ _arena: borrowing Arena) {
    _c.pointee.name = _arena.string(self.name)
    _c.pointee.content = self.content?.c(in: _arena)
  }
}

extension Proto.SegmentsRecord {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__SegmentsRecord>) { archetype__segments_record__init(_c) }

  init(c _c: UnsafePointer<Archetype__SegmentsRecord>) {
    self.name = Arena.text(_c.pointee.name)
    self.content = _c.pointee.content.map { Proto.Segments(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__SegmentsRecord>, _ _arena: borrowing Arena) {
    _c.pointee.name = _arena.string(self.name)
    _c.pointee.content = self.content?.c(in: _arena)
  }
}

extension Proto.ProjectionRecord {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ProjectionRecord>) { archetype__projection_record__init(_c) }

  init(c _c: UnsafePointer<Archetype__ProjectionRecord>) {
    self.name = Arena.text(_c.pointee.name)
    self.content = _c.pointee.content.map { Proto.Projection(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ProjectionRecord>, _ _arena: borrowing Arena) {
    _c.pointee.name = _arena.string(self.name)
    _c.pointee.content = self.content?.c(in: _arena)
  }
}

extension Proto.TombstoneRecord {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__TombstoneRecord>) { archetype__tombstone_record__init(_c) }

  init(c _c: UnsafePointer<Archetype__TombstoneRecord>) {
    self.vni = _c.pointee.vni
    self.content = _c.pointee.content.map { Proto.Tombstone(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__TombstoneRecord>, _ _arena: borrowing Arena) {
    _c.pointee.vni = self.vni
    _c.pointee.content = self.content?.c(in: _arena)
  }
}

extension Proto.HostRecord {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__HostRecord>) { archetype__host_record__init(_c) }

  init(c _c: UnsafePointer<Archetype__HostRecord>) {
    self.name = Arena.text(_c.pointee.name)
    self.content = _c.pointee.content.map { Proto.HostSpec(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__HostRecord>, _ _arena: borrowing Arena) {
    _c.pointee.name = _arena.string(self.name)
    _c.pointee.content = self.content?.c(in: _arena)
  }
}

extension Proto.JobRecord {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__JobRecord>) { archetype__job_record__init(_c) }

  init(c _c: UnsafePointer<Archetype__JobRecord>) {
    self.id = Arena.text(_c.pointee.id)
    self.content = _c.pointee.content.map { Proto.Job(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__JobRecord>, _ _arena: borrowing Arena) {
    _c.pointee.id = _arena.string(self.id)
    _c.pointee.content = self.content?.c(in: _arena)
  }
}

extension Proto.AssignedRecord {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__AssignedRecord>) { archetype__assigned_record__init(_c) }

  init(c _c: UnsafePointer<Archetype__AssignedRecord>) {
    self.host = Arena.text(_c.pointee.host)
    self.revision = _c.pointee.content_case.rawValue == 2 ? _c.pointee.revision : nil
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__AssignedRecord>, _ _arena: borrowing Arena) {
    _c.pointee.host = _arena.string(self.host)
    if let _value = self.revision {
      _c.pointee.content_case.rawValue = 2
      _c.pointee.revision = _value
    }
  }
}

extension Proto.RestraintRecord {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__RestraintRecord>) { archetype__restraint_record__init(_c) }

  init(c _c: UnsafePointer<Archetype__RestraintRecord>) {
    self.host = Arena.text(_c.pointee.host)
    self.restraint = _c.pointee.content_case.rawValue == 2 ? Proto.Restraint(rawValue: .init(truncatingIfNeeded: _c.pointee.restraint.rawValue)) : nil
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__RestraintRecord>, _ _arena: borrowing Arena) {
    _c.pointee.host = _arena.string(self.host)
    if let _value = self.restraint {
      _c.pointee.content_case.rawValue = 2
      _c.pointee.restraint = Archetype__Restraint(rawValue: .init(truncatingIfNeeded: _value.rawValue))
    }
  }
}

extension Proto.VersionedRecord {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__VersionedRecord>) { archetype__versioned_record__init(_c) }

  init(c _c: UnsafePointer<Archetype__VersionedRecord>) {
    self.revision = _c.pointee.revision
    self.record = _c.pointee.record.map { Proto.RecordChange(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__VersionedRecord>, _ _arena: borrowing Arena) {
    _c.pointee.revision = self.revision
    _c.pointee.record = self.record?.c(in: _arena)
  }
}

extension Proto.Exit {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__Exit>) { archetype__exit__init(_c) }

  init(c _c: UnsafePointer<Archetype__Exit>) {
    switch _c.pointee.exit_case.rawValue {
      case 1: self.exit = .code(_c.pointee.code)
      case 2: self.exit = .signal(_c.pointee.signal)
      case 3: self.exit = .unknown(Arena.message(_c.pointee.unknown, Proto.Nothing.self))
      default: self.exit = nil
    }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__Exit>, _ _arena: borrowing Arena) {
    switch self.exit {
      case nil: break
      case .code(let _value)?:
        _c.pointee.exit_case.rawValue = 1
        _c.pointee.code = _value
      case .signal(let _value)?:
        _c.pointee.exit_case.rawValue = 2
        _c.pointee.signal = _value
      case .unknown(let _value)?:
        _c.pointee.exit_case.rawValue = 3
        _c.pointee.unknown = _value.c(in: _arena)
    }
  }
}

extension Proto.Nothing {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__Nothing>) { archetype__nothing__init(_c) }

  init(c _c: UnsafePointer<Archetype__Nothing>) {
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__Nothing>, _ _arena: borrowing Arena) {
  }
}

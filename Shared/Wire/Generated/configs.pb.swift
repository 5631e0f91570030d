// swift-format-ignore-file
// Generated from proto/configs.proto by proto/generate.sh. Do not edit.

import CMessages

extension Proto {
  struct PutRequest: ProtoMessage {
    var changes: [Proto.RecordChange] = []
    /// What must still be so; else ABORTED.
    var expect: [Proto.Expectation] = []
    /// Absent: not compared.
    var basis: Proto.PutBasis?
  }

  /// The copy of intent that a Put was made from.
  struct PutBasis: ProtoMessage {
    var store: Proto.StoreIdentity?
    var revision: UInt64 = 0
    /// The config service's life that the copy came from; 0: not said.
    var instance: UInt64 = 0
  }

  struct Expectation: ProtoMessage {
    var key: Proto.RecordKey?
    /// 0: absent.
    var revision: UInt64 = 0
  }

  struct PutReply: ProtoMessage {
    var revision: UInt64 = 0
  }

  struct PutBlobRequest: ProtoMessage {
    var digest: String = ""
    /// Index of the content in Secrets.
    var secret: UInt32 = 0
  }

  struct PutBlobReply: ProtoMessage {
  }

  struct GetBlobRequest: ProtoMessage {
    var digest: String = ""
  }

  struct GetBlobReply: ProtoMessage {
    /// Index of the content in Secrets.
    var secret: UInt32 = 0
  }

  struct MissingBlobsRequest: ProtoMessage {
    var digests: [String] = []
  }

  struct MissingBlobsReply: ProtoMessage {
    var digests: [String] = []
  }

  struct SnapshotRequest: ProtoMessage {
  }

  struct SnapshotReply: ProtoMessage {
    var store: Proto.StoreIdentity?
    var revision: UInt64 = 0
    var records: [Proto.VersionedRecord] = []
    /// The life of whoever answers.
    var instance: UInt64 = 0
  }

  struct StandingRequest: ProtoMessage {
  }

  struct StandingReply: ProtoMessage {
    var store: Proto.StoreIdentity?
    var revision: UInt64 = 0
    /// Why nothing is changed; empty: changes are taken.
    var suspension: String = ""
  }

  struct RecoverRequest: ProtoMessage {
    /// 16 hexadecimal digits, drawn by whoever asks.
    var incarnation: String = ""
    var of: Proto.PutBasis?
  }

  struct RecoverReply: ProtoMessage {
    var store: Proto.StoreIdentity?
  }

  struct BackupRequest: ProtoMessage {
  }

  /// Of a copy of a store.
  struct BackupReply: ProtoMessage {
    var store: Proto.StoreIdentity?
    var revision: UInt64 = 0
    var bytes: UInt64 = 0
  }

  struct BackupPartRequest: ProtoMessage {
    var backup: String = ""
    var offset: UInt64 = 0
  }

  struct BackupPartReply: ProtoMessage {
    /// Index of the content in Secrets.
    var secret: UInt32 = 0
  }

  struct RestorePartRequest: ProtoMessage {
    /// Drawn by whoever asks.
    var backup: String = ""
    var offset: UInt64 = 0
    /// Index of the content in Secrets.
    var secret: UInt32 = 0
  }

  struct RestorePartReply: ProtoMessage {
  }

  struct RestoreRequest: ProtoMessage {
    var backup: String = ""
    /// Of all its parts.
    var bytes: UInt64 = 0
  }

  struct RestoreReply: ProtoMessage {
    var store: Proto.StoreIdentity?
    var revision: UInt64 = 0
    var bytes: UInt64 = 0
  }

  struct AssignmentRequest: ProtoMessage {
    var host: String = ""
    /// Absent: the host is bound to no store yet.
    var bound: Proto.StoreIdentity?
    /// The newest that it has of that store; 0: none.
    var have: UInt64 = 0
  }

  struct AssignmentReply: ProtoMessage {
    var reply: Reply?

    enum Reply: Sendable, Hashable {
      case assignment(Proto.Assignment)
      /// What the agent has is the newest.
      case unchanged(UInt64)
    }
  }

  /// All that one host should have.
  struct Assignment: ProtoMessage {
    var host: String = ""
    var store: Proto.StoreIdentity?
    var revision: UInt64 = 0
    var labs: [Proto.AssignedLab] = []
  }

  struct AssignedLab: ProtoMessage {
    var key: Proto.LabKey?
    var nodes: [Proto.AssignedNode] = []
    var links: [Proto.AssignedLink] = []
    /// Absent: no node here has an interface 0.
    var management: Proto.AssignedManagement?
  }

  struct AssignedManagement: ProtoMessage {
    /// `ADDRESS/LENGTH`.
    var gateways: [String] = []
    var mtu: UInt32 = 0
    var outside: Bool = false
    var ports: [Proto.ForwardedPort] = []
  }

  struct ForwardedPort: ProtoMessage {
    var published: Proto.PublishedPort?
    /// Of the node.
    var to: String = ""
  }

  struct AssignedNode: ProtoMessage {
    var key: Proto.NodeKey?
    var spec: Proto.NodeSpec?
    var desired: Proto.DesiredState = .unspecified
    var startSerial: UInt64 = 0
    var interfaces: [Proto.AssignedInterface] = []
    /// Where the nodes are that it waits for.
    var awaited: [Proto.AwaitedNode] = []
    /// Other hosts that have nodes which wait for it.
    var watchers: [String] = []
  }

  /// What it was before this start and this digest doesn't count.
  struct AwaitedNode: ProtoMessage {
    var key: Proto.NodeKey?
    var host: String = ""
    var startSerial: UInt64 = 0
    var specDigest: UInt64 = 0
  }

  struct AssignedInterface: ProtoMessage {
    var ordinal: UInt32 = 0
    var mtu: UInt32 = 0
    /// `ADDRESS/LENGTH`.
    var addresses: [String] = []
    var gateways: [String] = []
  }

  struct AssignedLink: ProtoMessage {
    var link: Proto.LinkID?
    var path: Path?

    enum Path: Sendable, Hashable {
      /// Both ends are here.
      case patch(Proto.Nothing)
      case tunnel(Proto.AssignedTunnel)
    }
  }

  struct AssignedTunnel: ProtoMessage {
    var near: Proto.Endpoint?
    var vni: UInt32 = 0
    var local: String = ""
    var remote: String = ""
    var farHost: String = ""
    var mtu: UInt32 = 0
  }
}

extension Proto.PutRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__PutRequest>) { archetype__put_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__PutRequest>) {
    self.changes = Arena.list(_c.pointee.changes, _c.pointee.n_changes) { Arena.message($0, Proto.RecordChange.self) }
    self.expect = Arena.list(_c.pointee.expect, _c.pointee.n_expect) { Arena.message($0, Proto.Expectation.self) }
    self.basis = _c.pointee.basis.map { Proto.PutBasis(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__PutRequest>, _ _arena: borrowing Arena) {
    _c.pointee.n_changes = self.changes.count
    _c.pointee.changes = _arena.list(self.changes) { _value, _arena in _value.c(in: _arena) }
    _c.pointee.n_expect = self.expect.count
    _c.pointee.expect = _arena.list(self.expect) { _value, _arena in _value.c(in: _arena) }
    _c.pointee.basis = self.basis?.c(in: _arena)
  }
}

extension Proto.PutBasis {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__PutBasis>) { archetype__put_basis__init(_c) }

  init(c _c: UnsafePointer<Archetype__PutBasis>) {
    self.store = _c.pointee.store.map { Proto.StoreIdentity(c: $0) }
    self.revision = _c.pointee.revision
    self.instance = _c.pointee.instance
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__PutBasis>, _ _arena: borrowing Arena) {
    _c.pointee.store = self.store?.c(in: _arena)
    _c.pointee.revision = self.revision
    _c.pointee.instance = self.instance
  }
}

extension Proto.Expectation {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__Expectation>) { archetype__expectation__init(_c) }

  init(c _c: UnsafePointer<Archetype__Expectation>) {
    self.key = _c.pointee.key.map { Proto.RecordKey(c: $0) }
    self.revision = _c.pointee.revision
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__Expectation>, _ _arena: borrowing Arena) {
    _c.pointee.key = self.key?.c(in: _arena)
    _c.pointee.revision = self.revision
  }
}

extension Proto.PutReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__PutReply>) { archetype__put_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__PutReply>) {
    self.revision = _c.pointee.revision
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__PutReply>, _ _arena: borrowing Arena) {
    _c.pointee.revision = self.revision
  }
}

extension Proto.PutBlobRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__PutBlobRequest>) { archetype__put_blob_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__PutBlobRequest>) {
    self.digest = Arena.text(_c.pointee.digest)
    self.secret = _c.pointee.secret
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__PutBlobRequest>, _ _arena: borrowing Arena) {
    _c.pointee.digest = _arena.string(self.digest)
    _c.pointee.secret = self.secret
  }
}

extension Proto.PutBlobReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__PutBlobReply>) { archetype__put_blob_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__PutBlobReply>) {
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__PutBlobReply>, _ _arena: borrowing Arena) {
  }
}

extension Proto.GetBlobRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__GetBlobRequest>) { archetype__get_blob_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__GetBlobRequest>) {
    self.digest = Arena.text(_c.pointee.digest)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__GetBlobRequest>, _ _arena: borrowing Arena) {
    _c.pointee.digest = _arena.string(self.digest)
  }
}

extension Proto.GetBlobReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__GetBlobReply>) { archetype__get_blob_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__GetBlobReply>) {
    self.secret = _c.pointee.secret
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__GetBlobReply>, _ _arena: borrowing Arena) {
    _c.pointee.secret = self.secret
  }
}

extension Proto.MissingBlobsRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__MissingBlobsRequest>) { archetype__missing_blobs_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__MissingBlobsRequest>) {
    self.digests = Arena.list(_c.pointee.digests, _c.pointee.n_digests) { Arena.text($0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__MissingBlobsRequest>, _ _arena: borrowing Arena) {
    _c.pointee.n_digests = self.digests.count
    _c.pointee.digests = _arena.list(self.digests) { _value, _arena in _arena.string(_value) }
  }
}

extension Proto.MissingBlobsReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__MissingBlobsReply>) { archetype__missing_blobs_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__MissingBlobsReply>) {
    self.digests = Arena.list(_c.pointee.digests, _c.pointee.n_digests) { Arena.text($0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__MissingBlobsReply>, _ _arena: borrowing Arena) {
    _c.pointee.n_digests = self.digests.count
    _c.pointee.digests = _arena.list(self.digests) { _value, _arena in _arena.string(_value) }
  }
}

extension Proto.SnapshotRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__SnapshotRequest>) { archetype__snapshot_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__SnapshotRequest>) {
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__SnapshotRequest>, _ _arena: borrowing Arena) {
  }
}

extension Proto.SnapshotReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__SnapshotReply>) { archetype__snapshot_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__SnapshotReply>) {
    self.store = _c.pointee.store.map { Proto.StoreIdentity(c: $0) }
    self.revision = _c.pointee.revision
    self.records = Arena.list(_c.pointee.records, _c.pointee.n_records) { Arena.message($0, Proto.VersionedRecord.self) }
    self.instance = _c.pointee.instance
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__SnapshotReply>, _ _arena: borrowing Arena) {
    _c.pointee.store = self.store?.c(in: _arena)
    _c.pointee.revision = self.revision
    _c.pointee.n_records = self.records.count
    _c.pointee.records = _arena.list(self.records) { _value, _arena in _value.c(in: _arena) }
    _c.pointee.instance = self.instance
  }
}

extension Proto.StandingRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__StandingRequest>) { archetype__standing_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__StandingRequest>) {
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__StandingRequest>, _ _arena: borrowing Arena) {
  }
}

extension Proto.StandingReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__StandingReply>) { archetype__standing_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__StandingReply>) {
    self.store = _c.pointee.store.map { Proto.StoreIdentity(c: $0) }
    self.revision = _c.pointee.revision
    self.suspension = Arena.text(_c.pointee.suspension)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__StandingReply>, _ _arena: borrowing Arena) {
    _c.pointee.store = self.store?.c(in: _arena)
    _c.pointee.revision = self.revision
    _c.pointee.suspension = _arena.string(self.suspension)
  }
}

extension Proto.RecoverRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__RecoverRequest>) { archetype__recover_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__RecoverRequest>) {
    self.incarnation = Arena.text(_c.pointee.incarnation)
    self.of = _c.pointee.of.map { Proto.PutBasis(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__RecoverRequest>, _ _arena: borrowing Arena) {
    _c.pointee.incarnation = _arena.string(self.incarnation)
    _c.pointee.of = self.of?.c(in: _arena)
  }
}

extension Proto.RecoverReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__RecoverReply>) { archetype__recover_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__RecoverReply>) {
    self.store = _c.pointee.store.map { Proto.StoreIdentity(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__RecoverReply>, _ _arena: borrowing Arena) {
    _c.pointee.store = self.store?.c(in: _arena)
  }
}

extension Proto.BackupRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__BackupRequest>) { archetype__backup_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__BackupRequest>) {
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__BackupRequest>, _ _arena: borrowing Arena) {
  }
}

extension Proto.BackupReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__BackupReply>) { archetype__backup_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__BackupReply>) {
    self.store = _c.pointee.store.map { Proto.StoreIdentity(c: $0) }
    self.revision = _c.pointee.revision
    self.bytes = _c.pointee.bytes
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__BackupReply>, _ _arena: borrowing Arena) {
    _c.pointee.store = self.store?.c(in: _arena)
    _c.pointee.revision = self.revision
    _c.pointee.bytes = self.bytes
  }
}

extension Proto.BackupPartRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__BackupPartRequest>) { archetype__backup_part_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__BackupPartRequest>) {
    self.backup = Arena.text(_c.pointee.backup)
    self.offset = _c.pointee.offset
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__BackupPartRequest>, _ _arena: borrowing Arena) {
    _c.pointee.backup = _arena.string(self.backup)
    _c.pointee.offset = self.offset
  }
}

extension Proto.BackupPartReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__BackupPartReply>) { archetype__backup_part_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__BackupPartReply>) {
    self.secret = _c.pointee.secret
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__BackupPartReply>, _ _arena: borrowing Arena) {
    _c.pointee.secret = self.secret
  }
}

extension Proto.RestorePartRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__RestorePartRequest>) { archetype__restore_part_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__RestorePartRequest>) {
    self.backup = Arena.text(_c.pointee.backup)
    self.offset = _c.pointee.offset
    self.secret = _c.pointee.secret
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__RestorePartRequest>, _ _arena: borrowing Arena) {
    _c.pointee.backup = _arena.string(self.backup)
    _c.pointee.offset = self.offset
    _c.pointee.secret = self.secret
  }
}

extension Proto.RestorePartReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__RestorePartReply>) { archetype__restore_part_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__RestorePartReply>) {
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__RestorePartReply>, _ _arena: borrowing Arena) {
  }
}

extension Proto.RestoreRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__RestoreRequest>) { archetype__restore_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__RestoreRequest>) {
    self.backup = Arena.text(_c.pointee.backup)
    self.bytes = _c.pointee.bytes
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__RestoreRequest>, _ _arena: borrowing Arena) {
    _c.pointee.backup = _arena.string(self.backup)
    _c.pointee.bytes = self.bytes
  }
}

extension Proto.RestoreReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__RestoreReply>) { archetype__restore_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__RestoreReply>) {
    self.store = _c.pointee.store.map { Proto.StoreIdentity(c: $0) }
    self.revision = _c.pointee.revision
    self.bytes = _c.pointee.bytes
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__RestoreReply>, _ _arena: borrowing Arena) {
    _c.pointee.store = self.store?.c(in: _arena)
    _c.pointee.revision = self.revision
    _c.pointee.bytes = self.bytes
  }
}

extension Proto.AssignmentRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__AssignmentRequest>) { archetype__assignment_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__AssignmentRequest>) {
    self.host = Arena.text(_c.pointee.host)
    self.bound = _c.pointee.bound.map { Proto.StoreIdentity(c: $0) }
    self.have = _c.pointee.have
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__AssignmentRequest>, _ _arena: borrowing Arena) {
    _c.pointee.host = _arena.string(self.host)
    _c.pointee.bound = self.bound?.c(in: _arena)
    _c.pointee.have = self.have
  }
}

extension Proto.AssignmentReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__AssignmentReply>) { archetype__assignment_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__AssignmentReply>) {
    switch _c.pointee.reply_case.rawValue {
      case 1: self.reply = .assignment(Arena.message(_c.pointee.assignment, Proto.Assignment.self))
      case 2: self.reply = .unchanged(_c.pointee.unchanged)
      default: self.reply = nil
    }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__AssignmentReply>, _ _arena: borrowing Arena) {
    switch self.reply {
      case nil: break
      case .assignment(let _value)?:
        _c.pointee.reply_case.rawValue = 1
        _c.pointee.assignment = _value.c(in: _arena)
      case .unchanged(let _value)?:
        _c.pointee.reply_case.rawValue = 2
        _c.pointee.unchanged = _value
    }
  }
}

extension Proto.Assignment {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__Assignment>) { archetype__assignment__init(_c) }

  init(c _c: UnsafePointer<Archetype__Assignment>) {
    self.host = Arena.text(_c.pointee.host)
    self.store = _c.pointee.store.map { Proto.StoreIdentity(c: $0) }
    self.revision = _c.pointee.revision
    self.labs = Arena.list(_c.pointee.labs, _c.pointee.n_labs) { Arena.message($0, Proto.AssignedLab.self) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__Assignment>, _ _arena: borrowing Arena) {
    _c.pointee.host = _arena.string(self.host)
    _c.pointee.store = self.store?.c(in: _arena)
    _c.pointee.revision = self.revision
    _c.pointee.n_labs = self.labs.count
    _c.pointee.labs = _arena.list(self.labs) { _value, _arena in _value.c(in: _arena) }
  }
}

extension Proto.AssignedLab {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__AssignedLab>) { archetype__assigned_lab__init(_c) }

  init(c _c: UnsafePointer<Archetype__AssignedLab>) {
    self.key = _c.pointee.key.map { Proto.LabKey(c: $0) }
    self.nodes = Arena.list(_c.pointee.nodes, _c.pointee.n_nodes) { Arena.message($0, Proto.AssignedNode.self) }
    self.links = Arena.list(_c.pointee.links, _c.pointee.n_links) { Arena.message($0, Proto.AssignedLink.self) }
    self.management = _c.pointee.management.map { Proto.AssignedManagement(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__AssignedLab>, _ _arena: borrowing Arena) {
    _c.pointee.key = self.key?.c(in: _arena)
    _c.pointee.n_nodes = self.nodes.count
    _c.pointee.nodes = _arena.list(self.nodes) { _value, _arena in _value.c(in: _arena) }
    _c.pointee.n_links = self.links.count
    _c.pointee.links = _arena.list(self.links) { _value, _arena in _value.c(in: _arena) }
    _c.pointee.management = self.management?.c(in: _arena)
  }
}

extension Proto.AssignedManagement {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__AssignedManagement>) { archetype__assigned_management__init(_c) }

  init(c _c: UnsafePointer<Archetype__AssignedManagement>) {
    self.gateways = Arena.list(_c.pointee.gateways, _c.pointee.n_gateways) { Arena.text($0) }
    self.mtu = _c.pointee.mtu
    self.outside = _c.pointee.outside != 0
    self.ports = Arena.list(_c.pointee.ports, _c.pointee.n_ports) { Arena.message($0, Proto.ForwardedPort.self) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__AssignedManagement>, _ _arena: borrowing Arena) {
    _c.pointee.n_gateways = self.gateways.count
    _c.pointee.gateways = _arena.list(self.gateways) { _value, _arena in _arena.string(_value) }
    _c.pointee.mtu = self.mtu
    _c.pointee.outside = self.outside ? 1 : 0
    _c.pointee.n_ports = self.ports.count
    _c.pointee.ports = _arena.list(self.ports) { _value, _arena in _value.c(in: _arena) }
  }
}

extension Proto.ForwardedPort {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ForwardedPort>) { archetype__forwarded_port__init(_c) }

  init(c _c: UnsafePointer<Archetype__ForwardedPort>) {
    self.published = _c.pointee.published.map { Proto.PublishedPort(c: $0) }
    self.to = Arena.text(_c.pointee.to)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ForwardedPort>, _ _arena: borrowing Arena) {
    _c.pointee.published = self.published?.c(in: _arena)
    _c.pointee.to = _arena.string(self.to)
  }
}

extension Proto.AssignedNode {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__AssignedNode>) { archetype__assigned_node__init(_c) }

  init(c _c: UnsafePointer<Archetype__AssignedNode>) {
    self.key = _c.pointee.key.map { Proto.NodeKey(c: $0) }
    self.spec = _c.pointee.spec.map { Proto.NodeSpec(c: $0) }
    self.desired = Proto.DesiredState(rawValue: .init(truncatingIfNeeded: _c.pointee.desired.rawValue))
    self.startSerial = _c.pointee.start_serial
    self.interfaces = Arena.list(_c.pointee.interfaces, _c.pointee.n_interfaces) { Arena.message($0, Proto.AssignedInterface.self) }
    self.awaited = Arena.list(_c.pointee.awaited, _c.pointee.n_awaited) { Arena.message($0, Proto.AwaitedNode.self) }
    self.watchers = Arena.list(_c.pointee.watchers, _c.pointee.n_watchers) { Arena.text($0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__AssignedNode>, _ _arena: borrowing Arena) {
    _c.pointee.key = self.key?.c(in: _arena)
    _c.pointee.spec = self.spec?.c(in: _arena)
    _c.pointee.desired = Archetype__DesiredState(rawValue: .init(truncatingIfNeeded: self.desired.rawValue))
    _c.pointee.start_serial = self.startSerial
    _c.pointee.n_interfaces = self.interfaces.count
    _c.pointee.interfaces = _arena.list(self.interfaces) { _value, _arena in _value.c(in: _arena) }
    _c.pointee.n_awaited = self.awaited.count
    _c.pointee.awaited = _arena.list(self.awaited) { _value, _arena in _value.c(in: _arena) }
    _c.pointee.n_watchers = self.watchers.count
    _c.pointee.watchers = _arena.list(self.watchers) { _value, _arena in _arena.string(_value) }
  }
}

extension Proto.AwaitedNode {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__AwaitedNode>) { archetype__awaited_node__init(_c) }

  init(c _c: UnsafePointer<Archetype__AwaitedNode>) {
    self.key = _c.pointee.key.map { Proto.NodeKey(c: $0) }
    self.host = Arena.text(_c.pointee.host)
    self.startSerial = _c.pointee.start_serial
    self.specDigest = _c.pointee.spec_digest
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__AwaitedNode>, _ _arena: borrowing Arena) {
    _c.pointee.key = self.key?.c(in: _arena)
    _c.pointee.host = _arena.string(self.host)
    _c.pointee.start_serial = self.startSerial
    _c.pointee.spec_digest = self.specDigest
  }
}

extension Proto.AssignedInterface {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__AssignedInterface>) { archetype__assigned_interface__init(_c) }

  init(c _c: UnsafePointer<Archetype__AssignedInterface>) {
    self.ordinal = _c.pointee.ordinal
    self.mtu = _c.pointee.mtu
    self.addresses = Arena.list(_c.pointee.addresses, _c.pointee.n_addresses) { Arena.text($0) }
    self.gateways = Arena.list(_c.pointee.gateways, _c.pointee.n_gateways) { Arena.text($0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__AssignedInterface>, _ _arena: borrowing Arena) {
    _c.pointee.ordinal = self.ordinal
    _c.pointee.mtu = self.mtu
    _c.pointee.n_addresses = self.addresses.count
    _c.pointee.addresses = _arena.list(self.addresses) { _value, _arena in _arena.string(_value) }
    _c.pointee.n_gateways = self.gateways.count
    _c.pointee.gateways = _arena.list(self.gateways) { _value, _arena in _arena.string(_value) }
  }
}

extension Proto.AssignedLink {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__AssignedLink>) { archetype__assigned_link__init(_c) }

  init(c _c: UnsafePointer<Archetype__AssignedLink>) {
    self.link = _c.pointee.link.map { Proto.LinkID(c: $0) }
    switch _c.pointee.path_case.rawValue {
      case 2: self.path = .patch(Arena.message(_c.pointee.patch, Proto.Nothing.self))
      case 3: self.path = .tunnel(Arena.message(_c.pointee.tunnel, Proto.AssignedTunnel.self))
      default: self.path = nil
    }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__AssignedLink>, _ _arena: borrowing Arena) {
    _c.pointee.link = self.link?.c(in: _arena)
    switch self.path {
      case nil: break
      case .patch(let _value)?:
        _c.pointee.path_case.rawValue = 2
        _c.pointee.patch = _value.c(in: _arena)
      case .tunnel(let _value)?:
        _c.pointee.path_case.rawValue = 3
        _c.pointee.tunnel = _value.c(in: _arena)
    }
  }
}

extension Proto.AssignedTunnel {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__AssignedTunnel>) { archetype__assigned_tunnel__init(_c) }

  init(c _c: UnsafePointer<Archetype__AssignedTunnel>) {
    self.near = _c.pointee.near.map { Proto.Endpoint(c: $0) }
    self.vni = _c.pointee.vni
    self.local = Arena.text(_c.pointee.local)
    self.remote = Arena.text(_c.pointee.remote)
    self.farHost = Arena.text(_c.pointee.far_host)
    self.mtu = _c.pointee.mtu
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__AssignedTunnel>, _ _arena: borrowing Arena) {
    _c.pointee.near = self.near?.c(in: _arena)
    _c.pointee.vni = self.vni
    _c.pointee.local = _arena.string(self.local)
    _c.pointee.remote = _arena.string(self.remote)
    _c.pointee.far_host = _arena.string(self.farHost)
    _c.pointee.mtu = self.mtu
  }
}

extension Proto {
  /// The intent store: compare-and-put, snapshots, blobs, and each host's assignment.
  enum ConfigServiceMethod: String, CaseIterable, Sendable {
    /// All changes or none, remembered under the request id.
    case put = "ConfigService.Put"
    case putBlob = "ConfigService.PutBlob"
    case getBlob = "ConfigService.GetBlob"
    /// Which of these blobs the store lacks.
    case missingBlobs = "ConfigService.MissingBlobs"
    /// All of intent at one revision.
    case snapshot = "ConfigService.Snapshot"
    /// An agent's question for what its host should have.
    case assignment = "ConfigService.Assignment"
    /// Which store is there.
    case standing = "ConfigService.Standing"
    /// Go on with exactly this store as another incarnation.
    case recover = "ConfigService.Recover"
    /// A consistent copy of all that the store holds, made now; the request's id is its name.
    case backup = "ConfigService.Backup"
    /// A part of the copy that was made last; behind its end nothing, and the copy is dropped.
    case backupPart = "ConfigService.BackupPart"
    /// A part of a copy that is to take the store's place, in their order.
    case restorePart = "ConfigService.RestorePart"
    /// Puts a copy that is there as a whole in the store's place, and begins anew with it.
    case restore = "ConfigService.Restore"

    /// Whether the reply opens a numbered stream of events.
    var isStream: Bool {
      false
    }

    /// What is sent, and what comes back.
    var types: (request: any ProtoMessage.Type, reply: any ProtoMessage.Type) {
      switch self {
        case .put: (Proto.PutRequest.self, Proto.PutReply.self)
        case .putBlob: (Proto.PutBlobRequest.self, Proto.PutBlobReply.self)
        case .getBlob: (Proto.GetBlobRequest.self, Proto.GetBlobReply.self)
        case .missingBlobs: (Proto.MissingBlobsRequest.self, Proto.MissingBlobsReply.self)
        case .snapshot: (Proto.SnapshotRequest.self, Proto.SnapshotReply.self)
        case .assignment: (Proto.AssignmentRequest.self, Proto.AssignmentReply.self)
        case .standing: (Proto.StandingRequest.self, Proto.StandingReply.self)
        case .recover: (Proto.RecoverRequest.self, Proto.RecoverReply.self)
        case .backup: (Proto.BackupRequest.self, Proto.BackupReply.self)
        case .backupPart: (Proto.BackupPartRequest.self, Proto.BackupPartReply.self)
        case .restorePart: (Proto.RestorePartRequest.self, Proto.RestorePartReply.self)
        case .restore: (Proto.RestoreRequest.self, Proto.RestoreReply.self)
      }
    }
  }

  /// What answers ConfigService: one method an operation.
  protocol ConfigServiceHandler {
    associatedtype Output
    func put(_ request: Proto.PutRequest) throws -> Output
    func putBlob(_ request: Proto.PutBlobRequest) throws -> Output
    func getBlob(_ request: Proto.GetBlobRequest) throws -> Output
    func missingBlobs(_ request: Proto.MissingBlobsRequest) throws -> Output
    func snapshot(_ request: Proto.SnapshotRequest) throws -> Output
    func assignment(_ request: Proto.AssignmentRequest) throws -> Output
    func standing(_ request: Proto.StandingRequest) throws -> Output
    func recover(_ request: Proto.RecoverRequest) throws -> Output
    func backup(_ request: Proto.BackupRequest) throws -> Output
    func backupPart(_ request: Proto.BackupPartRequest) throws -> Output
    func restorePart(_ request: Proto.RestorePartRequest) throws -> Output
    func restore(_ request: Proto.RestoreRequest) throws -> Output
  }

  /// What takes the replies of ConfigService: one method an operation.
  protocol ConfigServiceReplies {
    associatedtype Output
    func put(_ reply: Proto.PutReply) throws -> Output
    func putBlob(_ reply: Proto.PutBlobReply) throws -> Output
    func getBlob(_ reply: Proto.GetBlobReply) throws -> Output
    func missingBlobs(_ reply: Proto.MissingBlobsReply) throws -> Output
    func snapshot(_ reply: Proto.SnapshotReply) throws -> Output
    func assignment(_ reply: Proto.AssignmentReply) throws -> Output
    func standing(_ reply: Proto.StandingReply) throws -> Output
    func recover(_ reply: Proto.RecoverReply) throws -> Output
    func backup(_ reply: Proto.BackupReply) throws -> Output
    func backupPart(_ reply: Proto.BackupPartReply) throws -> Output
    func restorePart(_ reply: Proto.RestorePartReply) throws -> Output
    func restore(_ reply: Proto.RestoreReply) throws -> Output
  }

  /// Calls ConfigService over a channel.
  struct ConfigServiceClient<Channel: RequestChannel> {
    let channel: Channel

    /// All changes or none, remembered under the request id.
    func put(_ request: Proto.PutRequest) throws -> Channel.Result {
      try channel.call("ConfigService.Put", request, returning: Proto.PutReply.self)
    }

    func putBlob(_ request: Proto.PutBlobRequest) throws -> Channel.Result {
      try channel.call("ConfigService.PutBlob", request, returning: Proto.PutBlobReply.self)
    }

    func getBlob(_ request: Proto.GetBlobRequest) throws -> Channel.Result {
      try channel.call("ConfigService.GetBlob", request, returning: Proto.GetBlobReply.self)
    }

    /// Which of these blobs the store lacks.
    func missingBlobs(_ request: Proto.MissingBlobsRequest) throws -> Channel.Result {
      try channel.call("ConfigService.MissingBlobs", request, returning: Proto.MissingBlobsReply.self)
    }

    /// All of intent at one revision.
    func snapshot(_ request: Proto.SnapshotRequest) throws -> Channel.Result {
      try channel.call("ConfigService.Snapshot", request, returning: Proto.SnapshotReply.self)
    }

    /// An agent's question for what its host should have.
    func assignment(_ request: Proto.AssignmentRequest) throws -> Channel.Result {
      try channel.call("ConfigService.Assignment", request, returning: Proto.AssignmentReply.self)
    }

    /// Which store is there.
    func standing(_ request: Proto.StandingRequest) throws -> Channel.Result {
      try channel.call("ConfigService.Standing", request, returning: Proto.StandingReply.self)
    }

    /// Go on with exactly this store as another incarnation.
    func recover(_ request: Proto.RecoverRequest) throws -> Channel.Result {
      try channel.call("ConfigService.Recover", request, returning: Proto.RecoverReply.self)
    }

    /// A consistent copy of all that the store holds, made now; the request's id is its name.
    func backup(_ request: Proto.BackupRequest) throws -> Channel.Result {
      try channel.call("ConfigService.Backup", request, returning: Proto.BackupReply.self)
    }

    /// A part of the copy that was made last; behind its end nothing, and the copy is dropped.
    func backupPart(_ request: Proto.BackupPartRequest) throws -> Channel.Result {
      try channel.call("ConfigService.BackupPart", request, returning: Proto.BackupPartReply.self)
    }

    /// A part of a copy that is to take the store's place, in their order.
    func restorePart(_ request: Proto.RestorePartRequest) throws -> Channel.Result {
      try channel.call("ConfigService.RestorePart", request, returning: Proto.RestorePartReply.self)
    }

    /// Puts a copy that is there as a whole in the store's place, and begins anew with it.
    func restore(_ request: Proto.RestoreRequest) throws -> Channel.Result {
      try channel.call("ConfigService.Restore", request, returning: Proto.RestoreReply.self)
    }
  }
}

extension Proto.ConfigServiceHandler {
  /// Decodes the request and calls its method; throws `WireError` for bytes that are none.
  func handle(_ method: Proto.ConfigServiceMethod, _ body: [UInt8]) throws -> Output {
    switch method {
      case .put: try self.put(Proto.PutRequest(decoding: body))
      case .putBlob: try self.putBlob(Proto.PutBlobRequest(decoding: body))
      case .getBlob: try self.getBlob(Proto.GetBlobRequest(decoding: body))
      case .missingBlobs: try self.missingBlobs(Proto.MissingBlobsRequest(decoding: body))
      case .snapshot: try self.snapshot(Proto.SnapshotRequest(decoding: body))
      case .assignment: try self.assignment(Proto.AssignmentRequest(decoding: body))
      case .standing: try self.standing(Proto.StandingRequest(decoding: body))
      case .recover: try self.recover(Proto.RecoverRequest(decoding: body))
      case .backup: try self.backup(Proto.BackupRequest(decoding: body))
      case .backupPart: try self.backupPart(Proto.BackupPartRequest(decoding: body))
      case .restorePart: try self.restorePart(Proto.RestorePartRequest(decoding: body))
      case .restore: try self.restore(Proto.RestoreRequest(decoding: body))
    }
  }
}

extension Proto.ConfigServiceReplies {
  /// Decodes the reply and calls its method; throws `WireError` for bytes that are none.
  func handleReply(_ method: Proto.ConfigServiceMethod, _ body: [UInt8]) throws -> Output {
    switch method {
      case .put: try self.put(Proto.PutReply(decoding: body))
      case .putBlob: try self.putBlob(Proto.PutBlobReply(decoding: body))
      case .getBlob: try self.getBlob(Proto.GetBlobReply(decoding: body))
      case .missingBlobs: try self.missingBlobs(Proto.MissingBlobsReply(decoding: body))
      case .snapshot: try self.snapshot(Proto.SnapshotReply(decoding: body))
      case .assignment: try self.assignment(Proto.AssignmentReply(decoding: body))
      case .standing: try self.standing(Proto.StandingReply(decoding: body))
      case .recover: try self.recover(Proto.RecoverReply(decoding: body))
      case .backup: try self.backup(Proto.BackupReply(decoding: body))
      case .backupPart: try self.backupPart(Proto.BackupPartReply(decoding: body))
      case .restorePart: try self.restorePart(Proto.RestorePartReply(decoding: body))
      case .restore: try self.restore(Proto.RestoreReply(decoding: body))
    }
  }
}

// swift-format-ignore-file
// Generated from proto/store.proto by proto/generate.sh. Do not edit.

import CMessages

extension Proto {
  /// What is kept on disk in one piece: a message and its Secrets.
  struct Sealed: ProtoMessage {
    var body: [UInt8] = []
    var secrets: [UInt8] = []
  }

  /// An agent's changes that nobody has acknowledged yet.
  struct HostChanges: ProtoMessage {
    var changes: [Proto.HostChange] = []
  }
}

extension Proto.Sealed {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__Sealed>) { archetype__sealed__init(_c) }

  init(c _c: UnsafePointer<Archetype__Sealed>) {
    self.body = Arena.octets(_c.pointee.body)
    self.secrets = Arena.octets(_c.pointee.secrets)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__Sealed>, _ _arena: borrowing Arena) {
    _c.pointee.body = _arena.bytes(self.body)
    _c.pointee.secrets = _arena.bytes(self.secrets)
  }
}

extension Proto.HostChanges {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__HostChanges>) { archetype__host_changes__init(_c) }

  init(c _c: UnsafePointer<Archetype__HostChanges>) {
    self.changes = Arena.list(_c.pointee.changes, _c.pointee.n_changes) { Arena.message($0, Proto.HostChange.self) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__HostChanges>, _ _arena: borrowing Arena) {
    _c.pointee.n_changes = self.changes.count
    _c.pointee.changes = _arena.list(self.changes) { _value, _arena in _value.c(in: _arena) }
  }
}

// swift-format-ignore-file
// Generated from proto/store.proto by proto/generate.sh. Do not edit.

import CMessages

extension Proto {
  /// What is kept on disk in one piece: a message and its Secrets.
  struct Sealed: ProtoMessage {
    var body: [UInt8] = []
    var secrets: [UInt8] = []
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

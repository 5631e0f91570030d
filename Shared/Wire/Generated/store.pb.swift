// swift-format-ignore-file
// Generated from proto/store.proto by proto/generate.sh. Do not edit.

import CMessages

extension Proto {
  /// A record of what an agent keeps in /run of ends that aren't acknowledged.
  struct EndRecord: ProtoMessage {
    var record: Record?

    enum Record: Sendable, Hashable {
      case begin(Proto.EndBegin)
      case end(Proto.Exited)
      /// All up to this number are acknowledged.
      case acknowledged(UInt64)
    }
  }

  struct EndBegin: ProtoMessage {
    var deployment: String = ""
    var ends: Proto.EndSeries?
  }

  /// What is kept on disk in one piece: a message and its Secrets.
  struct Sealed: ProtoMessage {
    var body: [UInt8] = []
    var secrets: [UInt8] = []
  }
}

extension Proto.EndRecord {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__EndRecord>) { archetype__end_record__init(_c) }

  init(c _c: UnsafePointer<Archetype__EndRecord>) {
    switch _c.pointee.record_case.rawValue {
      case 1: self.record = .begin(Arena.message(_c.pointee.begin, Proto.EndBegin.self))
      case 2: self.record = .end(Arena.message(_c.pointee.end, Proto.Exited.self))
      case 3: self.record = .acknowledged(_c.pointee.acknowledged)
      default: self.record = nil
    }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__EndRecord>, _ _arena: borrowing Arena) {
    switch self.record {
      case nil: break
      case .begin(let _value)?:
        _c.pointee.record_case.rawValue = 1
        _c.pointee.begin = _value.c(in: _arena)
      case .end(let _value)?:
        _c.pointee.record_case.rawValue = 2
        _c.pointee.end = _value.c(in: _arena)
      case .acknowledged(let _value)?:
        _c.pointee.record_case.rawValue = 3
        _c.pointee.acknowledged = _value
    }
  }
}

extension Proto.EndBegin {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__EndBegin>) { archetype__end_begin__init(_c) }

  init(c _c: UnsafePointer<Archetype__EndBegin>) {
    self.deployment = Arena.text(_c.pointee.deployment)
    self.ends = _c.pointee.ends.map { Proto.EndSeries(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__EndBegin>, _ _arena: borrowing Arena) {
    _c.pointee.deployment = _arena.string(self.deployment)
    _c.pointee.ends = self.ends?.c(in: _arena)
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

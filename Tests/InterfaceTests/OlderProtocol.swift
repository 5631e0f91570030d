import Foundation

/// The protocol as an older version describes it (`descriptor.proto`'s FileDescriptorSet): what of a message's bytes it doesn't know.
struct OlderProtocol {
  private enum Kind {
    case plain
    case message(String)
    case symbol(String)
  }
  private struct Field {
    var name: String
    var kind: Kind
  }

  private var messages: [String: [UInt64: Field]] = [:]
  private var symbols: [String: Set<UInt64>] = [:]
  /// By `JobService.ApplyLab`.
  private var methods: [String: (request: String, reply: String)] = [:]

  init(reading path: String) throws {
    for file in WireFields([UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))).messages(1) {
      let package = "." + file.text(2)
      for message in file.messages(4) { take(message, in: package) }
      for symbol in file.messages(5) { take(symbol: symbol, in: package) }
      for service in file.messages(6) {
        for method in service.messages(2) {
          methods["\(service.text(1)).\(method.text(1))"] = (method.text(2), method.text(3))
        }
      }
    }
  }

  private mutating func take(_ message: WireFields, in scope: String) {
    let name = "\(scope).\(message.text(1))"
    var fields: [UInt64: Field] = [:]
    for field in message.messages(2) {
      let kind: Kind =
        switch field.number(5) {
        case 11: .message(field.text(6))
        case 14: .symbol(field.text(6))
        default: .plain
        }
      fields[field.number(3)] = Field(name: field.text(1), kind: kind)
    }
    messages[name] = fields
    for inner in message.messages(3) { take(inner, in: name) }
    for symbol in message.messages(4) { take(symbol: symbol, in: name) }
  }

  private mutating func take(symbol: WireFields, in scope: String) {
    symbols["\(scope).\(symbol.text(1))"] = Set(symbol.messages(2).map { $0.number(2) })
  }

  /// The message that a request or a reply of a method is; nil: there is no such method.
  func type(of kind: String, isReply: Bool) -> String? { methods[kind].map { isReply ? $0.reply : $0.request } }

  /// Each field, and each value of an enumeration, that a message of a type may hold and an older version doesn't know; of what is new as a
  /// whole not its parts.
  func news(since older: OlderProtocol, in type: String) -> Set<String> {
    var found: Set<String> = []
    var seen: Set<String> = [type]
    var open = [type]
    while let type = open.popLast() {
      for (number, field) in messages[type] ?? [:] {
        if older.messages[type]?[number] == nil {
          found.insert("\(type).\(field.name)")
          continue
        }
        switch field.kind {
        case .plain: continue
        case .message(let inner): if seen.insert(inner).inserted { open.append(inner) }
        case .symbol(let name):
          for number in (symbols[name] ?? []).subtracting(older.symbols[name] ?? []) { found.insert("\(name) = \(number)") }
        }
      }
    }
    return found
  }

  /// Each field, and each value of an enumeration, that it doesn't know, by its place.
  func unknown(in bytes: [UInt8], as type: String) -> Set<String> {
    guard let known = messages[type] else { return [type] }
    var found: Set<String> = []
    for (number, value) in WireFields(bytes).all {
      let place = "\(type) \(number)"
      switch (known[number]?.kind, value) {
      case (nil, _): found.insert(place)
      case (.message(let inner)?, .bytes(let bytes)): found.formUnion(unknown(in: bytes, as: inner))
      case (.symbol(let name)?, .number(let number)):
        if symbols[name]?.contains(number) != true { found.insert("\(place) = \(number)") }
      case (.plain?, _), (.message?, _), (.symbol?, _): continue
      }
    }
    return found
  }
}

/// The fields of a message's bytes, whatever message it is (protobuf's encoding).
struct WireFields {
  enum Value {
    case number(UInt64)
    case bytes([UInt8])
  }
  private(set) var all: [(number: UInt64, value: Value)] = []

  init(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while let tag = Self.varint(&rest) {
      switch tag & 7 {
      case 0: all.append((tag >> 3, .number(Self.varint(&rest) ?? 0)))
      case 1: all.append((tag >> 3, .bytes(Self.take(8, &rest))))
      case 5: all.append((tag >> 3, .bytes(Self.take(4, &rest))))
      default: all.append((tag >> 3, .bytes(Self.take(Int(Self.varint(&rest) ?? 0), &rest))))
      }
    }
  }

  private static func take(_ count: Int, _ rest: inout ArraySlice<UInt8>) -> [UInt8] {
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: 0 as UInt64, to: 64, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { break }
    }
    return value
  }

  private func values(_ number: UInt64) -> [Value] { all.filter { $0.number == number }.map(\.value) }
  func messages(_ number: UInt64) -> [WireFields] {
    values(number).compactMap { if case .bytes(let bytes) = $0 { WireFields(bytes) } else { nil } }
  }
  func number(_ number: UInt64) -> UInt64 {
    if case .number(let value)? = values(number).last { value } else { 0 }
  }
  func text(_ number: UInt64) -> String {
    if case .bytes(let bytes)? = values(number).last { String(decoding: bytes, as: UTF8.self) } else { "" }
  }
}

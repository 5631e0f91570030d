internal import CJSON

/// A value of JSON (RFC 8259) as an engine and its configuration speak it. json-c reads and writes it.
public indirect enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case integer(Int64)
  case real(Double)
  case text(String)
  case list([JSONValue])
  case object([String: JSONValue])

  /// Engines nest their longest answers nine deep; a bound on what a broken one may make this process's stack hold.
  private static let deepest: Int32 = 64

  /// - Throws: `JSONError` for what isn't exactly one value.
  public init(_ bytes: [UInt8]) throws(JSONError) {
    let root = try Self.parse(bytes)
    defer { json_object_put(root) }
    self = Self.value(root)
  }

  /// The caller's to put; nil for null.
  static func parse(_ bytes: [UInt8]) throws(JSONError) -> OpaquePointer? {
    var error = json_tokener_success
    let root = bytes.withUnsafeBufferPointer { buffer in
      buffer.withMemoryRebound(to: CChar.self) { cjson_parse($0.baseAddress, $0.count, Self.deepest, &error) }
    }
    guard error == json_tokener_success else { throw JSONError(reason: String(cString: json_tokener_error_desc(error))) }
    return root
  }

  static func value(_ object: OpaquePointer?) -> JSONValue {
    guard let object else { return .null }
    switch json_object_get_type(object) {
    case json_type_boolean: return .bool(json_object_get_boolean(object) != 0)
    case json_type_int: return .integer(json_object_get_int64(object))
    case json_type_double: return .real(json_object_get_double(object))
    case json_type_string:
      let bytes = UnsafeRawBufferPointer(start: json_object_get_string(object), count: Int(json_object_get_string_len(object)))
      return .text(String(decoding: bytes, as: UTF8.self))
    case json_type_array: return .list((0..<json_object_array_length(object)).map { value(json_object_array_get_idx(object, $0)) })
    case json_type_object:
      var members: [String: JSONValue] = [:]
      var cursor = cjson_begin(object)
      var name: UnsafePointer<CChar>?
      var member: OpaquePointer?
      while cjson_next(&cursor, &name, &member) != 0 { if let name { members[String(cString: name)] = value(member) } }
      return .object(members)
    case _: return .null
    }
  }

  /// On one line; members in no order of their own.
  public var bytes: [UInt8] {
    let root = object
    defer { json_object_put(root) }
    return Self.words(of: root, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)
  }

  static func words(of root: OpaquePointer?, _ flags: Int32) -> [UInt8] {
    var length = 0
    guard let text = json_object_to_json_string_length(root, flags, &length) else { return [] }
    return Array(UnsafeRawBufferPointer(start: text, count: length))
  }

  /// The caller's to put.
  var object: OpaquePointer? {
    switch self {
    case .null: return nil
    case .bool(let value): return json_object_new_boolean(value ? 1 : 0)
    case .integer(let value): return json_object_new_int64(value)
    case .real(let value): return json_object_new_double(value)
    case .text(let value):
      var value = value
      return value.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) { json_object_new_string_len($0.baseAddress, Int32(clamping: $0.count)) }
      }
    case .list(let values):
      let list = json_object_new_array()
      for value in values { json_object_array_add(list, value.object) }
      return list
    case .object(let members):
      let object = json_object_new_object()
      for (name, value) in members { json_object_object_add(object, name, value.object) }
      return object
    }
  }
}

/// Why a text isn't JSON.
public struct JSONError: Error, Hashable {
  public var reason: String
}

extension JSONValue {
  /// A member of an object; null where there is none, or where this is none.
  public subscript(_ name: String) -> JSONValue {
    if case .object(let members) = self { members[name] ?? .null } else { .null }
  }

  public var text: String? { if case .text(let text) = self { text } else { nil } }
  public var integer: Int64? { if case .integer(let number) = self { number } else { nil } }
  public var isTrue: Bool { self == .bool(true) }
  /// Empty for what is no list.
  public var list: [JSONValue] { if case .list(let values) = self { values } else { [] } }
  /// Empty for what is no object.
  public var members: [String: JSONValue] { if case .object(let members) = self { members } else { [:] } }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByBooleanLiteral {
  public init(stringLiteral value: String) { self = .text(value) }
  public init(dictionaryLiteral members: (String, JSONValue)...) { self = .object(Dictionary(members) { $1 }) }
  public init(arrayLiteral values: JSONValue...) { self = .list(values) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
}

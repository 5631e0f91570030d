/// A value as JSON prints it (RFC 8259): keys in the order given, on one line.
indirect enum JSON: Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  case unsigned(UInt64)
  /// Printed as a decimal fraction.
  case thousandths(Int)
  case string(String)
  case array([JSON])
  case object([Member])

  struct Member: Equatable {
    var key: String
    var value: JSON
  }

  static func members(_ members: KeyValuePairs<String, JSON>) -> JSON { .object(members.map { Member(key: $0.key, value: $0.value) }) }
  /// An empty text stands for none.
  static func text(_ text: String) -> JSON { text.isEmpty ? .null : .string(text) }
  static func optional<Value>(_ value: Value?, _ make: (Value) -> JSON) -> JSON { value.map(make) ?? .null }

  var text: String {
    var text = ""
    write(to: &text)
    return text
  }

  private func write(to text: inout String) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += "\(value)"
    case .unsigned(let value): text += "\(value)"
    case .thousandths(let value):
      let fraction = String(value.magnitude % 1_000)
      let zeros = String(repeating: "0", count: 3 - fraction.utf8.count)
      text += "\(value < 0 ? "-" : "")\(value.magnitude / 1_000).\(zeros)\(fraction)"
    case .string(let value): Self.quote(value, to: &text)
    case .array(let values):
      text += "["
      for (index, value) in values.enumerated() {
        if index > 0 { text += "," }
        value.write(to: &text)
      }
      text += "]"
    case .object(let members):
      text += "{"
      for (index, member) in members.enumerated() {
        if index > 0 { text += "," }
        Self.quote(member.key, to: &text)
        text += ":"
        member.value.write(to: &text)
      }
      text += "}"
    }
  }

  private static func quote(_ value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
      case _: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

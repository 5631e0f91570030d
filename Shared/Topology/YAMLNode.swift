/// A YAML document as a tree, aliases and merge keys resolved, each key and value with its place in the file.
struct YAMLNode: Sendable {
  var mark: Mark
  var value: YAMLValue
  /// Nodes in it, itself included, aliases counted each time.
  var size: Int
}

enum YAMLValue: Sendable {
  case scalar(YAMLScalar)
  case sequence([YAMLNode])
  case mapping([YAMLEntry])
}

struct YAMLEntry: Sendable {
  var key: String
  var mark: Mark
  var value: YAMLNode
}

/// A scalar's text. A plain one is null, bool or number by the core schema of YAML 1.2; all else is text.
struct YAMLScalar: Sendable {
  var text: String
  var isPlain: Bool

  /// `~`, `null` or nothing. No `no`, no base 60: those are YAML 1.1.
  var isNull: Bool { isPlain && ["", "~", "null", "Null", "NULL"].contains(text) }

  /// `[-+]?[0-9]+`, `0o…`, `0x…`.
  var integer: Int? {
    guard isPlain else { return nil }
    if text.hasPrefix("0x") { return Int(text.dropFirst(2), radix: 16) }
    if text.hasPrefix("0o") { return Int(text.dropFirst(2), radix: 8) }
    return Int(text)
  }
}

extension YAMLNode {
  var isNull: Bool { if case .scalar(let scalar) = value { scalar.isNull } else { false } }

  /// A scalar's text, whatever its type: `true` and `1` are text where text is asked for.
  var text: String? { if case .scalar(let scalar) = value, !scalar.isNull { scalar.text } else { nil } }

  var kindName: String {
    switch value {
    case .scalar: "a single value"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}

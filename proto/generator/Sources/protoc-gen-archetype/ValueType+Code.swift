extension ValueType {
  var swift: String {
    switch self {
    case .number(let name): name
    case .bool: "Bool"
    case .string: "String"
    case .bytes: "[UInt8]"
    case .enumeration(let swift, _, _), .message(let swift, _): swift
    }
  }

  /// What an absent field reads as.
  var zero: String {
    switch self {
    case .number: "0"
    case .bool: "false"
    case .string: "\"\""
    case .bytes: "[]"
    case .enumeration(_, _, let zero): "." + zero
    case .message(let swift, _): swift + "()"
    }
  }

  /// The C value of a Swift expression; memory comes from `_arena`.
  func toC(_ expression: String) -> String {
    switch self {
    case .number: expression
    case .bool: "\(expression) ? 1 : 0"
    case .string: "_arena.string(\(expression))"
    case .bytes: "_arena.bytes(\(expression))"
    case .enumeration(_, let c, _): "\(c)(rawValue: .init(truncatingIfNeeded: \(expression).rawValue))"
    case .message: "\(expression).c(in: _arena)"
    }
  }

  /// The Swift value of a C expression.
  func fromC(_ expression: String) -> String {
    switch self {
    case .number: expression
    case .bool: "\(expression) != 0"
    case .string: "Arena.text(\(expression))"
    case .bytes: "Arena.octets(\(expression))"
    case .enumeration(let swift, _, _): "\(swift)(rawValue: .init(truncatingIfNeeded: \(expression).rawValue))"
    case .message(let swift, _): "Arena.message(\(expression), \(swift).self)"
    }
  }
}

extension Writer {
  /// An open enumeration: a value of a newer version is kept by its number.
  mutating func enumeration(_ enumeration: Enumeration) {
    comment(enumeration.comment)
    block("enum \(enumeration.name): Sendable, Hashable") { writer in
      for value in enumeration.values {
        writer.comment(value.comment)
        writer.line("case \(value.swift)")
      }
      writer.line("case unrecognized(Int32)")
      writer.line()
      writer.block("init(rawValue: Int32)") { writer in
        writer.block("switch rawValue") { writer in
          for value in enumeration.values { writer.line("case \(value.number): self = .\(value.swift)") }
          writer.line("default: self = .unrecognized(rawValue)")
        }
      }
      writer.line()
      writer.block("var rawValue: Int32") { writer in
        writer.block("switch self") { writer in
          for value in enumeration.values { writer.line("case .\(value.swift): \(value.number)") }
          writer.line("case .unrecognized(let value): value")
        }
      }
    }
  }
}

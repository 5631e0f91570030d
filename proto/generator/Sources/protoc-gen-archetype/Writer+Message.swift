extension Writer {
  /// The struct with its properties, oneofs and nested types.
  mutating func structure(_ message: Message) {
    comment(message.comment)
    block("struct \(message.name): ProtoMessage") { writer in
      for part in message.parts {
        switch part {
        case .field(let field):
          writer.comment(field.comment)
          writer.line(Self.property(field))
        case .choice(let oneof):
          writer.comment(oneof.comment)
          writer.line("var \(oneof.swift): \(oneof.swiftType)?")
        }
      }
      for case .choice(let oneof) in message.parts {
        writer.line()
        writer.block("enum \(oneof.swiftType): Sendable, Hashable") { writer in
          for member in oneof.members {
            writer.comment(member.comment)
            writer.line("case \(member.swift)(\(member.type.swift))")
          }
        }
      }
      for enumeration in message.enumerations {
        writer.line()
        writer.enumeration(enumeration)
      }
      for nested in message.messages {
        writer.line()
        writer.structure(nested)
      }
    }
  }

  private static func property(_ field: Field) -> String {
    switch field.shape {
    case .optional: return "var \(field.swift): \(field.type.swift)?"
    case .repeated: return "var \(field.swift): [\(field.type.swift)] = []"
    case .map(_, let key, let value): return "var \(field.swift): [\(key.swift): \(value.swift)] = [:]"
    case .single, .oneof:
      if case .message(let swift, _) = field.type { return "var \(field.swift): \(swift)?" }
      return "var \(field.swift): \(field.type.swift) = \(field.type.zero)"
    }
  }

  /// The conversions to and from protobuf-c's struct, for the message and those nested in it.
  mutating func conversions(_ message: Message) {
    let c = Names.cType(message.fullName)
    block("extension \(message.swift)") { writer in
      writer.line("static func initialize(_ _c: UnsafeMutablePointer<\(c)>) { \(Names.cPrefix(message.fullName))__init(_c) }")
      writer.line()
      writer.block("init(c _c: UnsafePointer<\(c)>)") { writer in
        for part in message.parts { writer.read(part) }
      }
      writer.line()
      writer.block("func fill(_ _c: UnsafeMutablePointer<\(c)>, _ _arena: borrowing Arena)") { writer in
        for part in message.parts { writer.fill(part) }
      }
    }
    for nested in message.messages {
      line()
      conversions(nested)
    }
  }
}

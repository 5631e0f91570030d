extension Writer {
  /// From C to the property.
  mutating func read(_ part: Message.Part) {
    switch part {
    case .field(let field): read(field)
    case .choice(let oneof): read(oneof)
    }
  }

  /// From the property to C.
  mutating func fill(_ part: Message.Part) {
    switch part {
    case .field(let field): fill(field)
    case .choice(let oneof): fill(oneof)
    }
  }

  private mutating func read(_ field: Field) {
    let c = field.cAccess
    switch field.shape {
    case .optional(let oneof):
      line("self.\(field.swift) = _c.pointee.\(Names.cCase(oneof)).rawValue == \(field.number) ? \(field.type.fromC(c)) : nil")
    case .repeated:
      line("self.\(field.swift) = Arena.list(\(c), _c.pointee.n_\(field.c)) { \(field.type.fromC("$0")) }")
    case .map(_, let key, let value):
      line("self.\(field.swift) = Arena.dictionary(\(c), _c.pointee.n_\(field.c)) {")
      line("  (\(key.fromC("$0.pointee.key")), \(value.fromC("$0.pointee.value")))")
      line("}")
    case .single, .oneof:
      if case .message(let swift, _) = field.type {
        line("self.\(field.swift) = \(c).map { \(swift)(c: $0) }")
      } else {
        line("self.\(field.swift) = \(field.type.fromC(c))")
      }
    }
  }

  private mutating func read(_ oneof: Oneof) {
    block("switch _c.pointee.\(oneof.cCase).rawValue") { writer in
      for member in oneof.members {
        writer.line("case \(member.number): self.\(oneof.swift) = .\(member.swift)(\(member.type.fromC(member.cAccess)))")
      }
      writer.line("default: self.\(oneof.swift) = nil")
    }
  }

  private mutating func fill(_ field: Field) {
    let c = field.cAccess
    switch field.shape {
    case .optional(let oneof):
      block("if let _value = self.\(field.swift)") { writer in
        writer.line("_c.pointee.\(Names.cCase(oneof)).rawValue = \(field.number)")
        writer.line("\(c) = \(field.type.toC("_value"))")
      }
    case .repeated:
      line("_c.pointee.n_\(field.c) = self.\(field.swift).count")
      line("\(c) = _arena.list(self.\(field.swift)) { _value, _arena in \(field.type.toC("_value")) }")
    case .map(let entry, let key, let value):
      line("_c.pointee.n_\(field.c) = self.\(field.swift).count")
      // In the order of the keys: the same value has the same bytes in every process.
      block("\(c) = _arena.list(self.\(field.swift).sorted { $0.key < $1.key }) { _entry, _arena in") { writer in
        writer.line("let _pair = _arena.make(\(Names.cType(entry)).self)")
        writer.line("\(Names.cPrefix(entry))__init(_pair)")
        writer.line("_pair.pointee.key = \(key.toC("_entry.key"))")
        writer.line("_pair.pointee.value = \(value.toC("_entry.value"))")
        writer.line("return _pair")
      }
    case .single, .oneof:
      if case .message = field.type {
        line("\(c) = self.\(field.swift)?.c(in: _arena)")
      } else {
        line("\(c) = \(field.type.toC("self.\(field.swift)"))")
      }
    }
  }

  private mutating func fill(_ oneof: Oneof) {
    block("switch self.\(oneof.swift)") { writer in
      writer.line("case nil: break")
      for member in oneof.members {
        writer.line("case .\(member.swift)(let _value)?:")
        writer.line("  _c.pointee.\(oneof.cCase).rawValue = \(member.number)")
        writer.line("  \(member.cAccess) = \(member.type.toC("_value"))")
      }
    }
  }
}

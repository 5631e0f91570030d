public import Model

/// The only place that reads or writes interface names. An interface's identity is its ordinal; names are spellings of it.
public enum InterfaceNaming {
  /// The ordinal that `name` spells in `kind`: every spelling of the kind, and `ethN` for port N where it is none of the kind's.
  ///
  /// - Throws: `INVALID_ARGUMENT` with the kind's pattern for a name it doesn't know, `OUT_OF_RANGE` for a port beyond the limit.
  public static func ordinal(of name: String, kind: Kind) throws(LabError) -> Ordinal {
    if kind.management.contains(name) { return .management }
    for shape in kind.devices + kind.vendor + [InterfaceShape.eth] {
      if let number = shape.ordinal(of: name) { return try Ordinal(number) }
    }
    throw LabError(.invalidArgument, name, "not an interface of kind \(kind.name) (\(pattern(of: kind)))")
  }

  /// - Throws: also `NOT_FOUND` for a kind that the catalogue hasn't.
  public static func ordinal(of name: String, kind: String) throws(LabError) -> Ordinal {
    try ordinal(of: name, kind: Catalogue.kind(kind))
  }

  /// The name of the device inside the node, at most 15 characters. `ordinal(of:)` of it is the ordinal again.
  public static func name(of ordinal: Ordinal, kind: Kind) -> String {
    if ordinal == .management, let management = kind.management.first { return management }
    for shape in kind.devices {
      if let name = shape.name(of: Int(ordinal.number)) { return name }
    }
    // Beyond the kind's chassis: the neutral spelling, which parses back for every kind.
    return "eth\(ordinal)"
  }

  /// As `name(of:kind:)`; a kind that the catalogue hasn't is spelled like linux.
  public static func name(of ordinal: Ordinal, kind: String) -> String {
    name(of: ordinal, kind: Catalogue.find(kind) ?? Catalogue.linux)
  }

  /// What names of a kind look like, for messages.
  public static func pattern(of kind: Kind) -> String {
    let spellings = (kind.devices + kind.vendor).map(\.pattern).joined(separator: " or ")
    return kind.management.isEmpty ? spellings : "\(spellings); management is \(kind.management[0])"
  }
}

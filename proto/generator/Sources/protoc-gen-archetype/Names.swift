/// Names as protoc-c 1.4 makes them in C, and as Swift wants them.
enum Names {
  /// `link_state` and `LinkState` → `LinkState`, as protobuf-c's `ToCamel`.
  static func camel(_ name: String) -> String {
    var result = ""
    var upper = true
    for letter in name {
      if letter == "_" {
        upper = true
      } else {
        result += upper ? letter.uppercased() : String(letter)
        upper = false
      }
    }
    return result
  }

  /// `LinkState` → `link_state`, `VNIRange` → `vnirange`, as protobuf-c's `CamelToLower`.
  static func snake(_ name: String) -> String {
    var result = ""
    var wasUpper = true
    for letter in name {
      if letter.isUppercase && !wasUpper { result += "_" }
      result += letter.lowercased()
      wasUpper = letter.isUppercase
    }
    return result
  }

  /// `.archetype.Lab.Node` → `Archetype__Lab__Node`.
  static func cType(_ fullName: String) -> String {
    fullName.split(separator: ".").map { camel(String($0)) }.joined(separator: "__")
  }

  /// `.archetype.Lab.Node` → `archetype__lab__node`, to which C functions of the type add their verb.
  static func cPrefix(_ fullName: String) -> String {
    fullName.split(separator: ".").map { snake(String($0)) }.joined(separator: "__")
  }

  static func cField(_ name: String) -> String {
    let lower = name.lowercased()
    return cReserved.contains(lower) ? lower + "_" : lower
  }

  /// The field in which protobuf-c notes which member of a oneof is set.
  static func cCase(_ oneof: String) -> String { snake(oneof) + "_case" }

  static func swiftMember(_ name: String) -> String {
    let member = camel(name)
    let lower = member.prefix(1).lowercased() + member.dropFirst()
    if lower.first?.isNumber == true { return "_" + lower }
    return swiftReserved.contains(lower) ? "`\(lower)`" : lower
  }

  /// `PHASE_RUNNING` of `Phase` → `running`: a value's name without the enumeration's.
  static func swiftCase(_ value: String, of enumeration: String) -> String {
    let prefix = snake(enumeration).uppercased() + "_"
    let short = value.hasPrefix(prefix) ? value.dropFirst(prefix.count) : value[...]
    return swiftMember(short.lowercased())
  }

  /// Types that generated code uses unqualified: a message of that name would shadow them.
  static let taken: Set<String> = [
    "Bool", "CaseIterable", "Double", "Float", "Hashable", "Int32", "Int64", "Optional", "ProtoMessage", "RequestChannel", "Sendable",
    "String", "UInt32", "UInt64", "UInt8", "UnsafeMutablePointer", "UnsafePointer", "Arena",
  ]

  private static let swiftReserved = words(
    """
    Any Self Type Protocol actor as associatedtype await break case catch class continue default defer deinit do else enum extension
    fallthrough false fileprivate for func guard if import in init inout internal is let nil open operator precedencegroup private
    protocol public repeat rethrows return self static struct subscript super switch throw throws true try typealias var where while
    """)

  /// What protoc-c takes for reserved (its `kKeywordList`): such fields get an underscore at their end.
  private static let cReserved = words(
    """
    and and_eq asm auto bitand bitor bool break case catch char class compl const const_cast continue default delete do double
    dynamic_cast else enum explicit extern false float for friend goto if inline int long mutable namespace new not not_eq operator or
    or_eq private protected public register reinterpret_cast return short signed sizeof static static_cast struct switch template this
    throw true try typedef typeid typename union unsigned using virtual void volatile wchar_t while xor xor_eq
    """)

  private static func words(_ text: String) -> Set<String> {
    Set(text.split { $0.isWhitespace }.map(String.init))
  }
}

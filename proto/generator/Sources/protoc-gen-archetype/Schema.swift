/// What one value is, in Swift and in protobuf-c's C.
enum ValueType {
  /// A number: the same type on both sides.
  case number(String)
  case bool
  case string
  case bytes
  case enumeration(swift: String, c: String, zero: String)
  case message(swift: String, fullName: String)
}

/// How often a field holds its value.
enum Shape {
  case single
  /// The only member of its oneof: our spelling of `optional`.
  case optional(oneof: String)
  case oneof(Int)
  case repeated
  case map(entry: String, key: ValueType, value: ValueType)
}

struct Field {
  let name: String
  let number: Int32
  let type: ValueType
  let shape: Shape
  let comment: [String]

  var swift: String { Names.swiftMember(name) }
  var c: String { Names.cField(name) }
  /// The C field in an expression: after a dot Swift takes `self` for its own.
  var cAccess: String { c == "self" || c == "init" ? "_c.pointee.`\(c)`" : "_c.pointee.\(c)" }
}

/// A choice between at least two fields.
struct Oneof {
  let name: String
  let members: [Field]
  let comment: [String]

  var swift: String { Names.swiftMember(name) }
  var swiftType: String { Names.camel(name) }
  var cCase: String { Names.cCase(name) }
}

struct Message {
  /// What becomes one property.
  enum Part {
    case field(Field)
    case choice(Oneof)
  }

  let name: String
  /// With the package and a leading dot, as descriptors name types.
  let fullName: String
  /// From `Proto` on.
  let swift: String
  /// In the file's order; a oneof stands where its first member does.
  let parts: [Part]
  let messages: [Message]
  let enumerations: [Enumeration]
  let comment: [String]
}

struct Enumeration {
  struct Value {
    let swift: String
    let number: Int32
    let comment: [String]
  }

  let name: String
  let values: [Value]
  let comment: [String]
}

struct Service {
  struct Method {
    let name: String
    /// The messages' Swift names.
    let request: String
    let reply: String
    /// Whether the reply opens a numbered stream of events instead of ending the call.
    let isStream: Bool
    let comment: [String]

    var swift: String { Names.swiftMember(name) }
  }

  let name: String
  let methods: [Method]
  let comment: [String]
}

struct File {
  let name: String
  let messages: [Message]
  let enumerations: [Enumeration]
  let services: [Service]
}

/// A name that a person chose: 1 to 63 characters of `[A-Za-z0-9_.-]` that begin with a letter or digit, checked once when read.
///
/// `Kind` keeps the names of labs, nodes and hosts apart.
public struct Name<Kind: NameKind>: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let text: String

  /// - Throws: `INVALID_ARGUMENT` with the offending text.
  public init(_ text: String) throws(LabError) {
    guard Self.isValid(text) else {
      throw LabError(
        .invalidArgument, text,
        "not a \(Kind.word) name (1 to \(Limits.nameLength) letters, digits, '.', '_' or '-', the first a letter or digit)")
    }
    self.text = text
  }

  private static func isValid(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= Limits.nameLength, isAlphanumeric(first) else { return false }
    return text.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: false
    }
  }

  /// A short one as one number, which is hashed in a third of the time.
  public func hash(into hasher: inout Hasher) {
    let bytes = text.utf8
    if bytes.count <= 8 { hasher.combine(bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }) } else { hasher.combine(text) }
  }
  public var description: String { text }
  public static func < (a: Self, b: Self) -> Bool { a.text < b.text }
}

/// What a `Name` names.
public protocol NameKind: Sendable, Hashable { static var word: String { get } }
public enum LabNames: NameKind { public static let word = "lab" }
public enum NodeNames: NameKind { public static let word = "node" }
public enum HostNames: NameKind { public static let word = "host" }
public typealias LabName = Name<LabNames>
public typealias NodeName = Name<NodeNames>
public typealias HostName = Name<HostNames>

/// One lab of that name: destroyed and made again it is another one.
public struct LabKey: Sendable, Hashable, Comparable, CustomStringConvertible {
  public var name: LabName
  /// The revision that created it.
  public var born: Revision

  public init(_ name: LabName, born: Revision) {
    self.name = name
    self.born = born
  }

  /// A revision creates few labs, most often one: their names would only be hashed in vain.
  public func hash(into hasher: inout Hasher) { hasher.combine(born) }
  public var description: String { "\(name)@\(born)" }
  public static func < (a: Self, b: Self) -> Bool { a.name == b.name ? a.born < b.born : a.name < b.name }
}

/// One node of that name in one lab: removed and added again it is another one.
public struct NodeKey: Sendable, Hashable, Comparable, CustomStringConvertible {
  public var lab: LabKey
  public var name: NodeName
  /// The revision that created it.
  public var born: Revision

  public init(_ lab: LabKey, _ name: NodeName, born: Revision) {
    self.lab = lab
    self.name = name
    self.born = born
  }

  /// `lab@born/node@born`, as marks, paths and cgroups carry it.
  public var description: String { "\(lab)/\(name)@\(born)" }
  /// `lab/node`, as users say it.
  public var id: String { "\(lab.name)/\(name)" }
  public static func < (a: Self, b: Self) -> Bool {
    a.lab != b.lab ? a.lab < b.lab : a.name != b.name ? a.name < b.name : a.born < b.born
  }
}

/// An interface's number in its node: 0 is management, 1… are data ports. Names such as `eth1` are spellings of it (module Kinds).
public struct Ordinal: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let number: UInt16
  public static let management = Ordinal(unchecked: 0)

  /// - Parameter number: 0 to `Limits.interfacesPerNode`.
  public init(_ number: Int) throws(LabError) {
    guard number >= 0, number <= Limits.interfacesPerNode else {
      throw LabError(.outOfRange, "interface \(number)", "a node has interfaces 0 to \(Limits.interfacesPerNode)")
    }
    self.number = UInt16(number)
  }
  private init(unchecked: UInt16) { number = unchecked }
  public var description: String { "\(number)" }
  public static func < (a: Self, b: Self) -> Bool { a.number < b.number }
}

/// One end of a link: a node's interface.
public struct Endpoint: Sendable, Hashable, Comparable, CustomStringConvertible {
  public var node: NodeName
  public var ordinal: Ordinal

  public init(_ node: NodeName, _ ordinal: Ordinal) {
    self.node = node
    self.ordinal = ordinal
  }

  public var description: String { "\(node):\(ordinal)" }
  public static func < (a: Self, b: Self) -> Bool { a.node == b.node ? a.ordinal < b.ordinal : a.node < b.node }
}

/// A link is its two endpoints, the lesser first: the same cable has the same id however it was written.
public struct LinkID: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let a: Endpoint
  public let b: Endpoint

  public init(_ one: Endpoint, _ other: Endpoint) {
    (a, b) = one < other ? (one, other) : (other, one)
  }

  /// `r1:1--r2:1`.
  public var description: String { "\(a)--\(b)" }
  public static func < (x: Self, y: Self) -> Bool { x.a == y.a ? x.b < y.b : x.a < y.a }
}

/// A user operation under way. It *is* the request id that the client chose, so a retry finds its own job.
public struct JobID: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let text: String
  /// - Parameter text: 1 to 64 printable characters of ASCII but blank and `/`.
  public init(_ text: String) throws(LabError) {
    guard (1...Limits.requestIDLength).contains(text.utf8.count),
      text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") })
    else { throw LabError(.invalidArgument, text, "not a job id (1 to \(Limits.requestIDLength) printable characters)") }
    self.text = text
  }
  public init(_ id: RequestID) { text = id.text }
  public var description: String { text }
  public static func < (a: Self, b: Self) -> Bool { a.text < b.text }
}

/// A sender's name for one request, the same in every repetition of it (idempotency key).
public struct RequestID: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let text: String
  /// - Parameter text: 1 to 64 printable characters of ASCII but blank and `/`.
  public init(_ text: String) throws(LabError) {
    guard (1...Limits.requestIDLength).contains(text.utf8.count),
      text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") })
    else { throw LabError(.invalidArgument, text, "not a request id (1 to \(Limits.requestIDLength) printable characters)") }
    self.text = text
  }
  public init(_ job: JobID) { text = job.text }
  /// A request id made from parts that are safe by construction, such as numbers and names.
  public init(_ origin: Instance, _ number: UInt64) { text = origin.description + "." + String(number) }
  public var description: String { text }
  public static func < (a: Self, b: Self) -> Bool { a.text < b.text }
}

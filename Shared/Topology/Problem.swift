/// Something in a topology file that a person should look at.
public struct Problem: Sendable, Hashable, Comparable {
  /// From 1.
  public var line: Int
  /// From 1, in characters.
  public var column: Int
  /// The key as it stands in the file; empty where there is none.
  public var key: String
  /// What is wrong, and in parentheses what to do.
  public var message: String

  public static func < (a: Self, b: Self) -> Bool {
    (a.line, a.column, a.key, a.message) < (b.line, b.column, b.key, b.message)
  }
}

/// A place in a file.
struct Mark: Sendable, Hashable {
  var line: Int
  var column: Int
}

/// What a walk over a file has found so far.
struct Findings: Sendable {
  /// A person reads the first few; a file of nothing but errors must not become a message of many megabytes.
  static let limit = 1000

  private(set) var errors: [Problem] = []
  private(set) var unsupported: [Problem] = []
  private(set) var warnings: [Problem] = []

  mutating func error(_ mark: Mark, _ key: String, _ message: String) { Self.add(&errors, mark, key, message) }
  /// What a deploy refuses, though the file is right.
  mutating func unsupported(_ mark: Mark, _ key: String, _ message: String) { Self.add(&unsupported, mark, key, message) }
  mutating func warning(_ mark: Mark, _ key: String, _ message: String) { Self.add(&warnings, mark, key, message) }

  private static func add(_ problems: inout [Problem], _ mark: Mark, _ key: String, _ message: String) {
    guard problems.count < limit else { return }
    problems.append(Problem(line: mark.line, column: mark.column, key: key, message: message))
  }

  /// In the file's order. What an anchor holds is read wherever it is merged, and reported once.
  mutating func sort() {
    errors = Set(errors).sorted()
    unsupported = Set(unsupported).sorted()
    warnings = Set(warnings).sorted()
  }
}

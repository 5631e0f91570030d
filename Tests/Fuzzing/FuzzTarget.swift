/// What takes bytes from outside: each target gives its input to a reader, and tells where a rule is broken that holds for every input.
///
/// A crash is a find too. `archetype-fuzz` drives them by coverage (`make fuzz`); the inputs of `Corpus` are run again by a unit test.
public enum FuzzTarget: String, CaseIterable, Sendable {
  /// The first frame of a message, and subscriptions.
  case frames
  /// The envelope, and the body by its kind.
  case envelopes
  /// A hub's core that is told frames of several connections.
  case hub
  /// Parts of long messages.
  case parts
  /// Topology files.
  case topologies
  /// Names of interfaces.
  case interfaces
  /// What an agent's disk holds of the last assignment, and the agent that starts from it.
  case assignments
  /// What the stores keep: records and events.
  case records
  /// What an agent reads of its own in the kernel and in `/run`.
  case marks

  /// - Throws: `FuzzFinding` where a rule is broken.
  public func run(_ input: [UInt8]) throws {
    switch self {
    case .frames: try Self.frames(input)
    case .envelopes: try Self.envelopes(input)
    case .hub: try Self.hub(input)
    case .parts: try Self.parts(input)
    case .topologies: try Self.topologies(input)
    case .interfaces: try Self.interfaces(input)
    case .assignments: try Self.assignments(input)
    case .records: try Self.records(input)
    case .marks: try Self.marks(input)
    }
  }
}

/// A rule that an input breaks.
public struct FuzzFinding: Error, CustomStringConvertible {
  public let description: String
}

func check(_ holds: Bool, _ rule: @autoclosure () -> String) throws {
  if !holds { throw FuzzFinding(description: rule()) }
}

/// An input as a series of choices; behind its end all are zero.
struct Choices {
  private var rest: ArraySlice<UInt8>

  init(_ input: [UInt8]) { rest = input[...] }

  var isOver: Bool { rest.isEmpty }

  mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

  /// 0 to 65535.
  mutating func number() -> Int { Int(byte()) << 8 | Int(byte()) }

  /// At most so many.
  mutating func bytes(_ count: Int) -> [UInt8] {
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  mutating func remaining() -> [UInt8] { bytes(rest.count) }
}

/// The store's counter: every change of intent gets the next one. 0 stands for "before the first", and in a Put for "the one of this Put".
///
/// Its upper 32 bits are its *epoch*: each recovery of the store begins another, so that what a lost time has numbered is never numbered again.
public struct Revision: Sendable, Hashable, Comparable, CustomStringConvertible {
  public var number: UInt64
  public init(_ number: UInt64) { self.number = number }
  public static let zero = Revision(0)
  public var next: Revision { Revision(number + 1) }
  public var epoch: UInt64 { number >> 32 }
  /// Before the first revision of the epoch after this one's. Each incarnation begins somewhere else in its lower half: whoever follows another
  /// recovery of the same store never takes that one's numbers for this one's.
  public func nextEpoch(of incarnation: Incarnation) -> Revision {
    Revision((epoch + 1) << 32 + StableHash.of(incarnation.text) % (1 << 31))
  }
  public var description: String { "\(number)" }
  public static func < (a: Self, b: Self) -> Bool { a.number < b.number }
}

/// A process's life: a random number drawn at its start.
public struct Instance: Sendable, Hashable, Comparable, CustomStringConvertible {
  public var number: UInt64
  public init(_ number: UInt64) { self.number = number }
  public var description: String { String(number, radix: 36) }
  public static func < (a: Self, b: Self) -> Bool { a.number < b.number }
}

/// What a receiver answers to a sender's instance; compared by equality, never by order.
public struct Session: Sendable, Hashable, CustomStringConvertible {
  public var number: UInt64
  public init(_ number: UInt64) { self.number = number }
  public var description: String { String(number, radix: 36) }
}

/// A store's identity, made once with it: 16 hexadecimal digits.
public struct Deployment: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let text: String
  public init(_ text: String) throws(LabError) {
    guard text.utf8.count == 16, text.utf8.allSatisfy({ isLowerHex($0) }) else {
      throw LabError(.invalidArgument, text, "not a deployment id (16 lower-case hexadecimal digits)")
    }
    self.text = text
  }
  public init(random: UInt64) { text = hexadecimal(random) }
  public var description: String { text }
  public static func < (a: Self, b: Self) -> Bool { a.text < b.text }
}

/// One life of a deployment's store: a recovery from a backup starts another that names its predecessors.
public struct Incarnation: Sendable, Hashable, CustomStringConvertible {
  public let text: String
  public init(_ text: String) throws(LabError) {
    guard text.utf8.count == 16, text.utf8.allSatisfy({ isLowerHex($0) }) else {
      throw LabError(.invalidArgument, text, "not an incarnation id (16 lower-case hexadecimal digits)")
    }
    self.text = text
  }
  public init(random: UInt64) { text = hexadecimal(random) }
  public var description: String { text }
}

/// Which store, and how far.
public struct StoreIdentity: Sendable, Hashable {
  public var deployment: Deployment
  public var incarnation: Incarnation
  /// Those that this one was declared the successor of, the nearest first; who obeyed one of them obeys this one.
  public var predecessors: [Incarnation]

  public init(deployment: Deployment, incarnation: Incarnation, predecessors: [Incarnation] = []) {
    self.deployment = deployment
    self.incarnation = incarnation
    self.predecessors = predecessors
  }

  /// Whether a host that is bound to `bound` may obey this store.
  public func succeeds(_ bound: StoreIdentity) -> Bool {
    deployment == bound.deployment && (incarnation == bound.incarnation || predecessors.contains(bound.incarnation))
  }

  /// The identity of a store that goes on in this one's place, and in that of others which hosts have obeyed meanwhile.
  public func successor(_ new: Incarnation, alsoOf others: [Incarnation]) -> StoreIdentity {
    var all = [incarnation]
    for other in others + predecessors where !all.contains(other) { all.append(other) }
    return StoreIdentity(deployment: deployment, incarnation: new, predecessors: Array(all.prefix(Limits.predecessors)))
  }
}

/// A configuration's content by its SHA-256.
public struct BlobDigest: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// 64 lower-case hexadecimal digits.
  public let hex: String
  /// - Parameter text: `sha256:` and 64 hexadecimal digits.
  public init(_ text: String) throws(LabError) {
    let hex = text.hasPrefix("sha256:") ? String(text.dropFirst(7)) : text
    guard hex.utf8.count == 64, hex.utf8.allSatisfy({ isLowerHex($0) }) else {
      throw LabError(.invalidArgument, text, "not a digest (sha256: and 64 lower-case hexadecimal digits)")
    }
    self.hex = hex
  }
  public var description: String { "sha256:\(hex)" }
  public static func < (a: Self, b: Self) -> Bool { a.hex < b.hex }
}

func isLowerHex(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
  default: false
  }
}

func hexadecimal(_ number: UInt64) -> String {
  let digits = String(number, radix: 16)
  return String(repeating: "0", count: 16 - digits.utf8.count) + digits
}

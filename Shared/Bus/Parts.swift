import Model
package import Wire

/// Long messages as parts: a frame of the bus has a bound, and between the parts of one message the hub forwards those of others.
enum Parts {
  /// The messages on the wire that make up one: body first, then secrets, `Limits.partBytes` each. Nil: longer than `Limits.messageBytes`.
  static func split(_ envelope: Envelope, secret: [UInt8]) -> [(envelope: Envelope, secret: [UInt8])]? {
    let whole = envelope.body.count + secret.count
    if whole <= Limits.partBytes { return [(envelope, secret)] }
    guard whole <= Limits.messageBytes else { return nil }
    let count = (whole + Limits.partBytes - 1) / Limits.partBytes
    return (0..<count).map { number in
      let range = number * Limits.partBytes..<min((number + 1) * Limits.partBytes, whole)
      let middle = envelope.body.count
      var part = envelope
      part.part = UInt32(number)
      part.parts = UInt32(count)
      part.body = Array(envelope.body[range.clamped(to: 0..<middle)])
      let hidden = max(range.lowerBound, middle)..<max(range.upperBound, middle)
      return (part, Array(secret[hidden.lowerBound - middle..<hidden.upperBound - middle]))
    }
  }
}

/// Puts parts together again. What it holds is bounded in count and bytes, and forgotten when nothing more of it comes.
package struct Assembler {
  package struct Key: Hashable {
    var from: String
    /// A request id, or a topic with a number.
    var message: String
    var isReply: Bool

    package init(from: String, message: String, isReply: Bool) {
      self.from = from
      self.message = message
      self.isReply = isReply
    }
  }

  private struct Assembly {
    var envelope: Envelope
    var secret: [UInt8]
    var expires: UInt64
    var bytes: Int { envelope.body.count + secret.count }
  }

  package enum Outcome {
    case whole(Envelope, secret: [UInt8])
    case waiting
    /// What was wrong; the message is lost and its sender will repeat it.
    case refused(String)
  }

  /// Snapshots, and as many long requests.
  static let mostAssemblies = 2 * Limits.snapshotsAtOnce
  static let mostBytes = 4 * Limits.messageBytes
  /// Parts of one message follow each other in milliseconds.
  package static let patience: UInt64 = 10_000

  private var assemblies: [Key: Assembly] = [:]
  private var bytes = 0

  package init() {}

  package var isEmpty: Bool { assemblies.isEmpty }

  package mutating func take(_ envelope: Envelope, secret: [UInt8], as key: Key, at now: UInt64) -> Outcome {
    if envelope.parts == 1, envelope.part == 0 { return .whole(envelope, secret: secret) }
    guard envelope.part < envelope.parts, Int(envelope.parts) <= Limits.messageBytes / Limits.partBytes,
      envelope.body.count + secret.count <= Limits.partBytes
    else {
      drop(key)
      return .refused("part \(envelope.part) of \(envelope.parts) is none that a peer sends")
    }
    if envelope.part == 0 { return begin(envelope, secret, key, now) }
    // Parts travel in order: after a missing one the rest is of no use.
    guard var assembly = assemblies[key], assembly.envelope.part + 1 == envelope.part, assembly.envelope.parts == envelope.parts else {
      drop(key)
      return .refused("part \(envelope.part) of \(envelope.parts) doesn't follow the one before")
    }
    assemblies[key] = nil
    bytes -= assembly.bytes
    assembly.envelope.body += envelope.body
    assembly.secret += secret
    assembly.envelope.part = envelope.part
    assembly.expires = now + Self.patience
    if envelope.part + 1 == envelope.parts {
      assembly.envelope.part = 0
      assembly.envelope.parts = 1
      return .whole(assembly.envelope, secret: assembly.secret)
    }
    return hold(assembly, key)
  }

  private mutating func begin(_ envelope: Envelope, _ secret: [UInt8], _ key: Key, _ now: UInt64) -> Outcome {
    drop(key)
    expire(at: now)
    guard assemblies.count < Self.mostAssemblies else { return .refused("more than \(Self.mostAssemblies) long messages at once") }
    return hold(Assembly(envelope: envelope, secret: secret, expires: now + Self.patience), key)
  }

  private mutating func hold(_ assembly: Assembly, _ key: Key) -> Outcome {
    guard bytes + assembly.bytes <= Self.mostBytes else { return .refused("more than \(Self.mostBytes) bytes of long messages at once") }
    bytes += assembly.bytes
    assemblies[key] = assembly
    return .waiting
  }

  private mutating func drop(_ key: Key) {
    if let gone = assemblies.removeValue(forKey: key) { bytes -= gone.bytes }
  }

  package mutating func expire(at now: UInt64) {
    for key in assemblies.filter({ $0.value.expires <= now }).keys { drop(key) }
  }
}

/// A message as it reached the bus: what the tap shows, what the bus remembers, and a recording's entry.
public struct TraceRecord: Sendable, Hashable {
  /// Of this life of the bus, from 1.
  public var number: UInt64
  /// Microseconds since 1970.
  public var at: Int64
  /// The sender's name; empty: it has none yet.
  public var from: String
  /// Of what the bus itself says: to whom; else empty.
  public var to: String
  /// The bytes of a hub frame, and of an envelope; the second may be absent.
  public var frame: [UInt8]
  public var envelope: [UInt8]
  /// Of secrets only their length and digest; 0: there are none.
  public var secretBytes: Int
  public var secretDigest: String

  public init(
    number: UInt64, at: Int64, from: String, to: String = "", frame: [UInt8], envelope: [UInt8], secretBytes: Int = 0,
    secretDigest: String = ""
  ) {
    self.number = number
    self.at = at
    self.from = from
    self.to = to
    self.frame = frame
    self.envelope = envelope
    self.secretBytes = secretBytes
    self.secretDigest = secretDigest
  }
}

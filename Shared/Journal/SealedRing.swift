import CSodium
import Model

/// A ring of sectors of 512 bytes, each sealed by itself: its number, its place in its group and a checksum. What was flushed is never written
/// again before the ring comes round, so a write that a power cut tears spoils only itself.
///
/// A sector: `A7 'b' 'o' 'x'`, version, 0, length of its payload (2 bytes), number (8), part and parts of its group (2 each), checksum (8,
/// SipHash of the sector with zeros in its place), payload; numbers are little-endian. Number n lies in sector n modulo the ring's length.
struct SealedRing: Sendable {
  static let sectorBytes = 512
  private static let headBytes = 28
  private static let payloadBytes = sectorBytes - headBytes
  private static let magic: [UInt8] = [0xa7, 0x62, 0x6f, 0x78]
  private static let checksumPlace = 20..<28

  /// In sectors.
  let length: Int
  /// A group has at most this many, so that a ring holds many.
  var mostParts: Int { min(length / 4, 256) }
  var mostBytes: Int { mostParts * Self.payloadBytes }
  var bytes: Int { length * Self.sectorBytes }

  struct Sector: Sendable {
    var number: UInt64
    var part: Int
    var parts: Int
    var payload: [UInt8]
  }

  /// What a file holds.
  struct Contents: Sendable {
    /// Whole groups, oldest first.
    var groups: [[UInt8]] = []
    /// The number of the next sector to be written.
    var next: UInt64 = 1
    /// Sectors from `next` on that a write which didn't come to its end may have left; the next group covers them.
    var torn = 0
    /// Sectors that can't be read and weren't being written last.
    var damaged = 0
    /// The file hasn't the ring's size.
    var hasWrongSize = false

    var isDamaged: Bool { damaged > 0 || hasWrongSize }
  }

  // MARK: Writing

  /// The sectors of a group, to be written at `offset` of their numbers; at least `parts` of them.
  func seal(_ payload: [UInt8], from number: UInt64, parts least: Int = 1) -> [[UInt8]] {
    let payload = payload.prefix(mostBytes)
    let parts = max(least, (payload.count + Self.payloadBytes - 1) / Self.payloadBytes, 1)
    return (0..<parts).map { part in
      let begin = min(part * Self.payloadBytes, payload.count)
      let own = payload[begin..<min(begin + Self.payloadBytes, payload.count)]
      return Self.seal(Sector(number: number + UInt64(part), part: part, parts: parts, payload: Array(own)))
    }
  }

  func offset(of number: UInt64) -> Int { Int(number % UInt64(length)) * Self.sectorBytes }

  private static func seal(_ sector: Sector) -> [UInt8] {
    var bytes = magic + [1, 0]
    func add(_ number: UInt64, _ width: Int) { for shift in 0..<width { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * shift))) } }
    add(UInt64(sector.payload.count), 2)
    add(sector.number, 8)
    add(UInt64(sector.part), 2)
    add(UInt64(sector.parts), 2)
    add(0, 8)
    bytes += sector.payload
    bytes += [UInt8](repeating: 0, count: sectorBytes - bytes.count)
    bytes.replaceSubrange(checksumPlace, with: checksum(bytes))
    return bytes
  }

  /// Of a sector whose own checksum is zero.
  private static func checksum(_ bytes: [UInt8]) -> [UInt8] {
    var sum = [UInt8](repeating: 0, count: 8)
    // Against accidents, not against people: the key is no secret.
    let key = [UInt8](repeating: 0, count: 16)
    crypto_shorthash(&sum, bytes, UInt64(bytes.count), key)
    return sum
  }

  // MARK: Reading

  /// All that can be read of a file's bytes, and what can't.
  func read(_ bytes: [UInt8]) -> Contents {
    var contents = Contents()
    contents.hasWrongSize = bytes.count != self.bytes
    var sectors: [UInt64: Sector] = [:]
    var bad: Set<Int> = []
    for place in 0..<min(length, bytes.count / Self.sectorBytes) {
      let own = Array(bytes[place * Self.sectorBytes..<(place + 1) * Self.sectorBytes])
      if let sector = Self.open(own), Int(sector.number % UInt64(length)) == place {
        sectors[sector.number] = sector
      } else if own.contains(where: { $0 != 0 }) {
        bad.insert(place)
      }
    }
    guard let newest = sectors.keys.max() else {
      contents.damaged = bad.count
      return contents
    }
    // What can't be read right behind the newest was being written when the power went.
    var end = newest
    while end < newest + UInt64(mostParts), bad.remove(Int((end + 1) % UInt64(length))) != nil { end += 1 }
    let oldest = end >= UInt64(length) ? end - UInt64(length) + 1 : 1
    let whole = gather(sectors, from: oldest, to: newest, &contents)
    contents.next = whole + 1
    contents.torn = Int(end - whole)
    if contents.torn > mostParts {
      contents.damaged += contents.torn
      contents.torn = 0
    }
    contents.damaged += bad.subtracting((oldest...newest).map { Int($0 % UInt64(length)) }).count
    return contents
  }

  /// Collects whole groups; the number of the last one's last sector.
  private func gather(_ sectors: [UInt64: Sector], from oldest: UInt64, to newest: UInt64, _ contents: inout Contents) -> UInt64 {
    var whole = oldest - 1
    /// Missing ones since the last whole group: they are damage only if another whole group follows.
    var missing = 0
    var number = oldest
    while number <= newest {
      guard let head = sectors[number], head.part == 0 else {
        // The rest of a group whose head the ring has come round to is no loss.
        let isRest = sectors[number].map { number - UInt64($0.part) < oldest } ?? false
        missing += isRest ? 0 : 1
        number += 1
        continue
      }
      let parts = (0..<UInt64(head.parts)).compactMap { sectors[number + $0] }
      if parts.count == head.parts, parts.enumerated().allSatisfy({ $0.offset == $0.element.part && $0.element.parts == head.parts }) {
        contents.groups.append(parts.flatMap(\.payload))
        contents.damaged += missing
        missing = 0
        number += UInt64(head.parts)
        whole = number - 1
      } else {
        missing += 1
        number += 1
      }
    }
    return whole
  }

  private static func open(_ bytes: [UInt8]) -> Sector? {
    guard Array(bytes[0..<4]) == magic, bytes[4] == 1, bytes[5] == 0 else { return nil }
    func number(_ range: Range<Int>) -> UInt64 { range.reversed().reduce(0) { $0 << 8 | UInt64(bytes[$1]) } }
    var unsealed = bytes
    unsealed.replaceSubrange(checksumPlace, with: [UInt8](repeating: 0, count: 8))
    guard checksum(unsealed) == Array(bytes[checksumPlace]) else { return nil }
    let length = Int(number(6..<8))
    let parts = Int(number(18..<20))
    let part = Int(number(16..<18))
    guard length <= payloadBytes, part < parts, (1...Limits.sequence).contains(number(8..<16)) else { return nil }
    return Sector(number: number(8..<16), part: part, parts: parts, payload: Array(bytes[headBytes..<headBytes + length]))
  }
}

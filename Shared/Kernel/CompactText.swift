/// A mark's text as a number: written with the 70 characters that marks have, read in base 255, one more than each digit so that no byte is
/// zero. 324 characters, the longest mark, become 250 bytes (324 · log 70 / log 255).
enum CompactText {
  private static let characters = Array(" abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-@/:".utf8)
  private static let base = UInt(characters.count + 1)

  /// - Parameter text: of `characters` only.
  static func encode(_ text: [UInt8]) -> [UInt8] {
    // Characters count from 1, so leading ones are not lost.
    let digits = text.map { UInt((characters.firstIndex(of: $0) ?? 0) + 1) }
    return convert(digits, from: base, to: 255).map { UInt8($0 + 1) }
  }

  static func decode(_ bytes: [UInt8]) -> [UInt8]? {
    guard !bytes.contains(0) else { return nil }
    let digits = convert(bytes.map { UInt($0) - 1 }, from: 255, to: base)
    guard !digits.contains(0) else { return nil }
    return digits.map { characters[Int($0) - 1] }
  }

  /// The same number in another base, most significant digit first.
  private static func convert(_ digits: [UInt], from: UInt, to: UInt) -> [UInt] {
    var result: [UInt] = []
    for digit in digits {
      var carry = digit
      for position in result.indices {
        carry += result[position] * from
        result[position] = carry % to
        carry /= to
      }
      while carry > 0 {
        result.append(carry % to)
        carry /= to
      }
    }
    return result.reversed()
  }
}

/// Amounts as topology files write them.
enum Quantity {
  /// Bytes: a number with `b`, `k`, `m`, `g` or `t` in either case, with `b` or `ib` behind it if one likes; all of them count in 1024, as
  /// Docker does. nil for anything else.
  static func bytes(_ text: String) -> UInt64? {
    let lower = text.lowercased()
    let digits = lower.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    var unit = lower.dropFirst(digits.count).drop { $0 == " " }
    if unit.hasSuffix("b") { unit = unit.dropLast() }
    if unit.hasSuffix("i") { unit = unit.dropLast() }
    guard let amount = Double(digits), let power = ["": 0, "k": 1, "m": 2, "g": 3, "t": 4][String(unit)] else { return nil }
    let bytes = amount * (0..<power).reduce(1.0) { product, _ in product * 1_024 }
    return bytes.isFinite && bytes < Double(UInt64(1) << 62) ? UInt64(bytes) : nil
  }

  /// Thousandths of a number such as `1.5`.
  static func thousandths(_ text: String) -> UInt64? {
    guard let number = Double(text), number.isFinite, number >= 0, number < 1e9 else { return nil }
    return UInt64((number * 1_000).rounded())
  }

  /// A limit, or two of them: `N` or `SOFT:HARD`, of which `-1` and `unlimited` are none.
  static func limits(_ text: String) -> (soft: Int64, hard: Int64)? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { $0 == "unlimited" ? -1 : Int64($0) }
    guard (1...2).contains(parts.count), let soft = parts[0], let hard = parts[parts.count - 1], soft >= -1, hard >= -1 else { return nil }
    return (soft, hard)
  }
}

/// One way to spell the interfaces of a kind: literals and numbers in a row, such as `GigabitEthernet0/0/0/` and a number from 0.
///
/// The numbers are the digits of a mixed radix whose value counts interfaces from `base`, so printing undoes parsing.
public struct InterfaceShape: Sendable, Hashable {
  public enum Part: Sendable, Hashable, ExpressibleByStringLiteral {
    case literal(String)
    /// A number `from`, `from + step`… in `count` values; the first number of a shape may be unbounded (`count` nil).
    case number(from: Int, count: Int?, step: Int)

    public init(stringLiteral value: String) { self = .literal(value) }
    static func number(_ from: Int, count: Int? = nil, step: Int = 1) -> Part { .number(from: from, count: count, step: step) }
  }

  public let parts: [Part]
  /// The ordinal of the first name.
  public let base: Int

  init(_ parts: [Part], base: Int = 1) {
    self.parts = parts
    self.base = base
  }

  /// The same numbers behind another first literal, as `Gi` for `GigabitEthernet`.
  func spelled(_ prefix: String) -> InterfaceShape {
    InterfaceShape([.literal(prefix)] + parts.dropFirst(), base: base)
  }

  /// The ordinal that `name` spells in this shape, nil where it doesn't fit. Letters of either case are the same.
  func ordinal(of name: String) -> Int? {
    var rest = name.utf8[...]
    var value = 0
    for part in parts {
      switch part {
      case .literal(let text):
        guard rest.count >= text.utf8.count, zip(rest, text.utf8).allSatisfy({ Self.lower($0) == Self.lower($1) }) else { return nil }
        rest = rest.dropFirst(text.utf8.count)
      case .number(let from, let count, let step):
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        // Nine digits cannot overflow below, and no chassis comes near. A leading zero would be a second spelling.
        guard (1...9).contains(digits.count), digits.count == 1 || digits.first != UInt8(ascii: "0") else { return nil }
        let offset = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } - from
        guard offset >= 0, offset % step == 0, count.map({ offset / step < $0 }) ?? true else { return nil }
        value = value * (count ?? 0) + offset / step
        rest = rest.dropFirst(digits.count)
      }
    }
    return rest.isEmpty ? base + value : nil
  }

  private static func lower(_ byte: UInt8) -> UInt8 { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte }

  /// The name of an ordinal, nil where this shape has none for it.
  func name(of ordinal: Int) -> String? {
    guard ordinal >= base else { return nil }
    var value = ordinal - base
    var pieces: [String] = []
    for part in parts.reversed() {
      switch part {
      case .literal(let text): pieces.append(text)
      case .number(let from, let count, let step):
        let digit = count.map { value % $0 } ?? value
        value = count.map { value / $0 } ?? 0
        pieces.append(String(from + digit * step))
      }
    }
    return value == 0 ? pieces.reversed().joined() : nil
  }

  /// For messages: `eth1, eth2, …`; `1/1/1 … 8/2/60`.
  public var pattern: String {
    // Management has a spelling of its own; examples begin with the first data port.
    let first = max(base, 1)
    let names = (first...first + 1).compactMap { name(of: $0) }
    return names.joined(separator: ", ") + ", …"
  }
}

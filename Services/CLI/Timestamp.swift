/// Wall time as RFC 3339 writes it; the calendar is the proleptic Gregorian one.
enum Timestamp {
  private static let millisecondsPerDay: Int64 = 86_400_000

  /// UTC with milliseconds: `2026-03-01T09:05:00.120Z`.
  /// - Parameter milliseconds: since 1970.
  static func text(_ milliseconds: Int64) -> String {
    let days = floorDivide(milliseconds, millisecondsPerDay)
    let rest = milliseconds - days * millisecondsPerDay
    let (year, month, day) = date(ofDay: days)
    let time = "\(two(rest / 3_600_000)):\(two(rest / 60_000 % 60)):\(two(rest / 1_000 % 60))"
    return "\(padded(year, 4))-\(two(month))-\(two(day))T\(time).\(padded(rest % 1_000, 3))Z"
  }

  /// The same with microseconds.
  /// - Parameter microseconds: since 1970.
  static func microseconds(_ microseconds: Int64) -> String {
    let milliseconds = floorDivide(microseconds, 1_000)
    return text(milliseconds).dropLast() + padded(microseconds - milliseconds * 1_000, 3) + "Z"
  }

  /// A stretch of time, rounded down: `3 d 4 h`, `12 min`, `5 s`.
  static func span(_ milliseconds: UInt64) -> String {
    let seconds = milliseconds / 1_000
    if seconds >= 86_400 { return "\(seconds / 86_400) d \(seconds / 3_600 % 24) h" }
    if seconds >= 3_600 { return "\(seconds / 3_600) h \(seconds / 60 % 60) min" }
    return seconds >= 60 ? "\(seconds / 60) min" : "\(seconds) s"
  }

  /// Milliseconds since 1970 of `2026-03-01T09:05:00Z`, also with a fraction or an offset; nil for anything else.
  static func parse(_ text: String) -> Int64? {
    var text = text.utf8[...]
    guard let year = digits(4, &text), take("-", &text), let month = digits(2, &text), take("-", &text), let day = digits(2, &text),
      take("T", &text) || take("t", &text) || take(" ", &text), let hour = digits(2, &text), take(":", &text),
      let minute = digits(2, &text), take(":", &text), let second = digits(2, &text),
      (1...12).contains(month), day >= 1, hour < 24, minute < 60, second <= 60
    else { return nil }
    let days = number(ofYear: year, month, day)
    guard date(ofDay: days) == (year, month, day) else { return nil }
    guard let fraction = fraction(&text), let offset = offset(&text), text.isEmpty else { return nil }
    return days * millisecondsPerDay + ((hour * 60 + minute - offset) * 60 + second) * 1_000 + fraction
  }

  /// Milliseconds; 0 where there is none.
  private static func fraction(_ text: inout Substring.UTF8View) -> Int64? {
    guard take(".", &text) else { return 0 }
    var milliseconds: Int64 = 0
    var count = 0
    while let digit = digits(1, &text) {
      if count < 3 { milliseconds = milliseconds * 10 + digit }
      count += 1
    }
    for _ in min(count, 3)..<3 { milliseconds *= 10 }
    return count > 0 ? milliseconds : nil
  }

  /// Minutes east of UTC.
  private static func offset(_ text: inout Substring.UTF8View) -> Int64? {
    if take("Z", &text) || take("z", &text) { return 0 }
    let sign: Int64
    if take("+", &text) { sign = 1 } else if take("-", &text) { sign = -1 } else { return nil }
    guard let hours = digits(2, &text), take(":", &text), let minutes = digits(2, &text), hours < 24, minutes < 60 else { return nil }
    return sign * (hours * 60 + minutes)
  }

  private static func digits(_ count: Int, _ text: inout Substring.UTF8View) -> Int64? {
    let taken = text.prefix(count)
    guard taken.count == count, taken.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else { return nil }
    text = text.dropFirst(count)
    return taken.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
  }

  private static func take(_ scalar: Unicode.Scalar, _ text: inout Substring.UTF8View) -> Bool {
    guard text.first == UInt8(ascii: scalar) else { return false }
    text = text.dropFirst()
    return true
  }

  /// Eras of 400 years of 146,097 days, years beginning in March so that the leap day is last.
  private static func date(ofDay days: Int64) -> (Int64, Int64, Int64) {
    let shifted = days + 719_468
    let era = floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  private static func number(ofYear year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = floorDivide(shifted, 400)
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func floorDivide(_ number: Int64, _ by: Int64) -> Int64 { number >= 0 ? number / by : -((-number + by - 1) / by) }
  private static func two(_ number: Int64) -> String { padded(number, 2) }
  private static func padded(_ number: Int64, _ width: Int) -> String {
    let text = "\(number)"
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }
}

import CLinux
import Glibc
import Locks
import Synchronization

/// What a line is for. Error and warning: something is wrong; notice: an operator should read it; debug: decisions; trace: messages.
public enum LogLevel: UInt8, Sendable, CaseIterable, Comparable {
  case error, warning, notice, debug, trace

  public init?(_ text: String) {
    guard let level = Self.allCases.first(where: { "\($0)" == text }) else { return nil }
    self = level
  }

  /// syslog(3).
  var priority: Int {
    switch self {
    case .error: 3
    case .warning: 4
    case .notice: 5
    case .debug, .trace: 7
    }
  }

  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// One line a record on stderr: a constant text, then `key=value`. What varies is in the fields, so that lines can be searched.
/// Never a payload, which may hold secrets.
///
///     Log.notice("peer admitted", ["peer": name, "instance": instance])
public enum Log {
  public typealias Fields = KeyValuePairs<String, any CustomStringConvertible>

  private static let least = Atomic<UInt8>(LogLevel.notice.rawValue)
  private static let style = LineStyle.ofStandardError()
  private static let last = Guarded<Complaint?>(nil)

  /// A line that is a warning or graver.
  public struct Complaint: Sendable {
    /// Milliseconds since 1970.
    public var at: Int64
    public var text: String
  }

  /// The last of them, whether it was written or not.
  public static var lastComplaint: Complaint? { last.withLock { $0 } }

  /// Lines of this level and graver are written.
  public static var level: LogLevel {
    get { LogLevel(rawValue: least.load(ordering: .relaxed)) ?? .notice }
    set { least.store(newValue.rawValue, ordering: .relaxed) }
  }

  public static func isWritten(_ level: LogLevel) -> Bool { level.rawValue <= least.load(ordering: .relaxed) }

  public static func error(_ text: StaticString, _ fields: @autoclosure () -> Fields = [:]) { write(.error, text, fields) }
  public static func warning(_ text: StaticString, _ fields: @autoclosure () -> Fields = [:]) { write(.warning, text, fields) }
  public static func notice(_ text: StaticString, _ fields: @autoclosure () -> Fields = [:]) { write(.notice, text, fields) }
  public static func debug(_ text: StaticString, _ fields: @autoclosure () -> Fields = [:]) { write(.debug, text, fields) }
  public static func trace(_ text: StaticString, _ fields: @autoclosure () -> Fields = [:]) { write(.trace, text, fields) }

  private static func write(_ level: LogLevel, _ text: StaticString, _ fields: () -> Fields) {
    guard isWritten(level) || level <= .warning else { return }
    var content = text.description
    for (key, value) in fields() { content += " \(key)=\(LogLine.quoted(value.description))" }
    if level <= .warning { keep(content) }
    guard isWritten(level) else { return }
    var line = style.head(level) + content + "\n"
    // One call a line, so that lines of several threads don't mix. A full or closed stderr loses the line, not the service.
    line.withUTF8 { _ = Glibc.write(2, $0.baseAddress, $0.count) }
  }

  private static func keep(_ text: String) {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let complaint = Complaint(at: Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000, text: text)
    last.withLock { $0 = complaint }
  }
}

/// What stands before a line's text.
struct LineStyle: Sendable {
  /// journald reads `<6>` and notes the time itself.
  var hasPriority: Bool
  var hasTime: Bool

  static func ofStandardError() -> LineStyle {
    LineStyle(hasPriority: clinux_is_terminal(2) == 0, hasTime: getenv("JOURNAL_STREAM") == nil)
  }

  func head(_ level: LogLevel) -> String {
    var head = hasPriority ? "<\(level.priority)>" : ""
    if hasTime { head += LogLine.time() + " " }
    if !hasPriority { head += "\(level): " }
    return head
  }
}

enum LogLine {
  /// Longer values are cut: a line is for reading.
  private static let mostBytes = 512

  /// A value as it is, or in quotation marks with escapes where it would not be one word.
  static func quoted(_ text: String) -> String {
    let cut = text.utf8.count > mostBytes ? String(decoding: text.utf8.prefix(mostBytes), as: UTF8.self) + "…" : text
    let isPlain = !cut.isEmpty && cut.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7f && $0 != "\"" && $0 != "=" }
    if isPlain { return cut }
    var result = "\""
    for scalar in cut.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      default:
        if scalar.value < 0x20 || scalar.value == 0x7f {
          result += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }

  /// `2026-11-24T22:10:01.123Z`.
  static func time() -> String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var parts = tm()
    gmtime_r(&now.tv_sec, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let milliseconds = now.tv_nsec / 1_000_000
    let padded = String(repeating: "0", count: milliseconds < 10 ? 2 : milliseconds < 100 ? 1 : 0) + "\(milliseconds)"
    return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T"
      + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)).\(padded)Z"
  }
}

public import Model

/// What Prometheus calls kinds of metrics.
enum MetricType: String {
  case counter, gauge
}

/// How a program is, in Prometheus' text format 0.0.4: each metric with its meaning and type. Times are seconds, sizes bytes.
public struct MetricsText: Sendable {
  public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  public private(set) var text = ""

  /// - Parameters:
  ///   - name: of the program: a peer's on the bus, or `network`.
  ///   - age: seconds since it was so.
  public init(_ status: ProgramStatus, of name: String, age: Int) {
    let labels = [("peer", name), ("version", status.build), ("instance", "\(status.instance)")]
    add("info", "The program's name, on the bus if it is there, its version, and this life of it.", value: "1", labels)
    add("serving", "1 while it does its work.", value: status.isServing ? "1" : "0")
    add("age_seconds", "Since it showed all this: about 1, unless it stands still.", value: "\(age)")
    add("uptime_seconds", "Since it was started.", value: Self.seconds(status.uptime, digits: 3))
    add("processor_seconds_total", "Processor time.", .counter, value: Self.seconds(status.processor, digits: 3))
    add("resident_bytes", "Memory that it has.", value: "\(status.memory)")
    add("handled_total", "Events handled since it was started.", .counter, value: "\(status.handled)")
    add("waiting", "Events that have come and are not handled yet.", value: "\(status.waiting)")
    add("longest_round_seconds", "The longest round of the last minute.", value: Self.seconds(status.longestRound, digits: 6))
    if let complaint = status.complaint {
      let at = Self.seconds(UInt64(max(complaint.at, 0)), digits: 3)
      add("last_complaint_timestamp_seconds", "When it last logged a warning or an error, since 1970.", value: at)
    }
    for figure in status.figures {
      let metric = FigureMetric.of(figure, of: name)
      add(metric.name, metric.help, metric.type, value: "\(figure.value)")
    }
  }

  private mutating func add(_ name: String, _ help: String, _ type: MetricType = .gauge, value: String, _ labels: [(String, String)] = []) {
    let name = "archetype_" + Self.name(name)
    let inside = labels.map { "\($0.0)=\"\(Self.escaped($0.1, quotes: true))\"" }.joined(separator: ",")
    text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(type.rawValue)\n"
    text += "\(name)\(inside.isEmpty ? "" : "{\(inside)}") \(value)\n"
  }

  /// A name may have letters of ASCII, digits and underscores only.
  private static func name(_ text: String) -> String {
    String(decoding: text.utf8.map { isOfName($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
  }

  private static func isOfName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "_"):
      true
    case _: false
    }
  }

  /// A backslash and the end of a line everywhere, quotes in labels.
  private static func escaped(_ text: String, quotes: Bool) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      case _: result.unicodeScalars.append(character)
      }
    }
    return result
  }

  /// A count of parts of a second, of which one has `digits` digits.
  private static func seconds(_ parts: UInt64, digits: Int) -> String {
    var unit: UInt64 = 1
    for _ in 0..<digits { unit *= 10 }
    let rest = "\(parts % unit)"
    return "\(parts / unit).\(String(repeating: "0", count: digits - rest.count))\(rest)"
  }
}

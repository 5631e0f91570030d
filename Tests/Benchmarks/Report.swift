import Foundation
import Support

/// What was measured, as Markdown.
struct Report {
  private static let begin = "<!-- measured -->"
  private static let end = "<!-- /measured -->"

  private var lines: [String] = []

  mutating func add(_ more: [String]) { lines += more + [""] }

  var text: String { ([Self.machine(), ""] + lines).joined(separator: "\n") }

  func write(to path: String) throws {
    let old = try String(contentsOfFile: path, encoding: .utf8)
    guard let begin = old.range(of: Self.begin), let end = old.range(of: Self.end, range: begin.upperBound..<old.endIndex) else {
      throw SupportError("\(path) has no marks \(Self.begin) and \(Self.end)")
    }
    try (old[..<begin.upperBound] + "\n" + text + old[end.lowerBound...]).write(toFile: path, atomically: true, encoding: .utf8)
  }

  /// Where and when.
  private static func machine() -> String {
    let processor = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n")
      .first { $0.hasPrefix("model name") }?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces)
    let memory = ProcessInfo.processInfo.physicalMemory >> 30
    func line(_ program: String, _ arguments: String...) -> String {
      (try? CommandRun.run("/usr/bin/env", [program] + arguments))?.output.split(separator: "\n").first.map(String.init) ?? "unknown"
    }
    let date = ISO8601DateFormatter.string(from: Date(), timeZone: .gmt, formatOptions: .withFullDate)
    return """
      Commit \(line("git", "rev-parse", "--short", "HEAD")), \(date), \(processor ?? "unknown processor"), \
      \(ProcessInfo.processInfo.activeProcessorCount) cores, \(memory) GiB, kernel \(line("uname", "-r")).
      """
  }
}

func progress(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }

func time(_ body: () throws -> Void) rethrows -> Double {
  let start = moment()
  try body()
  return moment() - start
}

extension [Double] {
  /// The value below which a share of all lies (nearest rank).
  func quantile(_ share: Double) -> Double { sorted()[Swift.max(0, Int((Double(count) * share).rounded(.up)) - 1)] }
  var median: Double { quantile(0.5) }
}

extension Double {
  func text(_ digits: Int) -> String { String(format: "%.\(digits)f", self) }
}

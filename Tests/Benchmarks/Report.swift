import Foundation
import Support

/// What was measured, as Markdown: a table for each part, with where and when.
struct Report {
  private var parts: [(name: String, text: String)] = []

  mutating func add(_ part: String, _ lines: [String]) {
    parts.append((part, ([Self.machine(), ""] + lines).joined(separator: "\n")))
  }

  var text: String { parts.map(\.text).joined(separator: "\n\n") }

  /// Puts each part in the place of what the file has between its marks `<!-- measured: PART -->` and `<!-- /measured -->`; the others stay.
  func write(to path: String) throws {
    var file = try String(contentsOfFile: path, encoding: .utf8)
    for part in parts {
      let (begin, end) = ("<!-- measured: \(part.name) -->", "<!-- /measured -->")
      guard let first = file.range(of: begin), let last = file.range(of: end, range: first.upperBound..<file.endIndex) else {
        throw SupportError("\(path) has no marks \(begin) and \(end)")
      }
      file.replaceSubrange(first.upperBound..<last.lowerBound, with: "\n\(part.text)\n")
    }
    try file.write(toFile: path, atomically: true, encoding: .utf8)
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

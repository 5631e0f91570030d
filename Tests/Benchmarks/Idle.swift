import Foundation
import Support

/// What each service needs while nothing happens: its resident memory, and its share of one core over a period.
struct Idle {
  private static let sizes = [0, 200]

  let seconds: Int

  func measure() throws -> [String] {
    let bed = try TestLab(hosts: 1)
    defer { _ = try? bed.down() }
    var columns: [[String: (memory: Double, share: Double)]] = []
    for size in Self.sizes {
      if size > 0 {
        let deploy = try bed.archetype("deploy", "-t", try bed.file("idle", Rings.topology("idle", nodes: size)))
        guard deploy.exit == 0 else { throw SupportError(deploy.errors) }
      }
      sleep(5)
      columns.append(try observe(bed))
    }
    var lines = [
      "| idle service | " + Self.sizes.map { "memory, \($0) nodes | core, \($0) nodes" }.joined(separator: " | ") + " |",
      "| --- |" + String(repeating: " ---: |", count: 2 * Self.sizes.count),
    ]
    for name in columns[0].keys.sorted() {
      let cells = columns.map { column in column[name].map { "\($0.memory.text(1)) MiB | \($0.share.text(2)) %" } ?? "– | –" }
      lines.append("| \(name) | " + cells.joined(separator: " | ") + " |")
    }
    progress(lines.joined(separator: "\n"))
    return lines
  }

  private func observe(_ bed: TestLab) throws -> [String: (memory: Double, share: Double)] {
    let services = try bed.services()
    let before = try services.mapValues { try Self.ticks(of: $0) }
    sleep(UInt32(seconds))
    var found: [String: (memory: Double, share: Double)] = [:]
    for (name, pid) in services {
      let used = Double(try Self.ticks(of: pid) - (before[name] ?? 0)) / Double(sysconf(Int32(_SC_CLK_TCK)))
      found[name] = (try Self.resident(pid), 100 * used / Double(seconds))
    }
    return found
  }

  /// User's and system's time together.
  private static func ticks(of pid: pid_t) throws -> Int {
    let stat = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
    let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else { throw SupportError("/proc/\(pid)/stat") }
    return user + system
  }

  /// In MiB.
  private static func resident(_ pid: pid_t) throws -> Double {
    let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
      let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Double($0) })
    else { throw SupportError("/proc/\(pid)/status") }
    return kilobytes / 1_024
  }
}

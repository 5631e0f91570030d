import Foundation
import Support

/// What a process has used of the machine until now.
struct ProcessUse {
  private let process: pid_t
  private let ticks: Int
  private let at = moment()

  init(of process: pid_t) throws {
    self.process = process
    ticks = try Self.ticks(of: process)
  }

  /// Its memory now in MiB, and its share of one core since then in percent.
  func sinceThen() throws -> (memory: Double, share: Double) {
    let used = Double(try Self.ticks(of: process) - ticks) / Double(sysconf(Int32(_SC_CLK_TCK)))
    return (Double(try Memory.resident(process)) / Double(1 << 20), 100 * used / (moment() - at))
  }

  /// User's and system's time together.
  private static func ticks(of pid: pid_t) throws -> Int {
    let stat = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
    let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else { throw SupportError("/proc/\(pid)/stat") }
    return user + system
  }
}

import CLinux
import Glibc
import Machine
import Model
import Reactor

/// What the command line finds around it: environment, clock, chance.
enum Surroundings {
  static func variables() -> [String: String] {
    var result: [String: String] = [:]
    guard var entry = clinux_environment() else { return result }
    while let text = entry.pointee {
      let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
      entry += 1
    }
    return result
  }

  static func now() -> Instant { Clock.now().boot }

  /// What a user operation is known by: 64 random bits, so that nobody ever chose it before.
  static func freshJob() -> RequestID {
    let instance = Clock.makeInstance()
    return (try? RequestID("\(instance)")) ?? RequestID(instance, 0)
  }

  static func sleep(milliseconds: UInt32) { usleep(milliseconds * 1_000) }
}

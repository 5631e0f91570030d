import AgentCore
import Glibc
import Kinds
import Logging
import Model
import Runtime

extension AgentApp {
  /// One try of a node's readiness.
  func testReadiness(of spec: NodeSpec, _ key: NodeKey, _ pid: Int32) -> [AgentCore.Event] {
    guard let runtime, let readiness = spec.readiness else { return [] }
    let isTaken = readinessWorkers.submit {
      let failure = Self.failure(of: readiness, spec.environment, key, pid, runtime)
      if failure == nil {
        do throws(LabError) { try runtime.markPassed(key, pid: pid) } catch { Log.warning("readiness mark", ["error": error]) }
      }
      return [.readinessTested(key, pid: pid, failure: failure)]
    }
    return isTaken ? [] : [.readinessTested(key, pid: pid, failure: "too many nodes are tested at once (it is tried again)")]
  }

  /// Longest part of a node's last output that a pattern is looked for in.
  private static let outputSearched = 64 << 10

  private static func failure(
    of readiness: Readiness, _ environment: [EnvironmentVariable], _ key: NodeKey, _ pid: Int32, _ runtime: NodeRuntimes
  ) -> String? {
    switch readiness.test {
    case .command(let words):
      let (exit, output) = run(words, environment, in: key, runtime, time: readiness.timeout)
      if exit == .code(0) { return nil }
      let last = output.split(whereSeparator: \.isNewline).last.map { ": \($0)" } ?? ""
      return "'\(words.joined(separator: " "))': \(exit)\(last)"
    case .log(let text):
      do throws(LabError) {
        let pattern = try LinePattern(text)
        return try pattern.matches(runtime.output(key, limit: outputSearched)) ? nil : "nothing that it printed matches \(text)"
      } catch { return error.description }
    case .port(let port): return listens(pid, port) ? nil : "nothing listens on TCP port \(port)"
    }
  }

  /// In the network namespace of a process.
  private static func listens(_ pid: Int32, _ port: UInt16) -> Bool {
    ["tcp", "tcp6"].contains { ListeningPorts(of: "/proc/\(pid)/net/\($0)").contains(port) }
  }
}

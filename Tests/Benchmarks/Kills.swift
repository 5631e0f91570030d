import Foundation
import Support

/// Processes of nodes die; how long until a client that follows the events has read it. Every node dies once: nothing backs off.
struct Kills {
  let count: Int

  func measure() throws -> [String] {
    let bed = try TestLab(hosts: 1)
    defer { _ = try? bed.down() }
    let file = try bed.file("many", Rings.topology("many", nodes: count, isRing: false))
    let deploy = try bed.archetype("deploy", "-t", file)
    guard deploy.exit == 0, let nodes = try bed.inspect("many")["nodes"] as? [[String: Any]] else { throw BenchmarkError(deploy.errors) }
    let reader = try EventReader(bed)
    defer { reader.stop() }
    let pids = try Self.outerPids()
    var delays: [Double] = []
    for node in nodes {
      guard let name = node["name"] as? String, let inner = node["pid"] as? Int, let pid = pids[inner] else {
        throw BenchmarkError("node has no process: \(node)")
      }
      let start = now()
      kill(pid, SIGKILL)
      delays.append(try reader.time(of: name, kind: "node.exited") - start)
      _ = try reader.time(of: name, kind: "node.ready")
    }
    func milliseconds(_ share: Double) -> String { (delays.quantile(share) * 1e3).text(2) + " ms" }
    progress("  \(delays.count) kills: p50 \(milliseconds(0.5)), p99 \(milliseconds(0.99))")
    return [
      "| a node's process killed → event read by a client | p50 | p90 | p99 | most |", "| --- | ---: | ---: | ---: | ---: |",
      "| \(delays.count) kills | \(milliseconds(0.5)) | \(milliseconds(0.9)) | \(milliseconds(0.99)) | \(milliseconds(1)) |",
    ]
  }

  /// This machine's numbers of processes that are first in a namespace in a namespace, by their numbers in the middle one.
  private static func outerPids() throws -> [Int: pid_t] {
    var found: [Int: pid_t] = [:]
    for entry in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
      guard let outer = pid_t(entry), let status = try? String(contentsOfFile: "/proc/\(entry)/status", encoding: .utf8),
        let line = status.split(separator: "\n").first(where: { $0.hasPrefix("NSpid:") })
      else { continue }
      let numbers = line.split(separator: "\t").dropFirst().compactMap { Int($0) }
      if numbers.count == 3, numbers[2] == 1 { found[numbers[1]] = outer }
    }
    return found
  }
}

/// `archetype events --follow` through a pipe, each line with the moment at which it was read.
private final class EventReader {
  private let process = Process()
  private let pipe = Pipe()
  private var rest: [UInt8] = []

  init(_ bed: TestLab) throws {
    process.executableURL = URL(fileURLWithPath: bed.programs + "/archetype")
    process.arguments = ["events", "--follow", "--format", "json"]
    process.environment = ProcessInfo.processInfo.environment.merging(bed.environment) { $1 }
    process.standardOutput = pipe
    try process.run()
    usleep(500_000)
  }

  func stop() {
    process.terminate()
    process.waitUntilExit()
  }

  /// When the next event of that subject and kind was read.
  func time(of subject: String, kind: String) throws -> Double {
    while true {
      while let end = rest.firstIndex(of: 10) {
        let line = Data(rest[..<end])
        rest.removeSubrange(...end)
        guard let event = try JSONSerialization.jsonObject(with: line) as? [String: Any] else { continue }
        if event["subject"] as? String == subject, event["kind"] as? String == kind { return last }
      }
      var buffer = [UInt8](repeating: 0, count: 65_536)
      var wait = pollfd(fd: pipe.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&wait, 1, 30_000) > 0 else { throw BenchmarkError("no event \(kind) of \(subject) within 30 s") }
      let count = read(wait.fd, &buffer, buffer.count)
      last = now()
      guard count > 0 else { throw BenchmarkError("`events --follow` ended") }
      rest += buffer[0..<count]
    }
  }

  private var last = 0.0
}

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
    guard deploy.exit == 0, let nodes = try bed.inspect("many")["nodes"] as? [[String: Any]] else { throw SupportError(deploy.errors) }
    let reader = try EventFollower(bed)
    defer { reader.stop() }
    _ = try reader.time(of: "many", "lab.converged")
    let machine = try bed.hostProcesses(of: "h1")
    var delays: [Double] = []
    for node in nodes {
      guard let name = node["name"] as? String, let inner = node["pid"] as? Int, let pid = machine[inner] else {
        throw SupportError("node has no process: \(node)")
      }
      let start = moment()
      kill(pid, SIGKILL)
      delays.append(try reader.time(of: name, "node.exited") - start)
      _ = try reader.time(of: name, "node.ready")
    }
    func milliseconds(_ share: Double) -> String { (delays.quantile(share) * 1e3).text(2) + " ms" }
    progress("  \(delays.count) kills: p50 \(milliseconds(0.5)), p99 \(milliseconds(0.99))")
    return [
      "| a node's process killed → event read by a client | p50 | p90 | p99 | most |", "| --- | ---: | ---: | ---: | ---: |",
      "| \(delays.count) kills | \(milliseconds(0.5)) | \(milliseconds(0.9)) | \(milliseconds(0.99)) | \(milliseconds(1)) |",
    ]
  }
}

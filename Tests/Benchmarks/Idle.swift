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
    let uses = try services.mapValues { try ProcessUse(of: $0) }
    sleep(UInt32(seconds))
    return try uses.mapValues { try $0.sinceThen() }
  }
}

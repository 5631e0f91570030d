import Glibc
import Support

/// A ring of containers on one host, up and down, beside the bare engine (no cables) and docker-compose (a network of the engine for each cable).
struct ContainerRings {
  /// With more, docker-compose takes many minutes.
  static let largest = 100

  let sizes: [Int]
  let repeats: Int

  func measure() throws -> [String] {
    var lines = [
      "| containers | up | engine | ratio | docker-compose | ratio | down | engine | ratio | docker-compose | ratio |",
      "|" + String(repeating: " ---: |", count: 11),
    ]
    let bed = try TestLab(hosts: 1, docker: true)
    defer { _ = try? bed.down() }
    try bed.importBusybox(on: "h1")
    let engine = try BareEngine(bed, of: "h1")
    for size in sizes {
      var (product, floor, peer): ([UpDown], [UpDown], [UpDown]) = ([], [], [])
      let names = (0..<size).map { "bare\($0)" }
      let file = try bed.file("ring", Rings.topology("ring", nodes: size, defaults: Self.defaults))
      for round in 1...repeats {
        floor.append(UpDown(up: try time { try engine.up(names) }, down: try time { try engine.down(names) }))
        product.append(try Rings.product(file, bed))
        let others = try Self.peer(size, bed)
        if let others { peer.append(others) }
        let words = others.map { "\($0)" } ?? "hangs"
        progress("  \(size) containers, round \(round): \(product[round - 1]), engine \(floor[round - 1]), compose \(words)")
      }
      lines.append("| \(size) |" + UpDown.cells(product, floor, peer, \.up) + UpDown.cells(product, floor, peer, \.down))
    }
    return lines + [
      "",
      "Seconds, medians. The engine alone makes the same containers by its API, as many side by side, without cables. docker-compose makes a",
      "network of the engine for each cable.",
    ]
  }

  /// Of nodes, in the file's words.
  static let defaults = "{kind: linux, image: busybox, cmd: \"sh -c 'trap exit TERM; sleep 1000000 & wait'\"}"

  /// - Returns: nil when it hangs, as its version 1.29 does now and then with many containers: a thread of it waits, its engine is idle.
  private static func peer(_ size: Int, _ bed: TestLab) throws -> UpDown? {
    var lines = ["version: '2.4'", "services:"]
    for node in 0..<size {
      let command = BareEngine.command.map { "\"\($0)\"" }.joined(separator: ", ")
      lines.append(
        "  n\(node): {image: busybox, command: [\(command)], tty: true, cap_add: [NET_ADMIN, SYS_ADMIN], "
          + "networks: [l\(node), l\((node + 1) % size)]}")
    }
    lines.append("networks:")
    for link in 0..<size { lines.append("  l\(link): {ipam: {config: [{subnet: 10.200.\(link / 32).\(link % 32 * 8)/29}]}}") }
    let file = "\(bed.folder)/compose.yml"
    try lines.map { $0 + "\n" }.joined().write(toFile: file, atomically: true, encoding: .utf8)
    func compose(_ words: String) throws -> Double? {
      var hangs = false
      let took = try time {
        let run = try CommandRun.run(
          bed.programs + "/archetype",
          ["testbed", "exec", "h1", "--dir", bed.folder, "--", "sh", "-c", "docker-compose -p peer -f \(file) \(words)"],
          environment: bed.environment, limit: 90)
        hangs = run.exit == 128 + SIGKILL
        guard run.exit == 0 || hangs else { throw SupportError("docker-compose \(words): \(run.errors.suffix(500))") }
      }
      return hangs ? nil : took
    }
    let (up, down) = (try compose("up -d"), try compose("down -t 1"))
    return up.flatMap { up in down.map { UpDown(up: up, down: $0) } }
  }
}

import Foundation
import Support

/// What engines cost when something goes wrong: ends of containers, an engine that hangs, a host that loses its power.
struct EngineTimes {
  let kills: Int
  /// Of the hang.
  let seconds: Int

  private static let containers = 20

  func measure() throws -> [String] {
    let bed = try TestLab(hosts: 1, docker: true)
    defer { _ = try? bed.down() }
    try bed.importBusybox(on: "h1")
    let lines = ["| engine | p50 | p99 | most |", "| --- | ---: | ---: | ---: |"]
    let rows = [try ends(bed)] + (try hang(bed))
    let power = try powerCuts(bed)
    return lines + rows + [
      "", "| \(Self.containers) containers after a power cut | seconds |", "| --- | ---: |",
      "| power on → converged, without anybody's help | \(power.product.text(2)) |",
      "| power on → the engine alone has started as many again, by its API | \(power.floor.text(2)) |",
      "| beyond the engine's own | \((power.product - power.floor).text(2)) |",
    ]
  }

  private func row(_ what: String, _ times: [Double]) -> String {
    let cells = [0.5, 0.99, 1].map { " \((times.quantile($0) * 1e3).text(2)) ms |" }
    progress("  \(what):\(cells.joined())")
    return "| \(what) |" + cells.joined()
  }

  private func deploy(_ name: String, nodes: Int, isRing: Bool, _ bed: TestLab, more: String = "") throws {
    let text = Rings.topology(name, nodes: nodes, isRing: isRing, defaults: ContainerRings.defaults, more: more)
    let run = try bed.archetype("deploy", "-t", try bed.file(name, text), limit: 600)
    guard run.exit == 0 else { throw SupportError(run.errors) }
  }

  /// From the engine's word at a client of its own to ours at a client of ours. Every node dies once: nothing backs off.
  private func ends(_ bed: TestLab) throws -> String {
    try deploy("many", nodes: kills, isRing: false, bed)
    let heard = try BareEngine(bed, of: "h1").ends()
    let reader = try EventFollower(bed)
    defer { reader.stop() }
    _ = try reader.time(of: "many", "lab.converged")
    let machine = try bed.hostProcesses(of: "h1")
    var delays: [Double] = []
    for (name, inner) in try bed.processes(of: "many").sorted(by: { $0.key < $1.key }) {
      guard let pid = machine[inner] else { throw SupportError("\(name) has no process") }
      kill(pid, SIGKILL)
      let ours = try reader.time(of: name, "node.exited")
      delays.append(ours - (try heard.time(of: name)))
      _ = try reader.time(of: name, "node.ready")
    }
    try bed.destroy("many")
    return row("an end told by the engine → event read by a client (\(delays.count) kills)", delays)
  }

  /// An agent's answers while its engine is stopped, with ends and starts of containers waiting for it.
  private func hang(_ bed: TestLab) throws -> [String] {
    try deploy("hang", nodes: Self.containers, isRing: true, bed, more: "    own: {runtime: namespace, cmd: \"\"}\n")
    func asked(_ count: Int) throws -> [Double] {
      try (0..<count).map { _ in
        try time {
          let run = try bed.exec("hang", "own", "true")
          guard run.exit == 0 else { throw SupportError(run.errors) }
        }
      }
    }
    let before = try asked(50)
    let machine = try bed.hostProcesses(of: "h1")
    let engine = try bed.on("h1", "cat", "/run/docker.pid").output.filter(\.isNumber)
    guard let dockerd = Int(engine).flatMap({ machine[$0] }) else { throw SupportError("no dockerd") }
    kill(dockerd, SIGSTOP)
    for (name, inner) in try bed.processes(of: "hang") where name.hasPrefix("n") { machine[inner].map { _ = kill($0, SIGKILL) } }
    let end = moment() + Double(seconds)
    var during: [Double] = []
    while moment() < end { during += try asked(1) }
    kill(dockerd, SIGCONT)
    guard try eventually(within: 120, { try bed.isConverged("hang") }) else { throw SupportError("not whole again after the hang") }
    try bed.destroy("hang")
    return [
      row("a command in a node of the host's own, to its end", before),
      row("the same while the engine hangs for \(seconds) s", during),
    ]
  }

  private func running(_ bed: TestLab) throws -> Int {
    try bed.docker("h1", "ps", "-q").split(separator: "\n").count
  }

  private func powerCuts(_ bed: TestLab) throws -> (product: Double, floor: Double) {
    var (product, floor): ([Double], [Double]) = ([], [])
    let names = (0..<Self.containers).map { "bare\($0)" }
    for round in 1...3 {
      try deploy("cut", nodes: Self.containers, isRing: true, bed)
      try bed.testbed("power-off", "h1")
      product.append(
        try time {
          try bed.testbed("power-on", "h1")
          guard try eventually(within: 120, { try running(bed) == Self.containers && bed.isConverged("cut") }) else {
            throw SupportError("not back after a power cut")
          }
        })
      try bed.destroy("cut")
      try BareEngine(bed, of: "h1").up(names)
      try bed.testbed("power-off", "h1")
      floor.append(
        try time {
          try bed.testbed("power-on", "h1")
          try BareEngine(bed, of: "h1").start(names)
        })
      try BareEngine(bed, of: "h1").down(names)
      progress("  power cut, round \(round): \(product[round - 1].text(2)), engine \(floor[round - 1].text(2))")
    }
    return (product.median, floor.median)
  }
}

import Arguments
import Foundation
import Glibc
import Model
import Support

/// `archetype-bench`: measures the product beside its floor and its peers, on this machine, in one run.
let command = Command(
  "archetype-bench", "measures Archetype beside the floor and its peers (root)",
  options: [
    .value("sizes", "N,N", "nodes of the rings", standard: "10,50,100,200,1000"),
    .value("repeats", "N", "runs of each ring (a third as many at 1000)", standard: "5"),
    .value("kills", "N", "processes that are killed", standard: "200"),
    .value("seconds", "N", "length of each throughput run; idle periods are three times as long", standard: "10"),
    .repeated("only", "PART", "ring, kill, throughput, bus, trace, idle, faults, docker or docker-faults; all when not given"),
    .value("write", "FILE", "puts each table between its marks in the file, <!-- measured: PART --> and <!-- /measured -->"),
  ])

func run() throws {
  if CommandLine.arguments.contains("--help") { return print(command.help()) }
  let given = try command.parse(Array(CommandLine.arguments.dropFirst()), environment: [:])
  guard getuid() == 0 else { throw LabError(.permissionDenied, "archetype-bench", "needs root (it makes namespaces)") }
  let parts = given.values("only")
  let seconds = try given.number("seconds", in: 1...600) ?? 10
  var report = Report()
  func measure(_ part: String, _ body: () throws -> [String]) throws {
    guard parts.isEmpty || parts.contains(part) else { return }
    progress("\(part):")
    report.add(part, try body())
  }
  let sizes = (given.value("sizes") ?? "").split(separator: ",").compactMap { Int($0) }
  let repeats = try given.number("repeats", in: 1...100) ?? 5
  try measure("ring") { try Rings(sizes: sizes, repeats: repeats).measure() }
  let kills = try given.number("kills", in: 1...1_000) ?? 200
  try measure("kill") { try Kills(count: kills).measure() }
  try measure("throughput") { try Throughput(seconds: seconds).measure() }
  try measure("bus") { try BusSpeed(seconds: seconds).measure() }
  try measure("trace") { try TraceCost(seconds: seconds, repeats: repeats).measure() }
  try measure("idle") { try Idle(seconds: 3 * seconds).measure() }
  try measure("faults") { try FaultTable().measure() }
  try measure("docker") { try ContainerRings(sizes: sizes.filter { $0 <= ContainerRings.largest }, repeats: min(repeats, 3)).measure() }
  try measure("docker-faults") { try EngineTimes(kills: min(kills, 100), seconds: 3 * seconds).measure() }
  print(report.text)
  if let file = given.value("write") { try report.write(to: file) }
}

do { try run() } catch {
  FileHandle.standardError.write(Data("error: \(error)\n".utf8))
  exit(1)
}

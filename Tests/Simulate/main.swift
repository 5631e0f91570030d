import Arguments
import Glibc
import Model
import Simulation

let command = Command(
  "archetype-simulate", "runs whole deployments under virtual time, with faults: one world a seed",
  options: [
    .value("seed", "N", "only this one"), .value("from", "N", "the first seed", standard: "1"),
    .value("count", "N", "how many seeds", standard: "1000"), .value("jobs", "N", "threads side by side", standard: "1"),
    .flag("trace", "print each step"), .flag("coverage", "print how often each case of each machine's events was fed"),
    .flag("minimise", "print which kinds of faults, and how many operations, the seed needs to fail"),
    .value("bug", "NAME", "plant this known bug"), .flag("bugs", "plant each known bug and print the seed that finds it"),
    .value("recording", "FILE", "what archetype trace --record wrote: hand a service's core what it heard, and compare what comes of it"),
    .value("service", "NAME", "of --recording: \(ReplayCommand.services.joined(separator: ", "))", standard: "reconciler"),
    .value("scale", "HOSTSxNODES", "measure a deployment of this size without faults, twice as many links as nodes"),
  ])

func simulate() async throws(LabError) -> Int32 {
  if CommandLine.arguments.contains(where: { $0 == "--help" || $0 == "-h" }) {
    print(command.help(), terminator: "")
    return 0
  }
  let given = try command.parse(Array(CommandLine.arguments.dropFirst()), environment: [:])
  if let path = given.value("recording") { return try ReplayCommand(path: path, service: given.value("service") ?? "").run() }
  if let text = given.value("scale") {
    guard let scale = Scale(text) else {
      throw LabError(.invalidArgument, "--scale", "'\(text)' is not HOSTSxNODES (such as 100x10000; 4000x100000 at most)")
    }
    return try measure(scale)
  }
  let seeds = 0...(Int.max / 2)
  let seed = try given.number("seed", in: seeds)
  var simulation = SimulateCommand()
  simulation.settings.isTracing = given.flag("trace")
  simulation.settings.isCounting = given.flag("coverage")
  if let name = given.value("bug") {
    guard let bug = PlantedBug(rawValue: name) else {
      throw LabError(.invalidArgument, "--bug", "'\(name)' is none of \(PlantedBug.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    simulation.settings.bug = bug
  }
  let (from, count) = (try given.number("from", in: seeds) ?? 1, try given.number("count", in: seeds) ?? 1_000)
  simulation.first = UInt64(seed ?? from)
  simulation.count = seed == nil ? UInt64(count) : 1
  simulation.jobs = try given.number("jobs", in: 1...1_024) ?? 1
  return given.flag("bugs") ? simulation.findBugs() : given.flag("minimise") ? simulation.minimise() : await simulation.run()
}

do throws(LabError) {
  exit(try await simulate())
} catch {
  let text = "error: \(error)\n"
  _ = write(2, text, text.utf8.count)
  exit(2)
}

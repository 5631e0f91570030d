import Glibc
import Simulation

func value(_ flag: String) -> String? {
  guard let index = CommandLine.arguments.firstIndex(of: flag), index + 1 < CommandLine.arguments.count else { return nil }
  return CommandLine.arguments[index + 1]
}
func number(_ flag: String) -> UInt64? { value(flag).flatMap { UInt64($0) } }
func has(_ flag: String) -> Bool { CommandLine.arguments.contains(flag) }

var command = SimulateCommand()
command.settings.isTracing = has("--trace")
command.settings.isCounting = has("--coverage")
command.settings.bug = value("--bug").flatMap { PlantedBug(rawValue: $0) }
command.first = number("--seed") ?? number("--from") ?? 1
command.count = number("--seed") != nil ? 1 : number("--count") ?? 1_000
command.jobs = max(1, number("--jobs").map(Int.init) ?? 1)
exit(has("--bugs") ? command.findBugs() : has("--minimise") ? command.minimise() : await command.run())

import Glibc
import Simulation

func value(_ flag: String) -> UInt64? {
  guard let index = CommandLine.arguments.firstIndex(of: flag), index + 1 < CommandLine.arguments.count else { return nil }
  return UInt64(CommandLine.arguments[index + 1])
}

var settings = Settings()
settings.isTracing = CommandLine.arguments.contains("--trace")
let first = value("--seed") ?? value("--from") ?? 1
let count = value("--seed") != nil ? 1 : value("--count") ?? 1_000
var failures = 0
var steps = 0
var fingerprint: UInt64 = 0
for seed in first..<(first + count) {
  let outcome = World.run(seed: seed, settings: settings)
  steps += outcome.steps
  fingerprint = fingerprint &* 31 &+ outcome.fingerprint
  for line in outcome.trace { print(line) }
  if let problem = outcome.problem {
    failures += 1
    print("seed \(seed): \(problem)")
  }
}
print("\(count) schedules, \(steps) steps, \(failures) failed, fingerprint \(String(fingerprint, radix: 16))")
exit(failures == 0 ? 0 : 1)

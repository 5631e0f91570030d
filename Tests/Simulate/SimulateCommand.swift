import Glibc
import Simulation

/// What `archetype-simulate` does.
struct SimulateCommand: Sendable {
  var settings = Settings()
  var first: UInt64 = 1
  var count: UInt64 = 1_000
  /// Threads side by side; each runs its own seeds.
  var jobs = 1

  /// Sums over some seeds.
  struct Sum: Sendable {
    var schedules: UInt64 = 0
    var steps: UInt64 = 0
    var failures: UInt64 = 0
    /// Adds up, so that it doesn't depend on how seeds are shared out.
    var fingerprint: UInt64 = 0
    /// How often each case was fed; empty unless counted.
    var coverage: [String: Int] = [:]
  }

  /// Runs the seeds and prints those that fail. 0: none does.
  func run() async -> Int32 {
    let start = clock()
    let sum = jobs == 1 ? runPart(0) : await runSideBySide()
    let spent = clock() - start
    let rate = spent > 0 ? Double(sum.schedules) / spent : 0
    print(
      "\(sum.schedules) schedules, \(sum.steps) steps, \(sum.failures) failed, \(Int(rate)) a second, "
        + "fingerprint \(String(sum.fingerprint, radix: 16))")
    let isCovered = !settings.isCounting || printCoverage(sum.coverage)
    return sum.failures == 0 && sum.schedules == count && isCovered ? 0 : 1
  }

  /// How often each case of each machine's events was fed. False: one never was.
  private func printCoverage(_ coverage: [String: Int]) -> Bool {
    let all = Coverage.all
    for name in all { print("\(name): \(coverage[name] ?? 0)") }
    let missed = all.filter { coverage[$0] == nil }
    print(missed.isEmpty ? "all \(all.count) cases of events were fed" : "never fed: \(missed.joined(separator: ", "))")
    return missed.isEmpty
  }

  private func clock() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }

  private func runPart(_ part: Int) -> Sum {
    var sum = Sum()
    var seed = first + UInt64(part)
    while seed < first + count {
      let outcome = World.run(seed: seed, settings: settings)
      sum.schedules += 1
      sum.steps += UInt64(outcome.steps)
      sum.fingerprint &+= outcome.fingerprint
      for line in outcome.trace { print(line) }
      if let problem = outcome.problem {
        sum.failures += 1
        print("seed \(seed): \(problem)")
      }
      sum.coverage.merge(outcome.coverage, uniquingKeysWith: +)
      if part == 0, sum.schedules % 500 == 0, isatty(2) == 1 {
        let progress = "\r\(seed - first) of \(count) "
        _ = write(2, progress, progress.utf8.count)
      }
      seed += UInt64(jobs)
    }
    fflush(nil)
    return sum
  }

  private func runSideBySide() async -> Sum {
    await withTaskGroup(of: Sum.self) { group in
      for part in 0..<jobs { group.addTask { runPart(part) } }
      return await group.reduce(into: Sum()) { total, sum in
        total.schedules += sum.schedules
        total.steps += sum.steps
        total.failures += sum.failures
        total.fingerprint &+= sum.fingerprint
        total.coverage.merge(sum.coverage, uniquingKeysWith: +)
      }
    }
  }

  /// Runs worlds with each bug planted until it is found, and prints in which seed it was.
  func findBugs() -> Int32 {
    var isMissed = false
    for bug in PlantedBug.allCases where settings.bug == nil || settings.bug == bug {
      var settings = settings
      settings.bug = bug
      var others: [String] = []
      var seed = first
      var found: String?
      while found == nil, seed < first + count {
        let outcome = World.run(seed: seed, settings: settings)
        if let problem = outcome.problem {
          if bug.isFound(in: problem) { found = problem } else { others.append("seed \(seed): \(problem)") }
        }
        seed += 1
      }
      isMissed = isMissed || found == nil
      print("\(bug.rawValue) (\(bug.breaks)): " + (found.map { "seed \(seed - 1): \($0.prefix(140))" } ?? "MISSED"))
      for other in others.prefix(3) { print("    \(other.prefix(140))") }
    }
    return isMissed ? 1 : 0
  }

  /// Leaves out kinds of faults and operations as long as the seed still fails in the same way, and prints what is left.
  func minimise() -> Int32 {
    guard let minimum = World.minimise(seed: first, settings: settings) else {
      print("seed \(first) does not fail")
      return 0
    }
    print("seed \(first): \(minimum.problem)")
    print("operations: \(minimum.operations); kinds of faults that it needs: \(minimum.kinds.joined(separator: ", "))")
    return 1
  }
}

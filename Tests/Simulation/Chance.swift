import Machine

/// Seeded chance. Network, hosts, disks and workload have a stream each, so that more of one doesn't change the others.
struct Chance: Sendable {
  private var stream: Jitter

  init(seed: UInt64, stream name: UInt64) {
    var mix = Jitter(seed: seed &* 0x9e37_79b9_7f4a_7c15 &+ name)
    stream = Jitter(seed: mix.next())
  }

  mutating func below(_ bound: UInt64) -> UInt64 { stream.below(bound) }
  mutating func below(_ bound: Int) -> Int { Int(stream.below(UInt64(bound))) }
  mutating func between(_ low: UInt64, _ high: UInt64) -> UInt64 { low + stream.below(high - low + 1) }
  /// True in `permille` of 1,000 cases.
  mutating func happens(_ permille: UInt64) -> Bool { stream.below(1_000) < permille }
  mutating func pick<T>(_ items: [T]) -> T? { items.isEmpty ? nil : items[below(items.count)] }
  mutating func number() -> UInt64 { stream.next() }
}

/// How bad this world is; drawn by seed, so that each run stresses other things.
public struct Faults: Sendable {
  /// In thousandths of messages.
  var loss: UInt64 = 0
  var duplication: UInt64 = 0
  var longestDelay: UInt64 = 5
  /// In thousandths of faults' chances, each 200 ms.
  var serviceCrash: UInt64 = 0
  var hubCrash: UInt64 = 0
  var agentCrash: UInt64 = 0
  var powerCut: UInt64 = 0
  var nodeDeath: UInt64 = 0
  var interfaceFlap: UInt64 = 0
  var deviceLoss: UInt64 = 0
  /// In thousandths of actions.
  var actionFailure: UInt64 = 0
  /// In thousandths of commits: the process dies between its commit and its sends.
  var crashAfterCommit: UInt64 = 0

  static let none = Faults()

  init() {}

  init(_ chance: inout Chance) {
    loss = chance.below(120)
    duplication = chance.below(150)
    longestDelay = 1 + chance.below(300)
    serviceCrash = chance.below(80)
    hubCrash = chance.below(30)
    agentCrash = chance.below(80)
    powerCut = chance.below(30)
    nodeDeath = chance.below(100)
    interfaceFlap = chance.below(100)
    deviceLoss = chance.below(40)
    actionFailure = chance.below(100)
    crashAfterCommit = chance.below(30)
  }
}

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
  /// True in `permille` of 1,000 cases; draws nothing where it can't be.
  mutating func happens(_ permille: UInt64) -> Bool { permille > 0 && stream.below(1_000) < permille }
  mutating func pick<T>(_ items: [T]) -> T? { items.isEmpty ? nil : items[below(items.count)] }
  mutating func number() -> UInt64 { stream.next() }
}

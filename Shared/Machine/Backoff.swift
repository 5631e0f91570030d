/// Pauses between repetitions: doubling, bounded, jittered.
public struct Backoff: Sendable, Hashable {
  private let first: UInt64
  private let most: UInt64
  private var current: UInt64

  /// - Parameters: first and longest pause in milliseconds.
  public init(first: UInt64, most: UInt64) {
    self.first = first
    self.most = most
    current = first
  }

  /// The next pause: between three quarters and five quarters of the doubling value.
  public mutating func next(_ jitter: inout Jitter) -> UInt64 {
    let pause = current
    current = min(current * 2, most)
    return pause - pause / 4 + jitter.below(pause / 2 + 1)
  }

  public mutating func reset() { current = first }
}

/// Seeded chance for jitter (SplitMix64), so that a run can be repeated.
public struct Jitter: Sendable, Hashable {
  private var state: UInt64
  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// Below `bound`; 0 for a bound of 0.
  public mutating func below(_ bound: UInt64) -> UInt64 { bound == 0 ? 0 : next() % bound }
}

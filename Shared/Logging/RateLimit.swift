/// Lets a few through in a stretch of time and counts the rest: for what a stranger can make us say.
public struct RateLimit: Sendable {
  private let most: Int
  private let stretch: UInt64
  private var begin: UInt64 = 0
  private var count = 0
  private var withheld = 0

  /// - Parameters: at most `most` in each `stretch` milliseconds.
  public init(most: Int, in stretch: UInt64) {
    self.most = most
    self.stretch = stretch
  }

  /// Nil: say nothing now. Else how many were withheld since the last one.
  public mutating func take(at milliseconds: UInt64) -> Int? {
    if milliseconds >= begin + stretch {
      begin = milliseconds
      count = 0
    }
    guard count < most else {
      withheld += 1
      return nil
    }
    count += 1
    defer { withheld = 0 }
    return withheld
  }
}

/// What is counted of an engine's calls, and whether they go on.
public struct CallCount: Sendable, Hashable {
  public private(set) var begun: UInt64 = 0
  public private(set) var ended: UInt64 = 0
  public private(set) var refused: UInt64 = 0
  /// Calls that had ended at the last look, while one was under way.
  private var endedAtLook: UInt64?

  public init() {}

  public var underWay: UInt64 { begun - ended }

  public mutating func begin() { begun += 1 }

  public mutating func end(isDone: Bool) {
    ended += 1
    if !isDone { refused += 1 }
  }

  /// To be asked at even intervals: false where since the last time one call has been under way, and none has ended.
  public mutating func isMoving() -> Bool {
    defer { endedAtLook = underWay > 0 ? ended : nil }
    return underWay == 0 || endedAtLook != ended
  }
}

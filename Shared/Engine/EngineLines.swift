import Locks
public import Model

/// Gives a stream line by line, as engines tell events and progress: a value of JSON each.
public final class EngineLines: EngineReceiver {
  private let line: @Sendable ([UInt8]) -> Void
  private let over: @Sendable (Result<Int, LabError>) -> Void
  private let rest = Guarded<[UInt8]>([])

  /// An event with the labels of a node has two thousand bytes.
  private static let longest = 1 << 20

  /// - Parameters:
  ///   - line: called on the client's thread, without the line's end; mustn't wait.
  ///   - over: the last call: how the stream ended.
  public init(_ line: @escaping @Sendable ([UInt8]) -> Void, over: @escaping @Sendable (Result<Int, LabError>) -> Void) {
    self.line = line
    self.over = over
  }

  public var room: Int32? { nil }

  public func take(_ bytes: UnsafeRawBufferPointer) -> EngineTake {
    let lines = rest.withLock { rest -> [[UInt8]]? in
      rest.append(contentsOf: bytes)
      guard let last = rest.lastIndex(of: UInt8(ascii: "\n")) else { return rest.count > Self.longest ? nil : [] }
      let whole = rest[..<last].split(separator: UInt8(ascii: "\n")).map(Array.init)
      rest.removeSubrange(...last)
      return whole
    }
    guard let lines else { return .tooMuch }
    for text in lines { line(text) }
    return .taken
  }

  public func end(_ outcome: Result<Int, LabError>) {
    let last = rest.withLock { rest in
      defer { rest = [] }
      return rest
    }
    if !last.isEmpty { line(last) }
    over(outcome)
  }
}

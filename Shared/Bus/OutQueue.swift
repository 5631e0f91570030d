import Model

/// Messages that wait until the hub reads: first in, first out, bounded in number and bytes.
struct OutQueue {
  private static let mostMessages = 4_096
  private static let mostBytes = 4 * Limits.messageBytes

  private var messages: [[[UInt8]]] = []
  private var first = 0
  private var bytes = 0

  var isEmpty: Bool { first == messages.count }
  var next: [[UInt8]]? { isEmpty ? nil : messages[first] }

  func hasRoom(for count: Int) -> Bool { messages.count - first + count <= Self.mostMessages && bytes < Self.mostBytes }

  mutating func append(_ frames: [[UInt8]]) {
    messages.append(frames)
    bytes += Self.size(frames)
  }

  mutating func removeFirst() {
    bytes -= Self.size(messages[first])
    messages[first] = []
    first += 1
    if first == messages.count {
      messages.removeAll(keepingCapacity: first <= 64)
      first = 0
    } else if first >= 256 && first * 2 >= messages.count {
      messages.removeFirst(first)
      first = 0
    }
  }

  mutating func removeAll() {
    messages = []
    first = 0
    bytes = 0
  }

  private static func size(_ frames: [[UInt8]]) -> Int { frames.reduce(0) { $0 + $1.count } }
}

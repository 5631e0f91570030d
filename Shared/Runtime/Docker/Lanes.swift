import CLinux
import Engine
import Glibc
import Locks
import Model

/// Runs `body` for each item, `most` at a time, on threads made for it and the caller's own, and waits for all: an engine works on a few things side
/// by side, and each may take long.
func inLanes<Item: Sendable, Value: Sendable>(
  _ items: [Item], most: Int = EngineClient.callsAtOnce, _ body: @escaping @Sendable (Item) -> Value
) -> [Value] {
  guard items.count > 1 else { return items.map(body) }
  let lanes = Lanes(items, body)
  for _ in 1..<min(most, items.count) { lanes.addThread() }
  return lanes.finish()
}

private final class Lanes<Item: Sendable, Value: Sendable>: Sendable {
  private let items: [Item]
  private let body: @Sendable (Item) -> Value
  private let state: Guarded<(next: Int, values: [Value?], threads: Int)>
  /// Readable once for each thread that has ended.
  private let ended = clinux_eventfd(1, 1)

  init(_ items: [Item], _ body: @escaping @Sendable (Item) -> Value) {
    self.items = items
    self.body = body
    state = Guarded((0, [Value?](repeating: nil, count: items.count), 0))
  }

  deinit { close(ended) }

  /// Without a thread the others do its part.
  func addThread() {
    guard ended >= 0 else { return }
    state.withLock { $0.threads += 1 }
    do throws(LabError) {
      try OwnThread.start("engine lane") {
        self.work()
        var one: UInt64 = 1
        write(self.ended, &one, 8)
      }
    } catch { state.withLock { $0.threads -= 1 } }
  }

  private func work() {
    while true {
      let index = state.withLock { state in
        defer { state.next += 1 }
        return state.next
      }
      guard index < items.count else { return }
      let value = body(items[index])
      state.withLock { $0.values[index] = value }
    }
  }

  func finish() -> [Value] {
    work()
    for _ in 0..<state.withLock({ $0.threads }) {
      var count: UInt64 = 0
      while read(ended, &count, 8) < 0, errno == EINTR {}
    }
    return state.withLock { $0.values.compactMap(\.self) }
  }
}

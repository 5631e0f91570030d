import Glibc
import Locks

/// A descriptor that is closed once, early or at the end.
final class DescriptorBox: Sendable {
  private let number: Guarded<Int32>

  init(_ number: Int32) { self.number = Guarded(number) }

  func close() {
    number.withLock { number in
      if number >= 0 { Glibc.close(number) }
      number = -1
    }
  }

  deinit { close() }
}

import Glibc
import Synchronization

/// A descriptor that is closed once, early or at the end.
final class DescriptorBox: Sendable {
  private let number: Mutex<Int32>

  init(_ number: Int32) { self.number = Mutex(number) }

  func close() {
    number.withLock { number in
      if number >= 0 { Glibc.close(number) }
      number = -1
    }
  }

  deinit { close() }
}

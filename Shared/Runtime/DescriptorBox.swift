import Glibc
import Locks

/// A descriptor that is closed once, early or at the end.
final class DescriptorBox: Sendable {
  private let number: Guarded<Int32>

  init(_ number: Int32) { self.number = Guarded(number) }

  var isReadable: Bool {
    number.withLock { number in
      var entry = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
      return poll(&entry, 1, 0) == 1
    }
  }

  func close() {
    number.withLock { number in
      if number >= 0 { Glibc.close(number) }
      number = -1
    }
  }

  deinit { close() }
}

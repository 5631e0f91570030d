import Glibc
import Model

/// One of a command's outputs on its way to a reader: held until the reader says that it has arrived, and never more than the bound. The rest
/// waits in the pipe, and with it the command.
struct ExecStream: Sendable {
  private let descriptor: Int32
  /// What the reader hasn't confirmed.
  private var held: [UInt8] = []
  /// Where `held` begins in all that was printed.
  private var start = 0
  /// Its end has not been read yet.
  private(set) var isOpen = true

  /// - Parameter descriptor: non-blocking, and another's to close.
  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// How much has been read of the pipe.
  var end: Int { start + held.count }
  /// Reading would bring something on.
  var wantsMore: Bool { isOpen && held.count < Limits.execOutputBytes }

  mutating func drop(before offset: Int) {
    let count = min(max(0, offset - start), held.count)
    held.removeFirst(count)
    start += count
  }

  /// One message's worth; empty where there is nothing, or where it was dropped already.
  func bytes(from offset: Int) -> [UInt8] {
    guard offset >= start else { return [] }
    return Array(held.dropFirst(offset - start).prefix(Limits.partBytes))
  }

  mutating func pump() {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while wantsMore {
      let count = read(descriptor, &buffer, min(buffer.count, Limits.execOutputBytes - held.count))
      if count < 0 {
        if errno == EINTR { continue }
        // A terminal that nobody holds any more says so by this error.
        if errno == EIO { isOpen = false }
        return
      }
      if count == 0 { isOpen = false }
      held += buffer[0..<count]
    }
  }

  /// A word of our own.
  mutating func add(_ text: String) { held += Array(text.utf8) }
}

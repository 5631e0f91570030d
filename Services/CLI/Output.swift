import Glibc

/// Data goes to standard output, messages to standard error; each piece by one write(2), so that a reader sees it at once.
enum Output {
  /// False when the reader is gone.
  @discardableResult
  static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var left = bytes[...]
    while !left.isEmpty {
      let count = left.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        if errno == EAGAIN {
          var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&ready, 1, -1)
          continue
        }
        return false
      }
      left = left.dropFirst(count)
    }
    return true
  }

  /// Ends the process quietly when nobody reads any more, as SIGPIPE would.
  static func data(_ text: String) {
    if !write(Array(text.utf8), to: STDOUT_FILENO) { exit(128 + SIGPIPE) }
  }

  static func line(_ text: String) { data(text + "\n") }

  /// One value, on one line.
  static func json(_ value: JSON) { line(value.text) }

  static func message(_ text: String) { write(Array((text + "\n").utf8), to: STDERR_FILENO) }

  static func warning(_ text: String) { message("warning: \(text)") }
}

/// A terminal or not, and what it can do.
struct Terminal {
  let isTerminal: Bool
  let hasColour: Bool
  /// In characters.
  let width: Int

  init(_ descriptor: Int32, _ environment: [String: String]) {
    isTerminal = isatty(descriptor) == 1
    let isDumb = environment["TERM"] == "dumb"
    hasColour = isTerminal && !isDumb && (environment["NO_COLOR"] ?? "").isEmpty
    var size = winsize()
    let isKnown = isTerminal && ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    width = isKnown ? Int(size.ws_col) : environment["COLUMNS"].flatMap { Int($0) } ?? 80
  }
}

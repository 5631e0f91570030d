import CLinux
import Glibc
public import Model

/// Signals as something to poll. Make it before any thread: they inherit what is blocked.
public struct Signals: ~Copyable {
  public enum Wish: Sendable { case end, reload }

  public let descriptor: Int32

  /// Takes SIGTERM, SIGINT and SIGHUP, and ignores SIGPIPE: a peer that is gone is an error of the write.
  public init() throws(LabError) {
    signal(SIGPIPE, SIG_IGN)
    let wanted = [SIGTERM, SIGINT, SIGHUP]
    descriptor = clinux_signalfd(wanted, Int32(wanted.count))
    if descriptor < 0 {
      let cause = String(cString: strerror(errno))
      throw LabError(.internalError, "signals", "can't be taken", cause: cause)
    }
  }

  deinit { close(descriptor) }

  public func next() -> Wish? {
    switch clinux_next_signal(descriptor) {
    case 0: nil
    case SIGHUP: .reload
    default: .end
    }
  }
}

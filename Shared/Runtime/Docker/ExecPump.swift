import Glibc

/// Hands a command's input on to the engine, without waiting.
struct ExecPump {
  private var source: Int32
  private var held: ArraySlice<UInt8> = []
  /// The engine's connection; -1: it doesn't take anything yet.
  var target: Int32 = -1

  private static let most = 64 << 10

  /// - Parameter source: the socket that the input comes from; -1: there is none.
  init(from source: Int32) { self.source = source }

  /// What has to happen before `proceed` can do more; poll leaves a negative descriptor alone.
  var waiting: pollfd {
    if target < 0 { return pollfd(fd: -1, events: 0, revents: 0) }
    return held.isEmpty ? pollfd(fd: source, events: Int16(POLLIN), revents: 0) : pollfd(fd: target, events: Int16(POLLOUT), revents: 0)
  }

  mutating func proceed() {
    while target >= 0, source >= 0 {
      if held.isEmpty {
        var bytes = [UInt8](repeating: 0, count: Self.most)
        let count = recv(source, &bytes, bytes.count, 0)
        if count < 0, errno == EAGAIN { return }
        guard count > 0 else { return end() }
        held = bytes[..<count]
      }
      let count = held.withUnsafeBytes { send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count < 0, errno == EAGAIN { return }
      guard count > 0 else { return end() }
      held.removeFirst(count)
    }
  }

  /// There is no more, or nobody takes it any more: whoever writes learns of that.
  private mutating func end() {
    shutdown(target, Int32(SHUT_WR))
    shutdown(source, Int32(SHUT_RD))
    source = -1
    held = []
  }
}

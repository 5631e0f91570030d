import CLinux
import Glibc
import Model

/// The streams between a command of an engine's and whoever reads it.
final class ExecSockets: Sendable {
  struct Pair: Sendable {
    var ours: Int32
    var theirs: Int32
  }

  let output: Pair
  let errors: Pair
  /// Both -1 where it has none.
  let input: Pair
  /// As of `ExecProcess.end`.
  let channel: Pair

  init(_ subject: String, hasInput: Bool) throws(LabError) {
    let made = [Self.pair(), Self.pair()]
    var ends: [Int32] = [-1, -1]
    let isMade = clinux_message_pair(&ends) == 0
    input = hasInput ? Self.pair() : Pair(ours: -1, theirs: -1)
    (output, errors, channel) = (made[0], made[1], Pair(ours: ends[0], theirs: ends[1]))
    guard isMade, made.allSatisfy({ $0.ours >= 0 }), !hasInput || input.ours >= 0 else {
      closeOurs()
      throw LabError(.resourceExhausted, subject, "no descriptors left for a command", cause: words(errno))
    }
  }

  deinit { for number in [output.theirs, errors.theirs, input.theirs, channel.theirs] where number >= 0 { close(number) } }

  /// For a command that doesn't come about: else the process that is handed out closes them.
  func closeOurs() { for number in [output.ours, errors.ours, input.ours, channel.ours] where number >= 0 { close(number) } }

  /// Sockets rather than a pipe: who writes to one without a reader gets an error and no signal.
  private static func pair() -> Pair {
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    return socketpair(AF_UNIX, kind, 0, &ends) == 0 ? Pair(ours: ends[0], theirs: ends[1]) : Pair(ours: -1, theirs: -1)
  }

  /// What there is no room for goes nowhere.
  func send(_ text: String, to pair: Pair) {
    let bytes = Array(text.utf8)
    _ = Glibc.send(pair.theirs, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  /// The last word, behind the outputs' ends: as `ExecProcess.outcome` reads it.
  func tell(_ word: (kind: UInt32, value: Int32)) {
    for pair in [output, errors] { shutdown(pair.theirs, Int32(SHUT_WR)) }
    var word = word
    let size = MemoryLayout.size(ofValue: word)
    withUnsafeBytes(of: &word) { _ = Glibc.send(channel.theirs, $0.baseAddress, size, Int32(MSG_NOSIGNAL)) }
  }
}

extension ExecProcess {
  convenience init(sockets: ExecSockets, resize: @escaping @Sendable (TerminalSize) -> Void) {
    self.init(
      output: sockets.output.ours, errors: sockets.errors.ours, input: sockets.input.ours < 0 ? nil : sockets.input.ours,
      end: sockets.channel.ours, resize: resize)
  }
}

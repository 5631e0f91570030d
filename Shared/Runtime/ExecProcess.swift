import CLinux
import Glibc
public import Model

/// A command to run in a node.
public struct ExecCommand: Sendable, Hashable {
  /// Program and arguments.
  public var arguments: [String]
  /// The node's own; `PATH` and `HOME` have defaults, and at a terminal `TERM`.
  public var environment: [EnvironmentVariable]
  /// Where it starts; empty: `/`.
  public var workingFolder: String
  /// As `NodeStart.user`; empty: root.
  public var user: String
  public var input: ExecInput

  public init(
    _ arguments: [String], environment: [EnvironmentVariable] = [], workingFolder: String = "", user: String = "", input: ExecInput = .none
  ) {
    self.arguments = arguments
    self.environment = environment
    self.workingFolder = workingFolder
    self.user = user
    self.input = input
    if case .terminal = input, !environment.contains(where: { $0.name == "TERM" }) {
      self.environment.append(EnvironmentVariable("TERM", "xterm-256color"))
    }
  }
}

/// A command that runs in a node. Its owner polls the descriptors, bounds what it reads, and calls `kill` when its time is over.
/// Dropped before its end, it is killed.
public final class ExecProcess: Sendable {
  /// Non-blocking; end of file, or EIO of a terminal, says that neither it nor what it started holds them.
  public let output: Int32
  public let errors: Int32
  /// Non-blocking; nil unless asked for. Closed by `closeInput`. Of a terminal another descriptor of the same.
  public let input: Int32?
  /// Readable when `outcome` is known.
  public let end: Int32

  private let inputOwner: DescriptorBox?
  private let resizeTerminal: @Sendable (TerminalSize) -> Void

  /// - Parameter resize: mustn't wait.
  init(output: Int32, errors: Int32, input: Int32?, end: Int32, resize: @escaping @Sendable (TerminalSize) -> Void) {
    self.output = output
    self.errors = errors
    self.input = input
    self.end = end
    resizeTerminal = resize
    inputOwner = input.map(DescriptorBox.init)
  }

  deinit {
    close(output)
    close(errors)
    close(end)
  }

  /// How it ended; nil while it runs. To be asked once it is readable; the answer is given once.
  /// - Throws: where it couldn't be started, or the machinery died: then nobody knows.
  public func outcome() throws(LabError) -> Exit? {
    var word: (kind: UInt32, value: Int32) = (0, 0)
    let size = MemoryLayout.size(ofValue: word)
    func receive() -> Int { withUnsafeMutableBytes(of: &word) { recv(end, $0.baseAddress, size, Int32(MSG_DONTWAIT)) } }
    var got = receive()
    // A wish to end it that came too late was left unread: that error comes before the last word, once.
    if got < 0 && errno == ECONNRESET { got = receive() }
    if got < 0 && (errno == EAGAIN || errno == EINTR) { return nil }
    guard got == size else { return .unknown }
    switch word.kind {
    case 0: return .code(word.value)
    case 1: return .signal(word.value)
    default: throw LabError(.unavailable, "exec", "can't be started in the node (it may just have ended)", cause: words(word.value))
    }
  }

  /// Ends it and all of its process group by SIGKILL; `outcome` follows.
  public func kill() {
    var byte: UInt8 = 0
    send(end, &byte, 1, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
  }

  /// Lets it read the end of its input. Of a terminal this is a character that is typed (Ctrl-D).
  public func closeInput() { inputOwner?.close() }

  /// Tells it the size of its terminal; nothing where it has none.
  public func resize(_ size: TerminalSize) { resizeTerminal(size) }
}

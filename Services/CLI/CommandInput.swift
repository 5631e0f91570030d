import Glibc
import Machine
import Model
import Synchronization

/// What is read here goes to a command in a node, on a thread and a connection of its own: output comes meanwhile.
final class CommandInput {
  /// What ends a console, typed at a terminal: Ctrl-].
  static let escape: UInt8 = 0x1d

  private let place: Connection.Place
  private let host: HostName
  private let exec: ExecID
  private let source: Int32
  private let isTerminal: Bool
  /// Its escape was typed: whoever sits there wants to leave.
  let isLeft = Atomic(false)
  /// How much the command has taken.
  private var taken = 0
  private var size: TerminalSize?

  /// Bytes of one message: what is pasted comes in few of them.
  private static let partBytes = 32 << 10

  /// - Parameter source: a descriptor to read from; the caller's until the process ends.
  static func start(
    _ place: Connection.Place, _ command: NodeCommand, from source: Int32, isTerminal: Bool
  ) throws(LabError) -> CommandInput {
    let input = CommandInput(place, command, source, isTerminal)
    let raw = Unmanaged.passRetained(input)
    var thread = pthread_t()
    let failure = pthread_create(
      &thread, nil,
      { raw in
        if let raw { Unmanaged<CommandInput>.fromOpaque(raw).takeRetainedValue().run() }
        return nil
      }, raw.toOpaque())
    guard failure != 0 else {
      pthread_detach(thread)
      return input
    }
    raw.release()
    throw LabError(.resourceExhausted, "thread", "can't be started", cause: String(cString: strerror(failure)))
  }

  private init(_ place: Connection.Place, _ command: NodeCommand, _ source: Int32, _ isTerminal: Bool) {
    (self.place, host, exec, self.source, self.isTerminal) = (place, command.host, command.exec, source, isTerminal)
  }

  private func run() {
    do throws(LabError) {
      let connection = try place.connect()
      var buffer = [UInt8](repeating: 0, count: Self.partBytes)
      while true {
        // A terminal's size is looked at as often; who draws a window's edge doesn't see the difference.
        var ready = pollfd(fd: source, events: Int16(POLLIN), revents: 0)
        let isReady = poll(&ready, 1, isTerminal ? 200 : -1) > 0
        try resize(connection)
        guard isReady else { continue }
        let count = Glibc.read(source, &buffer, buffer.count)
        if count < 0 && errno == EINTR { continue }
        let typed = Array(buffer.prefix(max(0, count)))
        if isTerminal, let end = typed.firstIndex(of: Self.escape) {
          try send(Array(typed[..<end]), isEnd: false, connection)
          return isLeft.store(true, ordering: .relaxed)
        }
        try send(typed, isEnd: count <= 0, connection)
        if count <= 0 { return }
      }
    } catch {
      // Its end, or the agent's, is for the reader to tell.
      if error.code != .unknown { Archetype.report(error, isJSON: false) }
    }
  }

  private func resize(_ connection: Connection) throws(LabError) {
    guard isTerminal, let now = TerminalMode.size(of: source), now != size else { return }
    if size != nil { _ = try connection.agent(.execResize(exec, now), host) }
    size = now
  }

  /// Until the command has taken all; a repetition is harmless, since the agent knows the offset.
  private func send(_ bytes: [UInt8], isEnd: Bool, _ connection: Connection) throws(LabError) {
    let end = taken + bytes.count
    var since = Surroundings.now()
    repeat {
      let rest = Array(bytes.suffix(end - taken))
      do throws(LabError) {
        guard case .execWritten(let now) = try connection.agent(.execWrite(exec, offset: taken, rest, isEnd: isEnd), host) else {
          throw Connection.strange(.agent(host))
        }
        if now > taken { since = Surroundings.now() }
        taken = min(max(taken, now), end)
        // It reads slowly, or not at all.
        if taken < end { Surroundings.sleep(milliseconds: 20) }
      } catch {
        guard error.isTransient, Surroundings.now().since(since) < NodeCommand.patience else { throw error }
        Surroundings.sleep(milliseconds: 200)
      }
    } while taken < end
  }
}

/// A terminal that passes on every key as it is typed.
struct TerminalMode {
  private let descriptor: Int32
  private let before: termios

  /// nil: it is no terminal.
  init?(raw descriptor: Int32) {
    var mode = termios()
    guard tcgetattr(descriptor, &mode) == 0 else { return nil }
    self.descriptor = descriptor
    before = mode
    cfmakeraw(&mode)
    tcsetattr(descriptor, TCSANOW, &mode)
  }

  func restore() {
    var mode = before
    tcsetattr(descriptor, TCSADRAIN, &mode)
  }

  static func size(of descriptor: Int32) -> TerminalSize? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0 else { return nil }
    return TerminalSize(rows: size.ws_row, columns: size.ws_col)
  }
}

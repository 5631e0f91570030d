import CLinux
import Engine
import Glibc
import JSON
import Locks
import Model

/// Carries a command's output from the engine to whoever reads it, its input the other way, and its end.
///
/// The engine sends both outputs on one stream, each piece behind a head of eight bytes: which of the two, and how long; that of a terminal comes
/// as it is. A reader that doesn't read holds up the stream, and with it only its command.
final class ExecStreams: EngineReceiver {
  private struct State {
    var head: [UInt8] = []
    /// Of the present piece.
    var left = 0
    var isErrors = false
    /// Bytes of what is offered again that were taken before.
    var taken = 0
    /// Where there is no room.
    var full: Int32?
    /// What was printed first.
    var first: [UInt8] = []
    var outcome: Result<Int, LabError>?
    /// Takes the input, once the command runs.
    var connection: Int32 = -1
    /// Which the terminal doesn't have yet.
    var size: TerminalSize?
  }

  let sockets: ExecSockets
  private let done: Int32
  /// Readable when `State.connection` or `size` is new.
  private let bell: Int32
  private let wish: ExecInput
  private let state: Guarded<State>

  private static let headLength = 8
  /// An engine's words for a command that can't be run, which it prints as if the command had.
  private static let longestRefusal = 512
  /// An engine knows the exit code a moment after the stream's end.
  private static let exitPatience: UInt64 = 10_000

  init(_ subject: String, _ wish: ExecInput) throws(LabError) {
    sockets = try ExecSockets(subject, hasInput: wish != .none)
    (done, bell) = (clinux_eventfd(0, 0), clinux_eventfd(0, 0))
    self.wish = wish
    var first = State()
    if case .terminal(let size) = wish { first.size = size }
    state = Guarded(first)
    guard done >= 0, bell >= 0 else {
      sockets.closeOurs()
      throw LabError(.resourceExhausted, subject, "no descriptors left for a command", cause: words(errno))
    }
  }

  deinit {
    let connection = state.withLock { $0.connection }
    for number in [done, bell, connection] where number >= 0 { close(number) }
  }

  private var hasTerminal: Bool { if case .terminal = wish { true } else { false } }

  var room: Int32? { state.withLock { $0.full } }

  func take(_ bytes: UnsafeRawBufferPointer) -> EngineTake {
    state.withLock { state in
      var place = min(state.taken, bytes.count)
      state.taken -= place
      state.full = nil
      while place < bytes.count {
        if hasTerminal { state.left = bytes.count - place }
        if state.left == 0 {
          let part = bytes[place...].prefix(Self.headLength - state.head.count)
          state.head += part
          place += part.count
          guard state.head.count == Self.headLength else { break }
          state.isErrors = state.head[0] == 2
          state.left = state.head[4...].reduce(0) { $0 << 8 | Int($1) }
          state.head = []
          continue
        }
        let piece = UnsafeRawBufferPointer(rebasing: bytes[place...].prefix(state.left))
        if state.first.isEmpty { state.first = Array(piece.prefix(Self.longestRefusal)) }
        let target = state.isErrors ? sockets.errors.theirs : sockets.output.theirs
        let sent = send(target, piece.baseAddress, piece.count, Int32(MSG_NOSIGNAL))
        if sent < 0, errno == EAGAIN {
          state.full = target
          state.taken = place
          return .later
        }
        // Nobody reads any more: it goes nowhere, so that the command's own end comes.
        let count = sent < 0 ? piece.count : sent
        state.left -= count
        place += count
      }
      return .taken
    }
  }

  func end(_ outcome: Result<Int, LabError>) {
    state.withLock { $0.outcome = outcome }
    DockerWatch.ring(done)
  }

  func begin(_ connection: Int32) {
    state.withLock { $0.connection = connection }
    DockerWatch.ring(bell)
  }

  func resize(_ size: TerminalSize) {
    state.withLock { $0.size = size }
    DockerWatch.ring(bell)
  }

  /// The life of a command, on a thread of its own: it hands the input on, and waits for the stream's end or for the wish to end it.
  func run(_ exec: String, _ containers: DockerContainers) {
    let body: JSONValue = ["Detach": false, "Tty": .bool(hasTerminal)]
    let request = EngineRequest(
      .post, "/exec/\(exec)/start", content: .json(body), deadline: DockerContainers.makingPatience, isTwoWay: wish != .none)
    let stream = containers.engine.open(request, self)
    var pump = ExecPump(from: sockets.input.theirs)
    var isDone = false
    var isKilled = false
    while !isDone, !isKilled {
      var watched = [done, sockets.channel.theirs, bell].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) } + [pump.waiting]
      while poll(&watched, nfds_t(watched.count), -1) < 0, errno == EINTR {}
      isDone = watched[0].revents != 0
      isKilled = !isDone && watched[1].revents != 0
      if watched[2].revents != 0 { pump.target = hear(exec, containers) }
      pump.proceed()
    }
    if isKilled {
      kill(exec, containers)
      // What it left behind may hold its output open.
      var rest = pollfd(fd: done, events: Int16(POLLIN), revents: 0)
      poll(&rest, 1, Int32(Self.exitPatience))
    }
    let outcome = state.withLock { $0.outcome }
    if case .failure(let error)? = outcome { return refuse(error) }
    sockets.tell(isKilled && outcome == nil ? (1, SIGKILL) : exit(of: exec, containers))
    _ = consume stream
  }

  /// - Returns: where the input goes.
  private func hear(_ exec: String, _ containers: DockerContainers) -> Int32 {
    DockerWatch.clear(bell)
    let (connection, size) = state.withLock { state in
      // A terminal is there once its command runs.
      defer { if state.connection >= 0 { state.size = nil } }
      return (state.connection, state.connection >= 0 ? state.size : nil)
    }
    // One that can't be told has the size that it had.
    if let size { try? containers.resizeExec(exec, size) }
    return connection
  }

  /// It leads a process group of its own (runc).
  private func kill(_ exec: String, _ containers: DockerContainers) {
    guard let pid = try? containers.inspectExec(exec).pid, pid > 1 else { return }
    if Glibc.kill(-pid, SIGKILL) != 0 { Glibc.kill(pid, SIGKILL) }
  }

  private func exit(of exec: String, _ containers: DockerContainers) -> (UInt32, Int32) {
    let deadline = clinux_boot_milliseconds() + Self.exitPatience
    while clinux_boot_milliseconds() < deadline {
      if let ended = try? containers.inspectExec(exec), let code = ended.code {
        if code == 126, ended.pid == 0 { return (0, Self.code(of: String(decoding: state.withLock { $0.first }, as: UTF8.self))) }
        return switch DockerWatch.exit(code) {
        case .code(let code): (0, code)
        case .signal(let signal): (1, signal)
        case .unknown: (2, ECHILD)
        }
      }
      usleep(10_000)
    }
    return (2, ETIMEDOUT)
  }

  /// It didn't come to run.
  private func refuse(_ error: LabError) {
    sockets.send("\(error.message)\n", to: sockets.errors)
    sockets.tell(error.isTransient ? (2, EIO) : (0, Self.code(of: error.message)))
  }

  /// As a shell says it: 127 for what isn't there and 126 for what can't be run.
  private static func code(of refusal: String) -> Int32 {
    refusal.contains("executable file not found") || refusal.contains("no such file") ? 127 : 126
  }
}

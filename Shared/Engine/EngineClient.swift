import CLinux
import Glibc
import Locks
public import Model

/// Speaks with a container engine over its unix socket (Docker's Engine API). One thread carries all transfers; whoever asks may wait on its
/// own.
///
/// At most `callsAtOnce` calls are on their way at a time, and each has a deadline. An engine that doesn't answer at all is noticed by a
/// question of the client's own: from then on every call fails at once, until it answers again.
public final class EngineClient: Sendable {
  /// More make the engine slower: it was seen to stand still for minutes under hundreds.
  public static let callsAtOnce = 4

  private let loop: EngineLoop

  /// Doesn't speak with the engine yet: it needn't be there.
  public init(socket: String) throws(LabError) {
    loop = try EngineLoop(socket: socket)
    let loop = loop
    if let error = OwnThread.start({ loop.run() }) { throw LabError(.resourceExhausted, "engine", "can't start a thread", cause: error) }
  }

  /// Transfers under way end with `CANCELLED`.
  deinit { loop.end() }

  public var socket: String { loop.socket }

  /// Asks and waits for the whole answer, at most until the request's deadline.
  ///
  /// - Parameter most: bytes of the answer.
  /// - Throws: the engine's refusal (`NOT_FOUND`, `ALREADY_EXISTS`, `INVALID_ARGUMENT`, …), `UNAVAILABLE` where it isn't there,
  ///   `DEADLINE_EXCEEDED`, `RESOURCE_EXHAUSTED` for an answer that is too long.
  public func call(_ request: EngineRequest, most: Int = EngineClient.longestAnswer) throws(LabError) -> EngineReply {
    let receiver = try CallReceiver(most: most)
    _ = loop.submit(request, receiver, .call)
    return try receiver.wait()
  }

  /// What a list of ten thousand containers has.
  public static let longestAnswer = 64 << 20

  /// Asks for an answer that comes bit by bit and goes to `receiver`; outside the bound of calls.
  public func open(_ request: EngineRequest, _ receiver: any EngineReceiver) -> EngineStream {
    EngineStream(id: loop.submit(request, receiver, .stream), loop: loop)
  }
}

/// A stream under way; dropped, it is cut.
public final class EngineStream: Sendable {
  private let id: UInt64
  private let loop: EngineLoop

  init(id: UInt64, loop: EngineLoop) {
    self.id = id
    self.loop = loop
  }

  deinit { loop.cancel(id) }
}

/// Gathers an answer for a caller that waits.
private final class CallReceiver: EngineReceiver {
  private struct State {
    var body: [UInt8] = []
    var outcome: Result<Int, LabError>?
  }

  private let most: Int
  private let done: Int32
  private let state = Guarded(State())

  init(most: Int) throws(LabError) {
    self.most = most
    done = clinux_eventfd(0, 1)
    guard done >= 0 else { throw LabError(.resourceExhausted, "engine", "no descriptors left", cause: String(cString: strerror(errno))) }
  }

  deinit { close(done) }

  var room: Int32? { nil }

  func take(_ bytes: UnsafeRawBufferPointer) -> EngineTake {
    state.withLock { state in
      guard state.body.count + bytes.count <= most else { return .tooMuch }
      state.body.append(contentsOf: bytes)
      return .taken
    }
  }

  func end(_ outcome: Result<Int, LabError>) {
    state.withLock { $0.outcome = outcome }
    var one: UInt64 = 1
    write(done, &one, 8)
  }

  /// The client ends every transfer at its deadline, so this returns.
  func wait() throws(LabError) -> EngineReply {
    var count: UInt64 = 0
    while read(done, &count, 8) < 0, errno == EINTR {}
    let state = state.withLock { $0 }
    guard let outcome = state.outcome else { throw LabError(.internalError, "engine", "a call ended without an outcome") }
    return EngineReply(status: try outcome.get(), body: state.body)
  }
}

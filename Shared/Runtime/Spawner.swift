import CLinux
import Glibc
import Locks
import Model

/// The process that makes nodes (`archetype-init --spawn`): started at the first request, again whenever it has died.
///
/// It is small, has one thread and few mounts, so a clone of it is many times cheaper than one of the agent.
final class Spawner: Sendable {
  /// As `Services/Init/spawner.c` numbers them.
  enum Operation: UInt32 {
    case start = 1
    case exec, clear
  }

  struct Request {
    var operation: Operation
    var body: RequestBody
    /// Behind the body's. They stay the caller's.
    var descriptors: [Int32]
  }

  struct Started {
    var pid: Int32
    var startTime: UInt64
  }

  private struct Connection {
    var pid: Int32
    var control: Int32
  }

  /// Requests under way at a time: bounds the descriptors that lie in the socket, and how long another caller waits.
  static let window = 32
  /// A start that takes longer hangs in the kernel (a dead network file system).
  private static let timeout: Int32 = 60

  private let path: String
  private let keep: [String]
  private let connection = Guarded<Connection?>(nil)

  /// - Parameters:
  ///   - path: of `archetype-init`.
  ///   - keep: folders whose mounts the nodes' folders lie on.
  init(path: String, keep: [String]) {
    self.path = path
    self.keep = keep
  }

  deinit { connection.withLock { Self.close(&$0) } }

  /// Performs at most `window` requests. One outcome per request, in order.
  func perform(_ requests: [Request], subjects: [String]) -> [Result<Started, LabError>] {
    connection.withLock { connection in
      do throws(LabError) {
        try ensure(&connection)
      } catch {
        return subjects.map { .failure(LabError(error.code, $0, error.message, cause: error.cause)) }
      }
      guard let control = connection?.control else { return [] }
      var outcomes = [Result<Started, LabError>?](repeating: nil, count: requests.count)
      var sent = 0
      for (index, request) in requests.enumerated() {
        if let error = Self.send(request, number: UInt32(index), to: control, subjects[index]) {
          outcomes[index] = .failure(error)
        } else {
          sent += 1
        }
      }
      var reply = clinux_reply()
      while sent > 0 {
        guard clinux_spawner_receive(control, &reply) == 0 else {
          // Gone or stuck: what it was told may have happened or not. Killing it ends all that isn't recorded yet.
          Self.close(&connection)
          break
        }
        sent -= 1
        let index = Int(reply.number)
        guard outcomes.indices.contains(index) else { continue }
        outcomes[index] = Self.outcome(&reply, subjects[index])
      }
      return outcomes.enumerated().map { index, outcome in
        outcome
          ?? .failure(LabError(.unknown, subjects[index], "the process that makes nodes died in the middle (it will be looked at again)"))
      }
    }
  }

  private static func outcome(_ reply: inout clinux_reply, _ subject: String) -> Result<Started, LabError> {
    guard reply.failed != 0 else { return .success(Started(pid: reply.pid, startTime: reply.start_time)) }
    let text = withUnsafePointer(to: &reply.text) {
      $0.withMemoryRebound(to: CChar.self, capacity: Int(CLINUX_REPLY_TEXT)) { String(cString: $0) }
    }
    return .failure(LabError(.failedPrecondition, subject, "can't be started", cause: text))
  }

  private static func send(_ request: Request, number: UInt32, to control: Int32, _ subject: String) -> LabError? {
    let body = request.body.bytes.withUnsafeBytes { clinux_memory_file($0.baseAddress, $0.count) }
    guard body >= 0 else { return LabError(.resourceExhausted, subject, "no memory for the request", cause: words(errno)) }
    defer { Glibc.close(body) }
    let descriptors = [body] + request.descriptors
    guard clinux_spawner_send(control, number, request.operation.rawValue, descriptors, Int32(descriptors.count)) == 0 else {
      return LabError(.unavailable, subject, "the process that makes nodes can't be reached", cause: words(errno))
    }
    return nil
  }

  private func ensure(_ connection: inout Connection?) throws(LabError) {
    // A dead one is seen before a request is given to it.
    if let present = connection {
      var poll = pollfd(fd: present.control, events: 0, revents: 0)
      if Glibc.poll(&poll, 1, 0) == 0 { return }
      Self.close(&connection)
    }
    var control: Int32 = -1
    let pid = withArrayOfStrings(keep) { clinux_spawner_start(path, $0, Self.timeout, &control) }
    guard pid > 0 else {
      throw LabError(.failedPrecondition, path, "can't be started (install archetype-init beside the agent)", cause: words(errno))
    }
    connection = Connection(pid: pid, control: control)
  }

  private static func close(_ connection: inout Connection?) {
    guard let present = connection else { return }
    connection = nil
    Glibc.close(present.control)
    // It belongs to us until it is reaped, so the number can't be another's.
    Glibc.kill(present.pid, SIGKILL)
    while waitpid(present.pid, nil, 0) < 0, errno == EINTR {}
  }
}

/// Lends `strings` as C has lists of them, with a nil at the end.
private func withArrayOfStrings<Value>(_ strings: [String], _ body: ([UnsafePointer<CChar>?]) -> Value) -> Value {
  let copies = strings.map { strdup($0) }
  defer { for copy in copies { free(copy) } }
  return body(copies.map { $0.map { UnsafePointer($0) } } + [nil])
}

import Arguments
import Glibc
import Machine
import Model

/// `archetype logs`.
struct Logs: Runnable {
  static let entry = Entry(
    Command(
      "logs", "what a node's first process has printed", options: [.flag("follow", short: "f", "go on with what it prints next")],
      positionals: [.required("LAB"), .required("NODE")]),
    examples: ["archetype logs ring r1", "archetype logs ring r1 -f"],
    make: { (invocation) throws(LabError) in
      Logs(
        place: try invocation.bus(), id: NodeID(try invocation.lab(), try invocation.node()),
        follows: invocation.arguments.flag("follow"))
    })

  let place: Connection.Place
  let id: NodeID
  let follows: Bool

  /// Bytes of one question.
  private static let partBytes = 64 << 10
  /// Pause at the log's end, in milliseconds.
  private static let pause: UInt32 = 200

  func run() throws(LabError) -> Int32 {
    let connection = try place.connect()
    var host = try connection.host(of: id)
    var offset: Int64 = 0
    var hasAnswered = false
    while true {
      do throws(LabError) {
        guard case .log(let part) = try connection.agent(.logs(id, offset: offset, limit: Self.partBytes), host) else {
          throw Connection.strange(.agent(host))
        }
        hasAnswered = true
        if !part.bytes.isEmpty, !Output.write(part.bytes, to: STDOUT_FILENO) { return 128 + SIGPIPE }
        offset = part.offset + Int64(part.bytes.count)
        if !part.bytes.isEmpty { continue }
        if !follows { return ExitCode.done }
      } catch {
        guard follows, hasAnswered, error.isTransient else { throw error }
        // It may have moved meanwhile.
        if let now = try? connection.host(of: id) { host = now }
      }
      Surroundings.sleep(milliseconds: Self.pause)
    }
  }
}

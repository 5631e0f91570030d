import Machine
import Model

/// A command that was started in a node or by its host, and what it prints.
struct NodeCommand {
  let connection: Connection
  let host: HostName
  /// What errors are about.
  private let subject: String
  let exec: ExecID
  private var offsets = (stdout: 0, stderr: 0)
  private var lastAnswer = Surroundings.now()

  /// How long an answer may wait for output, in milliseconds: Ctrl-C is noticed as late.
  private static let wait: UInt64 = 500
  /// How long the bus or the agent may be away before we give up, in milliseconds.
  static let patience: UInt64 = 30_000

  init(_ place: Connection.Place, _ request: ExecRequest) throws(LabError) {
    connection = try place.connect()
    host = try connection.host(of: request.node)
    subject = "\(request.node)"
    guard case .exec(let exec) = try connection.agent(.exec(request), host) else { throw Connection.strange(.agent(host)) }
    self.exec = exec
  }

  init(_ place: Connection.Place, _ task: ImageTask, on host: HostName) throws(LabError) {
    connection = try place.connect()
    self.host = host
    subject = "host \(host)"
    guard case .imageTask(let exec) = try connection.agent(.imageTask(task), host) else { throw Connection.strange(.agent(host)) }
    self.exec = exec
  }

  /// What has come since the last call; empty, after a while, where nothing has.
  mutating func read() throws(LabError) -> ExecOutput {
    do throws(LabError) {
      let read = AgentRequest.execRead(exec, stdout: offsets.stdout, stderr: offsets.stderr, wait: Self.wait)
      guard case .execOutput(let output) = try connection.agent(read, host, deadline: Self.wait + 5_000) else {
        throw Connection.strange(.agent(host))
      }
      lastAnswer = Surroundings.now()
      offsets = (offsets.stdout + output.stdout.count, offsets.stderr + output.stderr.count)
      return output
    } catch {
      guard error.isTransient, Surroundings.now().since(lastAnswer) < Self.patience else { throw outcome(error) }
      Surroundings.sleep(milliseconds: 200)
      return ExecOutput(stdout: [], stderr: [], exit: nil, isOverdue: false)
    }
  }

  /// The command has begun: whatever went wrong, how it ended isn't known.
  private func outcome(_ error: LabError) -> LabError {
    guard error.code != .unknown else { return error }
    return LabError(error.code, subject, "the command's outcome is unknown (it may run until its timeout)", cause: error.description)
  }

  /// Ends it. Should the wish not arrive, the agent ends it once nobody reads.
  func kill() { _ = try? connection.agent(.execKill(exec), host, deadline: 1_000) }

  /// Our exit code for its end, as shells have it.
  func code(_ exit: Exit) throws(LabError) -> Int32 {
    switch exit {
    case .code(let code): return code
    case .signal(let signal): return 128 + signal
    case .unknown: throw LabError(.unknown, subject, "how the command ended can't be known")
    }
  }
}

extension Connection {
  /// Where a node runs.
  func host(of id: NodeID) throws(LabError) -> HostName {
    let status = try inspect(id.lab)
    guard let node = status.nodes.first(where: { $0.name == id.node }) else {
      let known = status.nodes.prefix(8).map(\.name.text).joined(separator: ", ")
      throw LabError(.notFound, "\(id)", "the lab has no such node (it has \(known)\(status.nodes.count > 8 ? ", …" : ""))")
    }
    return node.host
  }
}

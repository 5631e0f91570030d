import CLinux
import Engine
import Glibc
import JSON
import Locks
public import Model

extension DockerRuntime {
  public func exec(_ key: NodeKey, _ command: ExecCommand) throws(LabError) -> ExecProcess {
    guard !command.arguments.isEmpty else { throw LabError(.invalidArgument, key.id, "no command to run") }
    guard let life = watch.life(of: key), !life.hasEnded else {
      throw LabError(.failedPrecondition, key.id, "isn't running (start it first)")
    }
    let streams = try ExecStreams(key.id, command.input)
    let containers = containers
    do throws(LabError) {
      let exec = try containers.makeExec(life.container, command)
      try OwnThread.start(key.id) { streams.run(exec, containers) }
    } catch {
      streams.sockets.closeOurs()
      throw error.about(key)
    }
    return ExecProcess(sockets: streams.sockets) { streams.resize($0) }
  }
}

extension DockerContainers {
  /// - Returns: the id of what is to run.
  func makeExec(_ container: String, _ command: ExecCommand) throws(LabError) -> String {
    var body: [String: JSONValue] = [
      "AttachStdout": true, "AttachStderr": true, "Cmd": .list(command.arguments.map { .text($0) }),
      "Env": .list(command.environment.map { .text("\($0.name)=\($0.value)") }), "User": .text(command.user),
    ]
    if command.input != .none { body["AttachStdin"] = true }
    if case .terminal = command.input { body["Tty"] = true }
    if !command.workingFolder.isEmpty { body["WorkingDir"] = .text(command.workingFolder) }
    let reply = try engine.call(
      EngineRequest(.post, "/containers/\(container)/exec", content: .json(.object(body)), deadline: Self.execPatience))
    guard let id = try reply.json()["Id"].text else { throw LabError(.internalError, "engine", "made a command without an id") }
    return id
  }

  /// Somebody waits at a terminal, and an engine needs milliseconds.
  private static let execPatience: UInt64 = 5_000

  func resizeExec(_ id: String, _ size: TerminalSize) throws(LabError) {
    let query: KeyValuePairs = ["h": "\(size.rows)", "w": "\(size.columns)"]
    _ = try engine.call(EngineRequest(.post, "/exec/\(id)/resize", query, deadline: Self.execPatience))
  }

  /// What runs, by the host's number; 0: it doesn't. And how it ended, nil while it runs or before.
  func inspectExec(_ id: String) throws(LabError) -> (pid: Int32, code: Int32?) {
    let answer = try engine.call(EngineRequest(.get, "/exec/\(id)/json")).json()
    let code = answer["Running"].isTrue ? nil : answer["ExitCode"].integer
    return (Int32(clamping: answer["Pid"].integer ?? 0), code.map { Int32(clamping: $0) })
  }
}

import AgentCore
import Glibc
import Kinds
import Logging
import Machine
import Model
import Reactor
import Runtime

extension AgentApp {
  /// The commands of a node's stage, one after another, each with a bound on its time: on threads of their own, so that a hanging one holds up
  /// no start and no end.
  mutating func run(_ run: StageRun) {
    guard let runtime else { return }
    let box = box
    let isTaken = commandWorkers.submit {
      var failed: [FailedCommand] = []
      for command in run.commands {
        // Its arguments may hold a secret.
        let number = box.begin("exec", ["command of node \(run.key): \(command.prefix { $0 != " " })"])
        let (exit, output) = Self.run(command, run.spec.environment, in: run.key, runtime)
        box.end(number, failures: exit == .code(0) ? 0 : 1)
        if exit != .code(0) { failed.append(FailedCommand(command: command, exit: exit, output: output)) }
      }
      do throws(LabError) { try runtime.mark(run.key, ended: run.isLast ? nil : run.stage, warning: run.warning(with: failed)) } catch {
        Log.warning("exec mark", ["error": error])
      }
      return [.commandsEnded(run, failed: failed)]
    }
    if !isTaken { waitingCommands.append(run) }
  }

  /// Longest time of one command, in milliseconds.
  private static let commandTime: UInt64 = 60_000
  private static let outputKept = 512

  private static func run(
    _ command: String, _ environment: [EnvironmentVariable], in key: NodeKey, _ runtime: NodeRuntimes
  ) -> (Exit, String) {
    do throws(LabError) {
      return run(try CommandWords.split(command), environment, in: key, runtime, time: commandTime)
    } catch { return (.code(125), error.description) }
  }

  /// - Parameter time: after which it is ended, in milliseconds.
  /// - Returns: how it ended and the last that it printed.
  static func run(
    _ words: [String], _ environment: [EnvironmentVariable], in key: NodeKey, _ runtime: NodeRuntimes, time: UInt64
  ) -> (Exit, String) {
    do throws(LabError) {
      let process = try runtime.exec(key, ExecCommand(words, environment: environment))
      let deadline = Clock.now().boot.milliseconds + time
      var kept: [UInt8] = []
      var watched = [process.output, process.errors, process.end].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      var exit: Exit?
      while exit == nil || watched[0].fd >= 0 || watched[1].fd >= 0 {
        if Clock.now().boot.milliseconds > deadline {
          process.kill()
          return (exit ?? .signal(SIGKILL), "took longer than \(time / 1_000) s")
        }
        poll(&watched, 3, 500)
        for index in 0..<2 where watched[index].fd >= 0 && watched[index].revents != 0 {
          var buffer = [UInt8](repeating: 0, count: 4_096)
          let count = read(watched[index].fd, &buffer, buffer.count)
          if count == 0 { watched[index].fd = -1 }
          if count > 0 { kept = Array((kept + buffer[0..<count]).suffix(outputKept)) }
        }
        if exit == nil, let known = try process.outcome() {
          exit = known
          watched[2].fd = -1
        }
      }
      return (exit ?? .unknown, String(decoding: kept, as: UTF8.self))
    } catch { return (.code(125), error.description) }
  }

  mutating func serve(_ address: Incoming.Address, _ node: AssignedNode?, _ request: AgentRequest) -> [AgentCore.Event] {
    guard let runtime else {
      return [.answer(address, .failure(LabError(.unavailable, "agent/\(settings.host)", "has no runtime yet (try again)")))]
    }
    let (execs, settings) = (execs, settings)
    let isTaken = execWorkers.submit {
      let clock = { Clock.now().boot.milliseconds }
      switch (request, node) {
      case (.exec(let exec), let node?): return [.answer(address, execs.start(exec, for: address, in: node, runtime, at: clock()))]
      case (.execRead(let id, let output, let errors, let wait), _):
        return [.answer(address, execs.read(id, stdout: output, stderr: errors, wait: wait, clock: clock))]
      case (.execWrite(let id, let offset, let bytes, let isEnd), _):
        return [.answer(address, execs.write(id, offset: offset, bytes, isEnd: isEnd))]
      case (.execResize(let id, let size), _): return [.answer(address, execs.resize(id, size))]
      case (.execKill(let id), _): return [.answer(address, execs.kill(id))]
      case (.logs(_, let offset, let limit), let node?): return [.answer(address, Self.log(of: node.key, offset, limit, runtime))]
      case (.postmortem, _): return [.answer(address, Self.postmortem(settings))]
      case (.images, _): return [.answer(address, Self.images(runtime))]
      case (.imageTask(let task), _): return [.answer(address, execs.start(task, for: address, runtime, at: clock()))]
      case (.exec, nil), (.logs, nil), (.farEnds, _), (.greet, _), (.usage, _): return []
      }
    }
    if isTaken { return [] }
    return [
      .answer(address, .failure(LabError(.resourceExhausted, "agent/\(settings.host)", "too many requests are under way (try again)")))
    ]
  }

  private static func images(_ runtime: NodeRuntimes) -> Result<Reply, LabError> {
    do throws(LabError) { return .success(.agent(.images(try runtime.images().list()))) } catch { return .failure(error) }
  }

  /// A negative offset counts from the log's end.
  private static func log(of key: NodeKey, _ offset: Int64, _ limit: Int, _ runtime: NodeRuntimes) -> Result<Reply, LabError> {
    do throws(LabError) {
      var start = UInt64(max(0, offset))
      if offset < 0 {
        let end = try runtime.logs(key, offset: 0, limit: 0).end
        start = end - min(end, offset.magnitude)
      }
      let part = try runtime.logs(key, offset: start, limit: min(limit, Limits.partBytes))
      return .success(.agent(.log(Model.LogPart(offset: Int64(part.offset), bytes: part.bytes))))
    } catch { return .failure(error) }
  }

  /// The kernel doesn't tell everything (a mark on a device that is down): all is read again this often.
  private static let secondsBetweenReads = 30

  /// Once a second: what has no descriptor of its own.
  mutating func second(at now: Now) -> [AgentCore.Event] {
    seconds += 1
    execs.sweep(at: now.boot.milliseconds)
    let again = waitingCommands
    waitingCommands = []
    for stage in again { run(stage) }
    readFabricAgain(all: seconds.isMultiple(of: Self.secondsBetweenReads))
    return progressOfPulls() + observeHost()
  }
}

import CLinux
import Glibc
public import Model

extension NamespaceRuntime {
  /// Bounds of one start, which the spawner checks too.
  private static let mostBinds = 64
  private static let mostFiles = 256
  private static let mostInterfaces = 512
  private static let mostWords = 1024
  private static let mostSettings = 64

  public func start(_ nodes: [NodeStart]) -> [Result<RunningNode, LabError>] {
    var outcomes: [Result<RunningNode, LabError>] = []
    outcomes.reserveCapacity(nodes.count)
    for first in stride(from: 0, to: nodes.count, by: Spawner.window) {
      outcomes += startWindow(Array(nodes[first..<min(first + Spawner.window, nodes.count)]))
    }
    return outcomes
  }

  private func startWindow(_ nodes: [NodeStart]) -> [Result<RunningNode, LabError>] {
    var outcomes = [Result<RunningNode, LabError>?](repeating: nil, count: nodes.count)
    var requests: [Spawner.Request] = []
    var places: [Int] = []
    var opened: [Int32] = []
    defer { for number in opened { close(number) } }
    for (index, node) in nodes.enumerated() {
      do throws(LabError) {
        if let present = try present(node.key) {
          outcomes[index] = .success(present)
        } else {
          requests.append(try request(node, &opened))
          places.append(index)
        }
      } catch { outcomes[index] = .failure(error) }
    }
    let started = requests.isEmpty ? [] : spawner.perform(requests, subjects: places.map { nodes[$0].key.id })
    for (place, outcome) in zip(places, started) {
      outcomes[place] = outcome.map { watchStarted(nodes[place], $0) }
    }
    return outcomes.enumerated().map { index, outcome in
      outcome ?? .failure(LabError(.internalError, nodes[index].key.id, "has no outcome of its start"))
    }
  }

  /// The node as it runs, if it does.
  private func present(_ key: NodeKey) throws(LabError) -> RunningNode? {
    guard let record = try record(key), let process = record.openProcess(boot: boot) else { return nil }
    watch.add(key, record, process: process)
    return node(key, record, .running)
  }

  private func watchStarted(_ start: NodeStart, _ started: Spawner.Started) -> RunningNode {
    var record = record(start)
    record.pid = started.pid
    record.startTime = started.startTime
    guard let process = record.openProcess(boot: boot) else {
      watch.addEnded(start.key, record)
      return endedNode(start.key, record)
    }
    watch.add(start.key, record, process: process)
    return node(start.key, record, .running)
  }

  private func record(_ node: NodeStart) -> NodeRecord {
    NodeRecord(boot: boot, startSerial: node.startSerial, specDigest: node.specDigest, config: node.config)
  }

  private func request(_ node: NodeStart, _ opened: inout [Int32]) throws(LabError) -> Spawner.Request {
    try check(node)
    let subject = node.key.id
    var body = RequestBody(group: layout.group(node.key))
    body.folders(run: layout.run(node.key), disk: layout.disk(node.key), log: layout.log(node.key))
    body.record(record(node))
    body.identity(hostName: node.hostName, hidden: layout.dataRoot)
    body.limits(processes: node.processes, memory: node.memory)
    body.interfaces(node.interfaces, wait: node.interfaceWait)
    body.command(
      node.arguments, environment(node.environment, hostName: node.hostName), folder: node.workingFolder,
      account: try Account.named(node.user, subject: subject))
    for file in node.files { body.file(file, try Account.named(file.owner, subject: subject)) }
    for setting in node.settings { body.setting(setting) }
    var descriptors = [try sandbox(node, &opened)]
    for bind in node.binds {
      body.bind(bind)
      // Taken in the agent's view of the host, which sees all mounts; the spawner's has only what every node needs.
      let mount = clinux_detached_mount(bind.source)
      guard mount >= 0 else {
        throw LabError(.failedPrecondition, subject, "the bind's source \(bind.source) can't be used on this host", cause: words(errno))
      }
      opened.append(mount)
      descriptors.append(mount)
    }
    return Spawner.Request(operation: .start, body: body, descriptors: descriptors)
  }

  private func sandbox(_ node: NodeStart, _ opened: inout [Int32]) throws(LabError) -> Int32 {
    switch node.sandbox {
    case .descriptor(let descriptor): return descriptor
    case .path(let path):
      let descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw LabError(.failedPrecondition, node.key.id, "has no sandbox at \(path)", cause: words(errno)) }
      opened.append(descriptor)
      return descriptor
    }
  }

  private func check(_ node: NodeStart) throws(LabError) {
    let bounds = [
      ("arguments", node.arguments.count, Self.mostWords), ("environment variables", node.environment.count + 3, Self.mostWords),
      ("binds", node.binds.count, Self.mostBinds), ("files", node.files.count, Self.mostFiles),
      ("interfaces", node.interfaces.count, Self.mostInterfaces), ("settings", node.settings.count, Self.mostSettings),
      ("characters in its host name", node.hostName.utf8.count, Limits.nameLength + 1),
    ]
    for (what, count, most) in bounds where count > most {
      throw LabError(.invalidArgument, node.key.id, "has \(count) \(what) (at most \(most))")
    }
    for path in node.files.map(\.path) + node.binds.map(\.target) where !path.hasPrefix("/") || path.contains("/../") {
      throw LabError(.invalidArgument, node.key.id, "the path \(path) in the node isn't absolute")
    }
  }

  /// `given` with what every command expects.
  func environment(_ given: [EnvironmentVariable], hostName: String?) -> [EnvironmentVariable] {
    var all = given
    var defaults = [
      EnvironmentVariable("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), EnvironmentVariable("HOME", "/root"),
    ]
    if let hostName { defaults.append(EnvironmentVariable("HOSTNAME", hostName)) }
    for variable in defaults where !given.contains(where: { $0.name == variable.name }) { all.append(variable) }
    return all
  }
}

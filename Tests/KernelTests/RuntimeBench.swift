import CLinux
import Glibc
import Kernel
import Model
import Runtime
import Testing

/// A namespace runtime with folders and sandboxes of its own; everything goes with it.
final class RuntimeBench {
  let deployment: Deployment
  let host: HostName
  let lab: LabKey
  let folder: String
  let pins: NamespacePins
  let runtime: NamespaceRuntime

  init() throws {
    deployment = Deployment(random: UInt64.random(in: 1...UInt64.max))
    host = try HostName("h1")
    lab = LabKey(try LabName("lab"), born: Revision(1))
    var template = Array("/tmp/archetype-runtime-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw KernelError(errno, "make a folder for a test") }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    pins = try NamespacePins(folder: "\(folder)/netns")
    runtime = try Self.runtime(deployment, host, folder)
  }

  deinit {
    do {
      let keys = try runtime.foldersOnDisk()
      for outcome in runtime.remove(keys) { try outcome.get() }
      for name in try pins.list() { try pins.unpin(name) }
      try pins.remove()
    } catch { Issue.record(error) }
    #expect(clinux_detach_mount("\(folder)/disks") == 0)
    #expect(clinux_remove_tree(folder) == 0)
  }

  private static func runtime(_ deployment: Deployment, _ host: HostName, _ folder: String) throws -> NamespaceRuntime {
    try NamespaceRuntime(
      deployment: deployment, host: host, programPath: initProgram, runFolder: "\(folder)/nodes", dataFolder: "\(folder)/data")
  }

  /// What a restarted agent has: another object for the same nodes.
  func secondRuntime() throws -> NamespaceRuntime { try Self.runtime(deployment, host, folder) }

  /// `archetype-init`, in the folder that this test was built into.
  static var initProgram: String {
    let maps = (try? SmallText.read("/proc/self/maps")) ?? ""
    for line in maps.split(separator: "\n") {
      guard let slash = line.firstIndex(of: "/") else { continue }
      var path = line[slash...]
      for _ in 0..<4 {
        guard let end = path.lastIndex(of: "/"), end != path.startIndex else { break }
        path = path[..<end]
        if access("\(path)/archetype-init", X_OK) == 0 { return "\(path)/archetype-init" }
      }
    }
    return "archetype-init"
  }

  func key(_ name: String, born: UInt64 = 1) throws -> NodeKey { NodeKey(lab, try NodeName(name), born: Revision(born)) }

  /// A node with a sandbox of its own that runs `arguments`.
  func node(_ name: String, _ arguments: [String] = ["/bin/sleep", "infinity"]) throws -> NodeStart {
    _ = try pins.openOrCreate(name)
    return NodeStart(key: try key(name), startSerial: 1, hostName: name, arguments: arguments, sandbox: .path(pins.path(name)))
  }

  @discardableResult func start(_ node: NodeStart) throws -> RunningNode { try runtime.start([node])[0].get() }

  func runFolder(_ key: NodeKey) -> String { "\(folder)/nodes/\(deployment)/\(host)/\(key.lab)+\(key.name)@\(key.born)" }

  /// Waits for the end of a node.
  func exit(of key: NodeKey) throws -> NodeExit {
    var found: NodeExit?
    try eventually("\(key) ends") {
      found = found ?? runtime.drain().first { $0.key == key }
      return found != nil
    }
    return try #require(found)
  }

  /// Runs a command in a node to its end.
  func exec(_ key: NodeKey, _ arguments: [String]) throws -> (exit: Exit?, output: String, errors: String) {
    try finish(try runtime.exec(key, ExecCommand(arguments)))
  }

  func finish(_ process: ExecProcess) throws -> (exit: Exit?, output: String, errors: String) {
    let output = readToEnd(process.output)
    let errors = readToEnd(process.errors)
    var watched = pollfd(fd: process.end, events: Int16(POLLIN), revents: 0)
    #expect(poll(&watched, 1, 20_000) == 1)
    return (try process.outcome(), output, errors)
  }

  /// Paths of all control groups of this deployment's nodes.
  var groups: [String] {
    ["/sys/fs/cgroup", "/sys/fs/cgroup/pids", "/sys/fs/cgroup/memory"].map { "\($0)/archetype/\(deployment)" }.filter {
      access($0, F_OK) == 0
    }
  }
}

/// All that a non-blocking pipe brings until its end.
private func readToEnd(_ descriptor: Int32) -> String {
  var all: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 4096)
  while true {
    let got = read(descriptor, &buffer, buffer.count)
    if got > 0 {
      all += buffer[0..<got]
    } else if got < 0, errno == EAGAIN {
      var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&watched, 1, 20_000) == 1 else { return "(nothing came)" }
    } else {
      return String(decoding: all, as: UTF8.self)
    }
  }
}

/// Files of a few lines.
enum SmallText {
  static func read(_ path: String) throws -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw KernelError(errno, "open \(path)") }
    defer { close(file) }
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let got = Glibc.read(file, &buffer, buffer.count), got > 0 { all += buffer[0..<got] }
    return String(decoding: all, as: UTF8.self)
  }
}

/// Whether a process of that number exists.
func processExists(_ pid: Int32) -> Bool { kill(pid, 0) == 0 }

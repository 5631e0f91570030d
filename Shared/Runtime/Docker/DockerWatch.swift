import CLinux
import Engine
import Glibc
import Locks
import Model

/// Knows which containers of ours live, and tells their ends and what others have started.
///
/// Three things tell of an end: the engine's events; the kernel, by a descriptor of the first process, also while the engine is away; and a whole
/// list, taken whenever the stream of events has begun anew, since events of between are lost.
final class DockerWatch: Sendable {
  /// One life of a container.
  struct Life: Sendable {
    var key: NodeKey
    var container: String
    var pid: Int32
    var serial: UInt64
    /// Of the first process.
    var process: DescriptorBox
    /// Grows with each life that is taken.
    var token: UInt64

    var hasEnded: Bool { process.isReadable }
  }

  struct Event: Sendable {
    enum Action: String, Sendable { case start, die, oom }
    var action: Action
    var container: String
    var exitCode: Int32
  }

  struct State {
    var lives: [NodeKey: Life] = [:]
    var keys: [String: NodeKey] = [:]
    var last: UInt64 = 0
    var ended: [NodeExit] = []
    var found: [RunningNode] = []
    /// Containers whose start is ours and hasn't returned.
    var starting: Set<String> = []
    /// Those that the kernel took a process from for want of memory.
    var starved: Set<String> = []
    /// Containers that have been started and not been looked at.
    var started: [String] = []
    var isListening = false
    var mustList = false
    var isOver = false
  }

  /// Readable when `drain` or `takeFound` has something.
  let descriptor: Int32
  /// Readable when there is something for the watch's own thread.
  let bell: Int32
  let kernel: Int32
  let containers: DockerContainers
  let files: DockerFiles
  let state = Guarded(State())

  init(_ containers: DockerContainers, _ files: DockerFiles) throws(LabError) {
    self.containers = containers
    self.files = files
    descriptor = clinux_eventfd(0, 0)
    bell = clinux_eventfd(0, 0)
    kernel = clinux_watch_new()
    guard descriptor >= 0, bell >= 0, kernel >= 0 else {
      throw LabError(.resourceExhausted, "agent", "no descriptors left", cause: words(errno))
    }
  }

  deinit { for number in [descriptor, bell, kernel] { close(number) } }

  func end() {
    state.withLock { $0.isOver = true }
    Self.ring(bell)
  }

  static func ring(_ descriptor: Int32) {
    var one: UInt64 = 1
    write(descriptor, &one, 8)
  }

  static func clear(_ descriptor: Int32) {
    var count: UInt64 = 0
    read(descriptor, &count, 8)
  }

  func drain() -> [NodeExit] {
    Self.clear(descriptor)
    return state.withLock { state in
      defer { state.ended = [] }
      return state.ended
    }
  }

  func takeFound() -> [RunningNode] {
    state.withLock { state in
      defer { state.found = [] }
      return state.found
    }
  }

  func life(of key: NodeKey) -> Life? { state.withLock { $0.lives[key] } }

  /// A start of ours is under way: what is heard of this container until `take` or `forget` is its.
  func expect(_ container: String) { state.withLock { _ = $0.starting.insert(container) } }
  func forget(_ container: String) { state.withLock { _ = $0.starting.remove(container) } }

  /// Watches a life that was just read from the engine, and gives the node as it is. One that has ended already is told as an end.
  func take(_ key: NodeKey, _ container: DockerContainers.State, serial: UInt64) -> RunningNode {
    let process = container.isRunning && container.pid > 0 ? clinux_pidfd_open(container.pid) : -1
    let exit = Self.exit(container.exitCode)
    let reason = Self.reason(container.ranOutOfMemory, container.error)
    state.withLock { state in
      state.starting.remove(container.id)
      guard process >= 0 else {
        drop(key, &state)
        state.ended.append(NodeExit(key: key, pid: container.pid, startSerial: serial, exit: exit, reason: reason))
        return
      }
      if let present = state.lives[key], present.pid == container.pid, present.container == container.id, !present.hasEnded {
        close(process)
        return
      }
      drop(key, &state)
      state.last += 1
      state.lives[key] = Life(
        key: key, container: container.id, pid: container.pid, serial: serial, process: DescriptorBox(process), token: state.last)
      state.keys[container.id] = key
      clinux_watch_add(kernel, process, state.last)
    }
    if process < 0 { Self.ring(descriptor) }
    return RunningNode(
      key: key, pid: container.pid, startTime: ProcessStatus(container.pid)?.startTime ?? 0, startSerial: serial,
      specDigest: DockerMark.spec(container.labels), config: DockerMark.config(container.labels), mark: files.mark(key),
      hasPassed: files.hasPassed(files.record(key), of: key),
      state: process >= 0 ? .running : .exited(exit, reason: reason, isTold: false))
  }

  private func drop(_ key: NodeKey, _ state: inout State) {
    if let old = state.lives.removeValue(forKey: key) { state.keys[old.container] = nil }
  }

  /// Tells the end of a life, if it is still the one that is known.
  func end(_ life: Life, _ exit: Exit, reason: String = "") {
    let isKnown = state.withLock { state in
      guard state.lives[life.key]?.token == life.token else { return false }
      drop(life.key, &state)
      let starved = state.starved.remove(life.container) != nil
      let why = starved ? Self.outOfMemory : reason
      state.ended.append(NodeExit(key: life.key, pid: life.pid, startSerial: life.serial, exit: exit, reason: why))
      return true
    }
    if isKnown { Self.ring(descriptor) }
  }

  /// What an engine's number says: 128 and a signal's are that signal's, as with a shell.
  static func exit(_ code: Int32) -> Exit { (129...192).contains(code) ? .signal(code - 128) : .code(code) }

  static let outOfMemory = "it ran out of memory (raise the node's memory:)"

  static func reason(_ ranOutOfMemory: Bool, _ error: String) -> String { ranOutOfMemory ? outOfMemory : error }
}

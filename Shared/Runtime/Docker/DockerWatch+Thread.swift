import CLinux
import Engine
import Glibc
import JSON
import Model

extension DockerWatch {
  /// Between two tries to hear the engine's events, in milliseconds.
  private static let pause: UInt64 = 500
  /// How long an engine may take to tell an end that the kernel has told, before it is asked; it takes 20 ms.
  private static let patience: UInt64 = 1_000
  /// After so many questions nobody will learn how it ended.
  private static let mostQuestions = 4
  /// After so many that it didn't answer in time it hangs.
  private static let mostUnanswered = 2
  /// Events that wait; with more a new list is cheaper.
  private static let mostEvents = 10_000

  /// An end that the kernel has told.
  private struct Pending {
    var life: Life
    var due: UInt64
    var questions = 0
  }

  /// The watch's own thread, until `end`.
  func run() {
    var stream: EngineStream?
    var next: UInt64 = 0
    var pending: [Pending] = []
    while true {
      Self.clear(bell)
      let now = clinux_boot_milliseconds()
      let (isListening, isOver) = state.withLock { ($0.isListening, $0.isOver) }
      if isOver { break }
      if !isListening, now >= next {
        next = now + Self.pause
        stream = listen()
      }
      if state.withLock({ $0.mustList }), reconcile() { state.withLock { $0.mustList = false } }
      hear()
      pending += kernelEnds(at: now)
      settle(&pending)
      wait(until: [pending.map(\.due).min(), isListening && !state.withLock { $0.mustList } ? nil : next].compactMap(\.self).min())
    }
    _ = consume stream
  }

  private func wait(until due: UInt64?) {
    let now = clinux_boot_milliseconds()
    var watched = [bell, kernel].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    // A moment that is past is one that a failed try has left: not at once again.
    let pause = due.map { $0 > now ? $0 - now : Self.pause / 10 }
    poll(&watched, 2, pause.map { Int32(clamping: $0) } ?? -1)
  }

  /// Begins to hear events. They are told from a moment ago on, so that none is lost between a list and the first that is heard.
  private func listen() -> EngineStream {
    state.withLock { state in
      state.isListening = true
      state.mustList = true
    }
    var wall = timespec()
    clock_gettime(CLOCK_REALTIME, &wall)
    let labels = JSONValue.list(containers.mark.filter.map { .text($0) })
    let filters: JSONValue = ["type": ["container"], "event": ["start", "die", "oom"], "label": labels]
    let query = String(decoding: filters.bytes, as: UTF8.self)
    let receiver = EngineLines { [weak self] line in
      guard let self, let event = Event(line) else { return }
      take(event)
    } over: { [weak self] _ in
      guard let self else { return }
      state.withLock { $0.isListening = false }
      Self.ring(bell)
    }
    return containers.engine.open(EngineRequest(.get, "/events", ["since": "\(wall.tv_sec - 1)", "filters": query]), receiver)
  }

  /// On the engine's thread: an end that is known to be one goes on to the agent without a pause.
  private func take(_ event: Event) {
    switch event.action {
    case .oom: state.withLock { _ = $0.starved.insert(event.container) }
    case .die:
      let life = state.withLock { state in state.keys[event.container].flatMap { state.lives[$0] } }
      // An old life's end may come after the next has begun.
      if let life, life.hasEnded { end(life, Self.exit(event.exitCode)) }
    case .start:
      state.withLock { state in
        state.starved.remove(event.container)
        if state.started.count < Self.mostEvents { state.started.append(event.container) } else { state.mustList = true }
      }
      Self.ring(bell)
    }
  }

  /// Looks at what has been started, by us or by others.
  private func hear() {
    let started = state.withLock { state in
      defer { state.started = [] }
      return state.started
    }
    for container in started {
      let (life, isOurs) = state.withLock { state in
        (state.keys[container].flatMap { state.lives[$0] }, state.starting.contains(container))
      }
      if !isOurs, life == nil || life?.hasEnded == true { adopt(container) }
    }
  }

  /// Takes a container that others have started, or an earlier agent.
  private func adopt(_ container: String) {
    // Gone again, or an engine that has gone: the next list shows what is.
    guard let found = try? containers.inspect(container), found.isRunning, let key = containers.mark.key(found.labels) else { return }
    let node = take(key, found, serial: files.resume(key, found))
    state.withLock { $0.found.append(node) }
    Self.ring(descriptor)
  }

  /// Compares what is known with a whole list; false where there is none.
  private func reconcile() -> Bool {
    let known = state.withLock { Array($0.lives.values) }
    guard let listed = try? containers.list() else { return false }
    let running = Set(listed.filter(\.isRunning).map(\.id))
    for life in known where !running.contains(life.container) {
      let last = try? containers.inspect(life.container)
      end(life, last.map { Self.exit($0.exitCode) } ?? .unknown, reason: last.map { Self.reason($0.ranOutOfMemory, $0.error) } ?? "")
    }
    for container in listed where container.isRunning {
      let isNew = state.withLock { $0.keys[container.id] == nil && !$0.starting.contains(container.id) }
      if isNew { adopt(container.id) }
    }
    return true
  }

  /// Lives whose first process has ended, as the kernel tells at once.
  private func kernelEnds(at now: UInt64) -> [Pending] {
    var tokens = [UInt64](repeating: 0, count: 64)
    var ended: Set<UInt64> = []
    while true {
      let count = Int(clinux_watch_ready(kernel, &tokens, Int32(tokens.count)))
      if count < 0 && errno == EINTR { continue }
      ended.formUnion(tokens.prefix(max(count, 0)))
      if count < tokens.count { break }
    }
    if ended.isEmpty { return [] }
    return state.withLock { state in
      state.lives.values.filter { ended.contains($0.token) }.map { Pending(life: $0, due: now + Self.patience) }
    }
  }

  /// The engine should have told how these ended by now: it is asked, and where it can't say, the end is told all the same.
  private func settle(_ pending: inout [Pending]) {
    let tokens = state.withLock { Set($0.lives.values.map(\.token)) }
    pending.removeAll { !tokens.contains($0.life.token) }
    let now = clinux_boot_milliseconds()
    for index in pending.indices where pending[index].due <= now {
      let life = pending[index].life
      pending[index].questions += 1
      pending[index].due = now + Self.patience
      do throws(LabError) {
        let last = try containers.inspect(life.container, within: Self.patience)
        if !last.isRunning || last.pid != life.pid {
          end(life, last.isRunning ? .unknown : Self.exit(last.exitCode), reason: Self.reason(last.ranOutOfMemory, last.error))
        } else if pending[index].questions >= Self.mostQuestions {
          end(life, .unknown)
        }
      } catch {
        // It may only be busy.
        if error.code == .deadlineExceeded, pending[index].questions < Self.mostUnanswered { continue }
        end(life, .unknown, reason: error.code == .notFound ? "" : "the engine can't say why: \(error.detail)")
      }
    }
  }
}

extension DockerWatch.Event {
  /// nil for what isn't of interest.
  init?(_ line: [UInt8]) {
    guard let event = try? JSONValue(line), let word = event["Action"].text, let action = Action(rawValue: word),
      let container = event["Actor"]["ID"].text
    else { return nil }
    self.init(
      action: action, container: container, exitCode: event["Actor"]["Attributes"]["exitCode"].text.flatMap { Int32($0) } ?? 0)
  }
}

import CLinux
import Glibc
import Locks
public import Model

/// A few threads for what blocks. Each result comes back as an event, in batches, through a descriptor that the reactor polls.
///
/// Add `descriptor` to the app's `descriptors` and return `collect()` from `readable`.
public struct Workers<Event: Sendable>: ~Copyable {
  public typealias Work = @Sendable () -> [Event]

  private let shared: Shared
  private let threads: Int

  /// - Parameters:
  ///   - threads: 1 to 16.
  ///   - most: works that may wait; `submit` refuses more.
  public init(threads: Int, most: Int) throws(LabError) {
    shared = Shared(most: most, queued: clinux_eventfd(1, 1), done: clinux_eventfd(0, 0))
    self.threads = min(max(threads, 1), 16)
    guard shared.queued >= 0, shared.done >= 0 else {
      throw LabError(.resourceExhausted, "workers", "can't make an eventfd (raise the limit of open files)")
    }
    for _ in 0..<self.threads { try WorkerThread.start(shared) }
  }

  /// Works under way end by themselves; what waits is dropped.
  deinit {
    shared.state.withLock {
      $0.waiting.removeAll()
      $0.isOver = true
    }
    shared.signal(shared.queued, UInt64(threads))
  }

  /// Readable when there are results.
  public var descriptor: Int32 { shared.done }

  /// False: too many wait; nothing was taken.
  public borrowing func submit(_ work: @escaping Work) -> Bool {
    let isTaken = shared.state.withLock { state in
      guard state.waiting.count < shared.most else { return false }
      state.waiting.append(work)
      return true
    }
    if isTaken { shared.signal(shared.queued, 1) }
    return isTaken
  }

  /// All results since the last call, in the order in which they came about.
  public borrowing func collect() -> [Event] {
    var count: UInt64 = 0
    _ = read(shared.done, &count, 8)
    return shared.state.withLock { state in
      defer { state.results = [] }
      return state.results
    }
  }

  /// Works that wait or run.
  public var underWay: Int { shared.state.withLock { $0.waiting.count + $0.running } }

  private struct State {
    var waiting: [Work] = []
    var results: [Event] = []
    var running = 0
    var isOver = false
  }

  private final class Shared: WorkerThread.Body {
    let most: Int
    /// A semaphore: one for each work.
    let queued: Int32
    let done: Int32
    let state = Guarded(State())

    init(most: Int, queued: Int32, done: Int32) {
      self.most = most
      self.queued = queued
      self.done = done
    }

    deinit {
      close(queued)
      close(done)
    }

    func signal(_ descriptor: Int32, _ count: UInt64) {
      var count = count
      _ = write(descriptor, &count, 8)
    }

    func run() {
      var count: UInt64 = 0
      while true {
        if read(queued, &count, 8) < 0 && errno == EINTR { continue }
        let (work, isOver): (Work?, Bool) = state.withLock { state in
          guard !state.waiting.isEmpty else { return (nil, state.isOver) }
          state.running += 1
          return (state.waiting.removeFirst(), false)
        }
        if isOver { return }
        guard let work else { continue }
        let events = work()
        state.withLock { state in
          state.running -= 1
          state.results += events
        }
        signal(done, 1)
      }
    }
  }
}

/// A thread that runs one body, which it keeps alive.
private enum WorkerThread {
  protocol Body: AnyObject, Sendable { func run() }

  private final class Box: Sendable {
    let body: any Body
    init(_ body: any Body) { self.body = body }
  }

  static func start(_ body: any Body) throws(LabError) {
    let error = clinux_start_thread({ WorkerThread.enter($0) }, Unmanaged.passRetained(Box(body)).toOpaque())
    if error != 0 { throw LabError(.resourceExhausted, "workers", "can't start a thread (error \(error))") }
  }

  private static func enter(_ argument: UnsafeMutableRawPointer?) {
    if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body.run() }
  }
}

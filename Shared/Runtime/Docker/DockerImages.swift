import CLinux
import Engine
import Glibc
import Locks
import Model

/// Images of an engine.
struct DockerImages: Sendable {
  let engine: EngineClient

  /// Fetches an image from its registry.
  ///
  /// - Throws: `NOT_FOUND` with the registry's words, `DEADLINE_EXCEEDED` after ten minutes.
  func pull(_ image: String) throws(LabError) {
    let progress = try PullProgress()
    // Without a tag the engine would fetch all.
    let last = image.split(separator: "/").last ?? ""
    let whole = image.contains("@") || last.contains(":") ? image : "\(image):latest"
    let receiver = EngineLines {
      progress.hear($0)
    } over: {
      progress.end($0)
    }
    let stream = engine.open(EngineRequest(.post, "/images/create", ["fromImage": whole], deadline: Self.patience), receiver)
    defer { _ = consume stream }
    do throws(LabError) { try progress.wait(Limits.deadline) } catch {
      throw LabError(
        error.code == .deadlineExceeded ? .deadlineExceeded : .notFound, "image \(image)",
        "isn't on this host and can't be pulled (docker load -i FILE puts it there)", cause: error.message)
    }
  }

  /// A registry may take this long to answer at all, in milliseconds.
  private static let patience: UInt64 = 60_000
}

/// Waits for the end of a pull, whose errors stand in its stream.
private final class PullProgress: Sendable {
  private struct State {
    var error: String?
    var outcome: Result<Int, LabError>?
  }

  private let done = clinux_eventfd(0, 0)
  private let state = Guarded(State())

  init() throws(LabError) {
    guard done >= 0 else { throw LabError(.resourceExhausted, "engine", "no descriptors left", cause: words(errno)) }
  }

  deinit { close(done) }

  func hear(_ line: [UInt8]) {
    if let error = (try? JSONValue(line))?["error"].text { state.withLock { $0.error = error } }
  }

  func end(_ outcome: Result<Int, LabError>) {
    state.withLock { $0.outcome = outcome }
    DockerWatch.ring(done)
  }

  func wait(_ milliseconds: UInt64) throws(LabError) {
    let deadline = clinux_boot_milliseconds() + milliseconds
    while true {
      let state = state.withLock { $0 }
      if let error = state.error { throw LabError(.notFound, "engine", error) }
      if let outcome = state.outcome {
        _ = try outcome.get()
        return
      }
      let now = clinux_boot_milliseconds()
      guard now < deadline else { throw LabError(.deadlineExceeded, "engine", "took longer than \(milliseconds / 60_000) min") }
      var entry = pollfd(fd: done, events: Int16(POLLIN), revents: 0)
      poll(&entry, 1, Int32(clamping: deadline - now))
    }
  }
}

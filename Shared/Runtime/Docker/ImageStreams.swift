import CLinux
import Engine
import Glibc
import Model

/// A pull or a load as a command has it: names of images come out of one stream, progress and errors out of the other, and a load's archive goes
/// in.
final class ImageStreams: Sendable {
  let sockets: ExecSockets
  private let task: ImageTask
  private let progress = ImageProgress()
  private let done: Int32

  /// How often progress is told, in milliseconds.
  private static let interval: Int32 = 500
  /// A stream that was cut ends at once; bounds a client that hangs, in milliseconds.
  private static let patience: Int32 = 5_000

  init(_ task: ImageTask) throws(LabError) {
    self.task = task
    sockets = try ExecSockets("image", hasInput: task == .load)
    done = clinux_eventfd(0, 0)
    guard done >= 0 else {
      sockets.closeOurs()
      throw LabError(.resourceExhausted, "image", "no descriptors left", cause: words(errno))
    }
  }

  deinit { close(done) }

  func request(_ request: EngineRequest) -> EngineRequest {
    var request = request
    if task == .load { request.content = .tarStream(sockets.input.theirs) }
    return request
  }

  /// Until its end, or until whoever reads it wants it ended.
  func run(_ open: (any EngineReceiver) -> EngineStream) {
    let (progress, done) = (progress, done)
    let stream = open(
      EngineLines {
        progress.hear($0)
      } over: {
        progress.end($0)
        DockerWatch.ring(done)
      })
    var watched = [done, sockets.channel.theirs].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    var told: String?
    while watched.allSatisfy({ $0.revents == 0 }) {
      let count = poll(&watched, 2, Self.interval)
      if count < 0, errno != EINTR { break }
      tellNames()
      if let text = progress.text, text != told {
        say("\(text)\n")
        told = text
      }
    }
    let isKilled = watched[0].revents == 0
    _ = consume stream
    // Until then the engine's client reads the archive.
    if isKilled { poll(&watched, 1, Self.patience) }
    tellNames()
    if isKilled { return sockets.tell((1, SIGKILL)) }
    if let failure = progress.failure {
      say("\(failure.message)\n")
      return sockets.tell((0, 1))
    }
    if case .pull(let image) = task { print("\(image)\n") }
    sockets.tell((0, 0))
  }

  private func tellNames() { for name in progress.takeNames() { print("\(name)\n") } }

  private func print(_ text: String) { sockets.send(text, to: sockets.output) }
  private func say(_ text: String) { sockets.send(text, to: sockets.errors) }
}

import CLinux
import Engine
import Glibc
import Locks
public import Model

/// Images of an engine.
public struct DockerImages: Sendable {
  let engine: EngineClient

  /// A registry may take this long to answer at all, and whoever sends an archive to send a piece of it, in milliseconds.
  private static let patience: UInt64 = 60_000

  /// Sorted by name.
  public func list() throws(LabError) -> [HostImage] {
    let answer = try engine.call(EngineRequest(.get, "/images/json")).json()
    return answer.list.map { entry in
      let names = entry["RepoTags"].list.compactMap(\.text).filter { $0 != "<none>:<none>" }.sorted()
      return HostImage(names: names, id: entry["Id"].text ?? "", size: UInt64(clamping: entry["Size"].integer ?? 0))
    }.sorted { ($0.names.first ?? "~", $0.id) < ($1.names.first ?? "~", $1.id) }
  }

  /// Begins; how it goes is read as a command's output.
  public func start(_ task: ImageTask) throws(LabError) -> ExecProcess {
    let streams = try ImageStreams(task)
    let request = streams.request(Self.request(of: task))
    let engine = engine
    do throws(LabError) { try OwnThread.start("image") { streams.run { engine.open(request, $0) } } } catch {
      streams.sockets.closeOurs()
      throw error
    }
    return ExecProcess(sockets: streams.sockets, resize: { _ in })
  }

  private static func request(of task: ImageTask) -> EngineRequest {
    switch task {
    // Without a tag the engine would fetch all.
    case .pull(let image):
      EngineRequest(
        .post, "/images/create", ["fromImage": withTag(image)], deadline: patience,
        registryAuth: RegistryCredentials.standard.auth(for: image))
    case .load: EngineRequest(.post, "/images/load", ["quiet": "0"], deadline: patience)
    }
  }

  private static func withTag(_ image: String) -> String {
    let last = image.split(separator: "/").last ?? ""
    return image.contains("@") || last.contains(":") ? image : "\(image):latest"
  }

  /// Whether the engine has it, however its name is written.
  public func has(_ image: String) throws(LabError) -> Bool {
    try engine.call(EngineRequest(.get, "/images/\(EngineRequest.escaped(image))/json", accepted: [404])).status != 404
  }

  /// Makes an image of what is in an archive, and nothing else.
  func make(_ repository: String, _ tag: String, from archive: [UInt8]) throws(LabError) {
    let query: KeyValuePairs = ["fromSrc": "-", "repo": repository, "tag": tag]
    _ = try engine.call(EngineRequest(.post, "/images/create", query, content: .tar(archive), deadline: Self.patience))
    guard try has("\(repository):\(tag)") else {
      throw LabError(.internalError, "engine", "hasn't made the image \(repository) (see its log)")
    }
  }

  /// Fetches an image from its registry; returns at its end, or when it was cancelled.
  ///
  /// - Throws: `NOT_FOUND` with the registry's words, `CANCELLED`, `DEADLINE_EXCEEDED` after ten minutes without a word.
  public func run(_ pull: ImagePull) throws(LabError) {
    let progress = pull.progress
    let stream = engine.open(
      Self.request(of: .pull(pull.image)),
      EngineLines {
        progress.hear($0)
      } over: {
        progress.end($0)
        DockerWatch.ring(pull.done)
      })
    var watched = [pull.done, pull.bell].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    var heard = progress.lines
    while watched.allSatisfy({ $0.revents == 0 }) {
      if poll(&watched, 2, Int32(clamping: Limits.deadline)) == 0, progress.lines == heard { break }
      heard = progress.lines
    }
    _ = consume stream
    if watched[1].revents != 0 { throw LabError(.cancelled, "image \(pull.image)", "isn't wanted any more") }
    guard let failure = progress.failure else { return }
    let isRefused = ["unauthorized", "denied", "no basic auth"].contains { failure.message.contains($0) }
    let login = isRefused ? "docker login, as the agent's user, tells the registry who pulls; " : ""
    throw LabError(
      failure.code == .deadlineExceeded ? .deadlineExceeded : .notFound, "image \(pull.image)",
      "isn't on this host and can't be pulled (\(login)archetype image load FILE puts it there)", cause: failure.message)
  }
}

/// A pull under way.
public final class ImagePull: Sendable {
  public let image: String
  let progress = ImageProgress()
  /// Readable when it has ended, and when it is to end.
  let done: Int32
  let bell: Int32

  /// - Throws: `RESOURCE_EXHAUSTED` without a descriptor.
  public init(_ image: String) throws(LabError) {
    self.image = image
    (done, bell) = (clinux_eventfd(0, 0), clinux_eventfd(0, 0))
    guard done >= 0, bell >= 0 else { throw LabError(.resourceExhausted, "engine", "no descriptors left", cause: words(errno)) }
  }

  deinit { for number in [done, bell] where number >= 0 { close(number) } }

  /// How much has come, as `45 %`; nil: nothing is known yet.
  public var text: String? { progress.percent.map { "\($0) %" } }

  public func cancel() { DockerWatch.ring(bell) }
}

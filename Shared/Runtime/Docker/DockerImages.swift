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

  /// Fetches an image from its registry.
  ///
  /// - Throws: `NOT_FOUND` with the registry's words, `DEADLINE_EXCEEDED` after ten minutes.
  func pull(_ image: String) throws(LabError) {
    let progress = ImageProgress()
    let done = clinux_eventfd(0, 0)
    guard done >= 0 else { throw LabError(.resourceExhausted, "engine", "no descriptors left", cause: words(errno)) }
    defer { close(done) }
    let stream = engine.open(
      Self.request(of: .pull(image)),
      EngineLines {
        progress.hear($0)
      } over: {
        progress.end($0)
        DockerWatch.ring(done)
      })
    var entry = pollfd(fd: done, events: Int16(POLLIN), revents: 0)
    let deadline = clinux_boot_milliseconds() + Limits.deadline
    while entry.revents == 0 {
      let now = clinux_boot_milliseconds()
      guard now < deadline else { break }
      poll(&entry, 1, Int32(clamping: deadline - now))
    }
    _ = consume stream
    guard let failure = progress.failure else { return }
    throw LabError(
      failure.code == .deadlineExceeded ? .deadlineExceeded : .notFound, "image \(image)",
      "isn't on this host and can't be pulled (archetype image load FILE puts it there)", cause: failure.message)
  }
}

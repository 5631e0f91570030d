import CLinux
import Engine
import Glibc
import JSON
import Model

/// What is asked of an engine about containers, typed.
struct DockerContainers: Sendable {
  let engine: EngineClient
  let mark: DockerMark

  /// A container as a list shows it.
  struct Listed: Sendable {
    var id: String
    var key: NodeKey
    var labels: [String: String]
    var state: String
    /// Whether it holds a node's sandbox, and isn't the node itself.
    var isPause = false
    /// The container whose network it has; nil: it is given its sandbox by our runtime.
    var networkOf: String?
    var isRunning: Bool { state == "running" || state == "paused" }
  }

  /// One life of a container.
  struct State: Sendable {
    var id: String
    var labels: [String: String]
    /// `created`, `exited`, …
    var status: String
    var isRunning: Bool
    /// As the host sees it; 0: none.
    var pid: Int32
    /// The engine's own words; tells a life from another of the same container.
    var startedAt: String
    var exitCode: Int32
    var ranOutOfMemory: Bool
    var error: String
  }

  /// All nodes of ours, whatever state they are in.
  func list() throws(LabError) -> [Listed] { try listAll().filter { !$0.isPause } }

  /// Also the containers that hold nodes' sandboxes.
  func listAll() throws(LabError) -> [Listed] {
    let filters = JSONValue.object(["label": .list(mark.filter.map { .text($0) })])
    let query = String(decoding: filters.bytes, as: UTF8.self)
    let answer = try engine.call(EngineRequest(.get, "/containers/json", ["all": "1", "filters": query])).json()
    return answer.list.compactMap { entry in
      let labels = entry["Labels"].texts
      guard let id = entry["Id"].text, let state = entry["State"].text else { return nil }
      if let key = mark.pauseKey(labels) { return Listed(id: id, key: key, labels: labels, state: state, isPause: true) }
      guard let key = mark.key(labels) else { return nil }
      let network = entry["HostConfig"]["NetworkMode"].text ?? ""
      let networkOf = network.hasPrefix("container:") ? String(network.dropFirst("container:".count)) : nil
      return Listed(id: id, key: key, labels: labels, state: state, networkOf: networkOf)
    }
  }

  /// - Parameter deadline: milliseconds.
  /// - Throws: `NOT_FOUND` where it is gone.
  func inspect(_ id: String, within deadline: UInt64 = EngineRequest.patience) throws(LabError) -> State {
    let answer = try engine.call(EngineRequest(.get, "/containers/\(id)/json", deadline: deadline)).json()
    let state = answer["State"]
    guard let whole = answer["Id"].text, let startedAt = state["StartedAt"].text else {
      throw LabError(.internalError, "engine", "says of a container what isn't understood (is it a Docker engine?)")
    }
    return State(
      id: whole, labels: answer["Config"]["Labels"].texts, status: state["Status"].text ?? "", isRunning: state["Running"].isTrue,
      pid: Int32(clamping: state["Pid"].integer ?? 0),
      startedAt: startedAt, exitCode: Int32(clamping: state["ExitCode"].integer ?? 0), ranOutOfMemory: state["OOMKilled"].isTrue,
      error: state["Error"].text ?? "")
  }

  /// - Returns: its id.
  func create(_ name: String, _ body: JSONValue) throws(LabError) -> String {
    let reply = try engine.call(
      EngineRequest(.post, "/containers/create", ["name": name], content: .json(body), deadline: Self.makingPatience))
    guard let id = try reply.json()["Id"].text else { throw LabError(.internalError, "engine", "made a container without an id") }
    return id
  }

  /// Unpacks an archive at the container's root.
  func put(_ archive: [UInt8], into id: String) throws(LabError) {
    _ = try engine.call(
      EngineRequest(.put, "/containers/\(id)/archive", ["path": "/"], content: .tar(archive), deadline: Self.makingPatience))
  }

  /// Running already is a success.
  func start(_ id: String) throws(LabError) {
    _ = try engine.call(EngineRequest(.post, "/containers/\(id)/start", deadline: Self.makingPatience, accepted: [304]))
  }

  /// It has ended when this returns; so has one that is gone or didn't run.
  func stop(_ id: String, grace: UInt64) throws(LabError) {
    let seconds = (grace + 999) / 1_000
    _ = try engine.call(
      EngineRequest(.post, "/containers/\(id)/stop", ["t": "\(seconds)"], deadline: grace + Self.endingPatience, accepted: [304, 404]))
  }

  /// As `stop`, at once.
  func kill(_ id: String) throws(LabError) {
    _ = try engine.call(EngineRequest(.post, "/containers/\(id)/kill", deadline: Self.endingPatience, accepted: [404, 409]))
  }

  /// With its anonymous volumes. It is gone when this returns.
  func remove(_ id: String) throws(LabError) {
    let request = EngineRequest(
      .delete, "/containers/\(id)", ["force": "1", "v": "1"], deadline: Self.endingPatience, accepted: [404, 409])
    guard try engine.call(request).status == 409 else { return }
    // Somebody else is removing it.
    let deadline = clinux_boot_milliseconds() + Self.endingPatience
    while clinux_boot_milliseconds() < deadline {
      if try engine.call(EngineRequest(.get, "/containers/\(id)/json", accepted: [404])).status == 404 { return }
      usleep(50_000)
    }
    throw LabError(.deadlineExceeded, "engine", "has a container under removal that doesn't go (see its log)")
  }

  /// A start takes an engine 70 to 100 ms, four at a time; with a cold disk, seconds.
  static let makingPatience: UInt64 = 60_000
  /// An engine itself waits ten seconds for a killed process.
  static let endingPatience: UInt64 = 30_000
}

extension JSONValue {
  static func texts(_ texts: [String]) -> JSONValue { .list(texts.map { .text($0) }) }

  /// Members of an object that are text.
  var texts: [String: String] { members.compactMapValues(\.text) }
}

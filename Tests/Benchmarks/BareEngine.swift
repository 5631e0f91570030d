import Engine
import Foundation
import JSON
import Locks
import Support

/// The engine of a testbed's host, asked by its API and by nothing of ours: what containers cost without cables.
struct BareEngine {
  private let client: EngineClient

  /// What each container does: it ends as soon as it is asked to.
  static let command = ["sh", "-c", "trap exit TERM; sleep 1000000 & wait"]

  init(_ bed: TestLab, of host: String) throws {
    guard let machine = try bed.recordedProcesses()["machine-" + host] else { throw SupportError("\(host) is off") }
    client = try EngineClient(socket: "/proc/\(machine)/root/run/docker.sock")
  }

  /// Makes and starts containers with all that a node's has but its interfaces.
  func up(_ names: [String]) throws {
    let client = client
    try inLanes(names) { name in
      let host: JSONValue = [
        "NetworkMode": "none", "RestartPolicy": ["Name": "no"], "CapAdd": ["NET_ADMIN", "SYS_ADMIN"], "PidsLimit": .integer(4096),
        "LogConfig": ["Type": "json-file", "Config": ["max-size": "4m", "max-file": "2"]],
      ]
      let body: JSONValue = [
        "Image": "busybox", "Cmd": .list(Self.command.map { .text($0) }), "Tty": true, "Hostname": .text(name), "HostConfig": host,
      ]
      _ = try client.call(EngineRequest(.post, "/containers/create", ["name": name], content: .json(body), deadline: 60_000))
    }
    try start(names)
  }

  func start(_ names: [String]) throws {
    let client = client
    try inLanes(names) { _ = try client.call(EngineRequest(.post, "/containers/\($0)/start", deadline: 60_000)) }
  }

  func down(_ names: [String]) throws {
    let client = client
    try inLanes(names) { _ = try client.call(EngineRequest(.delete, "/containers/\($0)", ["force": "1", "v": "1"], deadline: 60_000)) }
  }

  /// When this client hears of ends of nodes' containers.
  func ends() -> Ends { Ends(client) }

  final class Ends: Sendable {
    private let heard: Heard
    /// Its end would be the stream's.
    private let client: EngineClient
    private let stream: EngineStream

    private final class Heard: Sendable {
      let times = Guarded<[String: Double]>([:])
    }

    init(_ client: EngineClient) {
      let heard = Heard()
      self.heard = heard
      self.client = client
      let filters: JSONValue = ["type": ["container"], "event": ["die"]]
      let receiver = EngineLines(
        { line in
          let at = moment()
          guard let node = (try? JSONValue(line))?["Actor"]["Attributes"]["archetype.node"].text else { return }
          heard.times.withLock { $0[node] = at }
        }, over: { _ in })
      stream = client.open(EngineRequest(.get, "/events", ["filters": String(decoding: filters.bytes, as: UTF8.self)]), receiver)
    }

    func time(of node: String) throws -> Double {
      guard eventually({ heard.times.withLock { $0[node] } != nil }), let time = heard.times.withLock({ $0[node] }) else {
        throw SupportError("the engine told no end of \(node)")
      }
      return time
    }
  }

  /// As many side by side as an agent has on their way.
  private func inLanes(_ names: [String], _ body: @escaping @Sendable (String) throws -> Void) throws {
    let failure = Failure()
    let group = DispatchGroup()
    for lane in 0..<EngineClient.callsAtOnce {
      group.enter()
      Thread.detachNewThread {
        for index in stride(from: lane, to: names.count, by: EngineClient.callsAtOnce) {
          do { try body(names[index]) } catch { failure.last.withLock { $0 = error } }
        }
        group.leave()
      }
    }
    group.wait()
    if let error = failure.last.withLock({ $0 }) { throw error }
  }

  private final class Failure: Sendable {
    let last = Guarded<(any Error)?>(nil)
  }
}

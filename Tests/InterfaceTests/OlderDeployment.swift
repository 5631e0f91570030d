import Bus
import Foundation
import Machine
import Model
import Support
import Wire

/// What an older version has left: what passed its bus, its store, and its protocol's description (Tests/Recorded/README.md).
struct Older {
  static let folder = TestLab.repository + "/Tests/Recorded"
  /// Until its lab was destroyed.
  let records: [TraceRecord]
  let speech: OlderProtocol

  init() throws {
    let recording = try TraceRecording(reading: Self.folder + "/older.trace")
    var records: [TraceRecord] = []
    while let record = try recording.next() { records.append(record) }
    self.records = Array(records.prefix { $0.requestKind != "JobService.DestroyLab" })
    speech = try OlderProtocol(reading: Self.folder + "/older.protoset")
  }

  /// Command lines that were called.
  var clients: [PeerName] { records.compactMap { $0.hello?.name }.filter { if case .client = $0 { true } else { false } } }

  /// The last greeting of a peer, and what it said after it, in order.
  func life(of peer: PeerName) -> [TraceRecord] {
    let own = records.filter { $0.from == "\(peer)" || $0.hello?.name == peer }
    return Array(own[(own.lastIndex { $0.hello != nil } ?? own.endIndex)...])
  }
}

extension TraceRecord {
  var hello: Hello? {
    if case .hello(let hello)? = try? HubFrame(decoding: frame) { hello } else { nil }
  }

  /// Of a request; nil: it is none.
  var requestKind: String? {
    guard let message = try? Envelope(decoding: envelope), !message.isReply, !message.requestID.isEmpty else { return nil }
    return message.kind
  }
}

/// This version's bus and services, without hosts, on the store that an older version has left.
final class UpgradedServices {
  let folder: String
  let environment: [String: String]
  private var processes: [StartedCommand] = []
  private struct Missing: Error {}
  static let services = ["configs", "jobs", "links", "reconciler"]

  /// - Parameter names: of those that run beside the bus.
  static func with(_ names: [String] = services, _ body: (UpgradedServices) throws -> Void) throws {
    let services = try UpgradedServices(names)
    defer { services.end() }
    try body(services)
  }

  private init(_ names: [String]) throws {
    folder = FileManager.default.temporaryDirectory.path + "/archetype-older-\(UUID().uuidString.prefix(8))"
    environment = ["ARCHETYPE_BUS": "ipc://\(folder)/bus", "NO_COLOR": "1"]
    for name in ["bus"] + Self.services {
      try FileManager.default.createDirectory(atPath: "\(folder)/data/\(name)", withIntermediateDirectories: true)
    }
    try FileManager.default.copyItem(atPath: Older.folder + "/older.db", toPath: "\(folder)/data/configs/intent.db")
    let address = "ipc://\(folder)/bus"
    try start("bus", ["--listen", address])
    for name in names { try start(name, ["--bus", address]) }
    guard try eventually({ try archetype(["status", "bus"] + names).exit == 0 }) else { throw Missing() }
  }

  var address: BusAddress { .folder("\(folder)/bus") }

  private func start(_ name: String, _ arguments: [String]) throws {
    processes.append(
      try StartedCommand(
        "\(TestLab.builtPrograms)/archetype-\(name)", arguments + ["--data", "\(folder)/data/\(name)", "--log-level", "error"]))
  }

  func archetype(_ arguments: String...) throws -> CommandRun { try archetype(arguments) }

  func archetype(_ arguments: [String]) throws -> CommandRun {
    try CommandRun.run("\(TestLab.builtPrograms)/archetype", arguments, environment: environment, limit: 60)
  }

  /// Writes a topology and gives its path.
  func file(_ name: String, _ text: String) throws -> String {
    let path = "\(folder)/\(name).clab.yml"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  private func end() {
    for process in processes { _ = process.terminate() }
    try? FileManager.default.removeItem(atPath: folder)
  }
}

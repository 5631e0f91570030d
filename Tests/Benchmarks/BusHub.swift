import Foundation
import Support

/// A hub that runs in a folder of its own, for `archetype-bus-floor` to load.
struct BusHub {
  enum Kind {
    case ours, untraced, plain

    /// What `archetype-bus-floor` is to speak.
    var dialect: String { if case .plain = self { "plain" } else { "ours" } }
  }

  let kind: Kind
  let folder: String
  let process: StartedCommand

  static func with(_ kinds: [Kind], _ body: ([BusHub]) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.path + "/archetype-bus-\(UUID().uuidString.prefix(8))"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var hubs: [BusHub] = []
    defer { for hub in hubs { _ = hub.process.terminate() } }
    for (number, kind) in kinds.enumerated() {
      let place = "\(folder)/\(number)"
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
      let (program, arguments) =
        switch kind {
        case .ours: ("archetype-bus", ["--bus", "ipc://\(place)", "--data", "\(place)/data"])
        case .untraced: ("archetype-bus", ["--bus", "ipc://\(place)", "--data", "\(place)/data", "--untraced"])
        case .plain: ("archetype-bus-floor", ["hub", place])
        }
      hubs.append(BusHub(kind: kind, folder: place, process: try StartedCommand("\(TestLab.builtPrograms)/\(program)", arguments)))
      guard eventually({ FileManager.default.fileExists(atPath: "\(place)/requests") }) else {
        throw SupportError("\(program) doesn't listen")
      }
    }
    try body(hubs)
  }

  /// Figures of each hub's runs, in turn.
  static func compare(_ hubs: [BusHub], _ load: [String], rounds: Int = 5) throws -> [[[String: Double]]] {
    var figures: [[[String: Double]]] = hubs.map { _ in [] }
    for _ in 0..<rounds {
      for (number, hub) in hubs.enumerated() {
        let run = try CommandRun.run(TestLab.builtPrograms + "/archetype-bus-floor", [hub.kind.dialect, hub.folder] + load)
        guard run.exit == 0, let found = try run.json() as? [String: Double] else { throw SupportError("\(load): \(run.errors)") }
        figures[number].append(found)
        progress("  hub \(number) (\(hub.kind)) \(load.joined(separator: " ")): \(found)")
      }
    }
    return figures
  }
}

extension [[String: Double]] {
  func median(of figure: String) -> Double { map { $0[figure] ?? 0 }.median }
}

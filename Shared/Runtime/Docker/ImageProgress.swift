import JSON
import Locks
import Model

/// What an engine says while it fetches or takes images: a value of JSON a line.
final class ImageProgress: Sendable {
  private struct Layer {
    var done: Int64
    var all: Int64
  }

  private struct State {
    var layers: [String: Layer] = [:]
    var names: [String] = []
    var lines: UInt64 = 0
    var error: String?
    var outcome: Result<Int, LabError>?
  }

  private let state = Guarded(State())

  /// Layers and names of one stream; more say nothing new.
  private static let most = 4_096
  private static let loaded = "Loaded image: "
  private static let unpacking = "Extracting"

  func hear(_ line: [UInt8]) {
    guard let said = try? JSONValue(line) else { return }
    state.withLock { state in
      state.lines += 1
      if let error = said["error"].text { state.error = error }
      if let id = said["id"].text, state.layers.count < Self.most {
        let all = said["progressDetail"]["total"].integer
        // A layer that has come is unpacked, with numbers that begin anew.
        if let all, said["status"].text != Self.unpacking {
          state.layers[id] = Layer(done: min(said["progressDetail"]["current"].integer ?? 0, all), all: all)
        } else if let known = state.layers[id] {
          state.layers[id]?.done = known.all
        }
      }
      // Of a pull the digest and whether it is new come at its end, of a load a name for each image.
      if let text = said["stream"].text, text.hasPrefix(Self.loaded), state.names.count < Self.most {
        state.names.append(String(text.dropFirst(Self.loaded.count).prefix { $0 != "\n" }))
      }
    }
  }

  func end(_ outcome: Result<Int, LabError>) { state.withLock { $0.outcome = outcome } }

  /// Images that were loaded since the last call.
  func takeNames() -> [String] {
    state.withLock { state in
      defer { state.names = [] }
      return state.names
    }
  }

  /// How many lines were heard.
  var lines: UInt64 { state.withLock { $0.lines } }

  /// Of what is known to be coming, how much has come in hundredths; nil before anything is known.
  var percent: Int? {
    let layers = state.withLock { Array($0.layers.values) }
    let (done, all) = (layers.reduce(0) { $0 + $1.done }, layers.reduce(0) { $0 + $1.all })
    return all > 0 ? Int(done * 100 / all) : nil
  }

  /// `12 of 80 MiB`; nil before anything is known.
  var text: String? {
    let layers = state.withLock { Array($0.layers.values) }
    let (done, all) = (layers.reduce(0) { $0 + $1.done }, layers.reduce(0) { $0 + $1.all })
    return all > 0 ? "\(done >> 20) of \(all >> 20) MiB" : nil
  }

  /// nil once it has ended well.
  var failure: LabError? {
    state.withLock { state in
      if let error = state.error { return LabError(.notFound, "engine", error) }
      switch state.outcome {
      case .success?: return nil
      case .failure(let error)?: return error
      case nil: return LabError(.deadlineExceeded, "engine", "took longer than \(Limits.deadline / 60_000) min")
      }
    }
  }
}

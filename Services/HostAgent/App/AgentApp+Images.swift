import AgentCore
import Model
import Runtime

/// Images for nodes, by the host's engine.
extension AgentApp {
  func find(_ image: String) -> [AgentCore.Event] {
    guard let runtime else { return [] }
    let isTaken = engineWorkers.submit {
      do throws(LabError) { return [.imageFound(image, .success(try runtime.images().has(image)))] } catch {
        return [.imageFound(image, .failure(error))]
      }
    }
    return isTaken ? [] : [.imageFound(image, .failure(Self.tooMuch))]
  }

  mutating func pull(_ image: String, _ id: UInt64) -> [AgentCore.Event] {
    guard let runtime else { return [] }
    do throws(LabError) {
      let pull = try ImagePull(image)
      let box = box
      let isTaken = pullWorkers.submit {
        let record = box.begin("image", ["pull of \(image)"])
        do throws(LabError) {
          try runtime.images().run(pull)
          box.end(record, failures: 0)
          return [.pullEnded(id, nil)]
        } catch {
          box.end(record, failures: 1)
          return [.pullEnded(id, error)]
        }
      }
      guard isTaken else { throw Self.tooMuch }
      pulls[id] = (pull, nil)
      return []
    } catch { return [.pullEnded(id, error)] }
  }

  static let tooMuch = LabError(.resourceExhausted, "agent", "too much is under way (it is tried again)")

  /// What ended is forgotten.
  mutating func collectPulls() -> [AgentCore.Event] {
    let events = pullWorkers.collect()
    for case .pullEnded(let id, _) in events { pulls[id] = nil }
    return events
  }

  /// How far those are of which there is something new to tell.
  mutating func progressOfPulls() -> [AgentCore.Event] {
    pulls.keys.sorted().compactMap { id in
      guard let (pull, told) = pulls[id], let text = pull.text, text != told else { return nil }
      pulls[id]?.told = text
      return .pullProgress(id, text)
    }
  }
}

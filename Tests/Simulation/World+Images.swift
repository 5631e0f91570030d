import AgentCore
import Kinds
import Machine
import Model

/// What engines do about images: registries may be slow or away, and users bring images by hand.
extension World {
  mutating func findImage(_ process: Process, _ image: String) {
    guard let host = process.host else { return }
    if host.isEngineAway { return drive(process, .imageFound(image, .failure(LabError(.unavailable, "engine", "doesn't answer")))) }
    if engines.happens(healed > 0 ? 300 : 30), host.images.insert(image).inserted { say("somebody brings \(image) to \(host.name)") }
    drive(process, .imageFound(image, .success(host.images.contains(image) || settings.bug == .assumedImages)))
  }

  mutating func pull(_ process: Process, _ id: UInt64, _ image: String) {
    if process.pulls.count >= AgentCore.pullsAtOnce || process.pulls.values.contains(image) {
      checks?.fail("47: \(process.name) pulls \(image) beside \(process.pulls.values.sorted())")
    }
    process.pulls[id] = image
    let time = healed > 0 ? engines.between(20, 1_000) : engines.between(20, 6_000)
    push(.agent(process, .pullProgress(id, "50 %")), in: time / 2)
    push(.pullEnds(process, id), in: time)
  }

  mutating func dropPull(_ process: Process, _ id: UInt64) {
    if settings.bug == .endlessPulls { return planted.endless.append((process.instance, id)) }
    process.pulls[id] = nil
    push(.agent(process, .pullEnded(id, LabError(.cancelled, "image", "isn't wanted any more"))), in: engines.between(1, 20))
  }

  /// Of those that were given up the end was told.
  mutating func endPull(_ process: Process, _ id: UInt64) {
    guard let host = process.host, let image = process.pulls[id] else { return }
    if planted.endless.contains(where: { $0 == process.instance && $1 == id }) { return }
    process.pulls[id] = nil
    if host.isEngineAway || engines.happens(faults.pullFailure) {
      return drive(process, .pullEnded(id, LabError(.notFound, "image \(image)", "manifest unknown")))
    }
    host.images.insert(image)
    drive(process, .pullEnded(id, nil))
  }

  /// Which policy a node has that needs an image.
  mutating func pullPolicy() -> PullPolicy {
    switch engines.below(10) {
    case 0: .always
    case 1: .never
    default: .ifMissing
    }
  }
}

import Locks
import Machine
import Model
import NetworkCore
import Reactor

/// The engine's calls, done on a thread of theirs and looked at from another.
final class Calls: Sendable {
  private struct State {
    var count = CallCount()
    var vitals: Vitals
  }

  private let state: Guarded<State>

  init(_ instance: Instance, at now: Now) { state = Guarded(State(vitals: Vitals(instance, at: now))) }

  func count(_ call: () -> EngineServer.Reply) -> EngineServer.Reply {
    state.withLock { $0.count.begin() }
    let begin = Vitals.microseconds()
    let reply = call()
    state.withLock {
      $0.count.end(isDone: reply.isDone)
      $0.vitals.round(since: begin, events: 1, at: Clock.now())
    }
    return reply
  }

  /// To be asked at even intervals; nil: the engine's thread stands still.
  func status(at now: Now) -> ProgramStatus? {
    state.withLock {
      guard $0.count.isMoving() else { return nil }
      return $0.vitals.status(
        isServing: true, waiting: Int($0.count.underWay), figures: [Figure("refused", $0.count.refused)], at: now)
    }
  }
}

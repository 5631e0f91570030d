import Machine
import Model

extension JobCore {
  /// Ends the jobs whose lab has converged at their revision or a later one, and those whose lab is gone.
  ///
  /// Of another store, or of a revision that this service hasn't seen, the reconciler's word means nothing here: one of the two has just begun to
  /// follow a store that was restored.
  mutating func finish(by labs: [LabSummary], of store: Incarnation, at now: Now) -> [BusEffect] {
    guard let intent = follower.intent, intent.store.incarnation == store else { return [] }
    guard labs.allSatisfy({ $0.revision <= intent.revision }) else {
      nextQuestion = min(nextQuestion, now.boot + Self.firstQuestion)
      return []
    }
    var effects: [BusEffect] = []
    for job in runningJobs where job.kind != .destroy && !follower.isUnderWay(.finish(job.id)) {
      let key = LabKey(job.lab, born: job.born)
      guard intent.labs[job.lab]?.key == key else {
        effects += end(job, .cancelled, "the lab was destroyed", at: now)
        continue
      }
      // A reconciler that hasn't noticed yet that an older store is in the place of its own knows higher revisions, but not this version.
      guard let lab = labs.first(where: { $0.key == key }), lab.converged, lab.revision >= intent.version(of: .job(job.id)),
        lab.generation >= job.generation
      else { continue }
      effects += end(job, .done, lab.reason, at: now)
    }
    return effects
  }

  /// A destroyed lab is done with when no host that is there has anything of it; what lost hosts may still have stays pending.
  mutating func finish(_ id: JobID, remaining: [HostName], lost: [HostName], at now: Now) -> [BusEffect] {
    guard let job = follower.intent?.jobs[id], job.phase == .running, !follower.isUnderWay(.finish(id)),
      Set(remaining).isSubset(of: lost)
    else { return [] }
    return end(job, .done, remaining.isEmpty ? "" : "pending on \(remaining.map(\.text).joined(separator: ", "))", at: now)
  }

  private mutating func end(_ job: Job, _ phase: JobPhase, _ reason: String, at now: Now) -> [BusEffect] {
    guard let intent = follower.intent else { return [] }
    var ended = job
    ended.phase = phase
    ended.reason = reason
    ended.ended = now.wall
    var put = Put(changes: [.job(job.id, ended)], expect: [Expectation(.job(job.id), at: intent.version(of: .job(job.id)))])
    let old = intent.jobs.values.filter(\.phase.isFinal)
    if old.count > Limits.finishedJobs {
      // By the revisions at which they ended: a clock may be set back.
      let byEnd = old.map { (intent.version(of: .job($0.id)), $0.id) }.sorted { $0 < $1 }
      put.changes += byEnd.prefix(old.count - Limits.finishedJobs).map { .job($0.1, nil) }
    }
    return [follower.send(.configs(.put(put)), to: .configs, for: .finish(job.id), at: now)]
  }
}

import Machine
import Model

/// Starts a job and waits for its end. Services may go away and come back meanwhile; events may be lost.
struct JobWatch {
  let connection: Connection
  let lab: LabName
  /// Of the job: chosen before it is asked for, so that asking again finds it.
  let id: RequestID
  let end: Instant
  var progress: Progress

  /// How long a service may be away when a job is to be started: one that is starting again is back sooner.
  private static let patience: UInt64 = 15_000
  /// An event says at once that the job has ended; should that be lost, a question does.
  private static let questionInterval: UInt64 = 1_000
  /// The event may come before the job service has heard of the end itself.
  private static let endInterval: UInt64 = 20

  enum Outcome {
    case ended(Job)
    case late(Job)
  }

  init(_ connection: Connection, _ lab: LabName, id: RequestID, timeout: UInt64, progress: Progress) {
    self.connection = connection
    self.lab = lab
    self.id = id
    self.end = Surroundings.now() + timeout
    self.progress = progress
  }

  private var left: UInt64 { end.since(Surroundings.now()) }

  /// Asks, in the time that there is, until the service is there to answer.
  mutating func persist<Value>(_ ask: (Connection, _ deadline: UInt64) throws(LabError) -> Value) throws(LabError) -> Value {
    let until = min(end, Surroundings.now() + Self.patience)
    while true {
      do throws(LabError) {
        return try ask(connection, max(1, until.since(Surroundings.now())))
      } catch {
        guard error.isTransient, Surroundings.now() < until else { throw error }
        progress.note("\(error.subject) does not answer; trying again")
        Surroundings.sleep(milliseconds: 200)
      }
    }
  }

  mutating func start(_ request: JobsRequest) throws(LabError) -> Job {
    let id = id
    return try persist { (connection, deadline) throws(LabError) in
      try connection.job(request, id: id, deadline: deadline, patience: 2_000)
    }
  }

  mutating func wait(for started: Job) throws(LabError) -> Outcome {
    var job = started
    var due = Surroundings.now()
    var trouble: LabError?
    var interval = Self.questionInterval
    while !job.phase.isFinal {
      let now = Surroundings.now()
      if now >= end {
        progress.clear()
        if let trouble { throw trouble }
        return .late(job)
      }
      do throws(LabError) {
        if due <= now {
          due = now + interval
          job = try connection.job(.show(job.id), deadline: min(2_000, max(1, left)), patience: 1_000)
          trouble = nil
          if !job.phase.isFinal { try draw() }
          continue
        }
        guard let publication = try connection.next(timeout: min(due, end).since(now)), case .event(let event) = publication.fact else {
          continue
        }
        progress.event(event)
        if event.subject == job.id.text, event.kind == .jobDone || event.kind == .jobFailed {
          due = now
          interval = Self.endInterval
        }
      } catch {
        guard error.isTransient else { throw error }
        trouble = error
        progress.note("\(error.subject) does not answer; the job goes on, waiting for it")
        Surroundings.sleep(milliseconds: 200)
      }
    }
    progress.clear()
    return .ended(job)
  }

  private mutating func draw() throws(LabError) {
    guard progress.hasBar, let summary = try connection.labs(deadline: min(2_000, max(1, left))).first(where: { $0.key.name == lab }) else {
      return
    }
    progress.draw(summary)
  }
}

extension Job {
  /// Why it isn't what its user wanted.
  var failure: LabError {
    let what = "job \(id) to \(kind.rawValue) it \(phase == .failed ? "failed" : "was cancelled")"
    return LabError(phase == .failed ? .failedPrecondition : .cancelled, "lab \(lab)", reason.isEmpty ? what : "\(what): \(reason)")
  }
}

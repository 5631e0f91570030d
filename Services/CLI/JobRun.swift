import Model

/// An operation that is one job and whose result is its end: destroying, starting, stopping.
struct JobRun {
  private let invocation: Invocation
  private let connection: Connection
  private let timeout: UInt64

  struct Started {
    var watch: JobWatch
    var job: Job
  }

  init(_ invocation: Invocation, _ connection: Connection, _ timeout: UInt64) {
    self.invocation = invocation
    self.connection = connection
    self.timeout = timeout
  }

  private var isDetached: Bool { invocation.arguments.flag("detach") }

  func run(_ request: JobsRequest, of lab: LabName) throws(LabError) -> Int32 { try finish(start(request, of: lab)) }

  func start(_ request: JobsRequest, of lab: LabName) throws(LabError) -> Started {
    let id = Surroundings.freshJob()
    let progress = Progress(invocation.messages, isQuiet: isDetached || invocation.isJSON)
    var watch = JobWatch(connection, lab, id: id, timeout: timeout, progress: progress)
    Interruption.say("it goes on as job \(id) if it has begun (watch it: archetype job show \(id), archetype events \(lab) --follow)")
    if !isDetached { try connection.subscribe(.lab(lab)) }
    let job = try watch.start(request)
    return Started(watch: watch, job: job)
  }

  func finish(_ started: Started) throws(LabError) -> Int32 {
    let (code, job) = try end(started)
    if invocation.isJSON { Output.json(job.json) }
    return code
  }

  /// As one array.
  func finishAll(_ all: [Started]) throws(LabError) -> Int32 {
    var worst = ExitCode.done
    var ended: [JSON] = []
    for started in all {
      let (code, job) = try end(started)
      worst = max(worst, code)
      ended.append(job.json)
    }
    Output.json(.array(ended))
    return worst
  }

  private func end(_ started: Started) throws(LabError) -> (Int32, Job) {
    var started = started
    guard !isDetached else {
      if !invocation.isJSON { Output.line(started.job.id.text) }
      return (ExitCode.done, started.job)
    }
    switch try started.watch.wait(for: started.job) {
    case .ended(let job) where job.phase == .done:
      if !job.reason.isEmpty { Output.warning("lab \(job.lab): \(job.reason)") }
      return (ExitCode.done, job)
    case .ended(let job): throw job.failure
    case .late(let job):
      let quiet = NotConverged(job, timeout, invocation)
      return (try quiet.report(connection), job)
    }
  }
}

import Arguments
import Model

/// `archetype job list|show|cancel`.
struct JobList: Runnable {
  static let entries: [Entry] = [
    Entry(
      Command("job list", "operations under way and ended, newest first"), examples: ["archetype job list"],
      make: { (invocation) throws(LabError) in JobList(invocation: invocation, place: try invocation.bus()) }),
    Entry(
      Command("job show", "one operation", positionals: [.required("JOB")]), examples: ["archetype job show 2j9c1k7x0.0"],
      make: { (invocation) throws(LabError) in try JobShow(invocation, isCancelled: false) }),
    Entry(
      Command("job cancel", "end the waiting of an operation; what it has stored stays", positionals: [.required("JOB")]),
      examples: ["archetype job cancel 2j9c1k7x0.0"], make: { (invocation) throws(LabError) in try JobShow(invocation, isCancelled: true) }),
  ]

  let invocation: Invocation
  let place: Connection.Place

  func run() throws(LabError) -> Int32 {
    guard case .jobs(let jobs) = try place.connect().jobs(.list) else { throw Connection.strange(.jobs) }
    if invocation.isJSON { Output.json(.array(jobs.map(\.json))) } else { invocation.show(Self.table(jobs)) }
    return ExitCode.done
  }

  static func table(_ jobs: [Job]) -> Table {
    var table = Table("JOB", "KIND", "LAB", "PHASE", "STARTED", "ENDED", "REASON")
    for job in jobs {
      table.add(
        .init(job.id.text), .init(job.kind.rawValue), .init(job.lab.text), .init(job.phase.rawValue, job.phase.tone),
        .init(Timestamp.text(job.started)), .init(job.ended.map { Timestamp.text($0) } ?? "-"), .init(job.reason))
    }
    return table
  }
}

/// One job, as it is or cancelled.
struct JobShow: Runnable {
  private let invocation: Invocation
  private let place: Connection.Place
  private let id: JobID
  private let isCancelled: Bool

  init(_ invocation: Invocation, isCancelled: Bool) throws(LabError) {
    self.invocation = invocation
    self.isCancelled = isCancelled
    place = try invocation.bus()
    id = try JobID(invocation.arguments.positional("JOB") ?? "")
  }

  func run() throws(LabError) -> Int32 {
    let connection = try place.connect()
    let job = isCancelled ? try connection.job(.cancel(id), id: Surroundings.freshJob()) : try connection.job(.show(id))
    if invocation.isJSON { Output.json(job.json) } else { invocation.show(JobList.table([job])) }
    return ExitCode.done
  }
}

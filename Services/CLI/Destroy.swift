import Arguments
import Machine
import Model

/// `archetype destroy`.
struct Destroy: Runnable {
  static let entry = Entry(
    Command(
      "destroy", "remove a lab from every host",
      options: [
        .flag("all", short: "a", "every lab"),
        .flag("detach", short: "d", "print the job's id and don't wait"),
        .value("timeout", "S", "seconds to wait until nothing is left", standard: "300"),
        // None are saved yet: then nothing but the lab is there to remove.
        .flag("purge", "remove saved configurations too"),
      ], positionals: [.optional("LAB")]),
    examples: ["archetype destroy ring", "archetype destroy --all"],
    make: { (invocation) throws(LabError) in try Destroy(invocation) })

  private let invocation: Invocation
  private let place: Connection.Place
  private let lab: LabName?
  private let timeout: UInt64

  private init(_ invocation: Invocation) throws(LabError) {
    self.invocation = invocation
    place = try invocation.bus()
    lab = try invocation.optionalLab()
    timeout = try invocation.timeout(standard: 300)
    guard (lab == nil) == invocation.arguments.flag("all") else {
      throw LabError(.invalidArgument, "destroy", "takes either a LAB or --all (usage: archetype destroy LAB, archetype destroy --all)")
    }
  }

  func run() throws(LabError) -> Int32 {
    let connection = try place.connect()
    if let lab { return try JobRun(invocation, connection, timeout).run(.destroyLab(lab), of: lab) }
    var jobs: [JobRun.Started] = []
    let run = JobRun(invocation, connection, timeout)
    for lab in try connection.labs().map(\.key.name) {
      do throws(LabError) { jobs.append(try run.start(.destroyLab(lab), of: lab)) } catch {
        // Somebody else was faster.
        guard error.code == .notFound else { throw error }
      }
    }
    if invocation.isJSON { return try run.finishAll(jobs) }
    var worst = ExitCode.done
    for job in jobs { worst = max(worst, try run.finish(job)) }
    return worst
  }
}

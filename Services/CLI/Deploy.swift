import Arguments
import Machine
import Model

/// `archetype deploy`.
struct Deploy: Runnable {
  static let entry = Entry(
    Command(
      "deploy", "make a lab equal to its topology file",
      options: [
        .value("topo", short: "t", "FILE", "the topology file"),
        .flag("detach", short: "d", "print the job's id and don't wait"),
        .value("timeout", "S", "seconds to wait until it has converged", standard: "300"),
        .flag("reconfigure", "give nodes the file's configurations again and restart them"),
        .flag("plan", "print what would be done, and do nothing"),
      ]),
    examples: [
      "archetype deploy -t ring.clab.yml", "archetype deploy -t ring.clab.yml --plan",
      "archetype deploy -t ring.clab.yml --detach --format json",
    ],
    make: { (invocation) throws(LabError) in try Deploy(invocation) })

  private let invocation: Invocation
  private let place: Connection.Place
  private let file: String
  private let timeout: UInt64

  /// Digests asked for in one question.
  private static let digestsAtOnce = 1_000

  private init(_ invocation: Invocation) throws(LabError) {
    self.invocation = invocation
    place = try invocation.bus()
    guard let file = invocation.arguments.value("topo") else {
      let usage = Self.entry.command.usage(program: "archetype")
      throw LabError(.invalidArgument, "-t FILE", "is missing (usage: \(usage) -t FILE)")
    }
    self.file = file
    timeout = try invocation.timeout(standard: 300)
  }

  func run() throws(LabError) -> Int32 {
    var source = try TopologySource(file, environment: invocation.environment)
    if let code = refuse(source) { return code }
    let spec = try source.lab()
    if invocation.arguments.flag("plan") { return try plan(spec) }
    let id = Surroundings.freshJob()
    var watch = JobWatch(
      try place.connect(), spec.name, id: id, timeout: timeout,
      progress: Progress(invocation.messages, isQuiet: invocation.arguments.flag("detach") || invocation.isJSON))
    Interruption.say(
      "the deploy goes on as job \(id) if it has begun (watch it: archetype job show \(id), archetype events \(spec.name) --follow)")
    if !invocation.arguments.flag("detach") { try watch.connection.subscribe(.lab(spec.name)) }
    let check = ServiceCheck(spec)
    try watch.persist { (connection, deadline) throws(LabError) in try check.run(connection, deadline: deadline) }
    try ship(source.blobs, &watch)
    let job = try watch.start(.applyLab(spec, reconfigure: invocation.arguments.flag("reconfigure")))
    if invocation.arguments.flag("detach") {
      if invocation.isJSON { Output.json(job.json) } else { Output.line(job.id.text) }
      return ExitCode.done
    }
    switch try watch.wait(for: job) {
    case .ended(let job) where job.phase == .done: return try finish(job, watch)
    case .ended(let job): throw job.failure
    case .late(let job): return try NotConverged(job, timeout, invocation).report(watch.connection)
    }
  }

  /// What a deploy would do, and no more.
  private func plan(_ spec: LabSpec) throws(LabError) -> Int32 {
    let request = JobsRequest.planLab(spec, reconfigure: invocation.arguments.flag("reconfigure"))
    let connection = try place.connect()
    try ServiceCheck(spec).run(connection)
    guard case .plan(let changes) = try connection.jobs(request) else {
      throw LabError(.internalError, "jobs", "answered something else than was asked")
    }
    if invocation.isJSON {
      Output.json(.members(["lab": .string(spec.name.text), "changes": .array(changes.map(\.json))]))
    } else if changes.isEmpty {
      Output.line("nothing to do")
    } else {
      invocation.show(LabChange.table(changes))
    }
    return ExitCode.done
  }

  /// Every reason at once, each with its place; nil when there is none.
  private func refuse(_ source: TopologySource) -> Int32? {
    let resolution = source.resolution
    for problem in resolution.warnings where !invocation.isJSON {
      Output.warning("\(file):\(problem.line):\(problem.column): \(problem.message)")
    }
    guard let refusal = resolution.refusal else { return nil }
    let all =
      resolution.errors.map { resolution.error(.invalidArgument, $0) } + resolution.unsupported.map { resolution.error(.unimplemented, $0) }
    if invocation.isJSON {
      var first = refusal
      if all.count > 1 { first.message += " (and \(all.count - 1) more: archetype validate -t \(file) --format json)" }
      Archetype.report(first, isJSON: true)
    } else {
      for error in all { Archetype.report(error, isJSON: false) }
    }
    return ExitCode.failed
  }

  /// Stores what the config service lacks, and nothing else.
  private func ship(_ blobs: [BlobDigest: [UInt8]], _ watch: inout JobWatch) throws(LabError) {
    let digests = blobs.keys.sorted()
    for start in stride(from: 0, to: digests.count, by: Self.digestsAtOnce) {
      let part = Array(digests[start..<min(start + Self.digestsAtOnce, digests.count)])
      let reply = try watch.persist { (connection, deadline) throws(LabError) in
        try connection.configs(.missingBlobs(part), deadline: deadline, patience: 2_000)
      }
      guard case .missingBlobs(let missing) = reply else { throw LabError(.internalError, "configs", "doesn't say which blobs it lacks") }
      for digest in missing {
        guard let bytes = blobs[digest] else { continue }
        _ = try watch.persist { (connection, deadline) throws(LabError) in
          try connection.configs(.putBlob(digest, bytes), deadline: deadline, patience: 2_000)
        }
      }
    }
  }

  /// A node may have died since the job was done, as one does whose command ends at once: what is printed is what the exit code says.
  private func finish(_ job: Job, _ watch: JobWatch) throws(LabError) -> Int32 {
    var status = try watch.connection.inspect(job.lab)
    while !status.converged {
      guard Surroundings.now() < watch.end else { return try NotConverged(job, timeout, invocation).report(watch.connection) }
      Surroundings.sleep(milliseconds: 200)
      status = try watch.connection.inspect(job.lab)
    }
    if !job.reason.isEmpty { Output.warning("lab \(job.lab): \(job.reason)") }
    if invocation.isJSON { Output.json(status.json) } else { invocation.show(status.nodeTable) }
    return ExitCode.done
  }
}

/// What is said when the time is over.
struct NotConverged {
  private let job: Job
  private let timeout: UInt64
  private let invocation: Invocation

  init(_ job: Job, _ timeout: UInt64, _ invocation: Invocation) {
    self.job = job
    self.timeout = timeout
    self.invocation = invocation
  }

  func report(_ connection: Connection) throws(LabError) -> Int32 {
    let status: LabStatus?
    do throws(LabError) { status = try connection.inspect(job.lab, deadline: 5_000) } catch { status = nil }
    let reasons = status?.reasons ?? []
    if invocation.isJSON, let status { Output.json(status.json) }
    var what = "not done within \(timeout / 1_000) s"
    if let reason = status?.reason, !reason.isEmpty { what += ": \(reason)" }
    let advice = "it goes on as job \(job.id): archetype job show \(job.id), archetype inspect \(job.lab)"
    Archetype.report(LabError(.deadlineExceeded, "lab \(job.lab)", "\(what) (\(advice))"), isJSON: invocation.isJSON)
    if !invocation.isJSON { for reason in reasons { Output.message("  \(reason)") } }
    return ExitCode.notConverged
  }
}

extension LabStatus {
  /// The first reason for each object that isn't as desired.
  var reasons: [String] {
    let nodes = nodes.filter { !$0.isAsDesired }
      .map { "node \($0.name): \($0.phase.rawValue)\($0.reason.isEmpty ? "" : ": \($0.reason)")" }
    let links = links.filter { $0.state != .up }
      .map { "link \($0.spec.id): \($0.state.rawValue)\($0.reason.isEmpty ? "" : ": \($0.reason)")" }
    return nodes + links
  }
}

extension NodeStatus {
  var isAsDesired: Bool {
    switch desired {
    case .running: phase == .ready
    case .stopped: phase == .stopped
    }
  }
}

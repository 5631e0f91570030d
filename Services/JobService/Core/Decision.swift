import Machine
import Model

/// What one operation comes to, given intent: the job's record and the Put that stores it with its effects. Pure.
struct Decision {
  var intent: Intent
  var online: Set<HostName>?
  var operation: Operation
  /// Milliseconds since 1970, for the record.
  var wall: Int64

  func make() throws(LabError) -> (Job, Put) {
    switch operation.request {
    case .applyLab(let spec, let reconfigure): return try apply(spec, reconfigure: reconfigure)
    case .destroyLab(let name): return try destroy(name)
    case .setNodes(let name, let verb, let nodes): return try set(nodes, of: name, verb)
    case .cancel(let id): return try cancel(id)
    case .planLab, .list, .show, .registerHost, .forgetHost, .restrainHost:
      throw LabError(.internalError, "job \(operation.id)", "is no operation")
    }
  }

  private func job(_ kind: JobKind, _ key: LabKey, generation: UInt64, hosts: [HostName], nodes: [NodeName] = []) -> Job {
    Job(
      id: operation.id, kind: kind, lab: key.name, born: key.born, generation: generation, phase: .running, reason: "", started: wall,
      ended: nil, hosts: hosts, nodes: nodes)
  }

  /// The Put of a job that may change its lab; jobs that it makes pointless end with it.
  private func put(_ job: Job, _ changes: [RecordChange], ending superseded: [Job] = []) -> Put {
    var put = Put(changes: changes + [.job(job.id, job)], expect: [Expectation(.job(job.id), at: .zero)])
    put.expect.append(Expectation(.lab(job.lab), at: intent.version(of: .lab(job.lab))))
    for var old in superseded {
      old.phase = .cancelled
      old.reason = "superseded by \(job.kind.rawValue) job \(job.id)"
      old.ended = wall
      put.changes.append(.job(old.id, old))
      put.expect.append(Expectation(.job(old.id), at: intent.version(of: .job(old.id))))
    }
    return put
  }

  private func running(_ lab: LabName, _ kinds: Set<JobKind>) -> [Job] {
    intent.jobs.values.filter { $0.lab == lab && $0.phase == .running && kinds.contains($0.kind) }.sorted { $0.id < $1.id }
  }

  private func apply(_ spec: LabSpec, reconfigure: Bool) throws(LabError) -> (Job, Put) {
    let old = intent.labs[spec.name]
    let lab = try LabPlan(intent: intent, online: online).lab(spec, after: old, reconfigure: reconfigure)
    let job = job(.deploy, lab.key, generation: lab.generation, hosts: lab.hosts)
    return (job, put(job, lab == old ? [] : [.lab(spec.name, lab)], ending: running(spec.name, [.deploy])))
  }

  private func lab(_ name: LabName) throws(LabError) -> Lab {
    guard let lab = intent.labs[name] else {
      throw LabError(.notFound, "lab \(name)", "there is no such lab ('archetype list' shows them)")
    }
    return lab
  }

  private func destroy(_ name: LabName) throws(LabError) -> (Job, Put) {
    let lab = try lab(name)
    // Hosts of the held version may still have it though the newest has left them.
    let hosts = Set(lab.hosts + (intent.projections[name]?.lab.hosts ?? [])).sorted()
    let job = job(.destroy, lab.key, generation: lab.generation, hosts: hosts)
    return (job, put(job, [.lab(name, nil)], ending: running(name, [.deploy, .start, .stop, .restart])))
  }

  private func set(_ names: [NodeName], of name: LabName, _ verb: NodeVerb) throws(LabError) -> (Job, Put) {
    let old = try lab(name)
    let known = Set(old.spec.nodes.map(\.name))
    if let stranger = names.first(where: { !known.contains($0) }) {
      throw LabError(
        .notFound, "\(name)/\(stranger)",
        "the lab has no such node (it has \(old.spec.nodes.prefix(8).map(\.name.text).joined(separator: ", ")))")
    }
    let external = Set(old.spec.nodes.filter(\.isExternal).map(\.name))
    if let stranger = names.first(where: external.contains) {
      throw LabError(.failedPrecondition, "\(name)/\(stranger)", "isn't run by the lab (use the engine that has its container)")
    }
    let chosen = (names.isEmpty ? known : Set(names)).subtracting(external)
    var lab = old
    for index in lab.nodes.indices where chosen.contains(lab.spec.nodes[index].name) {
      switch verb {
      case .stop: lab.nodes[index].desired = .stopped
      case .restart:
        lab.nodes[index].desired = .running
        lab.nodes[index].startSerial += 1
      case .start:
        let isUp = lab.nodes[index].desired == .running && operation.healthy?.contains(lab.spec.nodes[index].name) == true
        lab.nodes[index].desired = .running
        // A raised serial ends a back-off; a node that runs is left alone.
        if !isUp { lab.nodes[index].startSerial += 1 }
      }
    }
    let kind: JobKind =
      switch verb {
      case .start: .start
      case .stop: .stop
      case .restart: .restart
      }
    let job = job(kind, lab.key, generation: lab.generation, hosts: lab.hosts, nodes: names)
    return (job, put(job, lab == old ? [] : [.lab(name, lab)]))
  }

  /// Cancelling ends the waiting, not the lab: what was stored stays intent.
  private func cancel(_ id: JobID) throws(LabError) -> (Job, Put) {
    guard var job = intent.jobs[id] else {
      throw LabError(.notFound, "job \(id)", "there is no such job ('archetype job list' shows them)")
    }
    guard !job.phase.isFinal else { throw LabError(.failedPrecondition, "job \(id)", "has already ended (\(job.phase.rawValue))") }
    job.phase = .cancelled
    job.reason = "cancelled by its user"
    job.ended = wall
    return (job, Put(changes: [.job(id, job)], expect: [Expectation(.job(id), at: intent.version(of: .job(id)))]))
  }
}

import Machine
import Model
import ReconcilerCore

/// What was told, by services to each other and to users.
struct WordHistory {
  struct Asked: Hashable {
    var peer: PeerName
    var id: RequestID
  }

  /// What each request that changed something came to (24).
  var results: [Asked: Revision] = [:]
  /// Of the last change, until the request that made it is remembered (24).
  var loose: Revision?
  /// Jobs that a backup doesn't have: lost by whoever put it there.
  var lost: Set<JobID> = []
  var refused: Set<JobID> = []
  /// Two services of one name were there, or two ages of the store: one may have refused what the other did.
  var isContested = false
  /// Ends of processes that were told, by node (20, 24).
  var ends: [String: Int] = [:]
  /// When the reconciler last heard each host (20).
  var heard: [HostName: UInt64] = [:]
  /// Who was ever welcome (39).
  var admitted: Set<Instance> = []
  /// The newest revision of an incarnation that a host has shown to a life of the config service (21).
  var shown: [Incarnation: (to: Instance, revision: Revision)] = [:]
  /// The last number told on each topic (24).
  var numbers: [Topic: UInt64] = [:]

  mutating func begin(anew intent: Intent) {
    results = [:]
    numbers = [:]
    refused = []
    isContested = true
  }
}

extension Checks {
  /// 24: a request changes the store once, however often it arrives.
  mutating func remembered(_ sender: PeerName, _ id: RequestID, _ revision: Revision) {
    words.loose = nil
    if isStoreWrong { return }
    if let before = words.results.updateValue(revision, forKey: WordHistory.Asked(peer: sender, id: id)) {
      fail("24: request \(id) of \(sender) changed the store at \(before) and at \(revision)")
    }
  }

  /// 24: a request and what it did are stored together.
  mutating func storeOpens() {
    if let revision = words.loose { fail("24: revision \(revision) is stored without the request that made it") }
  }

  /// 24, 35: whoever asks again is told the same. 25: what is refused leaves nothing.
  mutating func replied(_ process: Process, _ address: Incoming.Address, _ result: Result<Reply, LabError>, _ jobs: [JobID: Job]) {
    if isStoreWrong { return }
    // What the store itself refuses for its disk's sake it may take a moment later.
    if process.name == .jobs, case .client = address.peer, case .failure(let error) = result, !error.isTransient, !words.isContested,
      error.subject != "configs"
    {
      words.refused.insert(JobID(address.id))
      if jobs[JobID(address.id)] != nil { fail("25: \(address.id) is refused, and is a job") }
    }
    guard process.name == .configs, let revision = words.results[WordHistory.Asked(peer: address.peer, id: address.id)] else { return }
    guard case .success(.configs(.put(revision))) = result else {
      return fail("24: request \(address.id) of \(address.peer) was stored at \(revision), and is answered \(World.brief(result))")
    }
  }

  /// 35: what was acknowledged is in the store.
  mutating func acknowledged(_ job: JobID, _ jobs: [JobID: Job]) {
    note()
    if isStoreWrong { return }
    if jobs[job] == nil, !words.lost.contains(job), jobs.count < Limits.finishedJobs {
      fail("35: job \(job) was acknowledged and is not in the store")
    }
  }

  /// A power cut took the end of the log: what was told there may be told again.
  mutating func logLost(_ events: [LabEvent]) {
    words.ends = [:]
    nodes.told = [:]
    for event in events where event.kind == .nodeExited {
      words.ends["\(event.lab)/\(event.subject)", default: 0] += 1
      told(event)
    }
  }

  /// 24: numbers of a topic only grow.
  mutating func published(_ publication: Publication) {
    if isStoreWrong { return }
    let last = words.numbers.updateValue(publication.number, forKey: publication.topic) ?? 0
    let isHead = publication.fact == .head
    if publication.number < last || (publication.number == last && !isHead) {
      fail("24: \(publication.topic) goes from \(last) to \(publication.number)")
    }
  }

  mutating func delivered(_ request: Request, from: PeerName, to process: Process) {
    guard case .agent(let host) = from else { return }
    switch request {
    case .reconciler: words.heard[host] = time
    case .configs(.assignment(let query)):
      guard process.name == .configs, let bound = query.bound else { return }
      let before = words.shown[bound.incarnation].flatMap { $0.to == process.instance ? $0.revision : nil }
      words.shown[bound.incarnation] = (process.instance, max(before ?? .zero, query.have))
    case .configs, .jobs, .agent, .peer: break
    }
  }

  /// 21: a store that a host is ahead of gives out no revision.
  mutating func numbered(_ revision: Revision, of store: StoreIdentity, by instance: Instance) {
    guard let shown = words.shown[store.incarnation], shown.to == instance, revision <= shown.revision else { return }
    fail("21: revision \(revision) is given out, and a host has shown \(shown.revision)")
  }

  mutating func logged(_ append: LogAppend, _ hosts: [SimulatedHost]) {
    note()
    for event in append.events {
      switch event.kind {
      case .nodeExited:
        told(event)
        // 20: only what is dead is told dead. 24: and once.
        let key = "\(event.lab)/\(event.subject)"
        words.ends[key, default: 0] += 1
        if (nodes.ends[key] ?? 0) == 0 { fail("20: \(key) is told dead, and never died") }
        // What a clone ends isn't counted.
        if wire.cloned.isEmpty, (words.ends[key] ?? 0) > (nodes.ends[key] ?? 0) { fail("24: an end of \(key) is told twice") }
      case .hostLost:
        // 20: a host is lost only after its lease; clocks may be off by 2 %.
        if event.detail.isEmpty, !words.isContested, let host = try? HostName(event.subject), let heard = words.heard[host],
          time < heard + 4_800
        {
          fail("20: \(host) is told lost \(time - heard) ms after it was heard")
        }
      case .labConverged, .nodeStarting, .nodeReady, .nodeStopped, .nodeFailed, .nodeUnknown, .linkUp, .linkDown, .hostOnline, .hostDrained,
        .labApplied, .labDestroyed, .jobStarted, .jobDone, .jobFailed, .logGap:
        break
      }
    }
  }

  /// 39: who is welcome holds its name.
  mutating func welcomed(_ process: Process, holder: PeerName?) {
    words.admitted.insert(process.instance)
    if holder != process.name { fail("39: \(process.name), instance \(process.instance), is welcome, and another one has its name") }
  }

  /// 39: a name is taken over only from one that can't be heard.
  mutating func tookOver(_ name: PeerName, from instance: Instance, among living: [Process], isBlurred: Bool) {
    guard !isBlurred, let old = living.first(where: { $0.name == name && $0.instance == instance }),
      old.pausedUntil + 2_000 < time, old.mutedUntil + 2_000 < time, old.deafUntil + 2_000 < time
    else { return }
    fail("39: \(name), instance \(instance), lost its name while it was there")
  }
}

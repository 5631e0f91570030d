import Machine
import Model

/// What is reported, and how far the reconciler has it.
struct ReportState: Sendable {
  var session: Session?
  private(set) var view = HostView()
  /// Of the view; opaque to others, compared only with itself.
  private(set) var digest: UInt64 = 0
  /// Changes that no reconciler has acknowledged, oldest first; the last one has number `sequence`.
  private(set) var ring: [HostChange] = []
  private(set) var sequence: UInt64 = 0
  var applied: Revision = .zero
  /// What the reconciler has been told of it.
  var toldApplied: Revision = .zero
  var needsFull = true
  /// The last number in the report under way.
  var underWay: UInt64?
  /// The last end in it.
  var underWayEnd: UInt64?
  /// It is a whole view.
  var underWayIsWhole = false
  /// Changes up to this number were forgotten: only a whole view tells them.
  private var forgotten: UInt64?
  private(set) var ends: UntoldEnds

  /// - Parameter origin: the agent's life.
  init(origin: Instance) { ends = UntoldEnds(origin: origin) }

  /// Ends that an earlier life couldn't tell are told first.
  mutating func begin(_ deployment: Deployment, after kept: KeptEnds?) {
    ends.begin(deployment, after: kept)
    for end in ends.pending { append(.exited(end)) }
  }

  mutating func add(_ node: NodeKey, pid: Int32, _ end: ProcessEnd) { append(.exited(ends.add(node, pid: pid, end))) }

  mutating func takeWrites() -> [EndWrite] { ends.takeWrites() }

  /// Adds a state that differs from the last one told.
  mutating func add(_ change: HostChange) {
    switch change {
    case .node(let node):
      guard view.nodes[node.key] != node else { return }
      digest ^= UInt64(bitPattern: Int64(view.nodes[node.key]?.hashValue ?? 0)) ^ UInt64(bitPattern: Int64(node.hashValue))
    case .nodeGone(let key):
      guard let old = view.nodes[key] else { return }
      digest ^= UInt64(bitPattern: Int64(old.hashValue))
    case .end(let end):
      guard view.ends[end.key] != end else { return }
      digest ^= UInt64(bitPattern: Int64(view.ends[end.key]?.hashValue ?? 0)) ^ UInt64(bitPattern: Int64(end.hashValue))
    case .endGone(let key):
      guard let old = view.ends[key] else { return }
      digest ^= UInt64(bitPattern: Int64(old.hashValue))
    case .path(let path):
      guard view.paths[path.remote] != path else { return }
      digest ^= UInt64(bitPattern: Int64(view.paths[path.remote]?.hashValue ?? 0)) ^ UInt64(bitPattern: Int64(path.hashValue))
    case .pathGone(let remote):
      guard let old = view.paths[remote] else { return }
      digest ^= UInt64(bitPattern: Int64(old.hashValue))
    case .exited: break
    }
    view.apply(change)
    append(change)
  }

  private mutating func append(_ change: HostChange) {
    sequence += 1
    ring.append(change)
    if ring.count > Limits.unacknowledgedChanges { forgetChanges() }
  }

  /// The state is told whole instead, after the ends that aren't acknowledged.
  mutating func forgetChanges() {
    ring = []
    forgotten = sequence
  }

  var mustBeWhole: Bool { forgotten != nil || needsFull && ring.isEmpty }

  /// What was under way is stored, up to this number.
  mutating func acknowledge(upTo number: UInt64) {
    if let underWay, number >= underWay {
      if let underWayEnd { ends.acknowledge(upTo: underWayEnd) }
      if underWayIsWhole, let forgotten, underWay >= forgotten { self.forgotten = nil }
    }
    let first = firstUnacknowledged
    let last = min(number, underWay ?? number, sequence)
    guard last >= first else { return }
    ring.removeFirst(Int(last - first + 1))
  }

  var firstUnacknowledged: UInt64 { sequence - UInt64(ring.count) + 1 }

  var everything: [HostChange] {
    ends.pending.map { .exited($0) } + view.nodes.sorted { $0.key < $1.key }.map { .node($0.value) }
      + view.ends.sorted { $0.key < $1.key }.map { .end($0.value) }
      + view.paths.sorted { $0.key < $1.key }.map { .path($0.value) }
  }
}

extension AgentCore {
  /// Facts first, then the whole view where that is asked for; one report is under way at a time.
  mutating func sendReport(at now: Now) -> [Effect] {
    guard let session = report.session, report.underWay == nil, inventory != nil, !unlisted.isComing else { return [] }
    let message: Report
    let isWhole = report.mustBeWhole
    if isWhole {
      message = Report(
        session: session, sequence: report.sequence, isFull: true, changes: report.everything, applied: report.applied,
        digest: report.digest, ends: report.ends.series)
      report.underWay = report.sequence
      report.needsFull = false
    } else if !report.ring.isEmpty {
      let part = Array(report.ring.prefix(Self.changesPerReport))
      let isLast = part.count == report.ring.count
      message = Report(
        session: session, sequence: report.firstUnacknowledged, isFull: false, changes: part,
        applied: isLast ? report.applied : report.toldApplied,
        digest: isLast ? report.digest : 0, ends: report.ends.series)
      report.underWay = report.firstUnacknowledged + UInt64(part.count) - 1
    } else if report.applied != report.toldApplied {
      message = Report(
        session: session, sequence: report.sequence + 1, isFull: false, changes: [], applied: report.applied, digest: report.digest,
        ends: report.ends.series)
      report.underWay = report.sequence
    } else {
      return []
    }
    report.underWayIsWhole = isWhole
    report.toldApplied = message.applied
    report.underWayEnd = message.changes.lazy.compactMap(\.exit).last?.number
    return [.bus(outbox.send(.reconciler(.report(message)), to: .reconciler, for: .report, deadline: 10_000, at: now))]
  }

  /// Bounds one report's size and what the reconciler does at a stretch.
  private static let changesPerReport = 512

  mutating func reported(_ result: Result<Reply, LabError>) -> [Effect] {
    defer { report.underWay = nil }
    switch result {
    case .success(.reconciler(.reported(let last))):
      report.acknowledge(upTo: last)
      return []
    case .failure(let error) where error.code == .outOfRange:
      report.forgetChanges()
      return []
    case .failure(let error):
      report.session = nil
      report.needsFull = true
      return error.code == .failedPrecondition ? [] : [.log(error)]
    case .success: return []
    }
  }

  /// A heartbeat; without a session, a registration.
  mutating func beat(at now: Now) -> [Effect] {
    guard let session = report.session else {
      guard !outbox.contains(.register) else { return [] }
      let registration = Registration(spec: spec, instance: instance, store: assignment?.store ?? bound)
      return [.bus(outbox.send(.reconciler(.register(registration)), to: .reconciler, for: .register, deadline: 5_000, at: now))]
    }
    guard !outbox.contains(.heartbeat) else { return [] }
    var load = load
    load.nodes = inventory?.processes.count ?? 0
    load.actions = work.performed
    let heartbeat = Heartbeat(
      session: session, sequence: report.sequence, applied: report.applied, digest: report.digest, load: load,
      reason: diskError?.detail ?? "", lacks: lacks)
    return [.bus(outbox.send(.reconciler(.heartbeat(heartbeat)), to: .reconciler, for: .heartbeat, deadline: 2_500, at: now))]
  }

  mutating func registered(_ result: Result<Reply, LabError>) -> [Effect] {
    switch result {
    case .success(.reconciler(.registered(let session))):
      report.session = session
      report.needsFull = true
      report.underWay = nil
      outbox.cancel { $0 == .report }
      mayAct = true
      refusal = nil
      return []
    case .success: return []
    case .failure(let error):
      // Asked again each second; told once.
      defer { refusal = error }
      return refusal == error ? [] : [.log(error)]
    }
  }

  mutating func heartbeatAnswered(_ result: Result<Reply, LabError>) -> [Effect] {
    guard case .success(.reconciler(.heartbeat(let answer))) = result else { return [] }
    switch answer {
    case .current: break
    case .reportAll: report.needsFull = true
    case .register: mustRegister()
    }
    return []
  }

  /// At once: until then nobody knows how this host is.
  mutating func mustRegister() {
    report.session = nil
    nextHeartbeat = .zero
  }
}

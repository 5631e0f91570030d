import ConfigCore
import Machine
import Model
import ReconcilerCore

/// The config service's disk: what has been committed.
struct StoreDisk: Sendable {
  var intent: Intent
  var remembered = RememberedRequests()
  var blobs: [BlobDigest: [UInt8]] = [:]
  /// It is a copy that says so.
  var backup: RequestID?

  mutating func commit(_ write: StoreWrite) {
    switch write {
    case .change(let change): intent.apply(change)
    case .succeed(let store, _):
      intent.store = store
      backup = nil
    case .remember(let sender, let id, let made): _ = remembered.remember(sender, id, made)
    case .forget: break
    case .blob(let digest, let content): blobs[digest] = content
    case .dropBlob(let digest): blobs[digest] = nil
    }
  }
}

/// The reconciler's disk: as the product's, it survives the process at once, and a power cut only up to the last commit that was synced.
struct LogDisk: Sendable {
  /// What a commit was written over.
  private struct Before: Sendable {
    var events: Int
    var announced: [Subject: String?] = [:]
    var sequences: [HostName: HostSequence?] = [:]
  }

  private(set) var events: [LabEvent] = []
  private var announced: [Subject: String] = [:]
  private var sequences: [HostName: HostSequence] = [:]
  /// What takes back the commits that weren't synced, the last first.
  private var unsynced: [Before] = []
  private var unsyncedEvents = 0
  /// Fewer than the product's, so that it happens.
  private static let mostUnsynced = 40

  /// What an earlier process left is unknown, so the first commit is synced.
  mutating func open() { unsyncedEvents = Self.mostUnsynced }

  mutating func append(_ append: LogAppend) {
    var before = Before(events: events.count)
    for item in append.announced where before.announced[item.subject] == nil {
      before.announced[item.subject] = .some(announced[item.subject])
    }
    for item in append.sequences where before.sequences[item.host] == nil { before.sequences[item.host] = .some(sequences[item.host]) }
    unsynced.append(before)
    events += append.events
    for item in append.announced { announced[item.subject] = item.state }
    for item in append.sequences { sequences[item.host] = item }
    unsyncedEvents += append.events.count
    if unsyncedEvents > Self.mostUnsynced { sync() }
  }

  private mutating func sync() {
    unsynced = []
    unsyncedEvents = 0
  }

  /// What wasn't synced is there up to some commit, or not at all. The next numbers are beyond all that may have been told.
  mutating func losePower(_ chance: inout Chance, skips: Bool) {
    let kept = chance.below(unsynced.count + 1)
    for before in unsynced[kept...].reversed() {
      events.removeSubrange(before.events...)
      for (subject, state) in before.announced { announced[subject] = state }
      for (host, sequence) in before.sequences { sequences[host] = sequence }
    }
    let last = events.last?.index ?? 0
    if last > 0, skips {
      events.append(LabEvent(index: last + UInt64(Self.mostUnsynced) + 1, at: 0, lab: "", subject: "log", kind: .logGap, detail: []))
    }
    sync()
  }

  /// What was last told of each host.
  var toldHosts: [HostName: String] {
    Dictionary(
      uniqueKeysWithValues: announced.compactMap { subject, state in if case .host(let name) = subject { (name, state) } else { nil } })
  }

  func state(isComplete: Bool) -> LogState {
    var lastOfLab: [String: UInt64] = [:]
    for event in events where !event.lab.isEmpty { lastOfLab[event.lab] = event.index }
    return LogState(
      last: events.last?.index ?? 0, lastOfLab: lastOfLab, announced: announced,
      sequences: isComplete ? sequences.sorted { $0.key < $1.key }.map(\.value) : [])
  }
}

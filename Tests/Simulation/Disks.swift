import ConfigCore
import Machine
import Model
import ReconcilerCore

/// The config service's disk: what has been committed.
struct StoreDisk: Sendable {
  var intent: Intent
  var remembered = RememberedRequests()
  var blobs: [BlobDigest: [UInt8]] = [:]

  mutating func commit(_ write: StoreWrite) {
    switch write {
    case .change(let change): intent.apply(change)
    case .succeed(let store, _): intent.store = store
    case .remember(let sender, let id, let made): _ = remembered.remember(sender, id, made)
    case .forget: break
    case .blob(let digest, let content): blobs[digest] = content
    case .dropBlob(let digest): blobs[digest] = nil
    }
  }
}

/// The reconciler's disk: as the product's, it survives the process at once, and a power cut only up to the last commit that was synced.
struct LogDisk: Sendable {
  private struct Content: Sendable {
    var events: [LabEvent] = []
    var announced: [Subject: String] = [:]
    var sequences: [HostName: HostSequence] = [:]

    mutating func append(_ append: LogAppend) {
      events += append.events
      for item in append.announced { announced[item.subject] = item.state }
      for item in append.sequences { sequences[item.host] = item }
    }
  }

  private var content = Content()
  private var synced = Content()
  private var unsynced: [LogAppend] = []
  private var unsyncedEvents = 0
  private var announced: [Subject: String] { content.announced }
  private var sequences: [HostName: HostSequence] { content.sequences }
  var events: [LabEvent] { content.events }
  /// Fewer than the product's, so that it happens.
  private static let mostUnsynced = 40

  /// What an earlier process left is unknown, so the first commit is synced.
  mutating func open() { unsyncedEvents = Self.mostUnsynced }

  mutating func append(_ append: LogAppend) {
    content.append(append)
    unsynced.append(append)
    unsyncedEvents += append.events.count
    if unsyncedEvents > Self.mostUnsynced { sync() }
  }

  private mutating func sync() {
    synced = content
    unsynced = []
    unsyncedEvents = 0
  }

  /// What wasn't synced is there up to some commit, or not at all. The next numbers are beyond all that may have been told.
  mutating func losePower(_ chance: inout Chance, skips: Bool) {
    let kept = chance.below(unsynced.count + 1)
    content = synced
    for append in unsynced.prefix(kept) { content.append(append) }
    let last = content.events.last?.index ?? 0
    if last > 0, skips {
      content.events.append(
        LabEvent(index: last + UInt64(Self.mostUnsynced) + 1, at: 0, lab: "", subject: "log", kind: .logGap, detail: []))
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

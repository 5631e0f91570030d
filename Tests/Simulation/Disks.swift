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
    case .remember(let sender, let id, let made): _ = remembered.remember(sender, id, made)
    case .forget: break
    case .blob(let digest, let content): blobs[digest] = content
    case .dropBlob(let digest): blobs[digest] = nil
    }
  }
}

/// The reconciler's disk.
struct LogDisk: Sendable {
  private(set) var events: [LabEvent] = []
  private var announced: [Subject: String] = [:]
  private var sequences: [HostName: HostSequence] = [:]

  mutating func append(_ append: LogAppend) {
    events += append.events
    for item in append.announced { announced[item.subject] = item.state }
    for item in append.sequences { sequences[item.host] = item }
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

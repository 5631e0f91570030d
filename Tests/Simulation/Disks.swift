import ConfigCore
import HubCore
import Machine
import Model
import ReconcilerCore

/// The config service's disk: what has been committed.
struct StoreDisk: Sendable {
  var intent: Intent
  var remembered = RememberedRequests()
  var blobs: [BlobDigest: [UInt8]] = [:]

  mutating func commit(_ writes: [StoreWrite]) {
    for write in writes {
      switch write {
      case .change(let change): intent.apply(change)
      case .remember(let sender, let id, let result):
        if case .success(let revision) = result { _ = remembered.remember(sender, id, revision) }
      case .forget: break
      case .blob(let digest, let content): blobs[digest] = content
      case .dropBlob(let digest): blobs[digest] = nil
      }
    }
  }
}

/// The reconciler's disk.
struct LogDisk: Sendable {
  var events: [LabEvent] = []
  var announced: [Subject: String] = [:]
  var sequences: [HostName: HostSequence] = [:]

  mutating func append(_ append: LogAppend) {
    events += append.events
    for item in append.announced { announced[item.subject] = item.state }
    for item in append.sequences { sequences[item.host] = item }
  }

  var state: LogState {
    var lastOfLab: [String: UInt64] = [:]
    for event in events where !event.lab.isEmpty { lastOfLab[event.lab] = event.index }
    return LogState(
      last: events.last?.index ?? 0, lastOfLab: lastOfLab, announced: announced,
      sequences: sequences.sorted { $0.key < $1.key }.map(\.value))
  }
}

/// What passes through the hub.
enum Payload: HubPayload, Hashable {
  case request(RequestID, Request)
  case reply(RequestID, Result<Reply, LabError>)
  case publication(Publication)

  var waitingRequest: RequestID? {
    if case .request(let id, _) = self { id } else { nil }
  }
}

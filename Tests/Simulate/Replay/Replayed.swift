import ConfigCore
import JobCore
import LinkCore
import Machine
import Model
import ReconcilerCore

/// A core with what stands in for its disk.
protocol Replayed {
  associatedtype Core: ServiceMachine

  var core: Core { get set }

  /// What it begins with: a fresh core, as far as the recording tells what its disk held. Nil: that needs more of the recording.
  init?(instance: Instance, from messages: ArraySlice<Recorded>)

  /// What comes of an effect that isn't for the bus.
  mutating func perform(_ effect: Core.Effect) -> [Core.Event]
}

struct ReplayedJobs: Replayed {
  var core: JobCore
  init?(instance: Instance, from messages: ArraySlice<Recorded>) { core = JobCore(instance: instance) }
  mutating func perform(_ effect: JobCore.Effect) -> [JobCore.Event] { [] }
}

struct ReplayedLinks: Replayed {
  var core: LinkCore
  init?(instance: Instance, from messages: ArraySlice<Recorded>) { core = LinkCore(instance: instance) }
  mutating func perform(_ effect: LinkCore.Effect) -> [LinkCore.Event] { [] }
}

/// Its log goes on after the number before the first that it told; of what it had told earlier nothing is known.
struct ReplayedReconciler: Replayed {
  var core: ReconcilerCore
  private var events: [LabEvent] = []
  private var last: UInt64

  init?(instance: Instance, from messages: ArraySlice<Recorded>) {
    var before: UInt64?
    var ofLabs: [String: UInt64] = [:]
    for message in messages {
      guard case .sent(let said) = message.what, let told = said.told else { continue }
      switch told.topic {
      case .all: before = before ?? told.previous
      case .lab(let name): if ofLabs[name.text] == nil { ofLabs[name.text] = told.previous }
      case .intent, .assign: continue
      }
    }
    last = before ?? 0
    core = ReconcilerCore(
      instance: instance, log: LogState(last: last, lastOfLab: ofLabs.filter { $0.value > 0 }, announced: [:], sequences: []))
  }

  mutating func perform(_ effect: ReconcilerCore.Effect) -> [ReconcilerCore.Event] {
    switch effect {
    case .bus: return []
    case .append(let append):
      events += append.events
      last = append.events.last?.index ?? last
      return []
    case .readEvents(let address, let query):
      let found = events.filter { $0.index > query.since && $0.at >= query.from && (query.lab == nil || $0.lab == query.lab?.text) }
      return [.eventsRead(address, Array(found.prefix(query.limit)), last: last)]
    }
  }
}

/// It begins with the first snapshot that it gave; contents are those that labs name.
struct ReplayedConfigs: Replayed {
  var core: ConfigCore

  init?(instance: Instance, from messages: ArraySlice<Recorded>) {
    guard let message = messages.first, case .sent(let said) = message.what, let snapshot = said.snapshot else { return nil }
    let intent = StoreContents(identity: snapshot.store, revision: snapshot.revision, records: snapshot.records).intent
    let blobs = intent.labs.values.flatMap(\.spec.nodes).flatMap { node in
      [node.startupConfig].compactMap(\.self) + node.files.map(\.content)
    }
    core = ConfigCore(intent: intent, remembered: RememberedRequests(), blobs: Set(blobs), instance: instance)
  }

  mutating func perform(_ effect: ConfigCore.Effect) -> [ConfigCore.Event] {
    switch effect {
    case .measureDisk: [.disk(free: .max)]
    // Contents are secrets, so what was sent is compared without them.
    case .readBlob(let address, _): [.blobRead(address, [])]
    case .bus, .store, .copy: []
    }
  }
}

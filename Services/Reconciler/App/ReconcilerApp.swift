import Logging
import Machine
import Model
import Reactor
import ReconcilerCore
import Store

/// The reconciler's performer: the event log behind the core.
struct ReconcilerApp: App, ~Copyable {
  var core: ReconcilerCore
  private var log: EventLog
  /// Of this round: one transaction.
  private var gathered: [LogAppend] = []
  /// The disk was full at the last commit.
  private var isFull = false

  /// Appends that wait for a full disk; with more the service ends.
  private static let mostWaiting = 16_384

  init(folder: String, instance: Instance) throws(LabError) {
    let log = try EventLog(folder: folder, wall: Clock.now().wall)
    let contents = try log.contents()
    var announced: [Subject: String] = [:]
    for (text, state) in contents.announced { if let subject = Subject(text) { announced[subject] = state } }
    core = ReconcilerCore(
      instance: instance,
      log: LogState(
        last: contents.last, lastOfLab: Dictionary(uniqueKeysWithValues: contents.lastOfLab.map { ($0.key.text, $0.value) }),
        announced: announced,
        sequences: contents.sequences))
    self.log = log
  }

  mutating func perform(_ effects: [ReconcilerCore.Effect], at now: Now) throws(LabError) -> [ReconcilerCore.Event] {
    var events: [ReconcilerCore.Event] = []
    for effect in effects {
      switch effect {
      case .bus: break
      case .append(let append): gathered.append(append)
      case .readEvents(let address, let query):
        // The answer's last number has to be the one that the core knows.
        try commit(at: now)
        let (found, last) = try log.read(query)
        events.append(.eventsRead(address, found, last: last))
      }
    }
    return events
  }

  /// On a full disk what happens is told all the same, and written as soon as there is space.
  mutating func commit(at now: Now) throws(LabError) {
    guard !gathered.isEmpty else { return }
    do throws(LabError) {
      try write(gathered)
      gathered = []
      isFull = false
    } catch {
      guard error.code == .resourceExhausted, gathered.count < Self.mostWaiting else { throw error }
      if !isFull { Log.error("events can't be written (they wait)", ["error": error]) }
      isFull = true
    }
  }

  private mutating func write(_ appends: [LogAppend]) throws(LabError) {
    try log.append(
      events: appends.flatMap(\.events),
      sequences: appends.flatMap(\.sequences),
      announced: appends.flatMap(\.announced).map { ($0.subject.description, $0.state) })
  }
}

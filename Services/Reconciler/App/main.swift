import Arguments
import Glibc
import Machine
import Model
import Reactor
import ReconcilerCore
import Store

/// The reconciler's performer: the event log behind the core.
struct ReconcilerApp: App, ~Copyable {
  var core: ReconcilerCore
  private var log: EventLog

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
        sequences: contents.sequences.map { HostSequence(host: $0.key, instance: $0.value.0, sequence: $0.value.1) }))
    self.log = log
  }

  mutating func perform(_ effects: [ReconcilerCore.Effect], at now: Now) throws(LabError) -> [ReconcilerCore.Event] {
    var events: [ReconcilerCore.Event] = []
    for effect in effects {
      switch effect {
      case .bus: break
      case .append(let append):
        try log.append(
          events: append.events, sequences: append.sequences.map { ($0.host, $0.instance, $0.sequence) },
          announced: append.announced.map { ($0.subject.description, $0.state) })
      case .readEvents(let address, let query):
        let (found, last) = try log.read(query)
        events.append(.eventsRead(address, found, last: last))
      }
    }
    return events
  }
}

let options = ServiceOptions.read("archetype-reconciler", "keeps hosts' sessions, what is observed, link verdicts and the event log")
exit(
  Service.run(.reconciler, Service.Settings(options)) {
    instance throws(LabError) in try ReconcilerApp(folder: options.data, instance: instance)
  })

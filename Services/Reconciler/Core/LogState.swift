import Machine
public import Model

/// What was last announced of a subject: an event is made only when this changes, also across restarts.
public enum Subject: Sendable, Hashable, Comparable, CustomStringConvertible {
  case node(NodeKey)
  case link(TunnelKey)
  case host(HostName)
  case lab(LabKey)
  case job(JobID)

  public var description: String {
    switch self {
    case .node(let key): "node \(key)"
    case .link(let key): "link \(key)"
    case .host(let name): "host \(name)"
    case .lab(let key): "lab \(key)"
    case .job(let id): "job \(id)"
    }
  }

  public static func < (a: Self, b: Self) -> Bool { a.description < b.description }

  /// The lab that it is, or is of.
  var lab: LabKey? {
    switch self {
    case .lab(let key): key
    case .node(let key): key.lab
    case .link(let key): key.lab
    case .host, .job: nil
    }
  }

  /// Reads a description back; nil for anything else.
  public init?(_ text: String) {
    guard let space = text.firstIndex(of: " ") else { return nil }
    let rest = String(text[text.index(after: space)...])
    switch text[..<space] {
    case "host":
      guard let name = try? HostName(rest) else { return nil }
      self = .host(name)
    case "job":
      guard let id = try? JobID(rest) else { return nil }
      self = .job(id)
    case "lab":
      guard let key = Self.lab(rest) else { return nil }
      self = .lab(key)
    case "node":
      let parts = rest.split(separator: "/").map(String.init)
      guard parts.count == 2, let lab = Self.lab(parts[0]), let (name, born) = Self.born(parts[1]), let name = try? NodeName(name) else {
        return nil
      }
      self = .node(NodeKey(lab, name, born: born))
    case "link":
      let parts = rest.split(separator: "/", maxSplits: 1).map(String.init)
      guard parts.count == 2, let lab = Self.lab(parts[0]), let link = Self.link(parts[1]) else { return nil }
      self = .link(TunnelKey(lab, link))
    default: return nil
    }
  }

  private static func born(_ text: String) -> (String, Revision)? {
    let parts = text.split(separator: "@").map(String.init)
    guard parts.count == 2, let number = UInt64(parts[1]) else { return nil }
    return (parts[0], Revision(number))
  }

  private static func lab(_ text: String) -> LabKey? {
    guard let (name, born) = born(text), let name = try? LabName(name) else { return nil }
    return LabKey(name, born: born)
  }

  private static func link(_ text: String) -> LinkID? {
    // A node's name may hold the separator; an endpoint ends in its ordinal, which can't.
    guard let colon = text.firstIndex(of: ":"), let dashes = text[colon...].firstRange(of: "--"),
      let a = endpoint(text[..<dashes.lowerBound]), let b = endpoint(text[dashes.upperBound...])
    else { return nil }
    return LinkID(a, b)
  }

  private static func endpoint(_ text: Substring) -> Endpoint? {
    let parts = text.split(separator: ":").map(String.init)
    guard parts.count == 2, let node = try? NodeName(parts[0]), let number = Int(parts[1]), let ordinal = try? Ordinal(number) else {
      return nil
    }
    return Endpoint(node, ordinal)
  }
}

/// Everything that one event of the reconciler adds to its log: one transaction.
public struct LogAppend: Sendable, Hashable {
  public var events: [LabEvent] = []
  /// The last change of each host that these events stand for.
  public var sequences: [HostSequence] = []
  /// nil: the subject is gone.
  public var announced: [Announcement] = []
}

public struct Announcement: Sendable, Hashable {
  public var subject: Subject
  public var state: String?
  public init(subject: Subject, state: String?) {
    self.subject = subject
    self.state = state
  }
}

/// The log as its writer needs it: numbers and what was announced, not the events.
public struct LogState: Sendable {
  public private(set) var last: UInt64
  /// The last index on each lab's topic.
  private var lastOfLab: [String: UInt64]
  private var announced: [Subject: String]
  /// What was announced of each lab, itself included.
  private var ofLab: [LabKey: Set<Subject>] = [:]
  private var sequences: [HostName: HostSequence]
  private var pending = LogAppend()

  public init(last: UInt64, lastOfLab: [String: UInt64], announced: [Subject: String], sequences: [HostSequence]) {
    self.last = last
    self.lastOfLab = lastOfLab
    self.announced = announced
    self.sequences = Dictionary(sequences.map { ($0.host, $0) }, uniquingKeysWith: { _, new in new })
    for subject in announced.keys { if let lab = subject.lab { ofLab[lab, default: []].insert(subject) } }
  }

  func state(of subject: Subject) -> String? { announced[subject] }
  /// The last change of this agent's life that is in the log; nil: none.
  func sequence(of host: HostName, _ instance: Instance) -> UInt64? {
    sequences[host].flatMap { $0.instance == instance ? $0.sequence : nil }
  }
  /// The last end of this series that is in the log; nil: none.
  func ends(of host: HostName, from origin: Instance) -> EndSeries? {
    sequences[host].flatMap { $0.ends.origin == origin ? $0.ends : nil }
  }
  var announcedJobs: [JobID] { announced.keys.compactMap { if case .job(let id) = $0 { id } else { nil } } }
  /// Labs of which anything was announced.
  func announcedLabs(where isWanted: (LabKey) -> Bool) -> [LabKey] { ofLab.keys.filter(isWanted).sorted() }

  mutating func remember(_ sequence: HostSequence) {
    sequences[sequence.host] = sequence
    pending.sequences.removeAll { $0.host == sequence.host }
    pending.sequences.append(sequence)
  }

  /// Remembers a state that nobody is told of. False: it was that already.
  @discardableResult
  mutating func note(_ subject: Subject, _ state: String) -> Bool {
    guard announced[subject] != state else { return false }
    announced[subject] = state
    if let lab = subject.lab { ofLab[lab, default: []].insert(subject) }
    pending.announced.append(Announcement(subject: subject, state: state))
    return true
  }

  mutating func forget(_ subject: Subject) {
    guard announced.removeValue(forKey: subject) != nil else { return }
    pending.announced.append(Announcement(subject: subject, state: nil))
    guard let lab = subject.lab else { return }
    ofLab[lab]?.remove(subject)
    if ofLab[lab]?.isEmpty == true { ofLab[lab] = nil }
  }

  /// A lab is gone, and with it all that was said of it.
  mutating func forgetAll(of lab: LabKey) {
    for subject in (ofLab[lab] ?? []).sorted() { forget(subject) }
  }

  /// Forgets the links of a lab that aren't among these any more.
  mutating func keepLinks(_ links: Set<LinkID>, of lab: LabKey) {
    let gone = (ofLab[lab] ?? []).filter { if case .link(let key) = $0 { !links.contains(key.link) } else { false } }
    for subject in gone.sorted() { forget(subject) }
  }

  mutating func add(lab: String, subject: String, _ kind: EventKind, _ detail: [EventDetail] = []) {
    pending.events.append(LabEvent(index: 0, at: 0, lab: lab, subject: subject, kind: kind, detail: detail))
  }

  /// Numbers what has gathered; nil when nothing has.
  mutating func flush(at now: Now) -> LogAppend? {
    guard pending != LogAppend() else { return nil }
    var append = pending
    pending = LogAppend()
    for index in append.events.indices {
      last += 1
      append.events[index].index = last
      append.events[index].at = now.wall
    }
    return append
  }

  /// The same events on `all` and on their labs' topics.
  mutating func publications(of append: LogAppend) -> [BusEffect] {
    var effects: [BusEffect] = []
    for event in append.events {
      effects.append(.publish(Publication(topic: .all, number: event.index, previous: event.index - 1, fact: .event(event))))
      guard let lab = try? LabName(event.lab) else { continue }
      let previous = lastOfLab.updateValue(event.index, forKey: event.lab) ?? 0
      effects.append(.publish(Publication(topic: .lab(lab), number: event.index, previous: previous, fact: .event(event))))
    }
    return effects
  }
}

public import Machine
public import Model

/// What a service does itself: it holds the core, performs the effects that aren't for the bus, and brings events from descriptors of
/// its own. The reactor calls it, always on one thread.
///
/// A round: descriptors, workers and bus are read; each event is handled by `core` and its own effects are performed at once; `commit`;
/// then, and only then, what is for the bus leaves. So a reply never leaves before what it says is stored.
public protocol App: ~Copyable {
  associatedtype Core: ServiceMachine

  var core: Core { get set }

  /// Does what isn't for the bus, without waiting. What it learns at once is handled in the same round.
  ///
  /// - Throws: only for what the service can't go on without; it ends then, with nothing of this round sent.
  mutating func perform(_ effects: [Core.Effect], at now: Now) throws(LabError) -> [Core.Event]

  /// Makes the round's changes durable: one transaction. Called only after effects were performed.
  mutating func commit(at now: Now) throws(LabError)

  /// Descriptors to be polled beside the bus, of workers for one. Asked each round.
  var descriptors: [Int32] { get }

  /// One of them is readable. Take a bounded number; what is left makes it readable again.
  mutating func readable(_ descriptor: Int32, at now: Now) throws(LabError) -> [Core.Event]

  /// Whether the service does its work, so that whoever started it may go on (`sd_notify`).
  var isServing: Bool { get }

  /// Whether it does its work without the bus too.
  var servesAlone: Bool { get }

  /// What it keeps was exchanged for something else: the service ends once what is to be sent has left, and begins anew.
  var startsAgain: Bool { get }

  /// SIGHUP: read again what is configured.
  mutating func reload(at now: Now) throws(LabError) -> [Core.Event]

  /// The last call, after SIGTERM or SIGINT: within some hundred milliseconds.
  mutating func end(at now: Now)
}

extension App where Self: ~Copyable {
  public mutating func commit(at now: Now) throws(LabError) {}
  public var descriptors: [Int32] { [] }
  public mutating func readable(_ descriptor: Int32, at now: Now) throws(LabError) -> [Core.Event] { [] }
  public var isServing: Bool { true }
  public var servesAlone: Bool { false }
  public var startsAgain: Bool { false }
  public mutating func reload(at now: Now) throws(LabError) -> [Core.Event] { [] }
  public mutating func end(at now: Now) {}
}

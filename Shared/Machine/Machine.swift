public import Model

/// A decision as a value: events in, effects out, nothing else. No clock, no chance, no I/O; the app and the simulator drive the same ones.
public protocol Machine {
  associatedtype Event: Sendable
  associatedtype Effect: Sendable

  mutating func handle(_ event: Event, at now: Now) -> [Effect]

  /// When it wants to be woken with a tick though nothing happens; nil: never.
  var wakeAt: Instant? { get }
}

/// A point in time since the host's boot, in milliseconds. Decisions use only this.
public struct Instant: Sendable, Hashable, Comparable {
  public var milliseconds: UInt64
  public init(milliseconds: UInt64) { self.milliseconds = milliseconds }
  public static let zero = Instant(milliseconds: 0)
  public static func + (at: Instant, after: UInt64) -> Instant { Instant(milliseconds: at.milliseconds + after) }
  /// Milliseconds since `earlier`, 0 if that is later.
  public func since(_ earlier: Instant) -> UInt64 { milliseconds > earlier.milliseconds ? milliseconds - earlier.milliseconds : 0 }
  public static func < (a: Self, b: Self) -> Bool { a.milliseconds < b.milliseconds }
  /// The first of them; nil is never.
  public static func earliest(_ a: Instant?, _ b: Instant?) -> Instant? {
    guard let a else { return b }
    guard let b else { return a }
    return min(a, b)
  }
}

/// Now: time since boot decides, wall time is only printed.
public struct Now: Sendable, Hashable {
  public var boot: Instant
  /// Milliseconds since 1970.
  public var wall: Int64
  public init(boot: Instant, wall: Int64) {
    self.boot = boot
    self.wall = wall
  }
}

/// What the bus brings to a machine.
public enum BusEvent: Sendable, Hashable {
  case request(Incoming)
  case reply(RequestID, Result<Reply, LabError>)
  case published(Publication)
  /// The hub has admitted us (again): subscriptions are in place, whatever was under way may be lost.
  case connected
  case disconnected
}

/// What a machine asks of the bus.
public enum BusEffect: Sendable, Hashable {
  case send(Outgoing)
  case reply(Incoming.Address, Result<Reply, LabError>)
  case publish(Publication)
  case subscribe(Topic)
  case unsubscribe(Topic)
}

/// A request as it arrived; the sender is the hub's word.
public struct Incoming: Sendable, Hashable {
  public struct Address: Sendable, Hashable {
    public var peer: PeerName
    public var id: RequestID
    public init(_ peer: PeerName, _ id: RequestID) {
      self.peer = peer
      self.id = id
    }
  }
  public var from: Address
  public var request: Request
  public init(from: Address, request: Request) {
    self.from = from
    self.request = request
  }
}

public struct Outgoing: Sendable, Hashable {
  public var to: PeerName
  public var id: RequestID
  public var request: Request
  /// Milliseconds that its sender will wait.
  public var deadline: UInt64
  public init(to: PeerName, id: RequestID, request: Request, deadline: UInt64) {
    self.to = to
    self.id = id
    self.request = request
    self.deadline = deadline
  }
}

/// A fact with its number and the number before it on its topic.
public struct Publication: Sendable, Hashable {
  public var topic: Topic
  public var number: UInt64
  public var previous: UInt64
  public var fact: Fact
  /// The sender's life, as it arrives; nil where it is made.
  public var instance: Instance?
  public init(topic: Topic, number: UInt64, previous: UInt64, fact: Fact, instance: Instance? = nil) {
    self.topic = topic
    self.number = number
    self.previous = previous
    self.fact = fact
    self.instance = instance
  }
}

/// An event of a service: the bus, time, and what else the service hears.
public protocol ServiceEvent: Sendable {
  static func bus(_ event: BusEvent) -> Self
  static var tick: Self { get }
}

/// An effect of a service: the bus, and what else the service does. What isn't for the bus is done first (stored, above all); then it is sent.
public protocol ServiceEffect: Sendable {
  static func bus(_ effect: BusEffect) -> Self
  /// The part that is for the bus; nil for all else.
  var busEffect: BusEffect? { get }
}

/// The machine of a service on the bus: what the reactor and the simulator drive.
public protocol ServiceMachine: Machine where Event: ServiceEvent, Effect: ServiceEffect {
  /// What only this service can say of how it is: a few numbers, each known without a search.
  var figures: [Figure] { get }
}

extension ServiceMachine {
  public var figures: [Figure] { [] }
}

/// What a service hears and does that has nothing but the bus.
public enum BusOnly {
  public enum Event: ServiceEvent {
    case bus(BusEvent)
    case tick
  }

  public enum Effect: ServiceEffect {
    case bus(BusEffect)
    public var busEffect: BusEffect? {
      switch self {
      case .bus(let effect): effect
      }
    }
  }
}

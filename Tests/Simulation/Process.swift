import AgentCore
import ConfigCore
import HubCore
import JobCore
import LinkCore
import Machine
import Model
import ReconcilerCore

/// A machine where it stays: handling an event changes it in place.
final class Box<Machine> {
  var machine: Machine
  init(_ machine: Machine) { self.machine = machine }
}

extension Machine {
  /// `wakeAt`, asked of the machine where it is: a getter is given a copy of what a class holds, and machines are large.
  mutating func nextWake() -> Instant? { wakeAt }
}

/// A machine's own time since its boot. It may go faster or slower than the world's; decisions must not depend on it.
struct Clock {
  /// The world's time at its boot.
  var start: UInt64
  var offset: UInt64
  /// Its milliseconds in a thousand of the world's.
  var rate: UInt64

  func local(_ time: UInt64) -> UInt64 { offset + (time - start) * rate / 1_000 }
  /// The first moment of the world at which it shows at least this.
  func world(_ local: UInt64) -> UInt64 { local <= offset ? start : start + ((local - offset) * 1_000 + rate - 1) / rate }
}

/// One process of the world: a machine, its place on the bus, and its life.
final class Process {
  enum Core {
    case configs(Box<ConfigCore>)
    case jobs(Box<JobCore>)
    case links(Box<LinkCore>)
    case reconciler(Box<ReconcilerCore>)
    case agent(Box<AgentCore>, SimulatedHost)
    case client(Box<Client>)
  }

  let name: PeerName
  let core: Core
  let instance: Instance
  let routing: RoutingID
  let clock: Clock
  var isAlive = true
  /// The hub that admitted it.
  var hub: Instance?
  var isHelloUnderWay = false
  /// One or two.
  private(set) var topics: [Topic] = []
  /// When its next wake is due; later wakes of the queue are stale.
  var wake: UInt64?
  /// Wakes in a row that it wanted at once.
  var spins = 0
  /// SIGSTOP: what happens to it waits until then.
  var pausedUntil: UInt64 = 0
  /// Messages that wait for the end of its pause.
  var backlog = 0
  /// Nothing that it sends, or that is sent to it, arrives before.
  var mutedUntil: UInt64 = 0
  var deafUntil: UInt64 = 0
  /// Of an agent: what it has read of its host's room.
  var room = Room.plenty
  /// Of an agent: images that it has pulled, by the pull's number.
  var pulls: [UInt64: String] = [:]
  /// Of an agent: which hosts it probes, and what it was told of each way.
  var probes: [IPAddress: Int] = [:]
  var toldWays: [IPAddress: Bool] = [:]

  init(_ name: PeerName, _ core: Core, instance: Instance, clock: Clock) {
    self.name = name
    self.core = core
    self.instance = instance
    self.clock = clock
    routing = RoutingID(withUnsafeBytes(of: instance.number.bigEndian) { Array($0) })
  }

  func follow(_ topic: Topic) { if !topics.contains(topic) { topics.append(topic) } }
  func unfollow(_ topic: Topic) { topics.removeAll { $0 == topic } }

  var wakeAt: Instant? {
    switch core {
    case .configs(let box): box.machine.nextWake()
    case .jobs(let box): box.machine.nextWake()
    case .links(let box): box.machine.nextWake()
    case .reconciler(let box): box.machine.nextWake()
    case .agent(let box, _): box.machine.nextWake()
    case .client(let box): box.machine.nextWake()
    }
  }

  var host: SimulatedHost? {
    if case .agent(_, let host) = core { host } else { nil }
  }

  var agent: Box<AgentCore>? {
    if case .agent(let box, _) = core { box } else { nil }
  }

  var client: Box<Client>? {
    if case .client(let box) = core { box } else { nil }
  }
}

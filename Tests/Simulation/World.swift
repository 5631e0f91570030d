import AgentCore
import ConfigCore
import HubCore
import JobCore
import LinkCore
import Machine
import Model
import ReconcilerCore

/// All services, hosts, disks and the bus in one thread under virtual time. The machines are the very ones that the services run.
public struct World {
  enum Item {
    case toHub(RoutingID, HubFrame, Payload?)
    case toPeer(RoutingID, HubFrame, Payload?)
    case published(RoutingID, Publication)
    case hello(PeerName, Instance)
    case wake(PeerName, Instance)
    case wakeHub(Instance)
    case start(PeerName)
    case startHub
    case powerOn(HostName)
    case agent(HostName, Instance, AgentCore.Event)
    case observe(HostName, Instance, [Observation])
    case perform(HostName, Instance, Batch)
    case readInventory(HostName, Instance)
    case readBlob(Instance, Incoming.Address, BlobDigest)
    case readEvents(Instance, Incoming.Address, EventQuery)
    case faults
    case work
  }

  public let seed: UInt64
  public internal(set) var time: UInt64 = 0
  public internal(set) var steps = 0
  /// Folds every step: two runs of a seed must have the same.
  public internal(set) var fingerprint: UInt64 = 0xcbf2_9ce4_8422_2325
  /// The first invariant that was broken, by number, or what the world waits for.
  public internal(set) var violation: String?
  /// Lines of what happened; empty unless asked for.
  public internal(set) var trace: [String] = []
  let isTracing: Bool

  var queue = Queue<Item>()
  var faults: Faults
  var network: Chance
  var machines: Chance
  var disks: Chance
  var workload: Chance

  var hub: Hub<Payload>?
  var processes: [PeerName: SimulatedProcess] = [:]
  var names: [RoutingID: PeerName] = [:]
  var hosts: [HostName: SimulatedHost] = [:]
  var store: StoreDisk
  var log = LogDisk()
  var lives: UInt64 = 0
  var operationsLeft: Int
  var operations: UInt64 = 0
  var checks = Checks()

  static let services: [PeerName] = [.configs, .jobs, .links, .reconciler]
  static let client = PeerName.client("user")

  public init(seed: UInt64, tracing: Bool = false) {
    self.seed = seed
    isTracing = tracing
    network = Chance(seed: seed, stream: 1)
    machines = Chance(seed: seed, stream: 2)
    disks = Chance(seed: seed, stream: 3)
    workload = Chance(seed: seed, stream: 4)
    faults = Faults(&workload)
    operationsLeft = 4 + workload.below(8)
    store = StoreDisk(
      intent: Intent(store: StoreIdentity(deployment: Deployment(random: seed), incarnation: Incarnation(random: seed &+ 1))))
    for number in 1...(2 + workload.below(2)) {
      guard let name = try? HostName("h\(number)") else { continue }
      hosts[name] = SimulatedHost(name: name)
    }
    push(.startHub, in: 0)
    for name in Self.services { push(.start(name), in: machines.below(200)) }
    for name in hosts.keys.sorted() { push(.start(.agent(name)), in: machines.below(300)) }
    push(.start(Self.client), in: 10)
    push(.work, in: 500)
    push(.faults, in: 200)
  }

  var now: Now { Now(boot: Instant(milliseconds: time), wall: 1_700_000_000_000 + Int64(time)) }

  mutating func push(_ item: Item, in delay: UInt64) { queue.push(item, at: time + delay) }

  mutating func say(_ line: @autoclosure () -> String) {
    if isTracing { trace.append("\(time) \(line())") }
  }

  /// One step; false when a violation ends the run.
  mutating func step() -> Bool {
    guard violation == nil, let (at, item) = queue.pop() else { return false }
    time = at
    steps += 1
    fingerprint = (fingerprint ^ at) &* 0x100_0000_01b3
    run(item)
    if violation == nil { violation = checks.afterStep(self) }
    if let violation { say("VIOLATION \(violation)") }
    return violation == nil
  }

  private mutating func run(_ item: Item) {
    switch item {
    case .toHub(let routing, let frame, let payload): hubReceives(routing, frame, payload)
    case .toPeer(let routing, let frame, let payload): peerReceives(routing, frame, payload)
    case .published(let routing, let publication):
      guard let name = names[routing] else { return }
      fold(publication.number)
      feed(name, .published(publication))
    case .hello(let name, let instance): greet(name, instance)
    case .wake(let name, let instance):
      guard let process = processes[name], process.instance == instance, process.wake == time else { return }
      processes[name]?.wake = nil
      tick(name)
    case .wakeHub(let instance):
      guard hub?.instance == instance else { return }
      driveHub(.tick)
    case .start(let name): start(name)
    case .startHub: startHub()
    case .powerOn(let name): powerOn(name)
    case .agent(let host, let instance, let event):
      guard isAlive(.agent(host), instance) else { return }
      drive(host, event)
    case .observe(let host, let instance, let seen): observe(host, instance, seen)
    case .perform(let host, let instance, let batch): perform(host, instance, batch)
    case .readInventory(let host, let instance):
      guard isAlive(.agent(host), instance), let truth = hosts[host]?.truth else { return }
      drive(host, .inventory(truth))
    case .readBlob(let instance, let address, let digest):
      guard isAlive(.configs, instance) else { return }
      driveConfigs(.blobRead(address, store.blobs[digest]))
    case .readEvents(let instance, let address, let query):
      guard isAlive(.reconciler, instance) else { return }
      let events = log.events.filter { $0.index > query.since }.prefix(query.limit)
      driveReconciler(.eventsRead(address, Array(events), last: log.events.last?.index ?? 0))
    case .faults: doFaults()
    case .work: doWork()
    }
  }

  func isAlive(_ name: PeerName, _ instance: Instance) -> Bool { processes[name]?.instance == instance }
  mutating func fold(_ value: UInt64) { fingerprint = (fingerprint ^ value) &* 0x100_0000_01b3 }
}

import AgentCore
import ConfigCore
import HubCore
import Kinds
import Machine
import Model
import ReconcilerCore

/// All services, hosts, disks and the bus in one thread under virtual time. The machines are the very ones that the services run.
public struct World {
  /// The rare and large ones are boxed: all are moved often.
  enum Item {
    case toHub(Process, HubFrame, Payload?)
    case toPeer(Process, HubFrame, Payload?)
    case published(Process, Publication)
    case subscribed(Process, Topic)
    case disconnected(Process)
    case hello(Process)
    case wake(Process)
    case wakeHub(Instance)
    indirect case start(PeerName)
    case startHub
    case powerOn(SimulatedHost)
    indirect case agent(Process, AgentCore.Event)
    /// The process's part of it comes with the read-back.
    case observe(Process, [Observation])
    indirect case perform(Process, Batch, boot: Int)
    indirect case commandsEnded(Process, StageRun, pid: Int32)
    indirect case readinessTested(Process, NodeKey, pid: Int32)
    case readInventory(Process)
    indirect case list(Process, String)
    case engineReturns(SimulatedHost)
    case visitorReturns(SimulatedHost, TapKey)
    case readRoom(Process)
    indirect case findImage(Process, String)
    case pullEnds(Process, UInt64)
    case ways(Process, isSilenceOver: Bool)
    indirect case configs(Process, ConfigCore.Event)
    indirect case saved(Process, Assignment)
    indirect case savedBlob(Process, BlobDigest)
    indirect case readBlob(Process, Incoming.Address, BlobDigest)
    indirect case readEvents(Process, Incoming.Address, EventQuery)
    indirect case nodeDies(SimulatedHost, NodeKey, pid: Int32)
    case rival(Process)
    indirect case store(StoreFault)
    case faults
    case work
  }

  public let seed: UInt64
  public internal(set) var time: UInt64 = 0
  public internal(set) var steps = 0
  /// Folds every step: two runs of a seed must have the same.
  public internal(set) var fingerprint: UInt64 = 0xcbf2_9ce4_8422_2325
  /// Lines of what happened; empty unless asked for.
  public internal(set) var trace: [String] = []
  /// How often each case of each machine's events was fed; empty unless asked for.
  public internal(set) var coverage: [String: Int] = [:]
  let settings: Settings

  var queue = Queue<Item>()
  var faults: Faults
  var network: Chance
  var machines: Chance
  var disks: Chance
  var workload: Chance
  /// What management networks consist of.
  var addressing: Chance
  /// Labs may have management networks.
  let isManaged: Bool
  /// What engines do, and which nodes need one.
  var engines: Chance
  /// Hosts have engines.
  let isEngined: Bool
  /// What hosts run short of.
  var rooms: Chance
  let isCrowded: Bool
  /// Who waits for whom.
  var stages: Chance
  let isStaged: Bool
  var stageHistory = StageHistory()
  /// What containers do that users start by themselves.
  var visitors: Chance
  let isVisited: Bool
  /// Which agents are of a version that knows no stages.
  var versions: Chance
  let isMixed: Bool
  var older: [HostName: Bool] = [:]

  var hub: Hub<Payload>?
  var hubPausedUntil: UInt64 = 0
  /// When faults ended; zero: they haven't.
  var healed: UInt64 = 0
  var processes: [PeerName: Process] = [:]
  /// Every live process, rivals too, in the order of their starts.
  var living: [Process] = []
  var byRouting: [RoutingID: Process] = [:]
  var hosts: [SimulatedHost] = []
  private(set) var hostsByAddress: [IPAddress: SimulatedHost] = [:]
  var store: StoreDisk
  var storeState = StoreState()
  var log = LogDisk()
  var lives: UInt64 = 0
  var operationsLeft: Int
  var operations: UInt64 = 0
  /// What users have said, each under its id.
  var said: [(RequestID, Request)] = []
  let labNames: Int
  /// Stays dead though all else is healed.
  var absent: HostName?
  /// Its engine answers nothing for half a minute.
  var hung: HostName?
  /// Nodes that a host admits.
  let capacity: Int
  var loops: Set<NodeKey> = []
  /// How far people have set the clocks on the wall.
  var wallStep: Int64 = 0
  let storm: UInt64
  let isCoded: Bool
  /// nil: nobody looks, since looking takes time.
  var checks: Checks? = Checks()
  var planted = Planted()

  static let services: [PeerName] = [.configs, .jobs, .links, .reconciler]
  static let clients: [PeerName] = [.client("user"), .client("other")]

  public init(seed: UInt64, settings: Settings = Settings()) {
    self.seed = seed
    self.settings = settings
    network = Chance(seed: seed, stream: 1)
    machines = Chance(seed: seed, stream: 2)
    disks = Chance(seed: seed, stream: 3)
    workload = Chance(seed: seed, stream: 4)
    var addressing = Chance(seed: seed, stream: 5)
    isManaged = addressing.happens(settings.scale != nil ? 0 : settings.bug?.isOfManagement == true ? 1_000 : 300)
    self.addressing = addressing
    var engines = Chance(seed: seed, stream: 6)
    isEngined = engines.happens(settings.scale != nil ? 0 : settings.bug?.isOfEngines == true ? 1_000 : 200)
    faults = Faults(&workload)
    if isEngined {
      faults.engineLoss = engines.happens(650) ? engines.below(80) : 0
      faults.pullFailure = engines.happens(650) ? engines.below(700) : 0
    }
    self.engines = engines
    var rooms = Chance(seed: seed, stream: 7)
    isCrowded = rooms.happens(settings.scale != nil ? 0 : settings.bug == .deafAdmission ? 1_000 : 200)
    if isCrowded { faults.shortage = rooms.below(60) }
    self.rooms = rooms
    var stages = Chance(seed: seed, stream: 8)
    isStaged = stages.happens(settings.scale != nil ? 0 : settings.bug?.isOfStages == true ? 1_000 : 200)
    self.stages = stages
    var visitors = Chance(seed: seed, stream: 9)
    isVisited = visitors.happens(settings.scale != nil ? 0 : settings.bug?.isOfVisitors == true ? 1_000 : 200)
    if isVisited { faults.visits = visitors.below(200) }
    self.visitors = visitors
    var versions = Chance(seed: seed, stream: 10)
    isMixed = versions.happens(settings.bug == .flatteredHost ? 1_000 : 500) && isStaged
    self.versions = versions
    settings.bug?.sharpen(&faults)
    for kind in Faults.kinds where settings.without.contains(kind.name) { faults[keyPath: kind.path] = Faults.none[keyPath: kind.path] }
    checks?.isBlurred = faults.pause > 0
    operationsLeft = 4 + workload.below(8)
    // Most faults need seconds to meet; some need leases and back-offs to pass.
    storm = workload.happens(200) ? workload.between(10_000, 40_000) : workload.between(2_000, 10_000)
    isCoded = workload.happens(250) && settings.scale == nil
    labNames = workload.happens(700) ? 2 : 3
    let few = workload.happens(300) ? 3 + workload.below(3) : 12
    capacity = settings.scale?.capacity ?? few
    if let most = settings.operations { operationsLeft = min(operationsLeft, most) }
    store = StoreDisk(
      intent: Intent(store: StoreIdentity(deployment: Deployment(random: seed), incarnation: Incarnation(random: seed &+ 1))))
    if settings.scale != nil { checks = nil }
    for number in 1...(settings.scale?.hosts ?? 2 + workload.below(2)) {
      guard let name = try? HostName("h\(number)") else { continue }
      hosts.append(SimulatedHost(name: name, clock: makeClock()))
      if isEngined { hosts.last?.runtimes.append(Kind.dockerRuntime) }
      if isVisited { hosts.last?.runtimes.append(NodeSpec.externalRuntime) }
    }
    hostsByAddress = Dictionary(uniqueKeysWithValues: hosts.map { ($0.address, $0) })
    push(.startHub, in: 0)
    for name in Self.services { push(.start(name), in: machines.below(200)) }
    for host in hosts { push(.start(.agent(host.name)), in: machines.below(300)) }
    for name in Self.clients { push(.start(name), in: 10) }
    push(.work, in: 500)
    push(.faults, in: 200)
  }

  mutating func makeClock() -> Clock {
    let drift = faults.drift
    return Clock(start: time, offset: machines.below(100_000), rate: 1_000 - drift + machines.below(2 * drift + 1))
  }

  func now(_ clock: Clock) -> Now {
    Now(boot: Instant(milliseconds: clock.local(time)), wall: 1_700_000_000_000 + Int64(time) + wallStep)
  }

  mutating func push(_ item: consuming Item, in delay: UInt64) { queue.push(item, at: time + delay) }

  mutating func say(_ line: @autoclosure () -> String) {
    if settings.isTracing { trace.append("\(time) \(line())") }
  }

  /// How long what an agent knows of its host may be old.
  var slack: UInt64 { faults.pause > 0 ? 8_000 : 1_000 }

  func host(_ name: HostName) -> SimulatedHost? { hosts.first { $0.name == name } }

  /// One step; false when a violation ends the run.
  mutating func step() -> Bool {
    guard checks?.violation == nil, let (at, item) = queue.pop() else { return false }
    time = at
    checks?.time = at
    steps += 1
    fold(at)
    run(item)
    if let violation = checks?.violation { say("VIOLATION \(violation)") }
    return checks?.violation == nil
  }

  mutating func fold(_ value: UInt64) { fingerprint = (fingerprint ^ value) &* 0x100_0000_01b3 }
}

/// How a world is run, beside its seed.
public struct Settings: Sendable {
  public var isTracing = false
  public var isCounting = false
  /// Kinds of faults that are left out.
  public var without: Set<String> = []
  /// At most this many operations of users.
  public var operations: Int?
  /// The guard that is missing in this world, to see that a checker finds it.
  public var bug: PlantedBug?
  /// A world of this size that is measured: its hosts have room for it, and no checker looks.
  public var scale: Scale?
  public init() {}
}

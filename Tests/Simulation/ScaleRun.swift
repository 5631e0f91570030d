import Machine
public import Model
import ReconcilerCore

/// What one thing that happens to a whole deployment costs, all machines together.
public struct ScaleFigure: Sendable {
  public var name: String
  /// Virtual milliseconds until it was over.
  public var duration: UInt64
  /// Of the process, in seconds: user and system.
  public var processor: Double
  /// The process's largest resident set meanwhile, in bytes.
  public var peak: Int
}

/// What a process has used, asked of whoever may know: the simulated world has no clock.
public struct Meter: Sendable {
  /// User and system time, in seconds.
  let processor: @Sendable () -> Double
  /// The largest resident set since the last reset, in bytes.
  let peak: @Sendable () -> Int
  let resetPeak: @Sendable () -> Void

  public init(
    processor: @escaping @Sendable () -> Double, peak: @escaping @Sendable () -> Int, resetPeak: @escaping @Sendable () -> Void
  ) {
    self.processor = processor
    self.peak = peak
    self.resetPeak = resetPeak
  }
}

/// A deployment without faults, measured. Looking whether something is over isn't counted.
public struct ScaleRun {
  private let scale: Scale
  private let meter: Meter
  private var world: World
  private var asked = 0
  public private(set) var figures: [ScaleFigure] = []

  /// Virtual milliseconds between two looks.
  private static let pause: UInt64 = 20
  private static let longest: UInt64 = 600_000
  private static let additions = 21

  public init(_ scale: Scale, _ meter: Meter) {
    self.scale = scale
    self.meter = meter
    var settings = Settings()
    settings.scale = scale
    settings.without = Set(Faults.kinds.map(\.name))
    settings.operations = 0
    world = World(seed: 1, settings: settings)
  }

  /// - Throws: the first thing that didn't come to its end.
  public mutating func run() throws(LabError) {
    let all = scale.hosts
    _ = try measure("start") { $0.hostStates.count { $0 == .online } == all }
    var labs: [LabSpec] = []
    for number in 0..<scale.labs { labs.append(try scale.lab(number)) }
    var jobs: [JobID] = []
    for lab in labs { jobs.append(try deploy(lab)) }
    figures.append(try measure("deploy of everything") { $0.areDone(jobs) })

    let idle = try quiet()
    figures.append(idle)
    for name in World.services { world.kill(name, restartIn: 10) }
    figures.append(try measure("restart of all services") { $0.isConverged })
    try rest()
    world.killHub(restartIn: 10)
    figures.append(try measure("restart of the bus", and: 2_000) { $0.isConnected })
    try rest()
    figures.append(try addNodes(to: &labs, idle))
    figures.append(try loseHost())
  }

  private mutating func addNodes(to labs: inout [LabSpec], _ idle: ScaleFigure) throws(LabError) -> ScaleFigure {
    var additions: [ScaleFigure] = []
    for turn in 0..<Self.additions {
      let number = turn % labs.count
      labs[number] = try scale.grown(labs[number], number)
      let job = try deploy(labs[number])
      var figure = try measure("one added node") { $0.areDone([job]) }
      figure.processor -= idle.processor * Double(figure.duration) / Double(idle.duration)
      additions.append(figure)
      try rest()
    }
    var median = additions.sorted { $0.processor < $1.processor }[additions.count / 2]
    median.peak = additions.map(\.peak).max() ?? 0
    return median
  }

  private mutating func loseHost() throws(LabError) -> ScaleFigure {
    guard let host = world.hosts.first, let process = world.processes[.agent(host.name)] else {
      throw LabError(.internalError, "simulation", "has no host")
    }
    world.end(process)
    host.cutPower(keepsAll: true)
    return try measure("loss of a host") { $0.hasLost(host.name) }
  }

  private mutating func deploy(_ lab: LabSpec) throws(LabError) -> JobID {
    asked += 1
    let id = try RequestID("scale\(asked)")
    world.ask(World.clients[0], id, .jobs(.applyLab(lab, reconfigure: false)))
    return try JobID(id.text)
  }

  /// Ten seconds in which nothing happens, reckoned for one.
  private mutating func quiet() throws(LabError) -> ScaleFigure {
    try rest()
    var figure = try measure("a second of rest", and: 10_000) { _ in true }
    figure.processor /= 10
    figure.duration /= 10
    return figure
  }

  /// What is still on its way is done with.
  private mutating func rest() throws(LabError) { _ = try measure("rest", and: 3_000) { _ in true } }

  /// - Parameter after: virtual milliseconds that are counted beyond the end.
  private mutating func measure(_ name: String, and after: UInt64 = 0, until isOver: (World) -> Bool) throws(LabError) -> ScaleFigure {
    meter.resetPeak()
    let begin = world.time
    var figure = ScaleFigure(name: name, duration: 0, processor: 0, peak: 0)
    repeat {
      guard world.time - begin < Self.longest else { throw LabError(.deadlineExceeded, name, "has not come to its end") }
      try advance(Self.pause, &figure)
    } while !isOver(world)
    try advance(after, &figure)
    figure.duration = world.time - begin
    figure.peak = meter.peak()
    return figure
  }

  private mutating func advance(_ time: UInt64, _ figure: inout ScaleFigure) throws(LabError) {
    let (end, before) = (world.time + time, meter.processor())
    while world.time < end { guard world.step() else { throw LabError(.internalError, figure.name, "nothing left to happen") } }
    figure.processor += meter.processor() - before
  }
}

extension World {
  /// What the reconciler would answer now; nil: an error, or it isn't there.
  fileprivate func asked(_ request: ReconcilerRequest) -> ReconcilerReply? {
    guard let process = processes[.reconciler], case .reconciler(let box) = process.core, let id = try? RequestID("look") else {
      return nil
    }
    var machine = box.machine
    let event = BusEvent.request(Incoming(from: Incoming.Address(Self.clients[1], id), request: .reconciler(request)))
    for case .bus(.reply(_, .success(.reconciler(let reply)))) in machine.handle(.bus(event), at: now(process.clock)) { return reply }
    return nil
  }

  fileprivate var hostStates: [HostState] {
    if case .hosts(let hosts) = asked(.hosts) { hosts.map(\.state) } else { [] }
  }

  fileprivate var isConverged: Bool {
    guard Self.services.allSatisfy({ processes[$0]?.hub != nil }), case .labs(let labs, _) = asked(.labs([])) else { return false }
    return labs.count == store.intent.labs.count && labs.allSatisfy(\.converged)
  }

  fileprivate var isConnected: Bool { hub != nil && living.allSatisfy { $0.hub == hub?.instance } }

  fileprivate func areDone(_ jobs: [JobID]) -> Bool { jobs.allSatisfy { store.intent.jobs[$0]?.phase == .done } }

  /// It is told lost, and all of its nodes unknown.
  fileprivate func hasLost(_ host: HostName) -> Bool {
    guard case .hosts(let hosts) = asked(.hosts), hosts.first(where: { $0.name == host })?.state == .lost else { return false }
    return store.intent.labs.values.filter { $0.hosts.contains(host) }.allSatisfy { lab in
      guard case .lab(let status) = asked(.inspect(lab.key.name)) else { return false }
      return status.nodes.allSatisfy { ($0.phase == .unknown) == ($0.host == host) }
    }
  }
}

import AgentCore
import Machine
import Model

/// Which stages nodes were in, on each host, for each start: until when, `.max` while they still are. A clone is a host of its own.
struct StageHistory {
  struct Life: Hashable {
    var key: NodeKey
    var serial: UInt64
  }
  var spans: [ObjectIdentifier: [Life: [Stage: UInt64]]] = [:]
  /// Of each node's process that runs, or ran last.
  var serials: [ObjectIdentifier: [NodeKey: UInt64]] = [:]
}

/// Nodes that wait for others, in some worlds: drawn from a stream of its own, so that the other worlds stay as they are.
extension World {
  /// A lab in which some nodes wait for others, mostly for such as come before them; one whose nodes wait in a circle is refused.
  mutating func staged(_ spec: LabSpec) -> LabSpec {
    guard isStaged else { return spec }
    var spec = spec
    let names = Set(spec.nodes.filter { !$0.isExternal }.map(\.name))
    for index in spec.nodes.indices {
      let name = spec.nodes[index].name
      spec.nodes[index].stages.waits.removeAll { !names.contains($0.node) || $0.node == name }
      guard stages.happens(300) else { continue }
      var own = NodeStages()
      if stages.happens(200) { own.started = ["true"] }
      if stages.happens(200) { own.healthy = ["true"] }
      let isWild = stages.happens(20)
      let others = names.filter { isWild ? $0 != name : $0 < name }.sorted()
      for _ in 0..<stages.below(3) {
        guard let other = stages.pick(others) else { continue }
        let held: Stage = stages.happens(700) ? .create : stages.happens(500) ? .configure : .healthy
        let until: Stage = stages.happens(100) ? .exit : stages.pick([.create, .configure, .healthy, .healthy]) ?? .create
        let wait = StageWait(held, for: other, until: until)
        if !own.waits.contains(wait) { own.waits.append(wait) }
      }
      spec.nodes[index].stages = own
    }
    return spec
  }

  mutating func noteStages(_ news: [Observation], on host: SimulatedHost) {
    guard isStaged else { return }
    let nodes = living.first { $0.host === host }?.agent?.machine.assignment?.labs.flatMap(\.nodes) ?? []
    for item in news {
      switch item {
      case .process(let key, let process):
        // Nobody may live who knows whether it has to pass a test.
        let known = nodes.first { $0.key == key }.map { process.reached(as: $0.spec) }
        note(key, process.startSerial, known ?? (process.execDone ? [.create, .configure, .healthy] : [.create]), on: host)
      case .exited(let key, _):
        if let serial = stageHistory.serials[ObjectIdentifier(host)]?[key] { note(key, serial, [.exit], on: host) }
      case .tap, .tunnel, .probe, .segment, .sandbox, .folder, .path: break
      }
    }
  }

  private mutating func note(_ key: NodeKey, _ serial: UInt64, _ reached: Set<Stage>, on host: SimulatedHost) {
    let host = ObjectIdentifier(host)
    stageHistory.serials[host, default: [:]][key] = serial
    var spans = stageHistory.spans[host]?[StageHistory.Life(key: key, serial: serial)] ?? [:]
    for stage in Stage.allCases {
      // Who has begun, or ended, has done so.
      if reached.contains(stage) {
        spans[stage] = .max
      } else if stage != .create, stage != .exit, spans[stage] == .max {
        spans[stage] = time
      }
    }
    stageHistory.spans[host, default: [:]][StageHistory.Life(key: key, serial: serial)] = spans
  }

  /// Nothing runs on a host any more.
  mutating func endStages(on host: SimulatedHost) {
    let host = ObjectIdentifier(host)
    for (life, spans) in stageHistory.spans[host] ?? [:] {
      stageHistory.spans[host]?[life] = spans.mapValues { $0 == .max ? time : $0 }
    }
  }

  /// 49: no node starts before those that it waits for have come as far, for the start that is meant: here as its agent has read, and on
  /// other hosts as was told by them shortly before.
  mutating func checkStages(_ batch: Batch, on host: SimulatedHost) {
    guard isStaged, !host.isClone else { return }
    let isQuiet = healed > 0 && time > healed + 30_000
    for case .start(let node, _) in batch.actions {
      for wait in node.spec.stages.waits where wait.stage == .create {
        guard let awaited = node.awaited.first(where: { $0.key.name == wait.node }) else { continue }
        let life = StageHistory.Life(key: awaited.key, serial: awaited.startSerial)
        let last = stageHistory.spans.values.compactMap { $0[life]?[wait.until] }.max()
        let age = awaited.host == host.name ? slack : isQuiet ? 8_500 : 30_000
        if last.map({ $0 < time && time - $0 > age }) ?? true {
          checks?.fail("49: \(node.key) starts on \(host.name), but \(wait.node) on \(awaited.host) has not come \(wait.until.wish)")
        }
      }
    }
  }
}

extension LabSpec {
  /// Nodes that wait, run commands around theirs, or are waited for.
  var staged: Set<NodeName> { Set(nodes.filter { !$0.stages.isEmpty }.flatMap { [$0.name] + $0.stages.waits.map(\.node) }) }
}

extension HostSpec {
  var knowsStages: Bool { capabilities.contains("stages") }
}

/// What of a lab surely comes, and what may wait for ever for what users have stopped, for a dead host, or for an end.
struct Waits {
  private let lab: Lab
  private let indices: [NodeName: Int]
  private let absent: HostName?

  init(of lab: Lab, absent: HostName?) {
    self.lab = lab
    self.absent = absent
    indices = Dictionary(uniqueKeysWithValues: lab.spec.nodes.indices.map { (lab.spec.nodes[$0].name, $0) })
  }

  /// Whether a node of the lab surely comes so far.
  func isSure(_ node: NodeName, _ stage: Stage) -> Bool {
    guard let index = indices[node], !lab.spec.nodes[index].isExternal, stage != .exit, lab.nodes[index].desired == .running,
      lab.nodes[index].host != absent
    else {
      return false
    }
    return lab.spec.nodes[index].stages.waits.allSatisfy { $0.stage > stage || isSure($0.node, $0.until) }
  }

  /// Nodes that should run, and may wait for ever.
  var mayBeEndless: Bool {
    zip(lab.spec.nodes, lab.nodes).contains { !$0.isExternal && $1.desired == .running && $1.host != absent && !isSure($0.name, .healthy) }
  }
}

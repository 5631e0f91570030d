/// How far a node has come since its last start, as topologies name it: each stage follows the one before, but `exit`, which follows `create`.
/// Containerlab's `create-links` is over with `create`, since a node's interfaces are there before its first process.
public enum Stage: String, Sendable, Hashable, CaseIterable, Comparable {
  /// Its first process runs.
  case create
  /// It is ready and its `exec:` commands have ended.
  case configure
  /// Whatever its stages say has ended too.
  case healthy
  /// Its first process has ended by itself since its user's last start.
  case exit

  public static func < (a: Self, b: Self) -> Bool { a.order < b.order }
  private var order: Int {
    switch self {
    case .create: 0
    case .configure: 1
    case .healthy: 2
    case .exit: 3
    }
  }

  /// What a node has to be, or do, before it has reached it.
  public var wish: String {
    switch self {
    case .create: "to start"
    case .configure: "to be configured"
    case .healthy: "to be healthy"
    case .exit: "to end"
    }
  }
}

/// One entry of a `wait-for`: a stage that is not begun before another node of the lab has reached one of its own.
public struct StageWait: Sendable, Hashable {
  /// Which is held up; `create` holds up the start itself, and nobody waits at `exit`.
  public var stage: Stage
  public var node: NodeName
  public var until: Stage
  public init(_ stage: Stage, for node: NodeName, until: Stage) {
    self.stage = stage
    self.node = node
    self.until = until
  }
}

/// What a topology's `stages` say of a node; commands around `exec:` are part of that.
public struct NodeStages: Sendable, Hashable {
  /// At most `Limits.waitsPerNode`, none twice.
  public var waits: [StageWait]
  /// Commands run inside as soon as its process runs, before it is tested whether it is ready.
  public var started: [String]
  /// Commands run inside once it is configured and nothing holds up `healthy`.
  public var healthy: [String]
  public init(waits: [StageWait] = [], started: [String] = [], healthy: [String] = []) {
    self.waits = waits
    self.started = started
    self.healthy = healthy
  }

  public var isEmpty: Bool { waits.isEmpty && started.isEmpty && healthy.isEmpty }
}

extension NodeSpec {
  /// What is run inside in one stage, in order.
  public func commands(of stage: Stage) -> [String] {
    switch stage {
    case .create: stages.started
    case .configure: exec
    case .healthy: stages.healthy
    case .exit: []
    }
  }

  /// The next stage whose commands are to be run, `healthy` where nothing is left; every node has `configure`.
  ///
  /// - Parameter ended: the last one whose commands have ended; nil: none.
  public func stage(after ended: Stage?) -> Stage {
    if ended == nil, !stages.started.isEmpty { return .create }
    return ended ?? .create < .configure ? .configure : .healthy
  }

  /// Whether nothing is left to be run or waited for after a stage.
  public func isLast(_ stage: Stage) -> Bool {
    stage >= .healthy || stage == .configure && stages.healthy.isEmpty && !stages.waits.contains { $0.stage == .healthy }
  }
}

extension LabSpec {
  /// A way from a node over what it waits for back to itself, its first entry again at its end; nil: there is none.
  /// Waits for nodes that aren't there are passed over.
  public var circleOfWaits: [NodeName]? {
    let indices = Dictionary(nodes.indices.map { (nodes[$0].name, $0) }, uniquingKeysWith: { first, _ in first })
    let stages = Stage.allCases
    func number(_ node: Int, _ stage: Stage) -> Int { node * stages.count + (stages.firstIndex(of: stage) ?? 0) }
    /// What must be over before a node's stage is.
    func needs(_ point: Int) -> [Int] {
      let (node, stage) = (point / stages.count, stages[point % stages.count])
      let own = stage == .create ? [] : [number(node, stage == .healthy ? .configure : .create)]
      let waits = nodes[node].stages.waits.filter { $0.stage == stage }
      return own + waits.compactMap { wait in indices[wait.node].map { number($0, wait.until) } }
    }
    enum Mark { case open, done }
    var marks: [Int: Mark] = [:]
    for node in nodes.indices where !nodes[node].stages.waits.isEmpty {
      for stage in stages where marks[number(node, stage)] == nil {
        // Where the walk is: each point with what of its needs is still to be looked at.
        var way = [(point: number(node, stage), left: needs(number(node, stage)))]
        marks[way[0].point] = .open
        while let (point, left) = way.last {
          guard let next = left.last else {
            marks[point] = .done
            way.removeLast()
            continue
          }
          way[way.count - 1].left.removeLast()
          if marks[next] == .open {
            let circle = way.drop { $0.point != next }.map { $0.point / stages.count } + [next / stages.count]
            let names = circle.map { nodes[$0].name }
            return names.indices.filter { $0 == 0 || names[$0] != names[$0 - 1] }.map { names[$0] }
          }
          guard marks[next] == nil else { continue }
          marks[next] = .open
          way.append((next, needs(next)))
        }
      }
    }
    return nil
  }
}

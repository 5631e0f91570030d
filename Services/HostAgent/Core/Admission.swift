import Machine
import Model

/// Lets starts through while the host has room for them: a storm of them takes no host down.
struct Admission: Sendable {
  /// What a start that was let through will want, which the readings don't show yet.
  private struct Promise: Sendable {
    var need: Need
    var end: Instant
  }

  /// What a node takes, in MiB and by number.
  struct Need: Sendable {
    var memory = 0
    var processes = 0
    static func + (a: Self, b: Self) -> Self { Need(memory: a.memory + b.memory, processes: a.processes + b.processes) }
  }

  struct Hindrance: Sendable {
    var words: String
    /// The host never has room for it, as it is.
    var isLasting = false
  }

  /// As read last.
  private var load = HostLoad()
  private var promises: [NodeKey: Promise] = [:]
  /// All of them together.
  private var promised = Need()
  /// Starts that wait, and for what.
  private(set) var waiting: [NodeKey: Hindrance] = [:]

  /// Milliseconds after which a node uses what it will: from then on the readings have it.
  private static let settling: UInt64 = 10_000
  /// Of the last ten seconds, in thousandths of a percent: beyond that starts go few at a time, or not at all.
  private static let busy = 90_000
  private static let thrashing = 20_000
  /// Starts at a time on a host whose processors are busy.
  static let fewStarts = 4

  /// Kept free for the host itself, in MiB: a twentieth, at least 64 and at most 512.
  private var reserve: Int { min(max(load.memoryTotal / 20, 64), 512) }
  private var processReserve: Int { load.pidLimit / 20 }

  mutating func read(_ load: HostLoad, at now: Instant) {
    self.load = load
    promises = promises.filter { $0.value.end > now }
    promised = promises.values.reduce(Need()) { $0 + $1.need }
  }

  /// - Parameters:
  ///   - need: until the readings show it.
  ///   - underWay: starts that have been let through and haven't returned.
  /// - Returns: whether a node may start; what it waits for is told, and it is counted.
  mutating func admit(_ key: NodeKey, _ need: Need, underWay: Int, at now: Instant) -> Bool {
    if let hindrance = hindrance(need, underWay: underWay) {
      waiting[key] = hindrance
      return false
    }
    if promises.updateValue(Promise(need: need, end: now + Self.settling), forKey: key) == nil { promised = promised + need }
    return true
  }

  mutating func forget(_ key: NodeKey) { if !waiting.isEmpty { waiting[key] = nil } }

  private func hindrance(_ need: Need, underWay: Int) -> Hindrance? {
    let most = load.memoryTotal - reserve
    if load.memoryTotal > 0, need.memory > most {
      let words = "its memory of \(need.memory) MiB is more than this host can ever give to nodes, \(most) MiB: say less, or another host"
      return Hindrance(words: words, isLasting: true)
    }
    return shortage(need, underWay: underWay).map { Hindrance(words: "waiting for \($0)") }
  }

  /// What there is too little of now.
  private func shortage(_ need: Need, underWay: Int) -> String? {
    let free = load.memoryAvailable - promised.memory
    if load.memoryTotal > 0, free - reserve < need.memory {
      return "memory: \(max(free, 0)) MiB free, needs \(need.memory) MiB and \(reserve) MiB for the host"
    }
    let room = load.pidLimit - load.pids - promised.processes
    if load.pidLimit > 0, room - processReserve < need.processes {
      return "processes: \(load.pids) of \(load.pidLimit) that the kernel allows are there"
    }
    guard let pressure = load.pressure else { return nil }
    if pressure.memory >= Self.thrashing {
      return "memory: \(pressure.memory / 1_000) % of the time something on the host had to wait for it"
    }
    if pressure.cpu >= Self.busy, underWay >= Self.fewStarts { return "processors: \(underWay) other nodes start" }
    return nil
  }
}

extension AgentCore {
  mutating func take(_ load: HostLoad, at now: Now) {
    self.load = load
    admission.read(load, at: now.boot)
    work.markNodes(Array(admission.waiting.keys))
  }

  /// Whether a node may start: what its file says that it takes, else little, and more for what an engine runs it with. However busy the
  /// processors are, containers go together: an engine is asked for few at a time anyway, and each batch of them asks it for a list.
  mutating func admit(_ node: AssignedNode, underWay: Int, at now: Now) -> Bool {
    let isContainer = runtime(for: node.spec) == Self.imageRuntime
    let least = isContainer ? Admission.Need(memory: 64, processes: 16) : Admission.Need(memory: 2, processes: 4)
    let said = Int(clamping: node.spec.container.memory >> 20)
    let need = Admission.Need(memory: said > 0 ? said : least.memory, processes: least.processes)
    return admission.admit(node.key, need, underWay: isContainer ? 0 : underWay, at: now.boot)
  }

  /// A start has returned: the next ones may go.
  mutating func markWaitingStarts() {
    if admission.waiting.isEmpty { return }
    work.markNodes(Array(admission.waiting.keys.sorted().prefix(Admission.fewStarts)))
  }
}

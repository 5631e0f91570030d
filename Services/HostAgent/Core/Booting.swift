import Machine
import Model

/// Nodes that run and aren't ready yet, each with the test that its spec names.
struct Booting: Sendable {
  struct Node: Sendable {
    var pid: Int32
    /// When its first process was started, or first seen.
    var began: Instant
    /// Of the next try; nil: one is under way.
    var due: Instant?
    /// Why the last try failed.
    var failure = ""
    var isLate = false
  }

  private(set) var nodes: [NodeKey: Node] = [:]
  /// Of the next try, or sooner.
  private(set) var wakeAt: Instant?

  subscript(key: NodeKey) -> Node? {
    get { nodes[key] }
    set {
      nodes[key] = newValue
      wakeAt = .earliest(wakeAt, newValue?.due)
    }
  }

  /// Nodes whose next try is due, sorted: it is under way from now on.
  mutating func takeDue(at now: Instant) -> [NodeKey] {
    guard let wakeAt, wakeAt <= now else { return [] }
    let due = nodes.filter { $0.value.due.map { $0 <= now } ?? false }.keys.sorted()
    for key in due { nodes[key]?.due = nil }
    self.wakeAt = nodes.values.lazy.compactMap(\.due).min()
    return due
  }
}

extension AgentCore {
  /// Begins, repeats and gives up tests of readiness.
  mutating func testReadiness(at now: Now) -> [Effect] {
    guard mayAct, let inventory else { return [] }
    for key in work.touchedNodes {
      guard let process = inventory.processes[key], let spec = wanted.nodes[key]?.spec, let readiness = spec.readiness, !process.hasPassed
      else {
        if booting[key] != nil { booting[key] = nil }
        continue
      }
      if booting[key]?.pid == process.pid { continue }
      let began = starts[key]?.started ?? now.boot
      booting[key] = Booting.Node(pid: process.pid, began: began, due: max(now.boot, began + readiness.startPeriod))
    }
    return booting.takeDue(at: now.boot).compactMap { key in
      guard let node = booting[key], let spec = wanted.nodes[key]?.spec else { return nil }
      return .testReadiness(key, pid: node.pid, spec)
    }
  }

  /// - Parameter failure: nil: it has passed.
  mutating func readinessTested(_ key: NodeKey, _ pid: Int32, _ failure: String?, at now: Now) {
    guard var node = booting[key], node.pid == pid, let readiness = wanted.nodes[key]?.spec.readiness else { return }
    guard let failure else {
      inventory?.processes[key]?.hasPassed = true
      booting[key] = nil
      return work.markNodes([key])
    }
    let isLate = now.boot.since(node.began) >= readiness.deadline
    if node.failure != failure || node.isLate != isLate { work.markNodes([key]) }
    (node.failure, node.isLate) = (failure, isLate)
    node.due = now.boot + readiness.interval
    booting[key] = node
  }

  /// What is told of a node that runs and isn't ready.
  func bootingPhase(_ key: NodeKey, _ readiness: Readiness) -> (Phase, String) {
    guard let node = booting[key] else { return (.booting, "") }
    guard node.isLate else { return (.booting, node.failure.isEmpty ? "" : "not ready yet: \(node.failure)") }
    return (.failed, "not ready within \(readiness.deadline / 1_000) s: \(node.failure) (archetype logs \(key.lab.name) \(key.name))")
  }
}

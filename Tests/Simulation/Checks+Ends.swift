import AgentCore
import Machine
import Model

/// 19, 24: what dies without being asked to is told, once and in order, though its agent dies too.
extension Checks {
  /// Of a node that should go on as it was.
  mutating func mustBeTold(_ key: NodeKey, _ end: ProcessEnd, of host: HostName) {
    guard !isStoreWrong, let pid = end.pid, nodes.stopping[host]?.contains(key) != true,
      let life = nodes.lives[host]?[key], life.pid == pid,
      let node = agents[host]?.adopted?.labs.flatMap(\.nodes).first(where: { $0.key == key }),
      node.desired == .running, node.startSerial == life.serial, node.spec.processDigest == life.digest
    else { return }
    nodes.untold[host, default: [:]][key, default: []].insert(pid)
  }

  /// What is to be another process, or none, needn't be told as the one that it was.
  mutating func releases(_ new: Assignment, by host: HostName) {
    guard let before = agents[host]?.adopted else { return }
    let kept = Dictionary(uniqueKeysWithValues: new.labs.flatMap(\.nodes).map { ($0.key, $0) })
    for node in before.labs.flatMap(\.nodes) {
      let now = kept[node.key]
      let isSame =
        now?.desired == .running && now?.startSerial == node.startSerial && now?.spec.processDigest == node.spec.processDigest
      if !isSame { nodes.untold[host]?[node.key] = nil }
    }
  }

  mutating func decides(_ batch: Batch, on host: HostName) {
    for action in batch.actions {
      switch action {
      case .stop(let key, _), .remove(let key): nodes.stopping[host, default: []].insert(key)
      case .start(let node, _): nodes.stopping[host]?.remove(node.key)
      case .unpatch, .deleteTap, .deleteTunnel, .deleteSandbox, .makeSandbox, .makeTap, .makeTunnel, .makeProbe, .deleteProbe,
        .makeSegment, .deleteSegment, .setMTU, .patch, .setCarrier, .raiseTunnel:
        break
      }
    }
  }

  mutating func told(_ event: LabEvent) {
    note()
    let detail = Dictionary(event.detail.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    guard let host = try? HostName(detail["host"] ?? ""), let pid = detail["pid"].flatMap({ Int32($0) }) else { return }
    let name = "\(event.lab)/\(event.subject)"
    // A clone's processes have numbers of their own.
    if let last = nodes.told[host]?[name], pid <= last, wire.cloned.isEmpty {
      fail("24: the end of \(name), pid \(pid) on \(host), is told after that of pid \(last)")
    }
    nodes.told[host, default: [:]][name] = pid
    for key in nodes.untold[host, default: [:]].keys where key.id == name { nodes.untold[host]?[key]?.remove(pid) }
  }

  /// The first end that was never told; nil: there is none.
  var untold: String? {
    for (host, ends) in nodes.untold.sorted(by: { $0.key < $1.key }) {
      for (key, pids) in ends.sorted(by: { $0.key < $1.key }) {
        if let pid = pids.min() { return "19: the end of \(key), pid \(pid) on \(host), was never told" }
      }
    }
    return nil
  }
}

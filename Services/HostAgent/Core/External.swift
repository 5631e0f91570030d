import Machine
import Model

/// Ends that somebody else takes, such as an engine's containers: they are made and removed without the agent, which joins them to what its lab
/// has for them. So no order between lab, agent and container matters.
extension AgentCore {
  /// One that no lab has a place for sends nowhere and has no carrier.
  func planExternal(_ key: TapKey, _ tap: Tap) -> [Action] {
    guard let wish = wanted.tap(key) else {
      var actions: [Action] = []
      // A port of a management network goes out of it with that.
      if tap.patchedTo != nil, key.ordinal != .management { actions.append(.unpatch(.tap(key))) }
      if tap.fabricUp { actions.append(.setCarrier(key, false)) }
      return actions
    }
    return adjust(key, tap, to: wish)
  }

  /// Places on a lab's management network that were taken.
  func externalPorts(of lab: LabName) -> [TapKey] {
    inventory?.taps.keys.filter { $0.isExternal && $0.ordinal == .management && $0.node.lab.name == lab } ?? []
  }

  /// Whether nobody has taken an end yet: nothing can be patched to it, and nothing is wrong.
  func isAwaited(_ device: DeviceKey) -> Bool {
    if case .tap(let key) = device { key.isExternal && inventory?.taps[key] == nil } else { false }
  }

  /// What is told of a node that somebody else runs.
  func external(_ node: ObservedNode, _ wish: AssignedNode) -> ObservedNode {
    var node = node
    (node.startSerial, node.execDone) = (wish.startSerial, true)
    let free = (wanted.tapsOf[wish.key] ?? []).filter { inventory?.taps[$0] == nil }
    (node.phase, node.reason) = free.isEmpty ? (.ready, "") : (.pending, Self.advice(on: free.map(\.ordinal)))
    return node
  }

  private static func advice(on ordinals: [Ordinal]) -> String {
    let interfaces = ordinals.map(\.description).joined(separator: ", ")
    return "waits for a container at interface \(interfaces) (docker network create -d archetype, see docs/runtimes.md)"
  }
}

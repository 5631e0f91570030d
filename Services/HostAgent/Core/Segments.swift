import Model

/// Labs' management networks on this host.
extension AgentCore {
  func planSegment(_ lab: LabKey) -> [Action] {
    guard let inventory, !work.isBlocked(.device(.segment(lab))) else { return [] }
    let segment = inventory.management[lab]
    guard let wish = wanted.segments[lab] else {
      // It goes after the last interface on it.
      let isUsed = inventory.taps.keys.contains { $0.ordinal == .management && $0.node.lab == lab }
      return segment == nil || isUsed ? [] : [.deleteSegment(lab)]
    }
    return segment == wish.segment || waitsForSubnet(wish) ? [] : [.makeSegment(lab, wish)]
  }

  /// What holds its addresses and isn't wanted any more goes first.
  private func waitsForSubnet(_ wish: AssignedManagement) -> Bool {
    inventory?.management.contains { lab, segment in wanted.segments[lab] == nil && wish.overlaps(segment) } == true
  }

  /// Why a lab's management network here isn't as it should be; nil: it is, or nothing is known against it.
  func segmentFault(of lab: LabKey) -> String? {
    work.failure(of: .device(.segment(lab))).map { "management network: \($0.detail)" }
  }

  /// It has changed: so have its nodes' way out and what is told of them.
  mutating func noteSegment(_ lab: LabKey) {
    work.markSegments([lab])
    let nodes = wanted.managed[lab] ?? []
    work.markNodes(nodes)
    work.markTaps(nodes.map { TapKey($0, .management) } + externalPorts(of: lab.name))
    guard let inventory, wanted.segments[lab] == nil else { return }
    // Sandboxes of a lab that goes wait for it, and so may another that has its addresses now.
    work.markNodes(inventory.sandboxes.filter { $0.lab == lab })
    work.markSegments(wanted.segments.keys.filter { inventory.management[$0] != wanted.segments[$0]?.segment })
  }

  /// Whether a node's interface is up, and what it should be on is there.
  func isUp(_ key: TapKey, _ tap: Tap) -> Bool {
    guard key.ordinal == .management else { return tap.nodeUp }
    return tap.nodeUp && tap.patchedTo == .segment(key.node.lab) && inventory?.management[key.node.lab]?.isWhole == true
  }
}

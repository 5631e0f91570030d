public import Model

/// What has to happen for a lab to become what a new spec says.
public struct Plan: Sendable, Hashable {
  /// Nodes by name, in the new spec's order; removed ones in the old's.
  public var added: [NodeName] = []
  public var removed: [NodeName] = []
  /// They need a new first process; their interfaces stay.
  public var replaced: [NodeName] = []
  /// They run on as they are, also those in `pinned` and `updated`.
  public var kept: [NodeName] = []
  /// Other `exec` commands or `stages`, which count from the next start on.
  public var updated: [NodeName] = []
  /// They were pinned to another host, or none, and may have to move.
  public var pinned: [NodeName] = []
  /// Links by id, in the new spec's order; removed ones in the old's.
  public var addedLinks: [LinkID] = []
  public var removedLinks: [LinkID] = []
  /// Same ends, another MTU.
  public var changedLinks: [LinkID] = []
  public var keptLinks: [LinkID] = []

  public init() {}

  /// The same file again changes nothing.
  public var isEmpty: Bool {
    added.isEmpty && removed.isEmpty && replaced.isEmpty && updated.isEmpty && pinned.isEmpty && addedLinks.isEmpty && removedLinks.isEmpty
      && changedLinks.isEmpty
  }

  /// - Parameter old: nil for a lab that isn't there: everything is added.
  public static func difference(old: Lab?, new: LabSpec) -> Plan {
    var plan = Plan()
    plan.compareNodes(old?.spec.nodes ?? [], new.nodes)
    plan.compareLinks(old?.spec.links ?? [], new.links)
    return plan
  }

  private mutating func compareNodes(_ old: [NodeSpec], _ new: [NodeSpec]) {
    let before = Dictionary(old.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for node in new {
      guard let was = before[node.name] else {
        added.append(node.name)
        continue
      }
      if was.host != node.host { pinned.append(node.name) }
      if was.exec != node.exec || was.stages != node.stages || was.management.ports != node.management.ports { updated.append(node.name) }
      if was.process == node.process { kept.append(node.name) } else { replaced.append(node.name) }
    }
    let after = Set(new.map(\.name))
    removed = old.map(\.name).filter { !after.contains($0) }
  }

  private mutating func compareLinks(_ old: [LinkSpec], _ new: [LinkSpec]) {
    let before = Dictionary(old.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    for link in new {
      switch before[link.id] {
      case nil: addedLinks.append(link.id)
      case let was? where was.mtu != link.mtu: changedLinks.append(link.id)
      case _?: keptLinks.append(link.id)
      }
    }
    let after = Set(new.map(\.id))
    removedLinks = old.map(\.id).filter { !after.contains($0) }
  }
}

extension NodeSpec {
  /// All of it that its first process depends on: neither where it runs nor what is run beside it. Of its addresses the plan says whether they
  /// have become others.
  public var process: NodeSpec {
    var spec = self
    spec.host = nil
    spec.exec = []
    spec.stages = NodeStages()
    spec.management = NodeManagement()
    return spec
  }
}

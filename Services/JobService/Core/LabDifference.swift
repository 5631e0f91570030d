import Machine
import Model
import Topology

/// What a deploy does to a lab, in the order of the file, what goes last: pure.
struct LabDifference {
  private(set) var changes: [LabChange] = []
  private let before: [NodeName: HostName]
  private let after: [NodeName: HostName]

  /// - Parameter old: nil for a lab that isn't there.
  init(from old: Lab?, to new: Lab) {
    before = old?.placement ?? [:]
    after = new.placement
    let plan = Plan.difference(old: old, new: new.spec)
    compareNodes(plan, Self.serials(of: old), Self.serials(of: new), new.spec.nodes)
    compareLinks(plan, new.spec.links)
    for name in plan.removed { changes.append(LabChange(.remove, name.text, hosts: [before[name]].compactMap(\.self))) }
    for link in plan.removedLinks { changes.append(LabChange(.disconnect, "\(link)", hosts: hosts(of: link, before))) }
  }

  private static func serials(of lab: Lab?) -> [NodeName: UInt64] {
    guard let lab else { return [:] }
    return Dictionary(zip(lab.spec.nodes.map(\.name), lab.nodes.map(\.startSerial)), uniquingKeysWith: { first, _ in first })
  }

  private mutating func compareNodes(_ plan: Plan, _ old: [NodeName: UInt64], _ new: [NodeName: UInt64], _ nodes: [NodeSpec]) {
    for node in nodes {
      let name = node.name
      let action: LabAction? =
        if before[name] == nil {
          .start
        } else if before[name] != after[name] {
          .move
        } else if old[name] != new[name] {
          .replace
        } else if plan.updated.contains(name) {
          .update
        } else {
          nil
        }
      if let action { changes.append(LabChange(action, name.text, hosts: [after[name]].compactMap(\.self))) }
    }
  }

  private mutating func compareLinks(_ plan: Plan, _ links: [LinkSpec]) {
    let added = Set(plan.addedLinks)
    let changed = Set(plan.changedLinks)
    for link in links {
      let hosts = hosts(of: link.id, after)
      if added.contains(link.id) {
        changes.append(LabChange(.connect, "\(link.id)", hosts: hosts))
      } else if [link.a.node, link.b.node].contains(where: { before[$0] != after[$0] }) {
        changes.append(LabChange(.rewire, "\(link.id)", hosts: hosts, blinks: true))
      } else if changed.contains(link.id) {
        changes.append(LabChange(.resize, "\(link.id)", hosts: hosts))
      }
    }
  }

  private func hosts(of link: LinkID, _ placement: [NodeName: HostName]) -> [HostName] {
    Set([link.a.node, link.b.node].compactMap { placement[$0] }).sorted()
  }
}

extension JobCore {
  /// What a deploy of this spec would do now; nothing is stored.
  func plan(_ spec: LabSpec, reconfigure: Bool, for address: Incoming.Address, in intent: Intent) -> [BusEffect] {
    let old = intent.labs[spec.name]
    do {
      let new = try LabPlan(intent: intent, online: online).lab(spec, after: old, reconfigure: reconfigure)
      return reply(address, .plan(LabDifference(from: old, to: new).changes))
    } catch { return refuse(address, error) }
  }
}

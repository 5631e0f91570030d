import Machine
import Model

/// Takes what isn't pinned off drained hosts: pure.
struct Evacuation {
  let intent: Intent
  private let scheduler: Scheduler

  /// - Parameter online: hosts that are there.
  init(intent: Intent, online: Set<HostName>) {
    self.intent = intent
    scheduler = Scheduler(intent: intent, online: online)
  }

  /// Labs with nodes that have to go.
  static func labs(in intent: Intent) -> Set<LabName> {
    let drained = intent.restraints.filter { $0.value == .drained }.keys
    return Set(drained.flatMap { (intent.index.placed[$0] ?? [:]).keys }).filter { name in
      guard let lab = intent.labs[name] else { return false }
      return lab.nodes.indices.contains { mustGo($0, of: lab, in: intent) }
    }
  }

  private static func mustGo(_ index: Int, of lab: Lab, in intent: Intent) -> Bool {
    let host = lab.nodes[index].host
    return intent.restraints[host] == .drained && lab.spec.nodes[index].host != host
  }

  /// The lab's next version, with every node moved that has room elsewhere; nil: none has, or none must go.
  func next(_ name: LabName) -> Lab? {
    guard let old = intent.labs[name] else { return nil }
    var lab = old
    var room = Room(in: intent)
    let hosts = intent.hosts.keys.filter(scheduler.mayTake).sorted()
    let needs = NewNeeds(of: old.spec, after: old)
    for index in lab.nodes.indices where Self.mustGo(index, of: lab, in: intent) {
      let node = lab.spec.nodes[index]
      guard
        let host = hosts.first(where: { (room[$0] ?? 0) > 0 && scheduler.canRun(node, on: $0, needs) && fits(node.name, on: $0, in: lab) })
      else { continue }
      room.take(host)
      lab.nodes[index].host = host
    }
    if lab == old { return nil }
    if Wiring(of: lab) != Wiring(of: old) { lab.wiring += 1 }
    return lab
  }

  /// Whether the way from there to the node's links carries what they ask for.
  private func fits(_ node: NodeName, on host: HostName, in lab: Lab) -> Bool {
    let wishes = lab.spec.links.filter { $0.mtu != nil && ($0.a.node == node || $0.b.node == node) }
    if wishes.isEmpty { return true }
    guard let here = intent.hosts[host] else { return false }
    let placement = lab.placement
    return wishes.allSatisfy { link in
      let far = link.a.node == node ? link.b.node : link.a.node
      guard let place = placement[far], place != host, let there = intent.hosts[place] else { return true }
      return (link.mtu ?? 0) <= CableMTU.tunnel(between: here, and: there)
    }
  }
}

extension JobCore {
  /// One lab at a time: the next one finds the room that this one has left. What couldn't be stored is decided again after a pause.
  mutating func evacuate(at now: Now) -> [BusEffect] {
    guard let intent = follower.intent, let online, !crowded.isEmpty, !follower.isUnderWay(.evacuation) else { return [] }
    let evacuation = Evacuation(intent: intent, online: online)
    for name in crowded.sorted() {
      guard let lab = evacuation.next(name) else {
        // It is looked at again when there may be room.
        crowded.remove(name)
        continue
      }
      let put = Put(changes: [.lab(name, lab)], expect: [Expectation(.lab(name), at: intent.version(of: .lab(name)))])
      return [follower.send(.configs(.put(put)), to: .configs, for: .evacuation, at: now)]
    }
    return []
  }
}

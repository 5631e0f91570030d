import Machine
import Model

extension Checks {
  /// 45: each interface 0 has its own address, no two labs' networks overlap, and what a node has it keeps as long as it fits.
  mutating func isAddressed(_ name: LabName, _ lab: Lab?, _ now: Intent) {
    let before = intent.addressed.removeValue(forKey: name)
    guard let lab else { return }
    intent.addressed[name] = lab
    for (other, theirs) in now.labs where other != name {
      if lab.networks.contains(where: { own in theirs.networks.contains { $0.subnet.overlaps(own.subnet) } }) {
        fail("45: the management networks of \(name) and \(other) overlap")
      }
    }
    var owners: [IPAddress: NodeName] = [:]
    for (spec, node) in zip(lab.spec.nodes, lab.nodes) {
      if node.addresses.count != (spec.management.isOff || spec.isExternal ? 0 : lab.networks.count) {
        fail("45: \(name)/\(spec.name) has \(node.addresses.count) management addresses in \(lab.networks.count) networks")
      }
      for (address, network) in zip(node.addresses, lab.networks) {
        if !network.subnet.isForHosts(address) || address == network.gateway { fail("45: \(address) of \(name)/\(spec.name) can't be its") }
        if let other = owners.updateValue(spec.name, forKey: address) { fail("45: \(address) is \(other)'s and \(spec.name)'s") }
      }
    }
    guard let before, before.key == lab.key, !isForked else { return }
    keeps(lab, what: before)
  }

  private mutating func keeps(_ lab: Lab, what before: Lab) {
    let wishes = Set(lab.spec.nodes.flatMap(\.management.addresses))
    for (spec, node) in zip(lab.spec.nodes, lab.nodes) where !spec.management.isOff && !spec.isExternal {
      guard let place = before.spec.nodes.firstIndex(where: { $0.name == spec.name }), before.nodes[place].born == node.born else {
        continue
      }
      for network in lab.networks where !spec.management.addresses.contains(where: { $0.isIPv6 == network.subnet.isIPv6 }) {
        guard let old = before.nodes[place].addresses.first(where: { network.subnet.isForHosts($0) }), old != network.gateway,
          !wishes.contains(old), !node.addresses.contains(old)
        else { continue }
        fail("45: \(lab.key.name)/\(spec.name) had \(old), and has \(node.addresses) now")
      }
    }
  }
}

import Machine
import Model

/// Gives a lab's management network its subnets, and its nodes their addresses: what they have is kept as long as it fits. Pure.
struct AddressPlan {
  let intent: Intent
  let spec: LabSpec
  private(set) var networks: [ManagementNetwork] = []

  /// - Throws: `INVALID_ARGUMENT` or `FAILED_PRECONDITION` with the subnet or the node.
  init(_ spec: LabSpec, after old: Lab?, in intent: Intent) throws(LabError) {
    self.intent = intent
    self.spec = spec
    guard let management = spec.management else { return }
    let taken = intent.labs.filter { $0.key != spec.name }.flatMap { name, lab in lab.networks.map { (name, $0.subnet) } }
    for (family, isIPv6) in [(management.ipv4, false), (management.ipv6, true)] {
      guard let family else { continue }
      let before = old?.networks.first { $0.subnet.isIPv6 == isIPv6 }?.subnet
      guard let subnet = try subnet(family, isIPv6: isIPv6, before, taken), let gateway = family.gateway ?? subnet.address(at: 1) else {
        throw LabError(.resourceExhausted, "lab \(spec.name)", "no subnet is left for its management network (give mgmt: one)")
      }
      guard subnet.isForHosts(gateway) else {
        throw LabError(
          .invalidArgument, "lab \(spec.name)", "the gateway \(gateway) of its management network is not an address of \(subnet)")
      }
      networks.append(ManagementNetwork(subnet: subnet, gateway: gateway))
    }
  }

  private func subnet(
    _ family: ManagementSpec.Family, isIPv6: Bool, _ before: Subnet?, _ taken: [(lab: LabName, subnet: Subnet)]
  ) throws(LabError) -> Subnet? {
    if let wish = family.subnet {
      guard let other = taken.filter({ $0.subnet.overlaps(wish) }).min(by: { $0.lab < $1.lab }) else { return wish }
      throw LabError(
        .failedPrecondition, "lab \(spec.name)",
        "its management network \(wish) overlaps \(other.subnet) of lab \(other.lab) (give mgmt: another subnet, or none)")
    }
    if let before, Self.pool(isIPv6: isIPv6).contains(before) { return before }
    return Self.pool(isIPv6: isIPv6).first { candidate in !taken.contains { $0.subnet.overlaps(candidate) } }
  }

  /// Subnets that labs get which ask for none; containerlab's own is the first.
  private static func pool(isIPv6: Bool) -> [Subnet] {
    (20...255).compactMap { try? Subnet(isIPv6 ? "3fff:172:20:\($0)::/64" : "172.20.\($0).0/24") }
  }

  /// Of each node, by position.
  ///
  /// - Parameter known: what nodes have.
  func addresses(keeping known: [NodeName: [IPAddress]]) throws(LabError) -> [[IPAddress]] {
    var addresses: [[IPAddress]] = spec.nodes.map { _ in [] }
    let members = spec.nodes.indices.filter { !spec.nodes[$0].management.isOff && !spec.nodes[$0].isExternal }
    for network in networks {
      var owners = try wishes(in: network)
      var chosen: [Int: IPAddress] = [:]
      for index in members {
        let node = spec.nodes[index]
        if let wish = node.management.addresses.first(where: { $0.isIPv6 == network.subnet.isIPv6 }) {
          chosen[index] = wish
        } else if let old = known[node.name]?.first(where: { network.subnet.isForHosts($0) }), old != network.gateway, owners[old] == nil {
          owners[old] = node.name
          chosen[index] = old
        }
      }
      var number: UInt64 = 1
      for index in members {
        while chosen[index] == nil {
          guard number <= network.subnet.room, let next = network.subnet.address(at: number) else {
            throw LabError(
              .invalidArgument, "lab \(spec.name)",
              "its management network \(network.subnet) has room for \(network.subnet.room) addresses, which is too few for \(members.count) nodes and "
                + "a gateway (give mgmt: a larger subnet)")
          }
          number += 1
          guard next != network.gateway, owners[next] == nil else { continue }
          owners[next] = spec.nodes[index].name
          chosen[index] = next
        }
      }
      for index in members { if let address = chosen[index] { addresses[index].append(address) } }
    }
    return addresses
  }

  /// Who has asked for which address.
  private func wishes(in network: ManagementNetwork) throws(LabError) -> [IPAddress: NodeName] {
    var owners: [IPAddress: NodeName] = [:]
    for node in spec.nodes {
      guard let wish = node.management.addresses.first(where: { $0.isIPv6 == network.subnet.isIPv6 }) else { continue }
      let subject = "\(spec.name)/\(node.name)"
      guard network.subnet.isForHosts(wish) else {
        throw LabError(.invalidArgument, subject, "its management address \(wish) is not one of \(network.subnet)")
      }
      if wish == network.gateway { throw LabError(.invalidArgument, subject, "its management address \(wish) is the gateway's") }
      if let other = owners.updateValue(node.name, forKey: wish) {
        throw LabError(.invalidArgument, subject, "its management address \(wish) is \(other)'s too")
      }
    }
    return owners
  }
}

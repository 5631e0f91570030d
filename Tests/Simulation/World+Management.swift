import Model

/// Labs' management networks, in some worlds: what they consist of is drawn from a stream of its own, so that the other worlds stay as they are.
extension World {
  private static let subnets = ["172.20.20.0/24", "172.20.20.128/25", "10.9.0.0/29", "10.9.0.0/30"].compactMap { try? Subnet($0) }

  /// A lab with a management network, or with another one than it had.
  ///
  /// - Parameter isNew: it has none yet.
  mutating func managed(_ spec: LabSpec, isNew: Bool) -> LabSpec {
    guard isManaged, addressing.happens(isNew ? 700 : 150) else { return spec }
    var spec = spec
    spec.management = addressing.happens(isNew ? 0 : 300) ? nil : managementNetwork()
    for index in spec.nodes.indices {
      spec.nodes[index].management = NodeManagement(isOff: addressing.happens(100) || spec.nodes[index].isExternal)
      publish(&spec, index)
      // What no file can say, a peer may.
      guard addressing.happens(150), let subnet = spec.management?.ipv4?.subnet, let wish = subnet.address(at: addressing.below(8) + 1),
        !spec.nodes[index].isExternal
      else { continue }
      spec.nodes[index].management.addresses = [wish]
    }
    return spec
  }

  /// Some nodes publish a port, now and then one that another node has: such a lab is refused. Nothing is drawn for it.
  private func publish(_ spec: inout LabSpec, _ index: Int) {
    let chance = StableHash.of("\(spec.name) \(spec.nodes[index].name) \(spec.nodes.count)")
    guard chance % 5 == 0, !spec.nodes[index].management.isOff else { return }
    spec.nodes[index].management.ports = [PublishedPort(port: UInt16(8_000 + chance / 5 % 200), nodePort: 80)]
  }

  private mutating func managementNetwork() -> ManagementSpec {
    let subnet = addressing.happens(500) ? addressing.pick(Self.subnets) : nil
    let gateway = addressing.happens(200) ? subnet?.address(at: 2) : nil
    return ManagementSpec(
      ipv4: ManagementSpec.Family(subnet: subnet, gateway: gateway), ipv6: addressing.happens(300) ? ManagementSpec.Family() : nil,
      mtu: addressing.happens(100) ? 1_400 : 1_500, reachesOutside: addressing.happens(200))
  }

  /// It vanishes, or a part of it.
  mutating func loseSegment(on host: SimulatedHost) {
    guard isManaged, addressing.happens(faults.deviceLoss), let lab = addressing.pick(host.truth.management.keys.sorted()) else { return }
    let way = addressing.below(4)
    disturb(host) { host in
      var segment = host.truth.management[lab]
      if way == 0 { segment = nil }
      if way == 1 { segment?.isWhole = false }
      if way == 2 { segment?.gateways = [] }
      if way == 3 {
        let hasRules = segment?.rules != nil
        segment?.rules = hasRules ? nil : 1
      }
      host.set(lab, segment)
    }
  }

  /// The host comes to have another way to addresses of ours, or loses it.
  mutating func takeSubnet(on host: SimulatedHost) {
    guard isManaged, addressing.happens(faults.foreign), host.isOn, let subnet = addressing.pick(Self.subnets) else { return }
    if host.foreignSubnets.remove(subnet) == nil { host.foreignSubnets.insert(subnet) }
  }
}

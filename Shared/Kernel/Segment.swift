import CLinux
import CMNL
import Glibc
public import Model

/// How a lab's management network is made on a host: a bridge in the fabric, and a pair of devices whose other end is in the host's own
/// namespace.
public struct SegmentSpec: Sendable, Hashable {
  public var lab: LabKey
  /// Names and marks; `DeviceName` and `Mark` make them.
  public var bridge: String
  public var bridgeAlias: [UInt8]
  public var gate: String
  public var gateAlias: [UInt8]
  /// At the host.
  public var hostGate: String
  public var mac: MACAddress
  public var wish: AssignedManagement
  /// Of the table of rules; nil: it needs none.
  public var rulesMark: [UInt8]?
  public var group: UInt32

  public init(_ lab: LabKey, _ wish: AssignedManagement, in deployment: Deployment, on host: HostName, group: UInt32) {
    self.lab = lab
    self.wish = wish
    rulesMark = wish.rules.map {
      Mark(deployment: deployment, host: host, subject: .rules(lab, $0, count: wish.ruleCount)).alias
    }
    bridge = DeviceName.bridge(of: lab, in: deployment)
    bridgeAlias = Mark(deployment: deployment, host: host, subject: .bridge(lab)).alias
    gate = DeviceName.gate(of: lab, in: deployment)
    gateAlias = Mark(deployment: deployment, host: host, subject: .gate(lab)).alias
    hostGate = DeviceName.hostGate(of: lab, in: deployment)
    mac = MACAddress(ofGate: lab, of: host, in: deployment)
    self.group = group
  }

  var gateways: [InterfaceAddress] { wish.gateways }
  var mtu: Int { wish.mtu }
}

/// The host's own namespace, as far as gates end in it.
public struct HostSide: Sendable, Hashable {
  /// What the fabric calls it; nil: nothing of the fabric ends in it.
  public var namespace: Int32?
  public var addresses: [UInt32: Set<InterfaceAddress>]
}

extension LinuxLinkTable.State {
  mutating func join(_ ports: [(device: UInt32, bridge: UInt32)]) -> [KernelError?] {
    fabric.perform(ports) {
      "make device \($0.device) a port"
    } write: { port, message in
      message.link(Int(RTM_NEWLINK), index: port.device)
      message.put(IFLA_MASTER, port.bridge)
    }
  }

  mutating func hostSide() throws(KernelError) -> HostSide {
    HostSide(namespace: try fabric.namespaceIDs([hostNamespace.descriptor.number])[0], addresses: try host.addresses())
  }

  mutating func ensureSegment(_ spec: SegmentSpec) -> LinkOutcome {
    do throws(KernelError) {
      let bridge = try ensureBridge(spec)
      let gate = try ensureGate(spec)
      try raise(spec, bridge: bridge, gate: gate.index)
      try finish(spec, gate.end)
      try setRules(spec)
      return .success(bridge)
    } catch { return .failure(error) }
  }

  private mutating func ensureBridge(_ spec: SegmentSpec) throws(KernelError) -> UInt32 {
    if let present = try fabric.device(named: spec.bridge) {
      guard present.kind == .bridge, present.alias.isEmpty || present.alias == spec.bridgeAlias else {
        throw KernelError(EEXIST, "create bridge \(spec.bridge)", "another device has its name")
      }
      return present.index
    }
    let index = try reserveIndices(1)
    try fabric.perform("create bridge \(spec.bridge)") { message in
      message.link(Int(RTM_NEWLINK), flags: NLM_F_CREATE | NLM_F_EXCL, index: index)
      message.put(IFLA_IFNAME, spec.bridge)
      message.put(IFLA_GROUP, spec.group)
      message.nest(IFLA_LINKINFO) { message.put(IFLA_INFO_KIND, "bridge") }
    }
    // Marked at once: it is known and goes with its lab, also where the rest can't be made.
    try fabric.perform("mark bridge \(spec.bridge)") { message in
      message.link(Int(RTM_NEWLINK), index: index)
      message.put(IFLA_IFALIAS, spec.bridgeAlias + [0])
    }
    return index
  }

  /// Both ends; a pair whose other end isn't where it should be is made anew.
  private mutating func ensureGate(_ spec: SegmentSpec) throws(KernelError) -> (index: UInt32, end: UInt32) {
    if let present = try fabric.device(named: spec.gate) {
      guard present.kind == .veth, present.alias.isEmpty || present.alias == spec.gateAlias else {
        throw KernelError(EEXIST, "create gate \(spec.gate)", "another device has its name")
      }
      let home = try fabric.namespaceIDs([hostNamespace.descriptor.number])[0]
      if let peer = present.peer, peer.namespace != nil, peer.namespace == home, let end = try fabric.devices([peer])[0],
        end.name == spec.hostGate
      {
        return (present.index, end.index)
      }
      for case let error? in delete([present.index]) { throw error }
    }
    try checkRoutes(spec, spec.gateways, except: nil)
    let index = try reserveIndices(1)
    let destination = hostNamespace.descriptor.number
    do throws(KernelError) {
      try fabric.perform("create gate \(spec.gate) with \(spec.hostGate)") { message in
        message.createVeth(
          spec.gate, index: index, group: spec.group, peer: spec.hostGate, in: destination, mac: spec.mac, mtu: spec.mtu)
      }
    } catch  where error.code == EEXIST {
      throw KernelError(EEXIST, error.action, "the host has another device \(spec.hostGate) (remove it)")
    }
    guard let end = try host.device(named: spec.hostGate) else {
      throw KernelError(ENODEV, "create gate \(spec.gate)", "its end at the host has gone")
    }
    return (index, end.index)
  }

  private mutating func raise(_ spec: SegmentSpec, bridge: UInt32, gate: UInt32) throws(KernelError) {
    let steps = [(bridge, nil, spec.bridgeAlias), (gate, bridge, spec.gateAlias)]
    let outcomes = fabric.perform(steps) { step in
      "set device \(step.0) of the management network up"
    } write: { step, message in
      message.link(Int(RTM_NEWLINK), index: step.0, set: UInt32(IFF_UP), change: UInt32(IFF_UP))
      if let master = step.1 { message.put(IFLA_MASTER, master) }
      message.put(IFLA_IFALIAS, step.2 + [0])
    }
    for case let error? in outcomes { throw error }
  }

  /// The host's end: its state, and its addresses and no others.
  private mutating func finish(_ spec: SegmentSpec, _ end: UInt32) throws(KernelError) {
    let present = try host.addresses()[end] ?? []
    let missing = spec.gateways.filter { !present.contains($0) }
    try checkRoutes(spec, missing, except: end)
    try host.perform("set \(spec.hostGate) up") { message in
      message.link(Int(RTM_NEWLINK), index: end, set: UInt32(IFF_UP), change: UInt32(IFF_UP))
      message.put(IFLA_MTU, UInt32(spec.mtu))
      message.put(IFLA_IFALIAS, spec.gateAlias + [0])
    }
    if missing.contains(where: \.address.isIPv6) { try hostNamespace.enableIPv6(on: spec.hostGate) }
    try host.set(present.subtracting(spec.gateways).sorted { "\($0)" < "\($1)" }, of: end, present: false)
    try host.set(missing, of: end, present: true)
  }

  private mutating func setRules(_ spec: SegmentSpec) throws(KernelError) {
    guard let mark = spec.rulesMark else {
      if let error = deleteRules(of: spec.hostGate) { throw error }
      return
    }
    let action = spec.wish.ports.isEmpty ? "let nodes out" : "publish ports"
    if rules == nil { throw KernelError(EOPNOTSUPP, action, "this kernel has no nf_tables") }
    try Forwarding.check(action, in: hostNamespace, hasIPv6: spec.gateways.contains(where: \.address.isIPv6))
    let present = try rules?.ruleTables().first { $0.name == spec.hostGate }
    if let present, Mark(alias: present.mark) == nil {
      throw KernelError(EEXIST, action, "another table of nftables has the name \(spec.hostGate)")
    }
    // Nobody of the host's own may lose what comes for him. Once they lead to nodes, who binds them later is not asked.
    if present?.mark != mark { try checkPorts(spec.wish.ports.map(\.published)) }
    try rules?.replace(
      RuleSpec(
        gate: spec.hostGate, mark: mark, subnets: spec.wish.reachesOutside ? spec.gateways.map(\.subnet) : [], ports: spec.wish.ports))
    if !spec.wish.ports.isEmpty { try Forwarding.letLoopbackOut(by: spec.hostGate, in: hostNamespace) }
    try Forwarding.set(spec.hostGate, in: hostNamespace, isAllowed: true)
  }

  /// A port on which a process of the host listens is refused.
  private func checkPorts(_ ports: [PublishedPort]) throws(KernelError) {
    try hostNamespace.inside { () throws(KernelError) in
      for port in ports where PortProbe.isTaken(port) {
        throw KernelError(EADDRINUSE, "publish port \(port.place)", "a process of this host has it (give ports another one)")
      }
    }
  }

  mutating func deleteRules(of gate: String) -> KernelError? {
    do throws(KernelError) {
      guard let present = try rules?.ruleTables().first(where: { $0.name == gate }), Mark(alias: present.mark) != nil else { return nil }
      try Forwarding.set(gate, in: hostNamespace, isAllowed: false)
      try rules?.deleteTable(gate)
      return nil
    } catch { return error }
  }

  /// Where the host has a way to an address already, its packets and the nodes' would go astray.
  private mutating func checkRoutes(_ spec: SegmentSpec, _ gateways: [InterfaceAddress], except own: UInt32?) throws(KernelError) {
    if gateways.isEmpty { return }
    for route in try host.routes() where route.device != own {
      guard let gateway = gateways.first(where: { $0.subnet.overlaps(route.subnet) }) else { continue }
      let device = try host.devices([DeviceState.Peer(namespace: nil, index: route.device)])[0]?.name ?? "another device"
      throw KernelError(
        EADDRINUSE, "make the management network \(gateway.subnet)",
        "this host has a route to \(route.subnet) by \(device) (give mgmt: another subnet)")
    }
  }
}

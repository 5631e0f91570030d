import Model

extension LabStatus: WireValue {
  init(_ message: Proto.LabStatus) throws(LabError) {
    self.init(
      lab: try LabName(message.lab), generation: message.generation, revision: Revision(message.revision), converged: message.converged,
      reason: message.reason, nodes: try NodeStatus.list(message.nodes), links: try LinkStatus.list(message.links))
  }
  var message: Proto.LabStatus {
    Proto.LabStatus(
      lab: lab.text, generation: generation, revision: revision.number, converged: converged, reason: reason, nodes: nodes.messages,
      links: links.messages)
  }
}

extension NodeStatus: WireValue {
  init(_ message: Proto.NodeStatus) throws(LabError) {
    self.init(
      name: try NodeName(message.name), key: try NodeKey(required: message.key), kind: message.kind, host: try HostName(message.host),
      desired: try DesiredState(message.desired), phase: try Phase(message.phase), reason: message.reason,
      pid: try optionalPID(message.pid), configDesired: try optionalDigest(message.configDesired),
      configApplied: try optionalDigest(message.configApplied), restarts: Int(message.restarts),
      interfaces: try InterfaceStatus.list(message.interfaces))
  }
  var message: Proto.NodeStatus {
    Proto.NodeStatus(
      name: name.text, key: key.message, kind: kind, host: host.text, desired: desired.message, phase: phase.message, reason: reason,
      pid: UInt32(pid: pid), configDesired: configDesired?.hex ?? "", configApplied: configApplied?.hex ?? "",
      restarts: UInt32(count: restarts), interfaces: interfaces.messages)
  }
}

extension InterfaceStatus: WireValue {
  init(_ message: Proto.InterfaceStatus) throws(LabError) {
    self.init(
      ordinal: try Ordinal(Int(message.ordinal)), mac: try MACAddress(message.mac), mtu: Int(message.mtu),
      state: try LinkState(message.state), addresses: try InterfaceAddress.list(message.addresses))
  }
  var message: Proto.InterfaceStatus {
    Proto.InterfaceStatus(
      ordinal: UInt32(ordinal.number), mac: mac.bytes, mtu: UInt32(count: mtu), state: state.message, addresses: addresses.messages)
  }
}

extension LinkState: WireEnumeration {
  var message: Proto.LinkState {
    switch self {
    case .up: .up
    case .down: .down
    case .unknown: .unknown
    }
  }
}

extension LinkStatus: WireValue {
  init(_ message: Proto.LinkStatus) throws(LabError) {
    self.init(
      spec: try LinkSpec(required: message.spec), hostA: try HostName(message.hostA), hostB: try HostName(message.hostB),
      state: try LinkState(message.state), reason: message.reason, vni: try optionalVNI(message.vni), mtu: Int(message.mtu))
  }
  var message: Proto.LinkStatus {
    Proto.LinkStatus(
      spec: spec.message, hostA: hostA.text, hostB: hostB.text, state: state.message, reason: reason, vni: vni?.number ?? 0,
      mtu: UInt32(count: mtu))
  }
}

extension LabSummary: WireValue {
  init(_ message: Proto.LabSummary) throws(LabError) {
    self.init(
      key: try LabKey(required: message.key), revision: Revision(message.revision), generation: message.generation,
      nodes: Int(message.nodes), ready: Int(message.ready), links: Int(message.links), up: Int(message.up),
      hosts: try names(message.hosts), converged: message.converged, reason: message.reason)
  }
  var message: Proto.LabSummary {
    Proto.LabSummary(
      key: key.message, revision: revision.number, generation: generation, nodes: UInt32(count: nodes), ready: UInt32(count: ready),
      links: UInt32(count: links), up: UInt32(count: up), hosts: hosts.map(\.text), converged: converged, reason: reason)
  }
}

extension HostStatus: WireValue {
  init(_ message: Proto.HostStatus) throws(LabError) {
    let load = try HostLoad(required: message.load)
    self.init(
      name: try HostName(message.name), state: try HostState(message.state), session: message.session.map { Session($0) },
      nodes: Int(message.nodes), links: Int(message.links), revision: Revision(message.revision),
      // An empty one stands for none: older command lines need one.
      load: load == HostLoad() ? nil : load, restraint: try Restraint.optional(message.restraint),
      placed: Int(message.placed), reason: message.reason, lacks: message.lacks, spec: try HostSpec(required: message.spec))
  }
  var message: Proto.HostStatus {
    Proto.HostStatus(
      name: name.text, state: state.message, session: session?.number, nodes: UInt32(count: nodes), links: UInt32(count: links),
      revision: revision.number, load: (load ?? HostLoad()).message, restraint: restraint?.message, reason: reason,
      placed: UInt32(count: placed), lacks: lacks, spec: spec.message)
  }
}

extension HostState: WireEnumeration {
  var message: Proto.HostState {
    switch self {
    case .online: .online
    case .lost: .lost
    case .drained: .drained
    }
  }
}

import Model

extension Lab: SecretWireValue {
  init(_ message: Proto.Lab, _ secrets: SecretReader) throws(LabError) {
    self.init(
      key: try LabKey(required: message.key), generation: message.generation, wiring: message.wiring,
      spec: try LabSpec(required: message.spec, secrets), nodes: try NodeIntent.list(message.nodes),
      networks: try ManagementNetwork.list(message.networks))
    guard nodes.count == spec.nodes.count else {
      throw LabError(.invalidArgument, "\(key)", "intent for \(nodes.count) nodes beside a spec of \(spec.nodes.count)")
    }
  }

  func message(_ secrets: inout SecretWriter) -> Proto.Lab {
    Proto.Lab(
      key: key.message, generation: generation, wiring: wiring, spec: spec.message(&secrets), nodes: nodes.messages,
      networks: networks.messages)
  }
}

extension NodeIntent: WireValue {
  init(_ message: Proto.NodeIntent) throws(LabError) {
    self.init(
      born: Revision(message.born), host: try HostName(message.host), desired: try DesiredState(message.desired),
      startSerial: message.startSerial, addresses: try IPAddress.list(message.addresses))
  }
  var message: Proto.NodeIntent {
    Proto.NodeIntent(
      born: born.number, host: host.text, desired: desired.message, startSerial: startSerial, addresses: addresses.messages)
  }
}

extension DesiredState: WireEnumeration {
  var message: Proto.DesiredState {
    switch self {
    case .running: .running
    case .stopped: .stopped
    }
  }
}

extension Segments: WireValue {
  init(_ message: Proto.Segments) throws(LabError) {
    self.init(lab: try LabKey(required: message.lab), wiring: message.wiring, segments: try Segment.list(message.segments))
  }
  var message: Proto.Segments { Proto.Segments(lab: lab.message, wiring: wiring, segments: segments.messages) }
}

extension Segment: WireValue {
  init(_ message: Proto.Segment) throws(LabError) {
    let path: SegmentPath
    switch message.path {
    case .patch(let host): path = .patch(try HostName(host))
    case .tunnel(let tunnel):
      path = .tunnel(try VNI(tunnel.vni), a: try TunnelEnd(required: tunnel.a), b: try TunnelEnd(required: tunnel.b))
    case nil: throw missing("path of a segment")
    }
    self.init(link: try LinkID(required: message.link), path: path, mtu: try Wire.mtu(message.mtu))
  }

  var message: Proto.Segment {
    let way: Proto.Segment.Path =
      switch path {
      case .patch(let host): .patch(host.text)
      case .tunnel(let vni, let a, let b): .tunnel(Proto.SegmentTunnel(vni: vni.number, a: a.message, b: b.message))
      }
    return Proto.Segment(link: link.message, mtu: UInt32(count: mtu), path: way)
  }
}

extension TunnelEnd: WireValue {
  init(_ message: Proto.TunnelEnd) throws(LabError) { self.init(try HostName(message.host), try IPAddress(message.address)) }
  var message: Proto.TunnelEnd { Proto.TunnelEnd(host: host.text, address: address.text) }
}

extension Projection: SecretWireValue {
  init(_ message: Proto.Projection, _ secrets: SecretReader) throws(LabError) {
    self.init(lab: try Lab(required: message.lab, secrets), segments: try Segments(required: message.segments))
  }
  func message(_ secrets: inout SecretWriter) -> Proto.Projection {
    Proto.Projection(lab: lab.message(&secrets), segments: segments.message)
  }
}

extension Tombstone: WireValue {
  init(_ message: Proto.Tombstone) throws(LabError) {
    self.init(vni: try VNI(message.vni), freed: Revision(message.freed), hosts: try names(message.hosts))
  }
  var message: Proto.Tombstone { Proto.Tombstone(vni: vni.number, freed: freed.number, hosts: hosts.map(\.text)) }
}

extension HostSpec: WireValue {
  init(_ message: Proto.HostSpec) throws(LabError) {
    self.init(
      name: try HostName(message.name), underlay: try IPAddress(message.underlay), underlayMTU: Int(message.underlayMtu),
      capacity: Int(message.capacity), runtimes: message.runtimes, capabilities: message.capabilities)
  }
  var message: Proto.HostSpec {
    Proto.HostSpec(
      name: name.text, underlay: underlay.text, underlayMtu: UInt32(count: underlayMTU), capacity: UInt32(count: capacity),
      runtimes: runtimes, capabilities: capabilities)
  }
}

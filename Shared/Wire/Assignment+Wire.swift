import Model

extension Assignment: SecretWireValue {
  init(_ message: Proto.Assignment, _ secrets: SecretReader) throws(LabError) {
    self.init(
      host: try HostName(message.host), store: try StoreIdentity(required: message.store), revision: Revision(message.revision),
      labs: try AssignedLab.list(message.labs, secrets))
  }
  func message(_ secrets: inout SecretWriter) -> Proto.Assignment {
    Proto.Assignment(host: host.text, store: store.message, revision: revision.number, labs: labs.messages(&secrets))
  }
}

extension AssignedLab: SecretWireValue {
  init(_ message: Proto.AssignedLab, _ secrets: SecretReader) throws(LabError) {
    self.init(
      key: try LabKey(required: message.key), nodes: try AssignedNode.list(message.nodes, secrets),
      links: try AssignedLink.list(message.links), management: try AssignedManagement.optional(message.management))
  }
  func message(_ secrets: inout SecretWriter) -> Proto.AssignedLab {
    Proto.AssignedLab(key: key.message, nodes: nodes.messages(&secrets), links: links.messages, management: management?.message)
  }
}

extension AssignedNode: SecretWireValue {
  init(_ message: Proto.AssignedNode, _ secrets: SecretReader) throws(LabError) {
    self.init(
      key: try NodeKey(required: message.key), spec: try NodeSpec(required: message.spec, secrets),
      desired: try DesiredState(message.desired), startSerial: message.startSerial,
      interfaces: try AssignedInterface.list(message.interfaces), awaited: try AwaitedNode.list(message.awaited),
      watchers: try message.watchers.map { name throws(LabError) in try HostName(name) })
  }
  func message(_ secrets: inout SecretWriter) -> Proto.AssignedNode {
    Proto.AssignedNode(
      key: key.message, spec: spec.message(&secrets), desired: desired.message, startSerial: startSerial, interfaces: interfaces.messages,
      awaited: awaited.messages, watchers: watchers.map(\.text))
  }
}

extension AwaitedNode: WireValue {
  init(_ message: Proto.AwaitedNode) throws(LabError) {
    self.init(
      try NodeKey(required: message.key), on: try HostName(message.host), startSerial: message.startSerial, specDigest: message.specDigest)
  }
  var message: Proto.AwaitedNode {
    Proto.AwaitedNode(key: key.message, host: host.text, startSerial: startSerial, specDigest: specDigest)
  }
}

extension AssignedInterface: WireValue {
  init(_ message: Proto.AssignedInterface) throws(LabError) {
    self.init(
      ordinal: try Ordinal(Int(message.ordinal)), mtu: try Wire.mtu(message.mtu),
      addressing: Addressing(
        addresses: try InterfaceAddress.list(message.addresses), gateways: try IPAddress.list(message.gateways)))
  }
  var message: Proto.AssignedInterface {
    Proto.AssignedInterface(
      ordinal: UInt32(ordinal.number), mtu: UInt32(count: mtu), addresses: addressing.addresses.messages,
      gateways: addressing.gateways.messages)
  }
}

extension AssignedLink: WireValue {
  init(_ message: Proto.AssignedLink) throws(LabError) {
    let path: AssignedPath
    switch message.path {
    case .patch: path = .patch
    case .tunnel(let tunnel): path = .tunnel(try AssignedTunnel(tunnel))
    case nil: throw missing("path of a link")
    }
    self.init(link: try LinkID(required: message.link), path: path)
  }

  var message: Proto.AssignedLink {
    let way: Proto.AssignedLink.Path =
      switch path {
      case .patch: .patch(Proto.Nothing())
      case .tunnel(let tunnel): .tunnel(tunnel.message)
      }
    return Proto.AssignedLink(link: link.message, path: way)
  }
}

extension AssignedTunnel: WireValue {
  init(_ message: Proto.AssignedTunnel) throws(LabError) {
    self.init(
      near: try Endpoint(required: message.near), vni: try VNI(message.vni), local: try IPAddress(message.local),
      remote: try IPAddress(message.remote), farHost: try HostName(message.farHost), mtu: try Wire.mtu(message.mtu))
  }
  var message: Proto.AssignedTunnel {
    Proto.AssignedTunnel(
      near: near.message, vni: vni.number, local: local.text, remote: remote.text, farHost: farHost.text, mtu: UInt32(count: mtu))
  }
}

import Model

extension LabKey: WireValue {
  init(_ message: Proto.LabKey) throws(LabError) { self.init(try LabName(message.name), born: Revision(message.born)) }
  var message: Proto.LabKey { Proto.LabKey(name: name.text, born: born.number) }
}

extension NodeKey: WireValue {
  init(_ message: Proto.NodeKey) throws(LabError) {
    self.init(try LabKey(required: message.lab), try NodeName(message.name), born: Revision(message.born))
  }
  var message: Proto.NodeKey { Proto.NodeKey(lab: lab.message, name: name.text, born: born.number) }
}

extension NodeID: WireValue {
  init(_ message: Proto.NodeID) throws(LabError) { self.init(try LabName(message.lab), try NodeName(message.node)) }
  var message: Proto.NodeID { Proto.NodeID(lab: lab.text, node: node.text) }
}

extension Endpoint: WireValue {
  init(_ message: Proto.Endpoint) throws(LabError) { self.init(try NodeName(message.node), try Ordinal(Int(message.ordinal))) }
  var message: Proto.Endpoint { Proto.Endpoint(node: node.text, ordinal: UInt32(ordinal.number)) }
}

extension LinkID: WireValue {
  init(_ message: Proto.LinkID) throws(LabError) { self.init(try Endpoint(required: message.a), try Endpoint(required: message.b)) }
  var message: Proto.LinkID { Proto.LinkID(a: a.message, b: b.message) }
}

extension TunnelKey: WireValue {
  init(_ message: Proto.TunnelKey) throws(LabError) { self.init(try LabKey(required: message.lab), try LinkID(required: message.link)) }
  var message: Proto.TunnelKey { Proto.TunnelKey(lab: lab.message, link: link.message) }
}

extension StoreIdentity: WireValue {
  init(_ message: Proto.StoreIdentity) throws(LabError) {
    self.init(
      deployment: try Deployment(message.deployment), incarnation: try Incarnation(message.incarnation),
      predecessors: try message.predecessors.map { text throws(LabError) in try Incarnation(text) })
  }
  var message: Proto.StoreIdentity {
    Proto.StoreIdentity(deployment: deployment.text, incarnation: incarnation.text, predecessors: predecessors.map(\.text))
  }
}

extension ExecID: WireValue {
  init(_ message: Proto.ExecID) { self.init(Instance(message.instance), message.number) }
  var message: Proto.ExecID { Proto.ExecID(instance: instance.number, number: number) }
}

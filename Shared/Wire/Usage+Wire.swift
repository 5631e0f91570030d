import Model

extension UsageQuery: WireValue {
  init(_ message: Proto.UsageRequest) throws(LabError) {
    self.init(
      lab: message.lab.isEmpty ? nil : try LabName(message.lab),
      nodes: try message.nodes.map { name throws(LabError) in try NodeName(name) }, after: try NodeID.optional(message.after))
  }
  var message: Proto.UsageRequest {
    Proto.UsageRequest(lab: lab?.text ?? "", nodes: nodes.map(\.text), after: after?.message)
  }
}

extension UsagePage: WireValue {
  init(_ message: Proto.UsageReply) throws(LabError) {
    self.init(nodes: try NodeUsage.list(message.nodes), last: try NodeID.optional(message.last))
  }
  var message: Proto.UsageReply { Proto.UsageReply(nodes: nodes.messages, last: last?.message) }
}

extension NodeUsage: WireValue {
  init(_ message: Proto.NodeUsage) throws(LabError) {
    var resources = ResourceUsage(pid: message.pid)
    (resources.processor, resources.throttledPeriods, resources.throttled) = (
      message.processor, message.throttledPeriods, message.throttled
    )
    (resources.memory, resources.memoryLimit) = (message.memory, message.memoryLimit == 0 ? nil : message.memoryLimit)
    (resources.processes, resources.processLimit) = (message.processes, message.processLimit == 0 ? nil : message.processLimit)
    resources.memoryKills = message.memoryKills
    self.init(
      node: try NodeID(required: message.node), at: message.at, resources: resources,
      interfaces: try InterfaceUsage.list(message.interfaces))
  }
  var message: Proto.NodeUsage {
    Proto.NodeUsage(
      node: node.message, at: at, pid: resources.pid, processor: resources.processor, throttledPeriods: resources.throttledPeriods,
      throttled: resources.throttled, memory: resources.memory, memoryLimit: resources.memoryLimit ?? 0, processes: resources.processes,
      processLimit: resources.processLimit ?? 0, memoryKills: resources.memoryKills, interfaces: interfaces.messages)
  }
}

extension InterfaceUsage: WireValue {
  init(_ message: Proto.InterfaceUsage) throws(LabError) {
    self.init(
      try Ordinal(Int(message.ordinal)), name: message.name,
      received: Traffic(bytes: message.receivedBytes, packets: message.receivedPackets),
      sent: Traffic(bytes: message.sentBytes, packets: message.sentPackets))
  }
  var message: Proto.InterfaceUsage {
    Proto.InterfaceUsage(
      ordinal: UInt32(ordinal.number), receivedBytes: received.bytes, receivedPackets: received.packets, sentBytes: sent.bytes,
      sentPackets: sent.packets, name: name)
  }
}

import Model

extension HostChange: WireValue {
  init(_ message: Proto.HostChange) throws(LabError) {
    switch message.change {
    case .exited(let end): self = .exited(try NodeEnd(end))
    case .node(let node): self = .node(try ObservedNode(node))
    case .nodeGone(let key): self = .nodeGone(try NodeKey(key))
    case .end(let end): self = .end(try ObservedEnd(end))
    case .endGone(let key): self = .endGone(try TunnelKey(key))
    case .path(let path): self = .path(try ObservedPath(path))
    case .pathGone(let remote): self = .pathGone(try IPAddress(remote))
    case nil: throw missing("change of a host")
    }
  }

  var message: Proto.HostChange {
    let change: Proto.HostChange.Change =
      switch self {
      case .exited(let end): .exited(end.message)
      case .node(let node): .node(node.message)
      case .nodeGone(let key): .nodeGone(key.message)
      case .end(let end): .end(end.message)
      case .endGone(let key): .endGone(key.message)
      case .path(let path): .path(path.message)
      case .pathGone(let remote): .pathGone(remote.text)
      }
    return Proto.HostChange(change: change)
  }
}

extension NodeEnd: WireValue {
  init(_ message: Proto.Exited) throws(LabError) {
    self.init(
      number: try endNumber(message.number), node: try NodeKey(required: message.node), pid: try optionalPID(message.pid) ?? 0,
      exit: try Exit(required: message.exit), reason: message.reason)
  }
  var message: Proto.Exited {
    Proto.Exited(node: node.message, exit: exit.message, number: number, pid: UInt32(pid: pid), reason: reason)
  }
}

extension EndSeries: WireValue {
  init(_ message: Proto.EndSeries) throws(LabError) {
    guard message.acknowledged <= Limits.sequence else { throw LabError(.outOfRange, "end \(message.acknowledged)", "no host has as many") }
    self.init(origin: Instance(message.origin), acknowledged: message.acknowledged)
  }
  var message: Proto.EndSeries { Proto.EndSeries(origin: origin.number, acknowledged: acknowledged) }
}

/// An end's number.
private func endNumber(_ number: UInt64) throws(LabError) -> UInt64 {
  guard (1...Limits.sequence).contains(number) else {
    throw LabError(.outOfRange, "end \(number)", "ends are numbered 1 to \(Limits.sequence)")
  }
  return number
}

extension Exit: WireValue {
  init(_ message: Proto.Exit) throws(LabError) {
    switch message.exit {
    case .code(let code): self = .code(code)
    case .signal(let signal): self = .signal(signal)
    case .unknown: self = .unknown
    case nil: throw missing("kind of an exit")
    }
  }

  var message: Proto.Exit {
    switch self {
    case .code(let code): Proto.Exit(exit: .code(code))
    case .signal(let signal): Proto.Exit(exit: .signal(signal))
    case .unknown: Proto.Exit(exit: .unknown(Proto.Nothing()))
    }
  }
}

extension ObservedNode: WireValue {
  init(_ message: Proto.ObservedNode) throws(LabError) {
    self.init(
      key: try NodeKey(required: message.key), phase: try Phase(message.phase), reason: message.reason, pid: try optionalPID(message.pid),
      startSerial: message.startSerial, config: try optionalDigest(message.config), restarts: Int(message.restarts),
      execDone: message.execDone, interfaces: try ObservedInterface.list(message.interfaces))
  }
  var message: Proto.ObservedNode {
    Proto.ObservedNode(
      key: key.message, phase: phase.message, reason: reason, pid: UInt32(pid: pid), startSerial: startSerial, config: config?.hex ?? "",
      restarts: UInt32(count: restarts), execDone: execDone, interfaces: interfaces.messages)
  }
}

extension Phase: WireEnumeration {
  var message: Proto.Phase {
    switch self {
    case .pending: .pending
    case .preparing: .preparing
    case .starting: .starting
    case .booting: .booting
    case .ready: .ready
    case .stopping: .stopping
    case .stopped: .stopped
    case .failed: .failed
    case .unknown: .unknown
    }
  }
}

extension ObservedInterface: WireValue {
  init(_ message: Proto.ObservedInterface) throws(LabError) {
    self.init(ordinal: try Ordinal(Int(message.ordinal)), mtu: Int(message.mtu), up: message.up)
  }
  var message: Proto.ObservedInterface {
    Proto.ObservedInterface(ordinal: UInt32(ordinal.number), mtu: UInt32(count: mtu), up: up)
  }
}

extension ObservedEnd: WireValue {
  init(_ message: Proto.ObservedEnd) throws(LabError) {
    self.init(
      key: try TunnelKey(required: message.key), fault: message.fault, up: message.up,
      tunnel: try ObservedTunnel.optional(message.tunnel), mtu: Int(message.mtu))
  }
  var message: Proto.ObservedEnd {
    Proto.ObservedEnd(key: key.message, fault: fault, up: up, tunnel: tunnel?.message, mtu: UInt32(count: mtu))
  }
}

extension ObservedTunnel: WireValue {
  init(_ message: Proto.ObservedTunnel) throws(LabError) {
    self.init(vni: try VNI(message.vni), local: try IPAddress(message.local), remote: try IPAddress(message.remote))
  }
  var message: Proto.ObservedTunnel { Proto.ObservedTunnel(vni: vni.number, local: local.text, remote: remote.text) }
}

extension ObservedPath: WireValue {
  init(_ message: Proto.ObservedPath) throws(LabError) {
    self.init(
      remote: try IPAddress(message.remote), reachable: message.reachable, mtu: Int(message.mtu), heard: message.heard,
      answers: message.answers)
  }
  var message: Proto.ObservedPath {
    Proto.ObservedPath(remote: remote.text, reachable: reachable, mtu: UInt32(count: mtu), heard: heard, answers: answers)
  }
}

extension HostLoad: WireValue {
  init(_ message: Proto.HostLoad) throws(LabError) {
    self.init(
      nodes: Int(message.nodes), load1: Int(message.load1), memoryAvailable: Int(message.memoryAvailable),
      memoryTotal: Int(message.memoryTotal), pids: Int(message.pids), pidLimit: Int(message.pidLimit),
      diskAvailable: Int(clamping: message.diskAvailable), diskTotal: Int(clamping: message.diskTotal),
      pressure: try HostPressure.optional(message.pressure), actions: message.actions)
  }
  var message: Proto.HostLoad {
    Proto.HostLoad(
      nodes: UInt32(count: nodes), load1: UInt32(count: load1), memoryAvailable: UInt32(count: memoryAvailable), actions: actions,
      memoryTotal: UInt32(count: memoryTotal), pids: UInt32(count: pids), pidLimit: UInt32(count: pidLimit),
      diskAvailable: UInt64(clamping: diskAvailable), diskTotal: UInt64(clamping: diskTotal), pressure: pressure?.message)
  }
}

extension HostPressure: WireValue {
  init(_ message: Proto.HostPressure) {
    self.init(cpu: Int(message.cpu), memory: Int(message.memory), io: Int(message.io))
  }
  var message: Proto.HostPressure {
    Proto.HostPressure(cpu: UInt32(count: cpu), memory: UInt32(count: memory), io: UInt32(count: io))
  }
}

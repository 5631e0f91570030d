import Model

extension WireSamples {
  mutating func exit() -> Exit { pick([.code(Int32(below(256))), .signal(Int32(below(64))), .code(-1), .unknown]) }

  mutating func nodeEnd() throws -> NodeEnd {
    NodeEnd(
      number: 1 + number() % Limits.sequence, node: try nodeKey(), pid: Int32(below(4_000_000)), exit: exit(), reason: text())
  }

  mutating func series() -> EndSeries { EndSeries(origin: instance(), acknowledged: number() % Limits.sequence) }

  mutating func observedNode() throws -> ObservedNode {
    ObservedNode(
      key: try nodeKey(), phase: any(Phase.self), reason: text(), pid: maybe { Int32(1 + $0.below(4_000_000)) }, startSerial: number(),
      config: try maybe { try $0.digest() }, restarts: below(1000), execDone: flip(),
      interfaces: try list { ObservedInterface(ordinal: try $0.ordinal(), mtu: $0.mtu(), up: $0.flip()) })
  }

  mutating func observedEnd() throws -> ObservedEnd {
    ObservedEnd(
      key: try tunnelKey(), fault: text(), up: flip(),
      tunnel: try maybe { ObservedTunnel(vni: try $0.vni(), local: try $0.address(), remote: try $0.address()) }, mtu: mtu())
  }

  /// One change of each case.
  mutating func changes() throws -> [HostChange] {
    [
      .exited(try nodeEnd()), .node(try observedNode()), .nodeGone(try nodeKey()), .end(try observedEnd()),
      .endGone(try tunnelKey()), .pathGone(try address()),
      .path(ObservedPath(remote: try address(), reachable: flip(), mtu: flip() ? 0 : mtu(), heard: flip(), answers: flip())),
    ]
  }

  mutating func labChange() throws -> LabChange { LabChange(any(LabAction.self), text(), hosts: try names(), blinks: flip()) }

  mutating func load() -> HostLoad {
    HostLoad(
      nodes: below(1000), load1: below(100_000), memoryAvailable: below(1 << 20), memoryTotal: below(1 << 20), pids: below(1 << 22),
      pidLimit: below(1 << 22), diskAvailable: below(1 << 40), diskTotal: below(1 << 40),
      pressure: maybe { HostPressure(cpu: $0.below(100_001), memory: $0.below(100_001), io: $0.below(100_001)) }, actions: number())
  }

  mutating func event() -> LabEvent {
    LabEvent(
      index: number(), at: Int64(below(1 << 50)), lab: text(), subject: text(), kind: any(EventKind.self),
      detail: list { EventDetail($0.text(), $0.text()) })
  }

  mutating func status() throws -> LabStatus {
    LabStatus(
      lab: try name(), generation: number(), revision: revision(), converged: flip(), reason: text(),
      nodes: try list { try $0.nodeStatus() },
      links: try list {
        LinkStatus(
          spec: LinkSpec(try $0.endpoint(), try $0.endpoint(), mtu: $0.maybe { $0.mtu() }), hostA: try $0.name(), hostB: try $0.name(),
          state: $0.any(LinkState.self), reason: $0.text(), vni: try $0.maybe { try $0.vni() }, mtu: $0.flip() ? 0 : $0.mtu())
      })
  }

  private mutating func nodeStatus() throws -> NodeStatus {
    NodeStatus(
      name: try name(), key: try nodeKey(), kind: text(), host: try name(), desired: any(DesiredState.self), phase: any(Phase.self),
      reason: text(), pid: maybe { Int32(1 + $0.below(4_000_000)) }, configDesired: try maybe { try $0.digest() },
      configApplied: try maybe { try $0.digest() }, restarts: below(1000),
      interfaces: try list {
        InterfaceStatus(
          ordinal: try $0.ordinal(), mac: MACAddress(of: try $0.nodeKey(), try $0.ordinal(), in: Deployment(random: $0.number())),
          mtu: $0.mtu(), state: $0.any(LinkState.self), addresses: try $0.list { try $0.interfaceAddress() })
      })
  }

  mutating func summary() throws -> LabSummary {
    LabSummary(
      key: try labKey(), revision: revision(), generation: number(), nodes: below(10_000), ready: below(10_000), links: below(10_000),
      up: below(10_000), hosts: try names(), converged: flip(), reason: text())
  }

  mutating func hostStatus() throws -> HostStatus {
    HostStatus(
      name: try name(), state: any(HostState.self), session: maybe { $0.session() }, nodes: below(1000), links: below(1000),
      revision: revision(), load: maybe { $0.load() }, restraint: maybe { $0.any(Restraint.self) }, placed: below(1000), reason: text(),
      lacks: list { $0.text() }, spec: try host())
  }

  mutating func boxRecord() -> BoxRecord {
    let actions = BoxActions(number: number(), kind: text(), words: list { $0.text() }, more: below(10_000))
    let entry = pick([
      BoxEntry.began(instance(), build: text()), .actions(actions), .over(number(), failures: below(100)), .load(load()), .note(text()),
      .stopped,
    ])
    return BoxRecord(boot: text(), wall: Int64(below(1 << 50)), up: number(), entry: entry)
  }

  mutating func postmortem() throws -> Postmortem {
    Postmortem(
      host: try name(), at: Int64(below(1 << 50)), boot: text(), records: list { $0.boxRecord() }, loads: list { $0.boxRecord() },
      remarks: list { $0.text() }, kernel: SystemLines(list { Self.mark + $0.text() }, reason: text()),
      system: SystemLines(list { Self.mark + $0.text() }, reason: text()))
  }
}

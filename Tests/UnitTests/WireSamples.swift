import Machine
import Model

/// Random values of the model, the same for the same seed. What may be secret begins with `mark`, and nothing else does.
struct WireSamples {
  static let mark = "hush:"
  private var chance: Jitter

  init(seed: UInt64) { chance = Jitter(seed: seed) }

  mutating func below(_ bound: Int) -> Int { Int(chance.below(UInt64(bound))) }
  mutating func flip() -> Bool { below(2) == 0 }
  mutating func number() -> UInt64 { chance.next() >> chance.below(64) }
  mutating func pick<Value>(_ values: [Value]) -> Value { values[below(values.count)] }
  mutating func any<Value: CaseIterable>(_: Value.Type) -> Value { pick(Array(Value.allCases)) }
  mutating func maybe<Value>(_ make: (inout WireSamples) throws -> Value) rethrows -> Value? { flip() ? try make(&self) : nil }
  mutating func list<Value>(_ most: Int = 3, _ make: (inout WireSamples) throws -> Value) rethrows -> [Value] {
    var values: [Value] = []
    for _ in 0..<below(most + 1) { values.append(try make(&self)) }
    return values
  }

  /// Text of any script, also empty.
  mutating func text() -> String {
    let letters: [Character] = ["a", "Z", "0", " ", "/", "\n", "ä", "線", "🧵", "\u{1}", "\""]
    return String((0..<below(12)).map { _ in pick(letters) })
  }
  mutating func bytes(_ most: Int = 40) -> [UInt8] { (0..<below(most + 1)).map { _ in UInt8(below(256)) } }

  mutating func name<Kind: NameKind>() throws -> Name<Kind> {
    let letters = Array("abcXYZ019_.-")
    return try Name("n" + String((0..<below(Limits.nameLength)).map { _ in pick(letters) }))
  }
  mutating func names<Kind: NameKind>() throws -> [Name<Kind>] { try list { try $0.name() } }
  mutating func revision() -> Revision { Revision(number()) }
  mutating func ordinal() throws -> Ordinal { try Ordinal(below(Limits.interfacesPerNode + 1)) }
  mutating func mtu() -> Int { Limits.mtu.lowerBound + below(Limits.mtu.count) }
  mutating func vni() throws -> VNI { try VNI(UInt32(1 + below((1 << 24) - 1))) }
  mutating func address() throws -> IPAddress {
    try IPAddress(flip() ? "10.\(below(256)).\(below(256)).1" : "fd00::\(String(1 + below(65535), radix: 16))")
  }
  mutating func digest() throws -> BlobDigest { try BlobDigest(String((0..<64).map { _ in pick(Array("0123456789abcdef")) })) }
  mutating func blob() -> [UInt8] { Array(Self.mark.utf8) + bytes(300) }
  mutating func instance() -> Instance { Instance(chance.next()) }
  mutating func session() -> Session { Session(chance.next()) }
  mutating func job() throws -> JobID { try JobID("job-\(number())") }
  mutating func requestID() throws -> RequestID { RequestID(instance(), number()) }
  mutating func store() -> StoreIdentity {
    StoreIdentity(
      deployment: Deployment(random: number()), incarnation: Incarnation(random: number()),
      predecessors: list { Incarnation(random: $0.number()) })
  }

  mutating func labKey() throws -> LabKey { LabKey(try name(), born: revision()) }
  mutating func nodeKey() throws -> NodeKey { NodeKey(try labKey(), try name(), born: revision()) }
  mutating func nodeID() throws -> NodeID { NodeID(try name(), try name()) }
  mutating func endpoint() throws -> Endpoint { Endpoint(try name(), try ordinal()) }
  mutating func link() throws -> LinkID { LinkID(try endpoint(), try endpoint()) }
  mutating func tunnelKey() throws -> TunnelKey { TunnelKey(try labKey(), try link()) }
  mutating func execID() -> ExecID { ExecID(instance(), number()) }

  // Intent

  mutating func spec(nodes count: Int? = nil) throws -> LabSpec {
    let count = count ?? below(5)
    var nodes: [NodeSpec] = []
    for index in 0..<count { nodes.append(try node(try NodeName("n\(index)"))) }
    var links: [LinkSpec] = []
    for index in nodes.indices.dropFirst() {
      let a = Endpoint(nodes[index - 1].name, try Ordinal(1))
      let b = Endpoint(nodes[index].name, try Ordinal(2))
      links.append(LinkSpec(flip() ? a : b, links.count % 2 == 0 ? b : a, mtu: maybe { $0.mtu() }))
      if links[links.count - 1].a == links[links.count - 1].b { links[links.count - 1] = LinkSpec(a, b) }
    }
    return LabSpec(name: try name(), nodes: nodes, links: links, management: try maybe { try $0.management() })
  }

  mutating func node(_ name: NodeName) throws -> NodeSpec {
    NodeSpec(
      name: name, kind: text(), image: text(), host: try maybe { try $0.name() }, startupConfig: try maybe { try $0.digest() },
      command: list { $0.text() }, exec: list { $0.text() },
      environment: list { EnvironmentVariable($0.text(), Self.mark + $0.text()) }, binds: list { $0.text() },
      files: try list { NodeFile(path: $0.text(), content: try $0.digest(), mode: UInt32($0.below(0o10000))) },
      runtimes: list { $0.text() }, container: maybe { $0.container() } ?? ContainerOptions(),
      readiness: maybe { $0.readiness() }, startupDelay: number(),
      management: NodeManagement(isOff: flip(), addresses: try list { try $0.address() }, ports: try list { try $0.port() }),
      stages: try stages())
  }

  mutating func stages() throws -> NodeStages {
    NodeStages(
      waits: try list { StageWait($0.any(Stage.self), for: try $0.name(), until: $0.any(Stage.self)) }, started: list { $0.text() },
      healthy: list { $0.text() })
  }

  mutating func readiness() -> Readiness {
    let test: Readiness.Test = [.command(list { $0.text() }), .log(text()), .port(UInt16(below(65_536)))][below(3)]
    return Readiness(
      test, startPeriod: UInt64(below(1_000)), interval: 100 + UInt64(below(1_000)), timeout: 100 + UInt64(below(1_000)),
      deadline: UInt64(below(1_000)))
  }

  mutating func setting() -> Setting { Setting(text(), text()) }

  mutating func container() -> ContainerOptions {
    var options = ContainerOptions()
    (options.entrypoint, options.user, options.hostName) = (list { $0.text() }, text(), text())
    (options.labels, options.settings) = (list { $0.setting() }, list { $0.setting() })
    (options.capabilities, options.isPrivileged, options.devices) = (list { $0.text() }, flip(), list { $0.text() })
    options.ulimits = list { Ulimit(name: $0.text(), soft: Int64($0.below(100)) - 1, hard: Int64(bitPattern: $0.number())) }
    (options.memory, options.processors, options.processorSet, options.sharedMemory) = (number(), number(), text(), number())
    (options.tmpfs, options.security, options.nameServers) = (list { $0.text() }, list { $0.text() }, list { $0.text() })
    (options.searchDomains, options.resolverOptions, options.extraHosts) = (list { $0.text() }, list { $0.text() }, list { $0.text() })
    options.pull = any(PullPolicy.self)
    return options
  }

  mutating func lab(nodes: Int? = nil) throws -> Lab {
    let spec = try spec(nodes: nodes)
    var intents: [NodeIntent] = []
    for _ in spec.nodes {
      intents.append(
        NodeIntent(
          born: revision(), host: try name(), desired: any(DesiredState.self), startSerial: number(),
          addresses: try list { try $0.address() }))
    }
    return Lab(
      key: LabKey(spec.name, born: revision()), generation: number(), wiring: number(), spec: spec, nodes: intents,
      networks: try list { try $0.managementNetwork() })
  }

  mutating func segments() throws -> Segments {
    Segments(
      lab: try labKey(), wiring: number(),
      segments: try list {
        let path: SegmentPath =
          $0.flip()
          ? .patch(try $0.name())
          : .tunnel(try $0.vni(), a: TunnelEnd(try $0.name(), try $0.address()), b: TunnelEnd(try $0.name(), try $0.address()))
        return Segment(link: try $0.link(), path: path, mtu: $0.mtu())
      })
  }

  mutating func projection() throws -> Projection { Projection(lab: try lab(), segments: try segments()) }
  mutating func tombstone() throws -> Tombstone { Tombstone(vni: try vni(), freed: revision(), hosts: try names()) }
  mutating func host() throws -> HostSpec {
    HostSpec(
      name: try name(), underlay: try address(), underlayMTU: mtu(), capacity: below(100_000), runtimes: list { $0.text() },
      capabilities: list { $0.text() })
  }

  mutating func jobRecord() throws -> Job {
    Job(
      id: try job(), kind: any(JobKind.self), lab: try name(), born: revision(), generation: number(), phase: any(JobPhase.self),
      reason: text(), started: Int64(below(1 << 50)), ended: maybe { Int64($0.below(1 << 50)) }, hosts: try names(), nodes: try names())
  }

  /// One key of each case.
  mutating func keys() throws -> [RecordKey] {
    [
      .lab(try name()), .segments(try name()), .projection(try name()), .tombstone(try vni()), .host(try name()), .job(try job()),
      .assigned(try name()), .restraint(try name()),
    ]
  }

  /// One change of each case.
  mutating func records() throws -> [RecordChange] {
    [
      .lab(try name(), try maybe { try $0.lab() }), .segments(try name(), try maybe { try $0.segments() }),
      .projection(try name(), try maybe { try $0.projection() }), .tombstone(try vni(), try maybe { try $0.tombstone() }),
      .host(try name(), try maybe { try $0.host() }), .job(try job(), try maybe { try $0.jobRecord() }),
      .assigned(try name(), maybe { $0.revision() }), .restraint(try name(), maybe { $0.any(Restraint.self) }),
    ]
  }

  mutating func assignment() throws -> Assignment {
    Assignment(
      host: try name(), store: store(), revision: revision(),
      labs: try list {
        AssignedLab(
          key: try $0.labKey(), nodes: try $0.list { try $0.assignedNode() }, links: try $0.list { try $0.assignedLink() },
          management: try $0.maybe { try $0.assignedManagement() })
      })
  }

  mutating func assignedNode() throws -> AssignedNode {
    let key = try nodeKey()
    return AssignedNode(
      key: key, spec: try node(key.name), desired: any(DesiredState.self), startSerial: number(),
      interfaces: try list {
        AssignedInterface(
          ordinal: try $0.ordinal(), mtu: $0.mtu(),
          addressing: Addressing(addresses: try $0.list { try $0.interfaceAddress() }, gateways: try $0.list { try $0.address() }))
      },
      awaited: try list { AwaitedNode(try $0.nodeKey(), on: try $0.name(), startSerial: $0.number(), specDigest: $0.number()) },
      watchers: try names())
  }

  mutating func assignedLink() throws -> AssignedLink {
    guard flip() else { return AssignedLink(link: try link(), path: .patch) }
    let tunnel = AssignedTunnel(
      near: try endpoint(), vni: try vni(), local: try address(), remote: try address(), farHost: try name(), mtu: mtu())
    return AssignedLink(link: try link(), path: .tunnel(tunnel))
  }
}

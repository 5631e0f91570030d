import Machine
import Model

/// Small worlds for the tests of pure cores.
enum CoreScene {
  static let store = StoreIdentity(deployment: Deployment(random: 1), incarnation: Incarnation(random: 2))
  /// The config service's life.
  static let configs = Instance(80)

  static func now(_ milliseconds: UInt64, wall: Int64 = 0) -> Now { Now(boot: Instant(milliseconds: milliseconds), wall: wall) }

  static func host(_ name: String, _ address: String = "10.0.0.1", knows capabilities: [String] = Capability.spoken) throws -> HostSpec {
    HostSpec(
      name: try HostName(name), underlay: try IPAddress(address), underlayMTU: 1500, capacity: 100, runtimes: ["namespace"],
      capabilities: capabilities)
  }

  static func spec(_ name: String, nodes: [String], config: BlobDigest? = nil) throws -> LabSpec {
    var links: [LinkSpec] = []
    for index in nodes.indices.dropFirst() {
      links.append(
        LinkSpec(
          Endpoint(try NodeName(nodes[index - 1]), try Ordinal(1)), Endpoint(try NodeName(nodes[index]), try Ordinal(2))))
    }
    let specs = try nodes.map { NodeSpec(name: try NodeName($0), kind: "linux", startupConfig: config) }
    return LabSpec(name: try LabName(name), nodes: specs, links: links)
  }

  /// A chain of nodes on one host.
  static func lab(
    _ name: String, nodes: [String] = ["a", "b"], on host: String = "h1", born: Revision = .zero, generation: UInt64 = 1,
    config: BlobDigest? = nil
  ) throws -> Lab {
    let host = try HostName(host)
    return Lab(
      key: LabKey(try LabName(name), born: born), generation: generation, wiring: generation,
      spec: try spec(name, nodes: nodes, config: config),
      nodes: nodes.map { _ in NodeIntent(born: born, host: host, desired: .running, startSerial: 1) })
  }

  /// Its cables, all on its one host.
  static func segments(_ lab: Lab) -> Segments {
    Segments(
      lab: lab.key, wiring: lab.wiring,
      segments: lab.spec.links.map(\.id).sorted().map { Segment(link: $0, path: .patch(lab.nodes[0].host), mtu: 1500) })
  }

  /// What the lab's host should have when there is nothing else.
  static func assignment(_ lab: Lab, at revision: Revision = Revision(3)) -> Assignment? {
    var intent = Intent(store: store, revision: revision)
    let host = lab.nodes[0].host
    for record in [RecordChange.lab(lab.key.name, lab), .segments(lab.key.name, segments(lab)), .assigned(host, revision)] {
      intent.load(record, at: revision)
    }
    return intent.assignment(for: host)
  }

  static func job(
    _ id: String, _ lab: Lab, _ phase: JobPhase = .running, started: Int64 = 0
  ) throws -> Job {
    Job(
      id: try JobID(id), kind: .deploy, lab: lab.key.name, born: lab.key.born, generation: lab.generation, phase: phase, reason: "",
      started: started, ended: nil, hosts: lab.hosts)
  }

  static func address(_ peer: PeerName, _ id: String) throws -> Incoming.Address { .init(peer, try RequestID(id)) }

  static func incoming(_ peer: PeerName, _ id: String, _ request: Request) throws -> BusEvent {
    .request(Incoming(from: try address(peer, id), request: request))
  }
}

extension Sequence where Element: ServiceEffect {
  /// What is answered under this id.
  func answer(_ id: String) -> Result<Reply, LabError>? {
    for case .reply(let address, let result)? in map(\.busEffect) where address.id.text == id { return result }
    return nil
  }

  func error(_ id: String) -> ErrorCode? {
    if case .failure(let error)? = answer(id) { error.code } else { nil }
  }

  var sent: [Outgoing] {
    compactMap { if case .send(let outgoing)? = $0.busEffect { outgoing } else { nil } }
  }

  var published: [Publication] {
    compactMap { if case .publish(let publication)? = $0.busEffect { publication } else { nil } }
  }
}

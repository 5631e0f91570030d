import Machine
import Model
import Wire

/// What users do: deploys, changes, destroys and starts of labs with few names, so that the same ones are made again.
extension World {
  mutating func doWork() {
    guard operationsLeft > 0 else { return }
    operationsLeft -= 1
    operations += 1
    guard let id = try? RequestID("op\(operations)"), let name = try? LabName("lab\(workload.below(2))") else { return }
    let request: Request =
      switch workload.below(14) {
      case 0..<5: .jobs(.applyLab(lab(name), reconfigure: workload.happens(50)))
      case 5: .jobs(.applyLab(store.intent.labs[name].map { changed($0.spec) } ?? lab(name), reconfigure: false))
      case 6..<8: .jobs(.destroyLab(name))
      case 8: .jobs(.setNodes(name, .stop, some(of: name)))
      case 9: .jobs(.setNodes(name, .start, some(of: name)))
      case 10: .jobs(.setNodes(name, .restart, some(of: name)))
      case 11: .jobs(workload.pick(store.intent.jobs.keys.sorted()).map { .cancel($0) } ?? .list)
      default: question(name)
      }
    let client = Self.clients[workload.below(Self.clients.count)]
    say("\(client) asks \(id): \(String(String(describing: request).prefix(200)))")
    ask(client, id, request)
    push(.work, in: workload.happens(300) ? workload.between(1, 30) : workload.between(50, 4_000))
  }

  mutating func ask(_ client: PeerName, _ id: RequestID, _ request: Request) {
    guard let process = processes[client] else { return }
    var blobs: [BlobDigest: [UInt8]] = [:]
    if case .jobs(.applyLab(let spec, _)) = request {
      for digest in spec.nodes.compactMap(\.startupConfig) { blobs[digest] = Self.contents[digest] }
    }
    driveClient(process, .ask(id, request, blobs: blobs))
  }

  /// What only reads.
  private mutating func question(_ name: LabName) -> Request {
    switch workload.below(6) {
    case 0: return .reconciler(.events(EventQuery(since: 0, limit: 100)))
    case 1: return .reconciler(.inspect(name))
    case 2: return .reconciler(.hosts)
    case 3: return .configs(.missingBlobs(contents))
    case 4: return (try? NodeName("n0")).map { .agent(.logs(NodeID(name, $0), offset: 0, limit: 100)) } ?? .reconciler(.labs)
    default: return .reconciler(.labs)
    }
  }

  /// Startup configurations that nodes may have.
  private static let contents: [BlobDigest: [UInt8]] = Dictionary(
    uniqueKeysWithValues: ["one", "two", "three"].map { (Digest.sha256(Array($0.utf8)), Array($0.utf8)) })
  private var contents: [BlobDigest] { Self.contents.keys.sorted() }

  /// It is started again and asks again under the same ids.
  mutating func killClient(_ name: PeerName) {
    guard let process = processes[name], let asked = process.client?.machine.asked else { return }
    end(process)
    let heir = begin(name, on: nil)
    processes[name] = heir
    for (id, item) in asked.sorted(by: { $0.key < $1.key }) { driveClient(heir, .ask(id, item.request, blobs: item.blobs)) }
  }

  /// All nodes of a lab, or one.
  private mutating func some(of name: LabName) -> [NodeName] {
    workload.happens(500) ? workload.pick(store.intent.labs[name]?.spec.nodes ?? []).map { [$0.name] } ?? [] : []
  }

  /// A lab with one thing changed: a node's image, a link's MTU, a node or a link less.
  private mutating func changed(_ spec: LabSpec) -> LabSpec {
    var spec = spec
    switch workload.below(5) {
    case 4 where !spec.nodes.isEmpty: spec.nodes[workload.below(spec.nodes.count)].startupConfig = workload.pick(contents)
    case 0 where !spec.nodes.isEmpty: spec.nodes[workload.below(spec.nodes.count)].image = "changed\(operations)"
    case 1 where !spec.links.isEmpty: spec.links[workload.below(spec.links.count)].mtu = 1_400
    case 2 where !spec.links.isEmpty: spec.links.remove(at: workload.below(spec.links.count))
    case 3 where spec.nodes.count > 1:
      let gone = spec.nodes.remove(at: workload.below(spec.nodes.count)).name
      spec.links.removeAll { $0.a.node == gone || $0.b.node == gone }
    default: break
    }
    return spec
  }

  private mutating func lab(_ name: LabName) -> LabSpec {
    let count = 1 + workload.below(4)
    var nodes: [NodeSpec] = []
    for number in 0..<count {
      guard let node = try? NodeName("n\(number)") else { continue }
      let host = workload.happens(600) ? workload.pick(hosts)?.name : nil
      let exec = workload.happens(200) ? ["true"] : []
      let config = workload.happens(300) ? workload.pick(contents) : nil
      nodes.append(
        NodeSpec(
          name: node, kind: "linux", image: workload.happens(100) ? "other" : "alpine", host: host, startupConfig: config, exec: exec))
    }
    var links: [LinkSpec] = []
    var used: [NodeName: Int] = [:]
    for _ in 0..<workload.below(5) {
      guard let a = workload.pick(nodes)?.name, let b = workload.pick(nodes)?.name, a != b else { continue }
      used[a, default: 0] += 1
      used[b, default: 0] += 1
      guard let one = try? Ordinal(used[a] ?? 1), let other = try? Ordinal(used[b] ?? 1) else { continue }
      links.append(LinkSpec(Endpoint(a, one), Endpoint(b, other)))
    }
    return LabSpec(name: name, nodes: nodes, links: links)
  }
}

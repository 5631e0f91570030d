public import Model

/// The assignment as the plan needs it: by key.
struct Wanted: Sendable {
  struct Tap: Sendable {
    var kind: String
    var mtu: Int
    var peer: DeviceKey
    var link: TunnelKey
  }

  var nodes: [NodeKey: AssignedNode] = [:]
  var taps: [TapKey: Tap] = [:]
  var tapsOf: [NodeKey: [TapKey]] = [:]
  var tunnels: [TunnelKey: AssignedTunnel] = [:]
  var tapOfTunnel: [TunnelKey: TapKey] = [:]
  /// Both taps of each patch.
  var patches: [TunnelKey: (TapKey, TapKey)] = [:]
  var keys: [NodeID: NodeKey] = [:]
  /// The largest packet that links need on the way to each far host.
  var needs: [IPAddress: Int] = [:]

  init() {}

  init(_ assignment: Assignment) {
    for lab in assignment.labs {
      var byName: [NodeName: AssignedNode] = [:]
      for node in lab.nodes {
        nodes[node.key] = node
        byName[node.key.name] = node
        keys[NodeID(lab.key.name, node.key.name)] = node.key
      }
      for link in lab.links { add(link, of: lab.key, byName) }
    }
    for key in taps.keys { tapsOf[key.node, default: []].append(key) }
    for node in tapsOf.keys { tapsOf[node]?.sort() }
  }

  private mutating func add(_ link: AssignedLink, of lab: LabKey, _ nodes: [NodeName: AssignedNode]) {
    let key = TunnelKey(lab, link.link)
    switch link.path {
    case .patch:
      guard let a = tap(link.link.a, nodes), let b = tap(link.link.b, nodes) else { return }
      taps[a.0] = Tap(kind: a.1, mtu: a.2, peer: .tap(b.0), link: key)
      taps[b.0] = Tap(kind: b.1, mtu: b.2, peer: .tap(a.0), link: key)
      patches[key] = (a.0, b.0)
    case .tunnel(let tunnel):
      guard let near = tap(tunnel.near, nodes) else { return }
      taps[near.0] = Tap(kind: near.1, mtu: near.2, peer: .tunnel(key), link: key)
      tunnels[key] = tunnel
      tapOfTunnel[key] = near.0
      needs[tunnel.remote] = max(needs[tunnel.remote] ?? 0, tunnel.mtu + CableMTU.overhead(tunnel.remote))
    }
  }

  private func tap(_ end: Endpoint, _ nodes: [NodeName: AssignedNode]) -> (TapKey, String, Int)? {
    guard let node = nodes[end.node], let interface = node.interfaces.first(where: { $0.ordinal == end.ordinal }) else { return nil }
    return (TapKey(node.key, end.ordinal), node.spec.kind, interface.mtu)
  }

  /// Every content that a node needs before it starts.
  static func blobs(of node: AssignedNode) -> [BlobDigest] { (node.spec.startupConfig.map { [$0] } ?? []) + node.spec.files.map(\.content) }
}

extension NodeSpec {
  /// Changes when a change of the spec needs another process; `exec:` doesn't, it runs at the next start.
  public var processDigest: UInt64 {
    var hash = StableHash()
    hash.add(kind)
    hash.add(Self.separator)
    hash.add(image)
    hash.add(Self.separator)
    hash.add(startupConfig?.hex ?? "")
    hash.add(Self.separator)
    for (index, word) in command.enumerated() {
      if index > 0 { hash.add("\u{1f}") }
      hash.add(word)
    }
    for part in environment.map({ "\($0.name)=\($0.value)" }) + binds + files.map({ "\($0.path) \($0.content) \($0.mode)" }) {
      hash.add(Self.separator)
      hash.add(part)
    }
    // What says nothing adds nothing: such nodes' digests are those of agents that knew no containers.
    for part in container.isEmpty ? [] : container.words {
      hash.add(Self.separator)
      hash.add(part)
    }
    return hash.value
  }

  private static let separator = "\u{1e}"
}

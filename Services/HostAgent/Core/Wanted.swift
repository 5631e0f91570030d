import Model

/// The assignment as the plan needs it, by key; another one changes what it changes, lab by lab.
struct Wanted: Sendable {
  struct Tap: Sendable, Hashable {
    var kind: String
    var mtu: Int
    var peer: DeviceKey
    /// nil: it is on none, but on its lab's management network.
    var link: TunnelKey?
    var addressing = Addressing()
  }

  /// What one host's part of a lab is about.
  struct Keys {
    var lab: LabKey
    var nodes: [NodeKey]
    var taps: [TapKey]
    var links: [TunnelKey]
    var farHosts: Set<HostName>

    init(of lab: AssignedLab) {
      self.lab = lab.key
      nodes = lab.nodes.map(\.key)
      taps = lab.nodes.flatMap { node in node.interfaces.map { TapKey(of: node, $0.ordinal) } }
      links = lab.links.map { TunnelKey(lab.key, $0.link) }
      farHosts = Set(lab.links.compactMap { if case .tunnel(let tunnel) = $0.path { tunnel.farHost } else { nil } })
        .union(lab.nodes.flatMap(\.watchers))
    }
  }

  private(set) var nodes: [NodeKey: AssignedNode] = [:]
  private(set) var taps: [TapKey: Tap] = [:]
  private(set) var tapsOf: [NodeKey: [TapKey]] = [:]
  private(set) var tunnels: [TunnelKey: AssignedTunnel] = [:]
  private(set) var tunnelsTo: [HostName: Set<TunnelKey>] = [:]
  private(set) var tapOfTunnel: [TunnelKey: TapKey] = [:]
  private(set) var segments: [LabKey: AssignedManagement] = [:]
  /// Nodes on each of them.
  private(set) var managed: [LabKey: [NodeKey]] = [:]
  /// Both taps of each patch.
  private(set) var patches: [TunnelKey: (TapKey, TapKey)] = [:]
  private(set) var keys: [NodeID: NodeKey] = [:]
  /// Nodes that need each content before they start.
  private(set) var users: [BlobDigest: Set<NodeKey>] = [:]
  /// Nodes here that wait for a node, wherever that is.
  private(set) var waiters: [NodeKey: Set<NodeKey>] = [:]
  /// Nodes here that each other host's nodes wait for.
  private(set) var watched: [HostName: Set<NodeKey>] = [:]
  /// Hosts whose nodes nodes here wait for.
  private(set) var awaited: [HostName: Set<NodeKey>] = [:]
  /// The largest packet that links need on the way to each far host.
  private(set) var needs: [IPAddress: Int] = [:]
  /// How many links need packets of each size there.
  private var packets: [IPAddress: [Int: Int]] = [:]

  init() {}

  init(_ assignment: Assignment) {
    for lab in assignment.labs { add(lab) }
  }

  /// Becomes another assignment's. Labs whose part is another one are returned, as they were and as they are.
  mutating func change(from old: Assignment?, to new: Assignment) -> [AssignedLab] {
    let before = Dictionary(old?.labs.map { ($0.key, $0) } ?? [], uniquingKeysWith: { first, _ in first })
    let come = new.labs.filter { before[$0.key] != $0 }
    let kept = Set(new.labs.map(\.key)).subtracting(come.map(\.key))
    let gone = old?.labs.filter { !kept.contains($0.key) } ?? []
    // A lab that was made again has names of the one before.
    for lab in gone { remove(lab) }
    for lab in come { add(lab) }
    return gone + come
  }

  private mutating func add(_ lab: AssignedLab) {
    var byName: [NodeName: AssignedNode] = [:]
    for node in lab.nodes {
      nodes[node.key] = node
      byName[node.key.name] = node
      keys[NodeID(lab.key.name, node.key.name)] = node.key
      for digest in Self.blobs(of: node) { users[digest, default: []].insert(node.key) }
      for far in node.awaited {
        waiters[far.key, default: []].insert(node.key)
        awaited[far.host, default: []].insert(node.key)
      }
      for host in node.watchers { watched[host, default: []].insert(node.key) }
    }
    for link in lab.links { add(link, of: lab.key, byName) }
    if let management = lab.management { add(management, of: lab) }
    for node in lab.nodes {
      tapsOf[node.key] = node.interfaces.map { TapKey(of: node, $0.ordinal) }.filter { taps[$0] != nil }.sorted()
    }
  }

  /// Forgets a lab as it was added.
  private mutating func remove(_ lab: AssignedLab) {
    let gone = Keys(of: lab)
    for node in lab.nodes {
      nodes[node.key] = nil
      tapsOf[node.key] = nil
      keys[NodeID(lab.key.name, node.key.name)] = nil
      for digest in Self.blobs(of: node) { users.remove(node.key, from: digest) }
      for far in node.awaited {
        waiters.remove(node.key, from: far.key)
        awaited.remove(node.key, from: far.host)
      }
      for host in node.watchers { watched.remove(node.key, from: host) }
    }
    for key in gone.taps { taps[key] = nil }
    segments[lab.key] = nil
    managed[lab.key] = nil
    for key in gone.links {
      if let tunnel = tunnels.removeValue(forKey: key) {
        tunnelsTo.remove(key, from: tunnel.farHost)
        count(tunnel, by: -1)
      }
      tapOfTunnel[key] = nil
      patches[key] = nil
    }
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
      tunnelsTo[tunnel.farHost, default: []].insert(key)
      tapOfTunnel[key] = near.0
      count(tunnel, by: 1)
    }
  }

  private mutating func add(_ management: AssignedManagement, of lab: AssignedLab) {
    segments[lab.key] = management
    for node in lab.nodes {
      for interface in node.interfaces where interface.ordinal == .management {
        managed[lab.key, default: []].append(node.key)
        taps[TapKey(node.key, .management)] = Tap(
          kind: node.spec.kind, mtu: interface.mtu, peer: .segment(lab.key), link: nil, addressing: interface.addressing)
      }
    }
  }

  private mutating func count(_ tunnel: AssignedTunnel, by change: Int) {
    let (remote, size) = (tunnel.remote, tunnel.mtu + CableMTU.overhead(tunnel.remote))
    let count = (packets[remote]?[size] ?? 0) + change
    packets[remote, default: [:]][size] = count > 0 ? count : nil
    let largest = packets[remote]?.keys.max()
    if largest == nil { packets[remote] = nil }
    if needs[remote] != largest { needs[remote] = largest }
  }

  private func tap(_ end: Endpoint, _ nodes: [NodeName: AssignedNode]) -> (TapKey, String, Int)? {
    guard let node = nodes[end.node], let interface = node.interfaces.first(where: { $0.ordinal == end.ordinal }) else { return nil }
    return (TapKey(of: node, end.ordinal), node.spec.kind, interface.mtu)
  }

  /// How a tap should be; nil: nobody wants it. Who takes a place on a management network isn't known before.
  func tap(_ key: TapKey) -> Tap? {
    if let tap = taps[key] { return tap }
    guard key.isExternal, key.ordinal == .management, let (lab, segment) = segments.first(where: { $0.key.name == key.node.lab.name })
    else { return nil }
    return Tap(kind: "", mtu: segment.mtu, peer: .segment(lab), link: nil)
  }

  /// The node that a tap belongs to; nil: no lab has one for it.
  func owner(of tap: TapKey) -> NodeKey? {
    tap.isExternal ? keys[NodeID(tap.node.lab.name, tap.node.name)] : tap.node
  }

  /// Hosts that are told of what is here.
  var listeners: Set<HostName> { Set(tunnelsTo.keys).union(watched.keys) }

  func tells(_ host: HostName) -> Bool { tunnelsTo[host] != nil || watched[host] != nil }

  /// Every content that a node needs before it starts.
  static func blobs(of node: AssignedNode) -> [BlobDigest] { (node.spec.startupConfig.map { [$0] } ?? []) + node.spec.files.map(\.content) }
}

extension TapKey {
  fileprivate init(of node: AssignedNode, _ ordinal: Ordinal) {
    self = node.spec.isExternal ? TapKey(external: node.key.lab.name, node.key.name, ordinal) : TapKey(node.key, ordinal)
  }
}

extension Dictionary {
  /// Takes an element out of one of the sets; one that becomes empty goes.
  fileprivate mutating func remove<Element>(_ element: Element, from key: Key) where Value == Set<Element> {
    self[key]?.remove(element)
    if self[key]?.isEmpty == true { self[key] = nil }
  }
}

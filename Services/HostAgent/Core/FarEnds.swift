import Machine
import Model

/// What the hosts at the other ends of cables, and those whose nodes wait for ours, were told of our nodes, and what they told us of theirs.
struct FarState: Sendable {
  struct Told: Sendable {
    var version: UInt64 = 0
    var ends: [TunnelKey: Bool] = [:]
    var nodes: [NodeKey: FarNode] = [:]
    /// The version that the other agent has said it holds.
    var held: UInt64?
    var next: Instant = .zero
  }

  struct Heard: Sendable {
    var instance: Instance
    var version: UInt64
    var ends: [TunnelKey: Bool]
    var nodes: [NodeKey: FarNode]
    /// When this was last said, or said to be so still.
    var at: Instant
  }

  /// Of what was told last, to whichever host: a host that is told anew after a while without cables still knows the versions before.
  var version: UInt64 = 0
  var told: [HostName: Told] = [:]
  var heard: [HostName: Heard] = [:]
  /// Hosts that have to be told something new.
  var isStale: Set<HostName> = []

  /// How often versions are compared though nothing changed, in milliseconds.
  static let interval: UInt64 = 2_000
  /// After as long without a word, in milliseconds, nobody starts by the last one.
  static let silence: UInt64 = 3 * interval

  /// nil: not told yet.
  func isUp(_ key: TunnelKey, on host: HostName) -> Bool? { heard[host]?.ends[key] }

  /// How far a node elsewhere has come; nil: nothing was heard of its host lately.
  func reached(_ node: AwaitedNode, at now: Instant) -> Set<Stage>? {
    guard let heard = heard[node.host], now.since(heard.at) <= Self.silence else { return nil }
    guard let told = heard.nodes[node.key], (told.startSerial, told.specDigest) == (node.startSerial, node.specDigest) else { return [] }
    return told.reached
  }

  mutating func keep(told listeners: Set<HostName>, heard speakers: Set<HostName>) {
    told = told.filter { listeners.contains($0.key) }
    heard = heard.filter { speakers.contains($0.key) }
    isStale.formIntersection(listeners)
  }

  var wakeAt: Instant? {
    var first: Instant?
    for told in told.values { first = .earliest(first, told.next) }
    return first
  }
}

extension AgentCore {
  /// Tells each far host the state of our ends whenever it changes, and compares versions now and then: what was lost is found.
  mutating func tellFarEnds(at now: Now) -> [Effect] {
    guard inventory != nil else { return [] }
    var hosts = far.isStale
    for (host, told) in far.told where told.next <= now.boot { hosts.insert(host) }
    if hosts.isEmpty { return [] }
    var effects: [Effect] = []
    for host in hosts.sorted() {
      var told = far.told[host] ?? FarState.Told()
      if far.isStale.contains(host) {
        let ends = nearEnds(facing: host, told: told.ends)
        let nodes = farNodes(for: host)
        if ends != told.ends || nodes != told.nodes || told.version == 0 {
          (told.ends, told.nodes) = (ends, nodes)
          far.version += 1
          told.version = far.version
        }
      }
      if told.next > now.boot, told.held == told.version {
        far.told[host] = told
        continue
      }
      outbox.cancel { $0 == .farEnds(host) }
      let ends = told.held == told.version ? nil : told.ends.sorted { $0.key < $1.key }.map { FarEnd($0.key, up: $0.value) }
      let nodes = ends == nil ? [] : told.nodes.sorted { $0.key < $1.key }.map(\.value)
      let message = FarEnds(host: spec.name, instance: instance, version: told.version, ends: ends, nodes: nodes)
      effects.append(.bus(outbox.send(.agent(.farEnds(message)), to: .agent(host), for: .farEnds(host), deadline: 1_500, at: now)))
      told.next = now.boot + FarState.interval
      far.told[host] = told
    }
    far.isStale = []
    return effects
  }

  /// An interface that has vanished is no carrier, nor is one that nobody has taken; of another that hasn't been there yet nothing is told, or
  /// every new cable would blink.
  private func nearEnds(facing host: HostName, told: [TunnelKey: Bool]) -> [TunnelKey: Bool] {
    var ends: [TunnelKey: Bool] = [:]
    for key in wanted.tunnelsTo[host] ?? [] {
      guard let tap = wanted.tapOfTunnel[key] else { continue }
      if let state = inventory?.taps[tap] { ends[key] = state.nodeUp } else if told[key] != nil || tap.isExternal { ends[key] = false }
    }
    return ends
  }

  mutating func hear(_ ends: FarEnds, from address: Incoming.Address, at now: Now) -> [Effect] {
    guard address.peer == .agent(ends.host) else {
      return refuse(address, LabError(.permissionDenied, "\(address.peer)", "can't speak for host \(ends.host)"))
    }
    if let list = ends.ends {
      let isOlder = far.heard[ends.host].map { $0.instance == ends.instance && $0.version >= ends.version } ?? false
      if !isOlder {
        let state = Dictionary(list.map { ($0.key, $0.up) }, uniquingKeysWith: { _, new in new })
        let nodes = Dictionary(ends.nodes.map { ($0.key, $0) }, uniquingKeysWith: { _, new in new })
        let before = far.heard[ends.host]
        far.heard[ends.host] = FarState.Heard(instance: ends.instance, version: ends.version, ends: state, nodes: nodes, at: now.boot)
        for (key, isUp) in state where before?.ends[key] != isUp {
          if let tap = wanted.tapOfTunnel[key] { work.markTaps([tap]) }
          work.dirtyEnds.insert(key)
        }
        for (key, node) in nodes where before?.nodes[key] != node { work.markNodes(wanted.waiters[key] ?? []) }
      }
    }
    if let heard = far.heard[ends.host], heard.instance == ends.instance, heard.version == ends.version {
      if now.boot.since(heard.at) > FarState.silence { work.markNodes(wanted.awaited[ends.host] ?? []) }
      far.heard[ends.host]?.at = now.boot
    }
    let held = far.heard[ends.host]
    return [.bus(.reply(address, .success(.agent(.farEnds(held?.instance ?? Instance(0), version: held?.version ?? 0)))))]
  }

  mutating func farEndsAnswered(_ host: HostName, _ result: Result<Reply, LabError>) -> [Effect] {
    guard case .success(.agent(.farEnds(let holder, let version))) = result, var told = far.told[host] else { return [] }
    told.held = holder == instance ? version : nil
    if told.held != told.version {
      told.next = .zero
      far.isStale.insert(host)
    }
    far.told[host] = told
    return []
  }
}

import AgentCore
import Kernel
import Model
import Reactor

/// Asks the other hosts of links for echoes: whether they are there four times a second, and once whether a link's largest packet passes in
/// one piece.
struct Prober: ~Copyable {
  private struct Peer {
    var needed: Int
    /// Rounds since an echo of each size came.
    var silentSmall = 1
    var silentFull = 1
    var told: ObservedPath?
  }

  /// Three echoes in a row must fail before a way counts as cut: one may be lost.
  private static let patience = 3
  private static let interval: Int32 = 250
  /// Every how many rounds a full packet goes too.
  private static let fullEvery = 4

  private let probe: PathProbe
  /// When a round is due.
  let clock: IntervalTimer
  private var peers: [IPAddress: Peer] = [:]
  private var round: UInt16 = 0
  private var rounds = 0

  init(probe: consuming PathProbe) throws(LabError) {
    self.probe = probe
    clock = try IntervalTimer(milliseconds: Self.interval)
  }

  mutating func follow(_ needs: [IPAddress: Int]) {
    for address in peers.keys where needs[address] == nil { peers[address] = nil }
    for (address, needed) in needs {
      var peer = peers[address] ?? Peer(needed: needed)
      if peer.needed != needed { peer = Peer(needed: needed) }
      peers[address] = peer
    }
    send(full: true)
  }

  /// One round: what the last one's echoes say, and the next one's packets. Even numbers are small packets, odd ones full.
  mutating func tick() -> [Observation] {
    clock.drain()
    rounds += 1
    let isFull = rounds % Self.fullEvery == 0
    for address in peers.keys {
      peers[address]?.silentSmall += 1
      if isFull { peers[address]?.silentFull += 1 }
    }
    send(full: isFull)
    return judge(isTick: true)
  }

  var descriptors: [Int32] { PathProbe.Family.allCases.compactMap { probe.number($0) } }

  mutating func receive() -> [Observation] {
    for echo in probe.receive() {
      guard let peer = peers[echo.from] else { continue }
      if echo.sequence & 1 == 0 { peers[echo.from]?.silentSmall = 0 }
      if echo.size >= peer.needed { peers[echo.from]?.silentFull = 0 }
    }
    return judge(isTick: false)
  }

  private mutating func send(full: Bool) {
    round &+= 2
    for (address, peer) in peers {
      // What can't be sent gets no echo, and that is what is told.
      try? probe.send(to: address, sequence: round, size: PathProbe.smallest)
      if full { try? probe.send(to: address, sequence: round &+ 1, size: max(peer.needed, PathProbe.smallest)) }
    }
  }

  private mutating func judge(isTick: Bool) -> [Observation] {
    var seen: [Observation] = []
    for (address, peer) in peers.sorted(by: { $0.key < $1.key }) {
      let isFirst = peer.told == nil
      let reachable = peer.silentSmall == 0 || (!isFirst && peer.told?.reachable == true && peer.silentSmall < Self.patience)
      let fits = peer.silentFull == 0 || (peer.told?.mtu == peer.needed && peer.silentFull < Self.patience)
      // Before the first echo, silence says nothing for as long as it takes to lose a way.
      if isFirst, !(reachable && fits), !(isTick && peer.silentSmall >= Self.patience) { continue }
      let path = ObservedPath(remote: address, reachable: reachable, mtu: reachable ? (fits ? peer.needed : PathProbe.smallest) : 0)
      guard path != peer.told else { continue }
      peers[address]?.told = path
      seen.append(.path(path))
    }
    return seen
  }
}

public import Model

/// What is known of the ways to other hosts, and what is to be sent to learn more. Pure: whoever uses it has sockets and clocks.
///
/// Probes are frames that go as links' frames go and that the far kernel sends back: they tell whether a way carries, whoever lives. Only where
/// none comes back is it asked for echoes (ICMP) too: they tell a host that is away from one whose firewall drops the rest.
public struct Ways: Sendable {
  public enum Question: Sendable, Hashable {
    /// A probe whose packet in the underlay has so many bytes.
    case probe(IPAddress, size: Int)
    case echo(IPAddress)
  }

  public struct Step: Sendable {
    public var questions: [Question] = []
    public var news: [Observation] = []
  }

  /// A round every so many milliseconds.
  public static let interval: Int32 = 250
  /// Where nothing has come yet, and where a round went without an answer, it is asked this often: one lost frame is no cut.
  public static let hurriedInterval: Int32 = 40
  /// Rounds without an answer after which a way counts as cut.
  private static let patience = 3
  /// Every how many rounds a full packet goes too.
  private static let fullEvery = 4
  /// The least that is asked for: the head of a probe, in a packet of either family.
  public static let smallest = 128

  /// Rounds since something came.
  private struct Silence: Sendable {
    var rounds = 0
    var isProven = false

    var isLive: Bool { isProven && rounds < Ways.patience }
    /// Came in this round or the one before.
    var isFresh: Bool { isProven && rounds < 2 }
    mutating func end() { self = Silence(rounds: 0, isProven: true) }
  }

  private struct Peer: Sendable {
    /// The largest packet that its links need.
    var needed: Int
    var small = Silence()
    var full = Silence()
    var heard = Silence()
    var echo = Silence()
    /// Its own probe was answered by one of ours since the last turn.
    var isAnswered = false
    var told: ObservedPath?

    var isReachable: Bool { told?.reachable ?? false }
    /// A whole round went by without an answer, or none ever came.
    var isSilent: Bool { !small.isProven || small.rounds > 1 }
    /// It is to be asked again before the next round.
    var isHurried: Bool { told == nil || (isReachable && isSilent) || (small.isLive && !full.isProven) }
  }

  private var peers: [IPAddress: Peer] = [:]
  private var rounds = 0

  public init() {}

  /// Whether turns are wanted between rounds.
  public var isHurried: Bool { peers.values.contains(where: \.isHurried) }

  /// These hosts from now on, with the largest packet that each needs; what is new among them is asked at once, and so is what isn't
  /// reachable, since the probe tunnel may be another.
  public mutating func follow(_ needs: [IPAddress: Int]) -> [Question] {
    for address in peers.keys where needs[address] == nil { peers[address] = nil }
    for (address, needed) in needs {
      if peers[address] == nil { peers[address] = Peer(needed: needed) }
      if peers[address]?.needed != needed {
        peers[address]?.needed = needed
        peers[address]?.full = Silence()
      }
    }
    return sorted.flatMap { address, peer in
      peer.isReachable && peer.full.isProven ? [] : questions(to: address, peer, full: true)
    }
  }

  /// A round is over and the next begins.
  public mutating func round() -> Step {
    rounds += 1
    let isFull = rounds % Self.fullEvery == 0
    var step = Step()
    for (address, peer) in sorted {
      var peer = peer
      peer.small.rounds += 1
      peer.heard.rounds += 1
      peer.echo.rounds += 1
      if isFull || !peer.full.isProven { peer.full.rounds += 1 }
      peer.isAnswered = false
      peers[address] = peer
      step.questions += questions(to: address, peer, full: isFull || !peer.full.isProven)
      step.news += judge(address)
    }
    return step
  }

  /// Between two rounds.
  public mutating func turn() -> [Question] {
    sorted.flatMap { address, peer -> [Question] in
      peers[address]?.isAnswered = false
      return peer.isHurried ? questions(to: address, peer, full: !peer.full.isProven) : []
    }
  }

  /// One of our probes has come back from a host's kernel; the size is that of its packet.
  public mutating func returned(from address: IPAddress, size: Int) -> Step {
    peers[address]?.small.end()
    if let peer = peers[address], size >= peer.needed { peers[address]?.full.end() }
    return Step(news: judge(address))
  }

  /// A probe of a host's agent has come. Where ours didn't come back yet they may now: its end of the tunnel is there.
  public mutating func heard(from address: IPAddress) -> Step {
    guard var peer = peers[address] else { return Step() }
    let isAnswer = !peer.isReachable && !peer.isAnswered
    peer.heard.end()
    if isAnswer { peer.isAnswered = true }
    peers[address] = peer
    return Step(questions: isAnswer ? questions(to: address, peer, full: true) : [], news: judge(address))
  }

  /// A host has answered an echo request.
  public mutating func answered(by address: IPAddress) -> Step {
    peers[address]?.echo.end()
    return Step(news: judge(address))
  }

  private var sorted: [(IPAddress, Peer)] { peers.sorted { $0.key < $1.key } }

  private func questions(to address: IPAddress, _ peer: Peer, full: Bool) -> [Question] {
    var questions = [Question.probe(address, size: Self.smallest)]
    if full { questions.append(.probe(address, size: max(peer.needed, Self.smallest))) }
    if peer.isSilent { questions.append(.echo(address)) }
    return questions
  }

  /// What is to be told of a way; nil: nothing new, or too early.
  private mutating func judge(_ address: IPAddress) -> [Observation] {
    guard let peer = peers[address] else { return [] }
    var path = ObservedPath(remote: address, reachable: peer.small.isLive, mtu: 0)
    if path.reachable {
      guard peer.full.isProven || peer.full.rounds >= Self.patience else { return [] }
      path.mtu = peer.full.isLive ? peer.needed : Self.smallest
    } else {
      guard peer.small.rounds >= Self.patience else { return [] }
      // Where it was told it is taken back only when it is certain.
      path.heard = peer.told?.reachable == false && peer.told?.heard == true ? peer.heard.isLive : peer.heard.isFresh
      path.answers = peer.echo.isLive
      // Which size passes is asked anew when one does.
      peers[address]?.full = Silence()
    }
    guard path != peer.told else { return [] }
    peers[address]?.told = path
    return [.path(path)]
  }
}

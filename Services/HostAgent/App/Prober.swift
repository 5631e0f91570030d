import AgentCore
import Kernel
import Model
import Reactor

/// Performs what `Ways` asks for: probes over the host's probe tunnel, and echoes.
struct Prober: ~Copyable {
  private let tunnel: TunnelProbe
  private let echoes: PathProbe
  private var ways = Ways()
  /// The probe tunnel's name; nil: whose it would be isn't known yet.
  private var device: String?
  /// When a round is due.
  private let rounds: IntervalTimer
  /// When a turn between rounds is; nil: none is wanted.
  private var turns: IntervalTimer?
  private var turnsDescriptor: Int32?
  private var number: UInt16 = 0

  init(tunnel: consuming TunnelProbe, echoes: consuming PathProbe) throws(LabError) {
    self.tunnel = tunnel
    self.echoes = echoes
    rounds = try IntervalTimer(milliseconds: Ways.interval)
  }

  /// These hosts from now on. Said again when the probe tunnel is another.
  mutating func follow(_ needs: [IPAddress: Int], in deployment: Deployment?) throws(LabError) {
    device = deployment.map { DeviceName.probe(in: $0) }
    ask(ways.follow(needs))
    try setTurns()
  }

  var descriptors: [Int32] {
    [rounds.number, tunnel.number] + PathProbe.Family.allCases.compactMap { echoes.number($0) } + [turnsDescriptor].compactMap(\.self)
  }

  /// One of its descriptors is readable.
  mutating func readable(_ descriptor: Int32) throws(LabError) -> [Observation] {
    // What came before the end of a round is no silence.
    var news = receive()
    if descriptor == rounds.number {
      rounds.drain()
      let step = ways.round()
      news += step.news
      ask(step.questions)
    } else if descriptor == turnsDescriptor {
      turns?.drain()
      ask(ways.turn())
    }
    try setTurns()
    return news
  }

  private mutating func receive() -> [Observation] {
    var news: [Observation] = []
    for arrival in tunnel.receive() {
      let step =
        switch arrival {
        case .returned(let far, let size): ways.returned(from: far, size: size)
        case .heard(let far): ways.heard(from: far)
        }
      news += step.news
      ask(step.questions)
    }
    for echo in echoes.receive() { news += ways.answered(by: echo.from).news }
    return news
  }

  private mutating func setTurns() throws(LabError) {
    guard ways.isHurried != (turnsDescriptor != nil) else { return }
    turns = ways.isHurried ? try IntervalTimer(milliseconds: Ways.hurriedInterval) : nil
    turnsDescriptor = turns?.number
  }

  /// What can't be sent isn't answered, and that is what is told.
  private mutating func ask(_ questions: [Ways.Question]) {
    guard let device, !questions.isEmpty else { return }
    try? tunnel.attach(to: device)
    number &+= 1
    for question in questions {
      switch question {
      case .probe(let far, let size): try? tunnel.send(to: far, size: size)
      case .echo(let far): try? echoes.send(to: far, sequence: number, size: PathProbe.smallest)
      }
    }
  }
}

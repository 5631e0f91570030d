import AgentCore
import Model

/// What agents' probes find out.
extension World {
  /// Whether frames pass between two hosts, both ways: each probe goes there and back.
  func carries(_ a: SimulatedHost, _ b: SimulatedHost) -> Bool {
    [(a, b), (b, a)].allSatisfy { near, far in
      guard near.isOn, !near.dropsTunnels, let probe = near.truth.probe else { return false }
      return probe.isWhole && probe.peers.contains(far.address)
    }
  }

  /// Whoever has a way to a host finds out that it has changed: soon what passes again, and after the time that silence takes what doesn't.
  mutating func waysChange(at host: SimulatedHost) {
    if checks != nil { for other in hosts where other !== host && carries(host, other) { checks?.carried(host.name, other.name) } }
    for process in living {
      if let own = process.host, own === host || process.probes[host.address] != nil { askWays(process) }
    }
  }

  mutating func probe(_ process: Process, _ needs: [IPAddress: Int]) {
    process.probes = needs
    process.toldWays = process.toldWays.filter { needs[$0.key] != nil }
    askWays(process)
  }

  private mutating func askWays(_ process: Process) {
    if process.probes.isEmpty { return }
    push(.ways(process, isSilenceOver: false), in: machines.between(1, 50))
    push(.ways(process, isSilenceOver: true), in: machines.between(600, 1_100))
  }

  mutating func ways(_ process: Process, isSilenceOver: Bool) {
    guard let host = process.host else { return }
    var news: [Observation] = []
    for address in process.probes.keys.sorted() {
      let passes = settings.bug == .blindProbe || hostsByAddress[address].map { carries(host, $0) } ?? false
      guard passes != process.toldWays[address], passes || isSilenceOver else { continue }
      process.toldWays[address] = passes
      news.append(.path(ObservedPath(remote: address, reachable: passes, mtu: passes ? 1_500 : 0, heard: passes, answers: true)))
    }
    if !news.isEmpty { drive(process, .observed(news)) }
  }

  /// A host's firewall lets tunnels in, or doesn't.
  mutating func setFirewall(of host: SimulatedHost, drops: Bool) {
    guard host.dropsTunnels != drops else { return }
    say("the firewall of \(host.name) \(drops ? "drops" : "accepts") tunnels")
    host.dropsTunnels = drops
    waysChange(at: host)
  }
}

extension Observation {
  var isProbe: Bool {
    if case .probe = self { true } else { false }
  }
}

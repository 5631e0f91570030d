import Foundation
import Support

extension Fault {
  /// Every fault that a machine shared with others can show; the clock's steps are the simulator's.
  public static let matrix: [Fault] =
    ["bus", "configs", "jobs", "links", "reconciler"].map(death) + ["bus", "configs", "jobs", "links", "reconciler"].map(pause) + [
      agentDeath, longAgentDeath, agentPause, processDeath, sandboxLoss, tapLoss, tunnelLoss, filterLoss, probeLoss, pinLoss, recordLoss,
      cacheLoss, powerCut, unseenDeath, underlayCut, firewall,
    ]

  /// A service dies and is started again: it must serve the next deploy.
  private static func death(of service: String) -> Fault {
    Fault(name: "`kill -9` of \(service), start") { lab in
      try lab.bed.testbed("kill", service)
      let begin = moment()
      try lab.bed.testbed("start", service)
      try lab.deploy()
      return Times(known: nil, repaired: moment() - begin)
    }
  }

  private static func pause(of service: String) -> Fault {
    Fault(name: "SIGSTOP of \(service) for 3 s") { lab in
      guard let pid = try lab.bed.services()[service] else { throw SupportError("\(service) doesn't run") }
      kill(pid, SIGSTOP)
      sleep(3)
      let begin = moment()
      kill(pid, SIGCONT)
      try lab.deploy()
      return Times(known: nil, repaired: moment() - begin)
    }
  }

  private static let agentDeath = Fault(name: "`kill -9` of an agent, start") { lab in
    try lab.bed.testbed("kill", "agent/h1")
    let begin = moment()
    try lab.bed.testbed("start", "agent/h1")
    try lab.deploy()
    return Times(known: nil, repaired: moment() - begin)
  }

  private static let longAgentDeath = Fault(name: "an agent stays dead until its host is lost") { lab in
    let begin = moment()
    try lab.bed.testbed("kill", "agent/h3")
    let known = try lab.events.time(of: "h3", "host.lost") - begin
    let back = moment()
    try lab.bed.testbed("start", "agent/h3")
    let repaired = try lab.events.time(of: "h3", "host.online") - back
    return Times(known: known, repaired: repaired)
  }

  private static let agentPause = Fault(name: "SIGSTOP of an agent until its host is lost") { lab in
    guard let pid = try lab.bed.services()["agent-h3"] else { throw SupportError("agent-h3 doesn't run") }
    let begin = moment()
    kill(pid, SIGSTOP)
    let known = try lab.events.time(of: "h3", "host.lost") - begin
    let back = moment()
    kill(pid, SIGCONT)
    let repaired = try lab.events.time(of: "h3", "host.online") - back
    return Times(known: known, repaired: repaired)
  }

  private static let processDeath = Fault(name: "`kill -9` of a node's process") { lab in
    let begin = try lab.killNode("c", on: "h3")
    return Times(
      known: try lab.events.time(of: "c", "node.exited") - begin, repaired: try lab.events.time(of: "c", "node.ready") - begin)
  }

  private static let sandboxLoss = Fault(name: "a sandbox vanishes with its node's process") { lab in
    let pid = try lab.process("c")
    let begin = moment()
    // By one command: a pin that is lost alone is back in milliseconds, since the node still holds its sandbox.
    try lab.shell("h3", "for pin in /run/archetype/netns/*%c@*; do umount $pin; done; kill -9 \(pid)")
    let known = try lab.events.time(of: "c", "node.exited") - begin
    return Times(known: known, repaired: try lab.events.time(of: "c", "node.ready") - begin)
  }

  private static let tapLoss = Fault(name: "a tap is deleted") { lab in
    let tap = try lab.tap("c", "eth2", on: "h3")
    let begin = moment()
    try lab.fabric("h3", "ip link del \(tap)")
    return try linkTimes(FaultLab.victim.patch, in: lab, since: begin)
  }

  private static let tunnelLoss = Fault(name: "a tunnel is deleted") { lab in
    let tunnel = try lab.tunnel(on: "h3")
    let begin = moment()
    try lab.fabric("h3", "ip link del \(tunnel)")
    return try linkTimes(FaultLab.victim.tunnel, in: lab, since: begin)
  }

  private static let filterLoss = Fault(name: "a patch's filter is deleted") { lab in
    let tap = try lab.tap("c", "eth2", on: "h3")
    let begin = moment()
    try lab.fabric("h3", "tc qdisc del dev \(tap) clsact")
    return try linkTimes(FaultLab.victim.patch, in: lab, since: begin)
  }

  private static func linkTimes(_ link: String, in lab: FaultLab, since begin: Double) throws -> Times {
    Times(known: try lab.events.time(of: link, "link.down") - begin, repaired: try lab.events.time(of: link, "link.up") - begin)
  }

  /// The sandbox lives on with its node's process: that one must be pinned again, not another one.
  private static let pinLoss = Fault(name: "a sandbox's pin is unmounted") { lab in
    let process = try lab.process("c")
    let begin = moment()
    try lab.shell("h3", "umount /run/archetype/netns/*%c@*")
    guard
      try eventually({
        try lab.shell("h3", "stat -L -c %i /run/archetype/netns/*%c@*") == lab.shell("h3", "stat -L -c %i /proc/\(process)/ns/net")
      })
    else { throw SupportError("the pin doesn't come back") }
    return Times(known: nil, repaired: moment() - begin)
  }

  private static let recordLoss = Fault(name: "a node's record is deleted, its agent restarts") { lab in
    let process = try lab.process("c")
    let session = try lab.bed.sessions()["h3"]
    try lab.shell("h3", "find /run/archetype -name state -path '*/c@*' -delete")
    let begin = moment()
    try lab.bed.testbed("kill", "agent/h3")
    try lab.bed.testbed("start", "agent/h3")
    // What is told before the new agent's report is the old one's.
    guard
      try eventually({
        let now = try lab.bed.sessions()["h3"]
        return try now != nil && now != session && lab.bed.isConverged(FaultLab.name)
      })
    else { throw SupportError("not converged") }
    let repaired = moment() - begin
    // One or the other, never both.
    let alive = try lab.bed.hostProcesses(of: "h3")
    guard try lab.process("c") == process || alive[process] == nil else { throw SupportError("node c runs twice") }
    return Times(known: nil, repaired: repaired)
  }

  private static let cacheLoss = Fault(name: "an agent's disk is wiped, it restarts") { lab in
    try lab.bed.testbed("kill", "agent/h1")
    try lab.shell("h1", "find /var/lib/archetype -mindepth 1 -delete")
    let begin = moment()
    try lab.bed.testbed("start", "agent/h1")
    try lab.deploy()
    return Times(known: nil, repaired: moment() - begin)
  }

  private static let powerCut = Fault(name: "a host's power is cut, and returns") { lab in
    let begin = moment()
    try lab.bed.testbed("power-off", "h3")
    let known = try lab.events.time(of: "h3", "host.lost") - begin
    let back = moment()
    try lab.bed.testbed("power-on", "h3")
    _ = try lab.events.time(of: "c", "node.ready")
    guard try eventually({ try lab.bed.isConverged(FaultLab.name) }) else { throw SupportError("not converged") }
    return Times(known: known, repaired: moment() - back)
  }

  /// After the power cut, with which its early deaths are forgotten: so no pause is its due.
  private static let unseenDeath = Fault(name: "`kill -9` of a node's process while its agent is dead, start") { lab in
    try lab.bed.testbed("kill", "agent/h3")
    _ = try lab.killNode("c", on: "h3")
    let begin = moment()
    try lab.bed.testbed("start", "agent/h3")
    return Times(
      known: try lab.events.time(of: "c", "node.exited") - begin, repaired: try lab.events.time(of: "c", "node.ready") - begin)
  }

  private static let underlayCut = Fault(name: "a host's underlay is cut, and heals") { lab in
    let begin = moment()
    try lab.bed.cable("cut", "h3", "--underlay")
    let known = try lab.events.time(of: FaultLab.victim.tunnel, "link.down") - begin
    let back = moment()
    try lab.bed.cable("heal", "h3", "--underlay")
    return Times(known: known, repaired: try lab.events.time(of: FaultLab.victim.tunnel, "link.up") - back)
  }

  /// The packet filter of a virtual host, as the host's administrator closes and opens it.
  private static let firewall = Fault(name: "a host's firewall drops UDP 4789, and opens") { lab in
    let table = "nft add table inet closed; nft add chain inet closed in \"{ type filter hook input priority 0; }\""
    let begin = moment()
    try lab.shell("h3", "\(table); nft add rule inet closed in udp dport 4789 drop")
    let known = try lab.events.time(of: FaultLab.victim.tunnel, "link.down") - begin
    let back = moment()
    try lab.shell("h3", "nft delete table inet closed")
    return Times(known: known, repaired: try lab.events.time(of: FaultLab.victim.tunnel, "link.up") - back)
  }

  /// No link may blink for it: only the ways are asked over it.
  private static let probeLoss = Fault(name: "the tunnel of a host's probes is deleted") { lab in
    let probe = try lab.probe(on: "h3")
    let begin = moment()
    try lab.fabric("h3", "ip link del \(probe)")
    guard eventually({ (try? lab.probe(on: "h3")) == probe }) else { throw SupportError("the tunnel of probes doesn't come back") }
    return Times(known: nil, repaired: moment() - begin)
  }
}

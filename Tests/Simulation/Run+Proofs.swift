import Machine
import Model

/// What a world at its goal is put through, one proof each: nothing else goes wrong meanwhile.
extension World {
  /// 6, 7, 17, 30: at its goal nothing is done, though every service and agent starts anew, some with an empty disk, and every lab is asked for
  /// again.
  mutating func calm() -> String? {
    let before = hosts.map(\.performed)
    for host in hosts where workload.happens(200) { wipe(host) }
    for name in Self.services + hosts.map({ PeerName.agent($0.name) }) { kill(name, restartIn: machines.between(10, 500)) }
    for (name, lab) in store.intent.labs.sorted(by: { $0.key < $1.key }) {
      guard let id = try? RequestID("again.\(name)") else { continue }
      ask(Self.clients[0], id, .jobs(.applyLab(lab.spec, reconfigure: false)))
    }
    let quiet: UInt64 = workload.happens(10) ? 600_000 : workload.happens(300) ? 12_000 : 3_000
    guard advance(for: quiet) else { return checks?.violation }
    if let problem = settle("after the calm") { return problem }
    for (host, count) in zip(hosts, before) where host.performed != count {
      let reason = host.wasWiped ? "7, 17, 30" : "17, 30"
      return "\(reason): \(host.name) performed \(host.performed - count) actions in a quiet world"
    }
    return nil
  }

  mutating func prove() -> String? {
    switch workload.below(4) {
    case 0: bootAlone()
    case 1: hang()
    default: killNode()
    }
  }

  /// 5: hosts that lose power come back as they were without anybody's help.
  private mutating func bootAlone() -> String? {
    say("--- hosts boot alone ---")
    for name in Self.services { if let process = processes[name] { end(process) } }
    killHub(restartIn: nil)
    // An engine that comes later holds up what it runs, and nothing else.
    let isLate = isEngined && engines.happens(700)
    for host in hosts {
      losePower(host)
      host.isEngineAway = isLate
      push(.powerOn(host), in: machines.between(100, 2_000))
    }
    guard advance(for: 8_000) else { return checks?.violation }
    if isLate {
      for host in hosts {
        let waits = host.cached.map { HostGoal($0).running(withoutEngine: host).subtracting(host.truth.processes.keys) } ?? []
        if let key = waits.min() { return "46: \(key) on \(host.name) needs no engine, and waits for one" }
        host.isEngineAway = false
      }
      guard advance(for: 8_000) else { return checks?.violation }
    }
    for host in hosts {
      guard let cached = host.cached else { continue }
      if !HostGoal(cached).isReached(by: host.truth, alone: true) { return "5: \(host.name) is not as its assignment says" }
      for (key, tap) in host.truth.taps.sorted(by: { $0.key < $1.key }) where !tap.fabricUp && !isOfVisitors(key) {
        return "5: \(key) on \(host.name) has no carrier"
      }
    }
    startHub()
    for name in Self.services { start(name) }
    return settle("after hosts booted alone")
  }

  /// It is on a link that a container is to take, or itself a container's: who comes when decides its carrier, and `Oracle` looks at it.
  private func isOfVisitors(_ tap: TapKey) -> Bool {
    if tap.isExternal { return true }
    let lab = store.intent.labs[tap.node.lab.name]
    return lab?.spec.links.contains { link in
      (lab?.tap(of: link.a) == tap || lab?.tap(of: link.b) == tap) && (lab?.isPlace(link.a) == true || lab?.isPlace(link.b) == true)
    } ?? false
  }

  /// 19: a node's end is told within a heartbeat, though its first report is lost.
  private mutating func killNode() -> String? {
    guard let host = workload.pick(hosts.filter { !$0.truth.processes.isEmpty }), let agent = processes[.agent(host.name)],
      let key = workload.pick(host.truth.processes.keys.sorted()), let pid = host.truth.processes[key]?.pid
    else { return nil }
    say("--- \(key) ends ---")
    let isReportLost = workload.happens(500)
    if isReportLost { agent.mutedUntil = time + 300 }
    let known = log.events.last?.index ?? 0
    let limit = time + (isReportLost ? 2_000 : 200)
    disturb(host) { $0.set(key, nil as NodeProcess?) }
    func isTold(_ event: LabEvent) -> Bool {
      event.index > known && event.kind == .nodeExited && event.subject == key.name.text
        && event.detail.contains(EventDetail("pid", "\(pid)"))
    }
    while !log.events.contains(where: isTold) {
      if time > limit { return "19: the end of \(key) is not told within \(isReportLost ? "a heartbeat" : "200 ms")" }
      guard advance(for: 10) else { return checks?.violation }
    }
    return settle("after a node's end")
  }

  /// 27: an agent whose engine hangs answers at once and is no lost host. 28: it delays no other.
  private mutating func hang() -> String? {
    let free = hosts.filter { store.intent.restraints[$0.name] == nil }
    guard free.count > 1, let name = free.first?.name, let other = free.last?.name, let slow = one("slow", on: name),
      let quick = one("quick", on: other), let look = try? RequestID("look.\(time)")
    else { return nil }
    say("--- the engine of \(name) hangs ---")
    hung = name
    for (id, lab) in [slow, quick] { ask(Self.clients[0], id, .jobs(.applyLab(lab, reconfigure: false))) }
    guard advance(for: 1_000) else { return checks?.violation }
    // The bus knows this one: it has just spoken.
    ask(Self.clients[0], look, .agent(.logs(NodeID(slow.lab.name, slow.lab.nodes[0].name), offset: 0, limit: 1)))
    guard advance(for: 120) else { return checks?.violation }
    if processes[Self.clients[0]]?.client?.machine.asked[look] != nil {
      return "27: the agent of \(name) does not answer while its engine hangs"
    }
    guard advance(for: 2_000) else { return checks?.violation }
    if let job = store.intent.jobs[JobID(quick.id)], job.phase != .done { return "28: a lab on \(other) waits for the engine of \(name)" }
    guard advance(for: 28_000) else { return checks?.violation }
    if log.toldHosts[name] != "online" { return "27: \(name) is told as \(log.toldHosts[name] ?? "nothing") while its engine hangs" }
    hung = nil
    return settle("after the engine hung")
  }

  /// A lab with one node on a host.
  private func one(_ name: String, on host: HostName) -> (id: RequestID, lab: LabSpec)? {
    guard let id = try? RequestID("job.\(name)"), let lab = try? LabName("\(name)-\(host)"), let node = try? NodeName("n0") else {
      return nil
    }
    return (id, LabSpec(name: lab, nodes: [NodeSpec(name: node, kind: "linux", image: "alpine", host: host)], links: []))
  }

  /// 26: every way to remove something leaves nothing.
  mutating func destroyEverything() -> String? {
    for name in store.intent.labs.keys.sorted() {
      guard let id = try? RequestID("end.\(name)") else { continue }
      ask(Self.clients[0], id, .jobs(.destroyLab(name)))
    }
    if let problem = settle("26: not gone") { return problem }
    for host in hosts {
      var left = host.truth
      // Containers that aren't a lab's stay.
      left.taps = left.taps.filter { !$0.key.isExternal }
      if left != Inventory() { return "26: \(host.name) is left with \(left)" }
    }
    for host in hosts where !host.crashes.isEmpty { return "26: \(host.name) is left with crash records of \(host.crashes.keys.sorted())" }
    if !store.intent.segments.isEmpty { return "26: segments are left" }
    if !store.intent.held.isEmpty { return "26: held projections are left" }
    return nil
  }
}

import Machine
import Model
import ReconcilerCore

/// What a healed world comes to.
extension World {
  mutating func heal(without dead: SimulatedHost?) {
    say("--- healed ---")
    faults = .none
    healed = time
    loops = []
    hubPausedUntil = 0
    for process in living {
      process.pausedUntil = 0
      process.mutedUntil = 0
      process.deafUntil = 0
      if processes[process.name] !== process { end(process) }
    }
    // Others may keep processors busy for ever: all comes to its goal even so.
    let staysBusy = isCrowded && rooms.happens(300)
    for host in hosts {
      host.room = staysBusy ? .busyProcessors : .plenty
      setFirewall(of: host, drops: false)
      host.isEngineAway = false
    }
    absent = dead?.name
    if let dead, dead.isOn { losePower(dead) }
    for host in hosts where host !== dead {
      powerOn(host)
      host.clearForeign()
      // What nodes did to their own interfaces is theirs; here they undo it.
      for (key, var tap) in host.truth.taps.sorted(by: { $0.key < $1.key }) where !tap.nodeUp {
        tap.nodeUp = true
        disturb(host) { $0.set(key, tap) }
      }
    }
  }

  /// One host stays dead: all else comes to its goal, and users are told why the rest doesn't. Then it is given up, or just comes back.
  mutating func settleWithout(_ host: SimulatedHost) -> String? {
    if let problem = settle("one host dead") { return problem }
    if workload.happens(600), let problem = giveUp(host) { return problem }
    say("\(host.name) comes back")
    absent = nil
    powerOn(host)
    // It has to be heard before it counts as one that is there.
    return advance(for: 1_000) && lookAfterStore() ? nil : checks?.violation
  }

  /// Its operator reads where a host obeys another store; by then it has shown which. False: a violation ends the run.
  mutating func lookAfterStore() -> Bool {
    // Its disk may have been full then, which was told.
    if storeState.wasGivenContents { bringContents("again") }
    for _ in 0..<2 where needsOperator {
      guard advance(for: 12_000) else { return false }
      run(.recover)
      guard advance(for: 3_000) else { return false }
    }
    return true
  }

  /// What isn't pinned to it goes elsewhere, and with nothing left there it is forgotten.
  private mutating func giveUp(_ host: SimulatedHost) -> String? {
    guard let drain = try? RequestID("drain"), let forget = try? RequestID("forget"), store.intent.hosts[host.name] != nil else {
      return nil
    }
    ask(Self.clients[0], drain, .jobs(.restrainHost(host.name, .drained)))
    if let problem = settle("the dead host drained") { return problem }
    guard store.intent.restraints[host.name] == .drained, !store.intent.labs.values.contains(where: { $0.hosts.contains(host.name) }) else {
      return nil
    }
    // What it said last may have come just now: it is lost when its lease is over.
    guard advance(for: 6_000) else { return checks?.violation }
    ask(Self.clients[0], forget, .jobs(.forgetHost(host.name)))
    if let problem = settle("the dead host forgotten") { return problem }
    return store.intent.hosts[host.name] == nil ? nil : "42: \(host.name) was not forgotten"
  }

  /// The first reason why the world isn't as its users want it; nil when it is.
  var unfinished: String? {
    for name in Self.clients {
      if let client = processes[name]?.client?.machine, !client.isIdle(but: absent) { return "a request of \(name) is unanswered" }
    }
    if let host = hosts.first(where: { $0.name != absent && $0.cached?.store != store.intent.store }) {
      return "21: \(host.name) doesn't obey the store that goes on"
    }
    if let host = hosts.first(where: { $0.isOn && !$0.visitors.isSubset(of: $0.truth.taps.keys) }) {
      return "50: containers of \(host.name) are not there that nobody took"
    }
    let oracle = Oracle(intent: store.intent, hosts: hosts, told: log.toldHosts, absent: absent)
    if let problem = oracle.difference ?? checks?.untold ?? oracle.crowd ?? unfinishedJob { return problem }
    let known = absent.flatMap { store.intent.hosts[$0] == nil ? nil : $0 }
    if let (vni, tombstone) = store.intent.tombstones.filter({ $0.value.hosts != [known].compactMap(\.self) }).min(by: { $0.key < $1.key })
    {
      return "37: VNI \(vni) rests for \(tombstone.hosts)"
    }
    for process in living {
      if let image = process.pulls.values.min() { return "47: \(process.name) pulls \(image) for nobody" }
    }
    return toldOtherwise
  }

  /// 8: a job ends, unless it waits for a host that is dead.
  private var unfinishedJob: String? {
    let running = store.intent.jobs.filter { $0.value.phase == .running }.sorted { $0.key < $1.key }.map(\.value)
    for job in running {
      let lab = store.intent.labs[job.lab]
      if let absent, job.kind != .destroy, let lab, lab.key.born == job.born, lab.hosts.contains(absent) { continue }
      if let lab, job.kind != .destroy, lab.key.born == job.born, Waits(of: lab, absent: absent).mayBeEndless { continue }
      return "8: job \(job.id) (\(job.kind)) is stuck"
    }
    return nil
  }

  /// 9: what is as its user wants it is told so. 43: what waits for a host that is dead is told so too, with the host.
  private var toldOtherwise: String? {
    guard case .labs(let labs, _)? = reconcilerSays(.labs([])) else { return "the reconciler doesn't say how labs are" }
    if Set(labs.map(\.key)) != Set(store.intent.labs.values.map(\.key)) { return "the reconciler tells of other labs than there are" }
    for lab in labs {
      if let absent, lab.hosts.contains(absent) {
        if lab.converged || !lab.reason.contains("host \(absent) is lost") {
          return "43: \(lab.key) is told as \(lab.converged ? "converged" : lab.reason), though \(absent) is dead"
        }
        continue
      }
      if let meant = store.intent.labs[lab.key.name], Waits(of: meant, absent: absent).mayBeEndless {
        if !lab.converged, !lab.reason.contains("waits for") { return "43: \(lab.key) is told as \(lab.reason), though nodes of it wait" }
        continue
      }
      let vacant = store.intent.labs[lab.key.name].map(vacancy) ?? (nodes: 0, links: 0)
      if !lab.converged || lab.ready + stopped(lab.key) + vacant.nodes != lab.nodes || lab.up + vacant.links != lab.links {
        return "9: \(lab.key) is told with \(lab.ready) of \(lab.nodes) nodes and \(lab.up) of \(lab.links) links: \(lab.reason)"
      }
    }
    return nil
  }

  private func stopped(_ key: LabKey) -> Int { store.intent.labs[key.name]?.nodes.count { $0.desired == .stopped } ?? 0 }

  /// What a user would be answered now; nobody is asked.
  func reconcilerSays(_ request: ReconcilerRequest) -> ReconcilerReply? {
    guard let process = processes[.reconciler], case .reconciler(let box) = process.core, let id = try? RequestID("look") else {
      return nil
    }
    var copy = box.machine
    let incoming = Incoming(from: Incoming.Address(Self.clients[0], id), request: .reconciler(request))
    for effect in copy.handle(.bus(.request(incoming)), at: now(process.clock)) {
      guard case .bus(.reply(_, .success(.reconciler(let reply)))) = effect else { continue }
      if settings.bug == .muteReasons, case .labs(var labs, let store) = reply {
        for index in labs.indices { labs[index].reason = "" }
        return .labs(labs, of: store)
      }
      return reply
    }
    return nil
  }
}

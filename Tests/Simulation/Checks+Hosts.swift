import AgentCore
import Machine
import Model

struct NodeStart: Hashable {
  var key: NodeKey
  var serial: UInt64
  var digest: UInt64
}

/// Lives and deaths of nodes' processes.
struct NodeHistory {
  /// Every start that ever came to a process (36).
  var started: Set<NodeStart> = []
  /// Ends of processes by the name that is told (20, 24).
  var ends: [String: Int] = [:]
  /// When each node's last process began, how many in a row died early, and when the last one did (22).
  var lives: [HostName: [NodeKey: Life]] = [:]
  /// Nodes whose end an agent has decided (19).
  var stopping: [HostName: Set<NodeKey>] = [:]
  /// Ends that must be told (19), and the last of each node that was (24).
  var untold: [HostName: [NodeKey: Set<Int32>]] = [:]
  var told: [HostName: [String: Int32]] = [:]

  struct Life {
    var serial: UInt64
    var digest: UInt64
    var pid: Int32
    var began: UInt64
    var early = 0
    var ended: UInt64?
  }
}

/// What hosts send with.
struct WireHistory {
  /// Each host's tunnels with their VNIs, and which cable each VNI is on the way for (37).
  var tunnels: [HostName: [TunnelKey: VNI]] = [:]
  var cables: [VNI: (key: TunnelKey, count: Int)] = [:]
  /// Ends of links that ever were right (9).
  var wasUp: Set<TapKey> = []
  /// Pairs of hosts between which frames have ever passed (9).
  var carried: Set<Set<HostName>> = []
  /// Since when what an agent makes has been there (16).
  var since: [HostName: [Target: UInt64]] = [:]
  /// Hosts that were given up: what they may still send with counts no more (37), until they obey again.
  var forgotten: Set<HostName> = []
  /// Hosts that ever had a clone.
  var cloned: Set<HostName> = []
}

extension WireHistory {
  /// An action that makes what has been there since before a time.
  func isOld(_ action: Action, on host: SimulatedHost, before time: UInt64) -> Bool {
    switch action {
    case .makeSandbox, .makeTap, .makeTunnel, .start: !host.isClone && since[host.name]?[action.target].map { $0 < time } ?? false
    // To mend the probe tunnel or a management network is to make it.
    case .makeProbe, .deleteProbe, .makeSegment, .deleteSegment, .unpatch, .deleteTap, .deleteTunnel, .deleteSandbox, .setMTU, .patch,
      .setCarrier, .raiseTunnel, .stop, .remove:
      false
    }
  }

  /// Its operator has said that the host never comes back.
  mutating func forget(_ host: HostName) {
    forgotten.insert(host)
    giveUp(host)
  }

  mutating func giveUp(_ host: HostName) {
    for (key, vni) in tunnels.removeValue(forKey: host) ?? [:] { release(vni, of: key) }
  }

  mutating func release(_ vni: VNI, of key: TunnelKey) {
    guard let cable = cables[vni], cable.key == key else { return }
    cables[vni] = cable.count > 1 ? (key, cable.count - 1) : nil
  }

  mutating func note(_ target: Target, on host: HostName, exists: Bool, at time: UInt64) {
    if !exists { since[host]?[target] = nil } else if since[host]?[target] == nil { since[host, default: [:]][target] = time }
  }
}

extension Checks {
  /// 15: nothing without our mark is touched.
  mutating func touched(_ host: SimulatedHost) {
    if let target = host.touchedForeign.first { fail("15: \(host.name) has changed what is another's: \(target)") }
  }

  /// 22: the first restart is at once, the next ones wait ever longer.
  mutating func performs(_ action: Action, on host: SimulatedHost) {
    // An end that was asked for is no death.
    if host.isClone { return }
    // 3: a node starts only with the configuration that it is to have.
    if case .start(let node, _) = action, let config = node.spec.startupConfig, !host.blobs.contains(config) {
      fail("3: \(node.key) starts without its configuration")
    }
    switch action {
    case .stop(let key, _), .remove(let key): nodes.lives[host.name]?[key] = nil
    case .start, .unpatch, .deleteTap, .deleteTunnel, .deleteSandbox, .makeSandbox, .makeTap, .makeTunnel, .makeProbe, .deleteProbe,
      .makeSegment, .deleteSegment, .setMTU, .patch, .setCarrier, .raiseTunnel:
      break
    }
    guard case .start(let node, _) = action, let life = nodes.lives[host.name]?[node.key], life.serial == node.startSerial,
      let ended = life.ended,
      host.truth.processes[node.key] == nil, host.truth.sandboxes.contains(node.key)
    else { return }
    // Clocks may be off by 2 %.
    let pause = CrashRecord(early: life.early).pause * 97 / 100
    if time < ended + pause {
      fail("22: \(node.key) starts \(time - ended) ms after its early death number \(life.early), not after \(pause)")
    }
  }

  /// Two hosts have one name from now on.
  mutating func cloned(_ host: HostName) { if wire.cloned.insert(host).inserted { wire.giveUp(host) } }

  mutating func changed(_ news: [Observation], on host: SimulatedHost) {
    note()
    if host.isClone {
      for item in news {
        switch item {
        case .process(let key, let process):
          nodes.started.insert(NodeStart(key: key, serial: process.startSerial, digest: process.specDigest))
        case .exited(let key, _): nodes.ends[key.id, default: 0] += 1
        case .tunnel, .tap, .sandbox, .folder, .path, .probe, .segment: break
        }
      }
      return
    }
    for item in news {
      switch item {
      case .tunnel(let key, let tunnel):
        wire.note(.device(.tunnel(key)), on: host.name, exists: tunnel != nil, at: time)
        sends(host.name, key, tunnel?.vni)
      case .tap(let key, let tap): wire.note(.device(.tap(key)), on: host.name, exists: tap != nil, at: time)
      case .sandbox(let key, let exists):
        wire.note(.sandbox(key), on: host.name, exists: exists, at: time)
        if !exists { forgive(key, on: host.name) }
      case .process(let key, let process):
        wire.note(.node(key), on: host.name, exists: true, at: time)
        began(key, process, on: host)
      case .exited(let key, let end):
        wire.note(.node(key), on: host.name, exists: false, at: time)
        ended(key, on: host)
        mustBeTold(key, end, of: host.name)
      case .folder, .path, .probe, .segment: break
      }
    }
  }

  /// Frames have passed between two hosts (9).
  mutating func carried(_ a: HostName, _ b: HostName) { wire.carried.insert([a, b]) }

  mutating func lostPower(_ host: SimulatedHost) {
    note()
    for key in (wire.tunnels[host.name] ?? [:]).keys { sends(host.name, key, nil) }
    nodes.lives[host.name] = nil
    nodes.untold[host.name] = nil
    wire.since[host.name] = nil
    agents[host.name]?.isQuiet = false
  }

  /// 37: two hosts never send with one VNI for different cables.
  private mutating func sends(_ host: HostName, _ key: TunnelKey, _ vni: VNI?) {
    let before = wire.tunnels[host]?[key]
    guard before != vni, !wire.forgotten.contains(host), !wire.cloned.contains(host), !isForked else { return }
    wire.tunnels[host, default: [:]][key] = vni
    if let before { wire.release(before, of: key) }
    guard let vni else { return }
    if let cable = wire.cables[vni], cable.key != key {
      if wasGivenTwice(vni, key.lab, cable.key.lab) { return }
      return fail("37: VNI \(vni) is on the way for \(cable.key) and for \(key)")
    }
    wire.cables[vni] = (key, (wire.cables[vni]?.count ?? 0) + 1)
  }

  /// Both cables are of the time that two copies of the store number alike: after a recovery neither is.
  private func wasGivenTwice(_ vni: VNI, _ a: LabKey, _ b: LabKey) -> Bool {
    guard let labs = givenTwice[vni], a.born.number >> 32 == b.born.number >> 32 else { return false }
    return labs.contains(a) || labs.contains(b)
  }

  private mutating func began(_ key: NodeKey, _ process: NodeProcess, on host: SimulatedHost) {
    // 20: a node only ever runs where intent has placed it.
    if intent.places[key]?.contains(host.name) != true { fail("20: \(key) runs on \(host.name), where nobody placed it") }
    nodes.started.insert(NodeStart(key: key, serial: process.startSerial, digest: process.specDigest))
    let life = nodes.lives[host.name]?[key]
    guard life?.ended != nil || life?.serial != process.startSerial || life?.pid != process.pid else { return }
    let early = life.map { $0.serial == process.startSerial ? $0.early : 0 } ?? 0
    nodes.lives[host.name, default: [:]][key] = NodeHistory.Life(
      serial: process.startSerial, digest: process.specDigest, pid: process.pid, began: time, early: early)
  }

  private mutating func ended(_ key: NodeKey, on host: SimulatedHost) {
    nodes.ends[key.id, default: 0] += 1
    guard var life = nodes.lives[host.name]?[key] else { return }
    // One that may count as stable by a clock that is off does.
    life.early = time - life.began < CrashRecord.stable * 96 / 100 - (isBlurred ? 7_000 : 0) ? life.early + 1 : 0
    life.ended = time
    nodes.lives[host.name]?[key] = life
  }

  /// Who dies with its sandbox is not to blame, and starts again at once (22).
  private mutating func forgive(_ key: NodeKey, on host: HostName) {
    guard var life = nodes.lives[host]?[key], life.ended != nil else { return }
    life.early = max(life.early - 1, 0)
    life.ended = nil
    nodes.lives[host]?[key] = life
  }

  /// Notes which ends of links are right now, of those that a change may have made so.
  mutating func measure(_ news: [Observation], _ intent: [LabName: Lab], _ hosts: [SimulatedHost]) {
    var labs: Set<LabName> = []
    for item in news {
      switch item {
      case .tap(let key, .some): labs.insert(key.node.lab.name)
      case .tunnel(let key, .some): labs.insert(key.lab.name)
      case .tap, .tunnel, .probe, .segment, .sandbox, .process, .exited, .folder, .path: break
      }
    }
    measure(labs, intent, hosts)
  }

  /// The same of what a change of labs has made right: the kernel may have been ahead of it, or behind an older one.
  mutating func measure(_ labs: Set<LabName>, _ intent: [LabName: Lab], _ hosts: [SimulatedHost]) {
    for lab in labs.compactMap({ intent[$0] }) {
      let placement = lab.placement
      let keys = Dictionary(uniqueKeysWithValues: lab.nodes.indices.map { (lab.spec.nodes[$0].name, lab.key(at: $0)) })
      for link in lab.spec.links {
        guard let a = keys[link.a.node], let b = keys[link.b.node] else { continue }
        let ends = [(TapKey(a, link.a.ordinal), placement[link.a.node]), (TapKey(b, link.b.ordinal), placement[link.b.node])]
        let key = TunnelKey(lab.key, link.id)
        for (near, far) in zip(ends, ends.reversed()) where !wire.wasUp.contains(near.0) {
          guard let truth = hosts.first(where: { $0.name == near.1 })?.truth, let tap = truth.taps[near.0] else { continue }
          let isUp =
            near.1 == far.1
            ? tap.patchedTo == .tap(far.0) : tap.patchedTo == .tunnel(key) && truth.tunnels[key]?.patchedTo == .tap(near.0)
          if isUp { wire.wasUp.insert(near.0) }
        }
      }
    }
  }
}

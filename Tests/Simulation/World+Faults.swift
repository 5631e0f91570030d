import Machine
import Model

/// What goes wrong, every 200 ms by chance.
extension World {
  mutating func doFaults() {
    push(.faults, in: 200)
    for name in Self.services where machines.happens(faults.serviceCrash / 4) { kill(name, restartIn: machines.between(20, 3_000)) }
    for name in Self.clients where machines.happens(faults.clientCrash) { killClient(name) }
    if machines.happens(faults.hubCrash) { killHub(restartIn: machines.between(10, 2_000)) }
    if machines.happens(faults.controlCut) { cutControlPower() }
    if machines.happens(faults.pause) { pause() }
    if machines.happens(faults.cut) { cut() }
    if machines.happens(faults.partition) { partition() }
    if machines.happens(faults.rival) { startRival() }
    if machines.happens(faults.restore) { restoreBackup() }
    if machines.happens(faults.otherStore) { showOtherStore() }
    if machines.happens(faults.clockStep) { wallStep = Int64(machines.below(7_200_000)) - 3_600_000 }
    if machines.happens(10) { followTap() }
    if machines.happens(10) { say(stray: Self.services) }
    backUp()
    for host in hosts {
      if machines.happens(faults.agentCrash / 2) { kill(.agent(host.name), restartIn: machines.between(20, 2_000)) }
      if machines.happens(faults.powerCut / 2), host.isOn { cutPower(host) }
      if machines.happens(faults.nodeDeath) { killNode(on: host) }
      if machines.happens(faults.interfaceFlap) { flap(on: host) }
      if machines.happens(faults.deviceLoss) { loseDevice(on: host) }
      loseSegment(on: host)
      takeSubnet(on: host)
      if machines.happens(faults.sandboxLoss) { loseSandbox(on: host) }
      if machines.happens(faults.foreign) { comeOrGo(on: host) }
      if machines.happens(faults.crashLoop) { beginLoop(on: host) }
      if machines.happens(faults.firewall) { setFirewall(of: host, drops: machines.happens(600)) }
      if machines.happens(20), let process = processes[.agent(host.name)] {
        push(
          .agent(process, !isCrowded && machines.happens(500) ? .load(HostLoad(load1: 100)) : .lacks(machines.happens(500) ? ["tc"] : [])),
          in: 1)
      }
      if isCrowded { changeRoom(of: host) }
      if isEngined, engines.happens(faults.engineLoss) { loseEngine(of: host) }
      visit(host)
      if machines.happens(faults.blobLoss) { loseBlob(on: host) }
      if machines.happens(faults.diskLoss), !storeState.isBroken {
        kill(.agent(host.name), restartIn: machines.between(20, 2_000))
        wipe(host)
      }
      spoil(host)
    }
  }

  private mutating func cutPower(_ host: SimulatedHost) {
    losePower(host)
    push(.powerOn(host), in: machines.between(500, 15_000))
  }

  mutating func losePower(_ host: SimulatedHost) {
    say("\(host.name) loses power")
    if let process = processes[.agent(host.name)], process.host === host { end(process) }
    host.cutPower(keepsAll: disks.happens(500))
    waysChange(at: host)
    checks?.lostPower(host)
    endStages(on: host)
  }

  /// The machine with all services and the bus loses power, now and then the whole house.
  private mutating func cutControlPower() {
    say("the control machine loses power")
    for name in Self.services { if let process = processes[name] { end(process) } }
    for process in living where Self.services.contains(process.name) { end(process) }
    log.losePower(&disks, skips: settings.bug != .reusedNumbers)
    checks?.logLost(log.events)
    killHub(restartIn: machines.between(20, 4_000))
    for name in Self.services { push(.start(name), in: machines.between(20, 5_000)) }
    if machines.happens(200) { for host in hosts where host.isOn { cutPower(host) } }
  }

  private mutating func pause() {
    let until = time + machines.between(50, 6_000)
    if machines.happens(200) {
      say("the hub stands still until \(until)")
      hubPausedUntil = until
    } else if let process = machines.pick(living) {
      say("\(process.name) stands still until \(until)")
      process.pausedUntil = until
      process.backlog = 0
    }
  }

  private mutating func cut() {
    guard let process = machines.pick(living) else { return }
    let until = time + machines.between(100, 12_000)
    let way = machines.below(3)
    if way != 0 { process.mutedUntil = until }
    if way != 1 { process.deafUntil = until }
    say("\(process.name) \(way == 0 ? "hears nothing" : way == 1 ? "isn't heard" : "is cut off") until \(until)")
  }

  /// Some hosts are cut off together.
  private mutating func partition() {
    let until = time + machines.between(500, 15_000)
    for process in living where process.host != nil && machines.happens(600) {
      process.mutedUntil = until
      process.deafUntil = until
      say("\(process.name) is cut off until \(until)")
    }
  }

  /// A second process of a name for a while: a clone of a host, or a service that was started twice.
  private mutating func startRival() {
    let name: PeerName
    var clone: SimulatedHost?
    if machines.happens(500), let host = machines.pick(hosts) {
      name = .agent(host.name)
      clone = host.copy(clock: makeClock())
      checks?.cloned(host.name)
    } else {
      guard let service = machines.pick(Self.services) else { return }
      // Who keeps something on disk locks its folder.
      if service == .configs || service == .reconciler, settings.bug != .unlockedFolder {
        return say("a second \(service) ends: its folder is locked")
      }
      name = service
      checks?.words.isContested = true
    }
    say("a second \(name) is started")
    let rival = begin(name, on: clone)
    push(.rival(rival), in: machines.between(200, 5_000))
  }

  /// What it runs goes on, and for a while it doesn't answer.
  mutating func loseEngine(of host: SimulatedHost) {
    if host.isEngineAway { return }
    say("the engine of \(host.name) is away")
    host.isEngineAway = true
    push(.engineReturns(host), in: engines.between(200, 12_000))
  }

  private mutating func killNode(on host: SimulatedHost) {
    guard let key = machines.pick(host.truth.processes.keys.sorted()) else { return }
    disturb(host) { $0.set(key, nil as NodeProcess?) }
  }

  private mutating func flap(on host: SimulatedHost) {
    guard let key = machines.pick(host.truth.taps.keys.sorted()), var tap = host.truth.taps[key] else { return }
    tap.nodeUp.toggle()
    disturb(host) { $0.set(key, tap) }
  }

  private mutating func loseDevice(on host: SimulatedHost) {
    let taps = host.truth.taps.keys.sorted()
    let tunnels = host.truth.tunnels.keys.sorted()
    let probes = host.truth.probe == nil ? 0 : 1
    guard let index = machines.pick(Array(0..<(taps.count + tunnels.count + probes))) else { return }
    let isBroken = machines.happens(500)
    disturb(host) { host in
      if index < taps.count {
        host.visitors.remove(taps[index])
        host.set(taps[index], nil)
      } else if index < taps.count + tunnels.count {
        host.set(tunnels[index - taps.count], nil)
      } else {
        // It vanishes, or only what it sends back with.
        var probe = host.truth.probe
        probe?.isWhole = false
        host.set(probe: isBroken ? probe : nil)
      }
    }
  }

  /// A namespace dies with all that is in it.
  private mutating func loseSandbox(on host: SimulatedHost) {
    guard let key = machines.pick(host.truth.sandboxes.sorted()) else { return }
    let taps = host.truth.taps.keys.filter { $0.node == key }.sorted()
    disturb(host) { host in
      host.set(key, nil as NodeProcess?)
      for tap in taps { host.set(tap, nil) }
      host.set(sandbox: key, false)
    }
  }

  /// Another overlay of the host takes a VNI, or gives one up.
  private mutating func comeOrGo(on host: SimulatedHost) {
    if let key = machines.pick(host.foreign.tunnels.keys.sorted()), machines.happens(600) { return host.setForeign(key, nil) }
    let ofProbes = VNI(ofProbesIn: store.intent.store.deployment)
    let number = machines.below(7)
    guard host.isOn, let vni = number == 0 ? ofProbes : try? VNI(4096 + UInt32(number)), vni != host.truth.probe?.vni,
      !host.truth.tunnels.values.contains(where: { $0.vni == vni }),
      let lab = try? LabName("other"), let node = try? NodeName("x\(vni)"), let one = try? Ordinal(1), let two = try? Ordinal(2)
    else { return }
    let key = TunnelKey(LabKey(lab, born: Revision(1)), LinkID(Endpoint(node, one), Endpoint(node, two)))
    let address = Self.spec(host.name).underlay
    host.setForeign(key, Tunnel(vni: vni, local: address, remote: address, mtu: 1_450, up: true, patchedTo: nil))
  }

  private mutating func beginLoop(on host: SimulatedHost) {
    guard let (key, process) = host.truth.processes.min(by: { $0.key < $1.key }), loops.insert(key).inserted else { return }
    say("\(key) dies soon after each start from now on")
    push(.nodeDies(host, key, pid: process.pid), in: 100)
  }
}

import AgentCore
import Machine
import Model

/// What kernels do, and what happens to hosts.
extension World {
  /// An action that was begun is finished, whether or not its agent still lives; only the living one hears of it.
  mutating func perform(_ name: HostName, _ instance: Instance, _ batch: Batch) {
    guard let before = hosts[name]?.truth, hosts[name]?.isOn == true, isAlive(.agent(name), instance) else { return }
    var failures: [Failure] = []
    for action in batch.actions {
      if machines.happens(faults.actionFailure) {
        failures.append(Failure(target: action.target, error: LabError(.internalError, name.text, "EBUSY")))
      } else if let error = hosts[name]?.perform(action) {
        failures.append(Failure(target: action.target, error: error))
      }
    }
    let seen = hosts[name]?.differences(from: before) ?? []
    drive(name, .performed(batch.id, failures: failures, observations: seen))
  }

  /// Read back when the news is handled, not when it happened: what is told is never older than what was told before.
  mutating func observe(_ name: HostName, _ instance: Instance, _ news: [Observation]) {
    guard isAlive(.agent(name), instance), let truth = hosts[name]?.truth else { return }
    let seen: [Observation] = news.map { item in
      switch item {
      case .sandbox(let key, _): .sandbox(key, exists: truth.sandboxes.contains(key))
      case .folder(let key, _): .folder(key, exists: truth.folders.contains(key))
      case .tap(let key, _): .tap(key, truth.taps[key])
      case .tunnel(let key, _): .tunnel(key, truth.tunnels[key])
      case .process(let key, let process): truth.processes[key].map { .process(key, $0) } ?? .process(key, process)
      case .exited, .path: item
      }
    }
    drive(name, .observed(seen))
  }

  /// Something happened on a host without its agent's doing.
  private mutating func disturb(_ name: HostName, _ change: (inout SimulatedHost) -> Void) {
    guard var host = hosts[name], host.isOn else { return }
    let before = host.truth
    change(&host)
    hosts[name] = host
    let news = host.differences(from: before)
    guard !news.isEmpty, let process = processes[.agent(name)] else { return }
    say("\(name): \(news.map { String(String(describing: $0).prefix(120)) })")
    push(.observe(name, process.instance, news), in: machines.between(1, 20))
  }

  mutating func doFaults() {
    push(.faults, in: 200)
    for name in Self.services where machines.happens(faults.serviceCrash / 4) { kill(name, restartIn: machines.between(20, 3_000)) }
    if machines.happens(faults.hubCrash), hub != nil {
      say("hub dies")
      hub = nil
      for name in processes.keys.sorted() {
        processes[name]?.hub = nil
        processes[name]?.isHelloUnderWay = false
        feed(name, .disconnected)
        if let instance = processes[name]?.instance { push(.hello(name, instance), in: machines.between(1, 400)) }
      }
      push(.startHub, in: machines.between(10, 2_000))
    }
    for name in hosts.keys.sorted() {
      if machines.happens(faults.agentCrash / 2) { kill(.agent(name), restartIn: machines.between(20, 2_000)) }
      if machines.happens(faults.powerCut / 2), hosts[name]?.isOn == true { cutPower(name) }
      if machines.happens(faults.nodeDeath) { killNode(on: name) }
      if machines.happens(faults.interfaceFlap) { flap(on: name) }
      if machines.happens(faults.deviceLoss) { loseDevice(on: name) }
    }
  }

  private mutating func cutPower(_ name: HostName) {
    say("\(name) loses power")
    hosts[name]?.cutPower()
    if let process = processes.removeValue(forKey: .agent(name)) { names[process.routing] = nil }
    push(.powerOn(name), in: machines.between(500, 15_000))
  }

  mutating func powerOn(_ name: HostName) {
    guard hosts[name]?.isOn == false else { return }
    hosts[name]?.isOn = true
    push(.start(.agent(name)), in: machines.between(10, 300))
  }

  private mutating func killNode(on name: HostName) {
    guard let key = machines.pick(hosts[name]?.truth.processes.keys.sorted() ?? []) else { return }
    disturb(name) { $0.truth.processes[key] = nil }
  }

  private mutating func flap(on name: HostName) {
    guard let key = machines.pick(hosts[name]?.truth.taps.keys.sorted() ?? []) else { return }
    disturb(name) { $0.truth.taps[key]?.nodeUp.toggle() }
  }

  private mutating func loseDevice(on name: HostName) {
    guard let truth = hosts[name]?.truth else { return }
    let devices = truth.taps.keys.sorted().map { DeviceKey.tap($0) } + truth.tunnels.keys.sorted().map { DeviceKey.tunnel($0) }
    guard let device = machines.pick(devices) else { return }
    disturb(name) { $0.remove(device) }
  }
}

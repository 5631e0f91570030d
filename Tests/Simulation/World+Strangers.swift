import HubCore
import Machine
import Model

/// What a bus brings that nobody has asked for.
extension World {
  /// 44: who holds an agent's key, or may only look at labs, sees nothing of others.
  mutating func followTap() {
    let keys: [PeerName?] = [nil, Self.clients[0], .reconciler, hosts.first.map { .agent($0.name) }]
    let key = keys[machines.below(keys.count)]
    let event = Hub<Payload>.Event.tapped(key: key)
    count(event, "Hub")
    let now = Now(boot: Instant(milliseconds: time), wall: 0)
    let viewers = Hub<Payload>.Event.roles([Self.clients[0]: .viewer])
    count(viewers, "Hub")
    _ = hub?.handle(viewers, at: now)
    let opened = settings.bug == .openTap ? Hub<Payload>.Event.tapped(key: nil) : event
    let effects = hub?.handle(opened, at: now) ?? []
    let isAllowed = effects.contains { if case .allow = $0 { true } else { false } }
    if isAllowed, case .agent? = key { checks?.fail("44: an agent follows the tap") }
    if isAllowed, case .client? = key { checks?.fail("44: a viewer follows the tap") }
  }

  /// An answer to what was never asked, or a question that isn't its addressee's.
  mutating func say(stray peers: [PeerName]) {
    guard let peer = machines.pick(peers), let process = processes[Self.clients[1]], let id = try? RequestID("stray.\(time)") else {
      return
    }
    if machines.happens(500) { return pass(.request(id, .agent(.execKill(ExecID(Instance(0), 0)))), to: peer, from: process) }
    pass(.reply(id, .failure(LabError(.internalError, "nobody", "has asked"))), to: peer, from: process)
  }
}

import Machine
import Model

/// Names: greeting, contest, loss.
extension Hub {
  mutating func greet(_ sender: RoutingID, _ key: PeerName?, _ hello: Hello, _ now: Now) -> [Effect] {
    let newcomer = Member(routing: sender, hello: hello)
    guard Permissions.mayBe(hello.name, key: key) else {
      return refuse(newcomer, .permissionDenied, "this key is for \(key.map(\.description) ?? "nobody"), not for \(hello.name)")
    }
    let version = Hello.currentVersion
    guard hello.protocolVersion == version else {
      let advice = hello.protocolVersion > version ? "upgrade archetype-bus" : "upgrade the program that greets"
      let text = "speaks version \(hello.protocolVersion) of the protocol, and this bus version \(version) (\(advice))"
      return refuse(newcomer, .failedPrecondition, text)
    }
    guard let holder = members[hello.name] else {
      return members.count < Self.mostPeers ? admit(newcomer) : sweep(for: newcomer, at: now)
    }
    // The same process by a new connection, or its greeting once more.
    if holder.hello.instance == hello.instance { return admit(newcomer) }
    if let contest = contests[hello.name] {
      if contest.newcomer.hello.instance == hello.instance {
        contests[hello.name]?.newcomer = newcomer
        return []
      }
      return refuse(newcomer, .unavailable, "another newcomer asks for this name at the moment (try again)")
    }
    number += 1
    contests[hello.name] = Contest(newcomer: newcomer, number: number, deadline: now.boot + Self.probeDeadline)
    return [.send(holder.routing, .probe(number), nil)]
  }

  private mutating func admit(_ newcomer: Member) -> [Effect] {
    let name = newcomer.hello.name
    let before = members[name]
    if let before { names[before.routing] = nil }
    // A connection that greets under another name gives the first one up.
    if let other = names[newcomer.routing], other != name { members[other] = nil }
    members[name] = newcomer
    names[newcomer.routing] = name
    reminded[newcomer.routing] = nil
    let welcome = Effect.send(newcomer.routing, .welcome(hub: instance), nil)
    if let before, before.hello.instance == newcomer.hello.instance { return [welcome] }
    return [welcome, .note(before.map { .tookOver(name, from: $0.hello.instance) } ?? .admitted(newcomer.hello))]
  }

  /// A command line that has ended is noticed only when something is sent to it, and to most nobody ever sends again: each is sent a
  /// probe, and what can't be delivered frees its name.
  private mutating func sweep(for newcomer: Member, at now: Now) -> [Effect] {
    if let lastSweep, now.boot.since(lastSweep) < Self.sweepPause {
      return refuse(newcomer, .resourceExhausted, "the bus has \(Self.mostPeers) peers already")
    }
    lastSweep = now.boot
    let probes = members.sorted { $0.key < $1.key }.compactMap { name, member -> Effect? in
      if case .client = name { .send(member.routing, .probe(0), nil) } else { nil }
    }
    return probes + refuse(newcomer, .unavailable, "the bus is full and looks for peers that are gone (try again)")
  }

  private func refuse(_ newcomer: Member, _ code: ErrorCode, _ text: String) -> [Effect] {
    [.send(newcomer.routing, .refused(code, text), nil), .note(.refused(newcomer.hello, text))]
  }

  /// The holder of a contested name lives.
  mutating func held(_ name: PeerName, _ number: UInt64) -> [Effect] {
    guard let contest = contests[name], contest.number == number, let holder = members[name] else { return [] }
    contests[name] = nil
    return refuse(
      contest.newcomer, .alreadyExists,
      "a live process holds this name: instance \(holder.hello.instance), build \(holder.hello.build) (stop it first)")
  }

  mutating func endContests(at now: Now) -> [Effect] {
    let over = contests.filter { $0.value.deadline <= now.boot }.keys.sorted()
    return over.flatMap { name in contests.removeValue(forKey: name).map { admit($0.newcomer) } ?? [] }
  }

  /// A connection is gone: its name is free at once, and who asked it is told.
  mutating func lost(_ routing: RoutingID, _ frame: HubFrame, _ payload: Payload?, _ now: Now) -> [Effect] {
    reminded[routing] = nil
    guard let name = names.removeValue(forKey: routing) else {
      for (name, contest) in contests where contest.newcomer.routing == routing { contests[name] = nil }
      return []
    }
    members[name] = nil
    var effects: [Effect] = [.count(.unavailable, name)]
    if let contest = contests.removeValue(forKey: name) { effects += admit(contest.newcomer) }
    if case .delivered(let from) = frame, let asker = members[from] {
      effects += answer(asker.routing, name, payload, .unavailable, Self.absent)
    }
    return effects
  }

  /// A peer doesn't read: who asked it is told; anything else is dropped and counted.
  mutating func full(_ routing: RoutingID, _ frame: HubFrame, _ payload: Payload?) -> [Effect] {
    guard let name = names[routing] else { return [.count(.dropped, nil)] }
    guard case .delivered(let from) = frame, let asker = members[from], payload?.waitingRequest != nil else {
      return [.count(.dropped, name)]
    }
    return [.count(.full, name)]
      + answer(asker.routing, name, payload, .resourceExhausted, "doesn't read what is sent to it (it may be overloaded or stopped)")
  }
}

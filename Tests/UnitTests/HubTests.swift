import HubCore
import Machine
import Model
import Testing

/// The hub's decisions, without sockets.
struct HubTests {
  struct Text: HubPayload {
    var waitingRequest: RequestID?
    var kind: String?
  }
  typealias TestHub = Hub<Text>

  private let start = Now(boot: Instant(milliseconds: 1_000), wall: 0)
  private let one = RoutingID([1]), two = RoutingID([2]), three = RoutingID([3])
  private let h1 = try? HostName("h1")

  private func hello(_ name: PeerName, _ instance: UInt64) -> HubFrame {
    .hello(Hello(name: name, instance: Instance(instance), build: "test"))
  }

  private func sent(_ effects: [TestHub.Effect]) -> [(RoutingID, HubFrame)] {
    effects.compactMap { if case .send(let to, let frame, _) = $0 { (to, frame) } else { nil } }
  }

  private func admitted(_ peers: [(RoutingID, PeerName)]) -> TestHub {
    var hub = TestHub(instance: Instance(7))
    for (routing, name) in peers { _ = hub.handle(.received(routing, key: nil, hello(name, 1), nil), at: start) }
    return hub
  }

  @Test func strangersAreToldToGreetOnceInAWhile() throws {
    var hub = TestHub(instance: Instance(7))
    let event = TestHub.Event.received(one, key: nil, .request(to: .jobs), Text(waitingRequest: nil))
    #expect(sent(hub.handle(event, at: start)).map(\.1) == [.helloRequired])
    #expect(sent(hub.handle(event, at: start)).isEmpty)
    let later = Now(boot: start.boot + 200, wall: 0)
    #expect(sent(hub.handle(event, at: later)).map(\.1) == [.helloRequired])
  }

  @Test func anotherVersionOfTheProtocolIsRefusedAndTheNameStaysItsHolders() throws {
    var hub = admitted([(one, .jobs)])
    for version in [0, Hello.currentVersion + 1] as [UInt32] {
      let other = Hello(name: .jobs, instance: Instance(2), protocolVersion: version)
      let effects = sent(hub.handle(.received(two, key: nil, .hello(other), nil), at: start))
      #expect(effects.map(\.0) == [two], "its holder isn't even asked")
      guard case .refused(.failedPrecondition, _)? = effects.first?.1 else {
        Issue.record("not refused: \(effects)")
        continue
      }
    }
    #expect(hub.name(of: one) == .jobs)
  }

  @Test func aRequestCarriesTheSendersNameAndNoOther() throws {
    var hub = admitted([(one, .client("a")), (two, .jobs)])
    let effects = sent(hub.handle(.received(one, key: nil, .request(to: .jobs), Text(waitingRequest: nil)), at: start))
    #expect(effects.map(\.0) == [two])
    #expect(effects.map(\.1) == [.delivered(from: .client("a"))])
    // Frames that only a hub sends are not taken from a peer.
    #expect(sent(hub.handle(.received(one, key: nil, .delivered(from: .configs), Text(waitingRequest: nil)), at: start)).isEmpty)
  }

  @Test func theHubAnswersForItselfAndNobodyElseHasItsName() throws {
    var hub = admitted([(one, .client("a")), (two, .agent(try HostName("h1")))])
    let question = TestHub.Event.received(one, key: nil, .request(to: .bus), Text(waitingRequest: nil))
    guard case .answer(one, .client("a"), key: nil, _)? = hub.handle(question, at: start).first else {
      Issue.record("not answered")
      return
    }
    let agent = hub.handle(.received(two, key: nil, .request(to: .bus), Text(waitingRequest: RequestID(Instance(1), 1))), at: start)
    guard case .undelivered(.bus, _, .permissionDenied, _)? = sent(agent).first?.1 else {
      Issue.record("an agent may ask it: \(agent)")
      return
    }
    guard case .refused(.permissionDenied, _)? = sent(hub.handle(.received(three, key: nil, hello(.bus, 1), nil), at: start)).first?.1
    else {
      Issue.record("its name was given away")
      return
    }
  }

  @Test func aKeyIsForOneName() throws {
    let host = try #require(h1)
    var hub = TestHub(instance: Instance(7))
    let wrong = sent(hub.handle(.received(one, key: .agent(host), hello(.agent(try HostName("h10")), 1), nil), at: start))
    guard case .refused(.permissionDenied, _)? = wrong.first?.1 else {
      Issue.record("not refused: \(wrong)")
      return
    }
    #expect(
      sent(hub.handle(.received(one, key: .agent(host), hello(.agent(host), 1), nil), at: start)).map(\.1) == [.welcome(hub: Instance(7))])
    let mine = sent(hub.handle(.received(two, key: .client("ops"), hello(.client("ops.1f"), 1), nil), at: start))
    #expect(mine.map(\.1) == [.welcome(hub: Instance(7))])
  }

  @Test func aSecondLiveInstanceIsRefusedAndToldWhoHoldsTheName() throws {
    var hub = admitted([(one, .jobs)])
    let probe = sent(hub.handle(.received(two, key: nil, hello(.jobs, 2), nil), at: start))
    guard case (one, .probe(let number))? = probe.first else {
      Issue.record("no probe: \(probe)")
      return
    }
    let answer = sent(hub.handle(.received(one, key: nil, .probed(number), nil), at: start))
    guard case (two, .refused(.alreadyExists, let text))? = answer.first else {
      Issue.record("not refused: \(answer)")
      return
    }
    #expect(text.contains("instance 1"))
    #expect(hub.name(of: one) == .jobs)
  }

  @Test func aDeadHoldersNameIsTakenOverAtOnceOrAfterTheProbe() throws {
    var hub = admitted([(one, .jobs)])
    let probe = sent(hub.handle(.received(two, key: nil, hello(.jobs, 2), nil), at: start))
    let frame = try #require(probe.first?.1)
    let gone = sent(hub.handle(.unroutable(one, frame, nil), at: start))
    #expect(gone.map(\.0) == [two])
    #expect(hub.name(of: two) == .jobs)

    _ = hub.handle(.received(three, key: nil, hello(.jobs, 3), nil), at: start)
    let late = Now(boot: try #require(hub.wakeAt), wall: 0)
    #expect(sent(hub.handle(.tick, at: late)).map(\.0) == [three])
    #expect(hub.name(of: two) == nil)
    #expect(hub.wakeAt == nil)
  }

  @Test func theSameInstanceComesBackByAnotherConnection() throws {
    var hub = admitted([(one, .jobs)])
    #expect(sent(hub.handle(.received(two, key: nil, hello(.jobs, 1), nil), at: start)).map(\.1) == [.welcome(hub: Instance(7))])
    #expect(hub.name(of: one) == nil)
    #expect(hub.name(of: two) == .jobs)
  }

  @Test func whoAsksAnAbsentADeadOrAFullPeerIsToldAtOnce() throws {
    var hub = admitted([(one, .client("a")), (two, .jobs)])
    let id = try RequestID("r1")
    let payload = Text(waitingRequest: id)
    func code(_ effects: [TestHub.Effect]) -> ErrorCode? {
      for case (one, .undelivered(_, id, let code, _)) in sent(effects) { return code }
      return nil
    }
    #expect(code(hub.handle(.received(one, key: nil, .request(to: .configs), payload), at: start)) == .unavailable)
    #expect(code(hub.handle(.full(two, .delivered(from: .client("a")), payload), at: start)) == .resourceExhausted)
    #expect(code(hub.handle(.unroutable(two, .delivered(from: .client("a")), payload), at: start)) == .unavailable)
    #expect(hub.peers == [.client("a")])
  }

  @Test func onlyTheServiceOfATopicPublishesIt() throws {
    let host = try #require(h1)
    let lab = Topic.lab(try LabName("ring"))
    let allowed: [(PeerName, Topic)] = [(.configs, .intent), (.configs, .assign(host)), (.reconciler, lab), (.reconciler, .all)]
    let forbidden: [(PeerName, Topic)] = [
      (.configs, lab), (.reconciler, .intent), (.reconciler, .assign(host)), (.jobs, lab), (.links, .intent), (.agent(host), .assign(host)),
      (.agent(host), .all), (.client("a"), .intent),
    ]
    for (from, topic) in allowed + forbidden {
      var hub = admitted([(one, from)])
      let effects = hub.handle(.received(one, key: nil, .publish(topic), Text(waitingRequest: nil)), at: start)
      let isPublished = effects.contains { if case .publish(from, topic, _) = $0 { true } else { false } }
      #expect(isPublished == allowed.contains { $0 == from && $1 == topic }, "\(from) \(topic)")
    }
  }

  @Test func anAgentFollowsItsOwnAssignmentOnly() throws {
    let host = try #require(h1)
    var hub = TestHub(instance: Instance(7))
    func may(_ key: PeerName?, _ topic: Topic) -> Bool {
      hub.handle(.subscribed(key: key, topic), at: start).contains { if case .allow = $0 { true } else { false } }
    }
    #expect(may(.agent(host), .assign(host)))
    #expect(!may(.agent(host), .assign(try HostName("h10"))))
    #expect(!may(.agent(host), .intent))
    #expect(!may(.agent(host), .all))
    #expect(!may(.client("a"), .intent))
    #expect(may(nil, .intent))
  }

  @Test func anAgentSpeaksToThoseItNeedsOnly() throws {
    let host = try #require(h1)
    for (to, isAllowed) in [(PeerName.configs, true), (.reconciler, true), (.jobs, false), (.links, false)] {
      var hub = admitted([(one, .agent(host)), (two, to)])
      let effects = sent(
        hub.handle(.received(one, key: .agent(host), .request(to: to), Text(waitingRequest: try RequestID("r"))), at: start))
      #expect(effects.map(\.0) == [isAllowed ? two : one])
    }
  }
}

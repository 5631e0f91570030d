import Bus
import CZMQ
import Glibc
import HubCore
import Machine
import Model
import Reactor
import Testing
import Wire

/// A real bus, real sockets. A request that a peer asks is answered by hand.
@Suite(.serialized) struct BusTests {
  private let question = Request.jobs(.list)
  private let answer = Reply.jobs(.jobs([]))

  private func ask(_ peer: inout Peer, _ to: PeerName, _ id: String) throws {
    let outgoing = Outgoing(to: to, id: try RequestID(id), request: question, deadline: 10_000)
    try peer.send(.send(outgoing), trace: .fresh(), at: Clock.now())
    try peer.flush(at: Clock.now())
  }

  private func reply(_ peer: inout Peer, to incoming: Incoming, _ result: Result<Reply, LabError>) throws {
    try peer.send(.reply(incoming.from, result), trace: .fresh(), at: Clock.now())
    try peer.flush(at: Clock.now())
  }

  @Test func aRequestIsAnsweredUnderTheNamesThatTheHubKnows() throws {
    let bus = try BusProcess()
    var client = try bus.peer(.client("a"))
    var jobs = try bus.peer(.jobs)
    #expect(try connect(&client))
    #expect(try connect(&jobs))
    try ask(&client, .jobs, "r1")
    let incoming = try #require(try pump(&jobs) { $0.request })
    #expect(incoming.from == .init(.client("a"), try RequestID("r1")))
    #expect(incoming.request == question)
    try reply(&jobs, to: incoming, .success(answer))
    let result = try #require(try pump(&client) { $0.reply })
    #expect(result.0.text == "r1")
    #expect(try result.1.get() == answer)
  }

  @Test func anAnswerFromAnotherThanWhoWasAskedIsNotTaken() throws {
    let bus = try BusProcess()
    let thief = PeerName.agent(try HostName("h2"))
    var client = try bus.peer(.client("a"))
    var jobs = try bus.peer(.jobs)
    var other = try bus.peer(thief)
    #expect(try connect(&client))
    #expect(try connect(&jobs))
    #expect(try connect(&other))
    try ask(&client, .jobs, "r1")
    let incoming = try #require(try pump(&jobs) { $0.request })
    try reply(&other, to: incoming, .failure(LabError(.notFound, "x", "forged")))
    // The forged one is there before the true one.
    try ask(&other, .client("a"), "after")
    _ = try #require(try pump(&client) { $0.request })
    try reply(&jobs, to: incoming, .success(answer))
    #expect(try #require(try pump(&client) { $0.reply }).1.get() == answer)
  }

  @Test func aSecondLiveInstanceIsRefusedAndADeadOnesNameIsFree() throws {
    let bus = try BusProcess()
    var second = try bus.peer(.jobs, instance: 2)
    do {
      var first = try bus.peer(.jobs, instance: 1)
      #expect(try connect(&first))
      // The first must live to answer the probe: both are driven.
      var refusal: LabError?
      for _ in 0..<400 where refusal == nil {
        refusal = try pump(&second, most: 10) { $0.refusal }
        _ = try pump(&first, most: 10) { $0.refusal }
      }
      #expect(refusal?.code == .alreadyExists)
      #expect(refusal?.message.contains("instance 1") == true)
    }
    var third = try bus.peer(.jobs, instance: 3)
    #expect(try connect(&third))
  }

  @Test func aRequestToNobodyIsToldAtOnce() throws {
    let bus = try BusProcess()
    var client = try bus.peer(.client("a"))
    #expect(try connect(&client))
    try ask(&client, .configs, "r1")
    let result = try #require(try pump(&client) { $0.reply })
    guard case .failure(let error) = result.1 else {
      Issue.record("answered")
      return
    }
    #expect(error.code == .unavailable)
    #expect(error.subject == "configs")
  }

  @Test func aPeerThatStopsReadingDelaysNobodyAndItsAskersAreTold() throws {
    let bus = try BusProcess()
    let deaf = PeerName.agent(try HostName("h1"))
    var client = try bus.peer(.client("a"))
    var jobs = try bus.peer(.jobs)
    var sleeper = try bus.peer(deaf)
    #expect(try connect(&client))
    #expect(try connect(&jobs))
    #expect(try connect(&sleeper))
    // The sleeper isn't driven any more. Large requests fill the buffers of its connection soon.
    let content = [UInt8](repeating: 1, count: 200_000)
    let large = Request.configs(.putBlob(Digest.sha256(content), content))
    var told: ErrorCode?
    for number in 0..<5_000 where told == nil {
      let outgoing = Outgoing(to: deaf, id: try RequestID("big\(number)"), request: large, deadline: 60_000)
      try client.send(.send(outgoing), trace: .fresh(), at: Clock.now())
      if case .failure(let error)? = try pump(&client, most: 1, { $0.reply })?.1, error.subject == "\(deaf)" { told = error.code }
    }
    #expect(told == .resourceExhausted)
    try ask(&client, .jobs, "small")
    let incoming = try #require(try pump(&jobs) { $0.request })
    #expect(incoming.from.id.text == "small")
  }

  @Test func aFrameBeyondTheLimitEndsItsSendersConnectionOnly() throws {
    let bus = try BusProcess()
    var jobs = try bus.peer(.jobs)
    #expect(try connect(&jobs))
    let rude = try Socket(.dealer, in: try Context())
    try rude.connect(bus.address.requests)
    _ = try rude.send([[UInt8](repeating: 7, count: Limits.frameBytes + 1)])
    _ = try rude.send([[1, 2, 3], [4], [5], [6], [7], [8], [9], [10], [11]])
    var client = try bus.peer(.client("a"))
    #expect(try connect(&client))
    try ask(&client, .jobs, "r1")
    #expect(try pump(&jobs) { $0.request } != nil)
  }

  @Test func assignmentsOfHostsWithLikeNamesDontMeet() throws {
    let bus = try BusProcess()
    let h1 = try HostName("h1")
    let h10 = try HostName("h10")
    var configs = try bus.peer(.configs)
    var one = try bus.peer(.agent(h1))
    var ten = try bus.peer(.agent(h10))
    try one.send(.subscribe(.assign(h1)), trace: .fresh(), at: Clock.now())
    try ten.send(.subscribe(.assign(h10)), trace: .fresh(), at: Clock.now())
    #expect(try connect(&configs))
    #expect(try connect(&one))
    #expect(try connect(&ten))
    for (number, host) in [(UInt64(1), h10), (2, h1)] {
      let publication = Publication(topic: .assign(host), number: number, previous: 0, fact: .assigned(Revision(number)))
      try configs.send(.publish(publication), trace: .fresh(), at: Clock.now())
    }
    #expect(try pump(&one) { $0.publication }?.number == 2)
    #expect(try pump(&ten) { $0.publication }?.number == 1)
  }

  @Test func whoMayNotPublishIsNotHeard() throws {
    let bus = try BusProcess()
    var jobs = try bus.peer(.jobs)
    var configs = try bus.peer(.configs)
    var links = try bus.peer(.links)
    try links.send(.subscribe(.intent), trace: .fresh(), at: Clock.now())
    #expect(try connect(&jobs))
    #expect(try connect(&configs))
    #expect(try connect(&links))
    try jobs.send(.publish(Publication(topic: .intent, number: 9, previous: 0, fact: .head)), trace: .fresh(), at: Clock.now())
    // An answer from the hub to a later message shows that it has read the first.
    try ask(&jobs, .reconciler, "after")
    _ = try pump(&jobs) { $0.reply }
    try configs.send(.publish(Publication(topic: .intent, number: 1, previous: 0, fact: .head)), trace: .fresh(), at: Clock.now())
    #expect(try pump(&links) { $0.publication }?.number == 1)
  }

  @Test func aHubThatComesBackFindsItsPeersAndTheirSubscriptionsAgain() throws {
    let bus = try BusProcess()
    var configs = try bus.peer(.configs)
    var links = try bus.peer(.links)
    try links.send(.subscribe(.intent), trace: .fresh(), at: Clock.now())
    #expect(try connect(&configs))
    #expect(try connect(&links))
    bus.kill()
    #expect(try pump(&links) { if case .bus(.disconnected, _) = $0 { true } else { nil } } == true)
    #expect(try pump(&configs) { if case .bus(.disconnected, _) = $0 { true } else { nil } } == true)
    try bus.start()
    #expect(try connect(&links))
    #expect(try connect(&configs))
    try configs.send(.publish(Publication(topic: .intent, number: 5, previous: 4, fact: .head)), trace: .fresh(), at: Clock.now())
    #expect(try pump(&links) { $0.publication }?.number == 5)
  }

  @Test func aQuestionAfterASubscriptionLeavesWhenThatIsInPlace() throws {
    let bus = try BusProcess()
    var configs = try bus.peer(.configs)
    var links = try bus.peer(.links)
    #expect(try connect(&configs))
    #expect(try connect(&links))
    try links.send(.subscribe(.intent), trace: .fresh(), at: Clock.now())
    try ask(&links, .configs, "snapshot")
    // Whoever answers publishes before: the asker must hear it.
    var publication: Publication?
    var isAsked = false
    for _ in 0..<2_000 where publication == nil {
      publication = try pump(&links, most: 5) { $0.publication }
      if !isAsked, try pump(&configs, most: 5, { $0.request }) != nil {
        isAsked = true
        let fact = Publication(topic: .intent, number: 3, previous: 2, fact: .head)
        try configs.send(.publish(fact), trace: .fresh(), at: Clock.now())
        try configs.flush(at: Clock.now())
      }
    }
    #expect(publication?.number == 3)
  }

  @Test func aLongMessageTravelsInPartsAndArrivesWhole() throws {
    let bus = try BusProcess()
    var client = try bus.peer(.client("a"))
    var configs = try bus.peer(.configs)
    #expect(try connect(&client))
    #expect(try connect(&configs))
    var blob = [UInt8](repeating: 0, count: 3_000_000)
    for index in stride(from: 0, to: blob.count, by: 997) { blob[index] = UInt8(truncatingIfNeeded: index) }
    let digest = Digest.sha256(blob)
    let outgoing = Outgoing(to: .configs, id: try RequestID("blob"), request: .configs(.putBlob(digest, blob)), deadline: 10_000)
    try client.send(.send(outgoing), trace: .fresh(), at: Clock.now())
    var found: Incoming?
    for _ in 0..<2_000 where found == nil {
      _ = try pump(&client, most: 5) { $0.reply }
      found = try pump(&configs, most: 5) { $0.request }
    }
    guard case .configs(.putBlob(digest, let arrived))? = found?.request else {
      Issue.record("not arrived")
      return
    }
    let isSame = arrived == blob
    #expect(isSame)
  }

  @Test func aThousandRequestsAreAllAnswered() throws {
    let bus = try BusProcess()
    var client = try bus.peer(.client("a"))
    var jobs = try bus.peer(.jobs)
    #expect(try connect(&client))
    #expect(try connect(&jobs))
    var open = Set<String>()
    for number in 0..<1_000 {
      open.insert("r\(number)")
      try ask(&client, .jobs, "r\(number)")
      if let incoming = try pump(&jobs, most: 0, { $0.request }) { try reply(&jobs, to: incoming, .success(answer)) }
    }
    var poller = Poller()
    let end = Clock.now().boot + patience
    var again = Clock.now().boot + 500
    while !open.isEmpty, Clock.now().boot < end {
      poller.clear()
      jobs.poll(with: &poller)
      client.poll(with: &poller)
      try poller.wait(20)
      // Bounded queues may drop under load, so who asks asks again, under the same id.
      if Clock.now().boot >= again {
        again = Clock.now().boot + 500
        for id in open.sorted().prefix(100) { try ask(&client, .jobs, id) }
      }
      for event in try jobs.receive(most: 256, at: Clock.now()) {
        if let incoming = event.request { try reply(&jobs, to: incoming, .success(answer)) }
      }
      for event in try client.receive(most: 256, at: Clock.now()) { if let (id, _) = event.reply { open.remove(id.text) } }
      try client.flush(at: Clock.now())
      try jobs.flush(at: Clock.now())
    }
    #expect(open.isEmpty)
  }

  @Test func aRequestThatCantBeReadIsAnsweredWithWhy() throws {
    let bus = try BusProcess()
    var jobs = try bus.peer(.jobs)
    #expect(try connect(&jobs))
    let strange = try Socket(.dealer, in: try Context())
    try strange.connect(bus.address.requests)
    let hello = HubFrame.hello(Hello(name: .client("x"), instance: Instance(4)))
    _ = try strange.send([hello.encode()])
    let envelope = Envelope(kind: "JobService.Dance", requestID: "r1", deadline: 1_000, body: [1, 2, 3])
    _ = try strange.send([HubFrame.request(to: .jobs).encode(), envelope.encode()])
    var failure: LabError?
    for _ in 0..<2_000 where failure == nil {
      _ = try pump(&jobs, most: 5) { $0.request }
      while let message = try strange.receive() {
        if message.frames.count > 1, let reply = try? Envelope(decoding: message.frames[1]) { failure = reply.failure }
      }
    }
    #expect(failure?.code == .invalidArgument)
  }
}

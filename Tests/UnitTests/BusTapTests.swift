import Bus
import Machine
import Model
import Reactor
import Testing
import Wire

/// The tap of a real bus.
@Suite(.serialized) struct BusTapTests {
  private func ask(_ client: inout BlockingClient, _ question: PeerRequest = .status) throws {
    _ = try client.call(.peer(question), to: .bus, id: RequestID(Clock.makeInstance(), 1))
  }

  @Test func `what passes is shown in its order, numbered without a hole, whether much or little comes`() throws {
    let bus = try BusProcess()
    var client = try bus.client()
    var reader = try TapReader(address: bus.address, keys: nil, instance: Clock.makeInstance())
    // It follows once it hears something.
    var records: [TraceRecord] = []
    while records.isEmpty {
      try ask(&client)
      records = try reader.read(most: 1_024, timeout: 20)
    }
    let more = 300
    for _ in 0..<more { try ask(&client) }
    let end = Clock.now().boot.milliseconds + patience
    while records.count <= more, Clock.now().boot.milliseconds < end { records += try reader.read(most: 1_024, timeout: 100) }
    #expect(records.count > more && reader.lost == 0)
    #expect(zip(records, records.dropFirst()).allSatisfy { $1.number == $0.number + 1 && $1.at >= $0.at })
  }

  @Test func `a bus that is not to be traced shows nobody what passes`() throws {
    let bus = try BusProcess(["--untraced"])
    var client = try bus.client()
    var reader = try TapReader(address: bus.address, keys: nil, instance: Clock.makeInstance())
    for _ in 0..<10 {
      try ask(&client)
      #expect(try reader.read(most: 1, timeout: 20).isEmpty)
    }
    let error = #expect(throws: LabError.self) { try ask(&client, .recent(after: 0)) }
    #expect(error?.code == .failedPrecondition)
  }

  /// Nobody answers, which the bus remembers as well.
  @Test func `of what reached the bus it remembers the last, each whole`() throws {
    let bus = try BusProcess()
    var client = try bus.client()
    let digest = try BlobDigest(String(repeating: "a", count: 64))
    let sizes = (0..<200).map { $0 * 7_919 % 2_000 }
    for size in sizes {
      let question = Request.configs(.missingBlobs(Array(repeating: digest, count: size)))
      #expect(throws: LabError.self) {
        try client.call(question, to: .configs, id: RequestID(Clock.makeInstance(), 1), patience: 0)
      }
    }
    var records: [TraceRecord] = []
    while true {
      let question = Request.peer(.recent(after: records.last?.number ?? 0))
      let reply = try client.call(question, to: .bus, id: RequestID(Clock.makeInstance(), 1))
      guard case .peer(.recent(let more)) = reply, !more.isEmpty else { break }
      records += more
    }
    #expect(zip(records, records.dropFirst()).allSatisfy { $1.number == $0.number + 1 })
    let questions = try records.filter { !$0.envelope.isEmpty }.map { record in
      let envelope = try Envelope(decoding: record.envelope)
      let request = try Codec.decodeRequest(kind: envelope.kind, body: envelope.body, secret: [])
      guard case .configs(.missingBlobs(let digests)) = request, case .request(.configs) = try HubFrame(decoding: record.frame) else {
        return -1
      }
      return digests.count
    }
    #expect(questions == Array(sizes.suffix(questions.count)) && questions.count < sizes.count)
    // A page less than what the bus holds may be lost where the ring ends.
    let held = records.reduce(0) { $0 + $1.envelope.count }
    #expect(held > 3 << 20 && held < 4 << 20)
  }

  @Test func `a frame longer than any of ours is none`() throws {
    let bus = try BusProcess()
    var client = try bus.client()
    let socket = try Socket(.dealer, in: try Context())
    try socket.setUp()
    try socket.connect(bus.address.requests)
    for _ in 0..<100 { _ = try socket.send([Array(repeating: 1, count: Limits.hubFrameBytes + 1), [1]]) }
    var strange: UInt64 = 0
    let end = Clock.now().boot.milliseconds + patience
    while strange < 100, Clock.now().boot.milliseconds < end {
      guard case .peer(.status(let status)) = try client.call(.peer(.status), to: .bus, id: RequestID(Clock.makeInstance(), 1)) else {
        break
      }
      strange = status.program.figures.first { $0.name == "strange" }?.value ?? 0
    }
    #expect(strange == 100)
  }
}

import Testing

@testable import Wire

@Suite struct `The codec` {
  private let change = Proto.RecordChange(
    record: .lab(
      .init(
        name: "dc",
        content: .init(
          key: .init(name: "dc", born: .max), generation: 1, wiring: 0,
          spec: .init(
            name: "dc",
            nodes: [
              .init(name: "spine1", kind: "frr", command: ["a", "", "ü"], environment: [.init(name: "K", secret: 7)]),
              .init(),
            ],
            links: [.init(a: .init(node: "spine1", ordinal: 1), b: .init(node: "leaf1", ordinal: 49), mtu: 9000)]),
          nodes: [.init(born: 1, desired: .stopped), .init(desired: .unrecognized(-7))]))))

  @Test func `gives back what it encoded`() throws {
    #expect(try Proto.RecordChange(decoding: change.encode()) == change)
    let event = Proto.LabEvent(index: 1, at: -1, lab: "dc", kind: .logGap, detail: [.init(name: "n", value: "")])
    #expect(try Proto.LabEvent(decoding: event.encode()) == event)
    let interface = Proto.InterfaceStatus(ordinal: 2, mac: [2, 0, 0, 255, 0, 1], state: .up)
    #expect(try Proto.InterfaceStatus(decoding: interface.encode()) == interface)
    let secrets = Proto.Secrets(values: [[], [0, 1], [UInt8](repeating: 7, count: 100_000)])
    #expect(try Proto.Secrets(decoding: secrets.encode()) == secrets)
  }

  @Test(
    arguments: [
      nil, .hello(.init(name: "jobs", instance: .max, capabilities: ["x"])), .helloRequired(.init()), .probe(0), .request(""),
      .publish("a"),
    ] as [Proto.HubFrame.Frame?])
  func `tells every choice of a oneof from none, also when it is zero`(frame: Proto.HubFrame.Frame?) throws {
    #expect(try Proto.HubFrame(decoding: Proto.HubFrame(frame: frame).encode()).frame == frame)
  }

  @Test func `takes a oneof of one field for an optional`() throws {
    #expect(try Proto.Job(decoding: Proto.Job(ended: 0).encode()).ended == 0)
    #expect(try Proto.Job(decoding: Proto.Job(id: "1").encode()).ended == nil)
  }

  @Test func `encodes what is all absent to nothing`() throws {
    #expect(try Proto.Lab().encode() == [])
    #expect(try Proto.Lab(decoding: []) == Proto.Lab())
  }

  @Test func `passes over fields of newer versions`() throws {
    let newer = try Proto.VersionedRecord(revision: 4, record: change).encode()
    let unknown: [UInt8] = [0xfa, 0x07, 2, 0xff, 0, 0xf0, 0x07, 1, 0xf5, 0x07, 1, 2, 3, 4, 0xf1, 0x07, 1, 2, 3, 4, 5, 6, 7, 8]
    #expect(try Proto.VersionedRecord(decoding: unknown + newer) == Proto.VersionedRecord(revision: 4, record: change))
  }

  @Test func `refuses to encode a NUL`() {
    #expect(throws: WireError(message: "archetype.CancelRequest: a string holds a NUL")) { try Proto.CancelRequest(job: "a\0b").encode() }
  }

  private static let hostile: [(bytes: [UInt8], refusal: String)] = [
    ([0xff], "archetype.Job: a tag is malformed"),
    ([0xff, 0xff, 0xff, 0xff, 0xff, 0], "archetype.Job: a tag is malformed"),
    ([0], "archetype.Job: a tag is malformed"),
    ([10], "archetype.Job: a field is cut short or of unknown form"),
    ([10, 2, 97], "archetype.Job: a field is cut short or of unknown form"),
    ([10, 0xff, 0xff, 0xff, 0xff, 0x7f], "archetype.Job: a field is cut short or of unknown form"),
    ([11], "archetype.Job: a field is cut short or of unknown form"),
    ([32, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], "archetype.Job: a field is cut short or of unknown form"),
    ([10, 3, 97, 0, 98], "archetype.Job.id: holds a NUL"),
    ([10, 2, 0xc3, 0x28], "archetype.Job.id: is not UTF-8"),
    ([10, 3, 0xed, 0xa0, 0x80], "archetype.Job.id: is not UTF-8"),
    ([8, 1], "archetype.Job: a value is malformed"),
    ([33, 1, 2, 3, 4, 5, 6, 7, 8], "archetype.Job: a value is malformed"),
  ]

  @Test(arguments: hostile) func `refuses hostile bytes and says why`(bytes: [UInt8], refusal: String) {
    #expect(throws: WireError(message: refusal)) { try Proto.Job(decoding: bytes) }
  }

  @Test func `names the place of a fault deep inside`() {
    #expect(throws: WireError(message: "archetype.JobReply: archetype.Job.id: holds a NUL")) {
      try Proto.JobReply(decoding: [10, 3, 10, 1, 0])
    }
  }

  @Test func `refuses a message that comes twice in one field`() {
    #expect(throws: WireError(message: "archetype.JobReply.job: comes twice")) { try Proto.JobReply(decoding: [10, 0, 10, 0]) }
  }

  @Test func `refuses bytes that would grow beyond measure`() throws {
    let empty: [UInt8] = [10, 0]
    #expect(try Proto.ListReply(decoding: empty + empty).jobs == [.init(), .init()])
    var bytes: [UInt8] = []
    for _ in 0..<100_000 { bytes += empty }
    #expect(throws: WireError(message: "archetype.ListReply: decoded it would be far larger than its bytes")) {
      try Proto.ListReply(decoding: bytes)
    }
    #expect(throws: WireError.self) { try Proto.ListReply(decoding: [UInt8](repeating: 0, count: Scan.largestInput + 1)) }
  }

  @Test func `survives every prefix and every changed byte of a message`() throws {
    let bytes = try change.encode()
    for end in bytes.indices { _ = try? Proto.RecordChange(decoding: Array(bytes[..<end])) }
    for index in bytes.indices {
      for byte in [0, 1, 2, 8, 0x0a, 0x12, 0x1a, 0x7f, 0x80, 0xff] as [UInt8] {
        var changed = bytes
        changed[index] = byte
        // What can be decoded can be encoded, and is the same again.
        guard let value = try? Proto.RecordChange(decoding: changed) else { continue }
        #expect(try Proto.RecordChange(decoding: value.encode()) == value)
      }
    }
  }
}

@Suite struct `Generated services` {
  private struct Sent: RequestChannel {
    func call<Request: ProtoMessage, Reply: ProtoMessage>(
      _ method: String, _ request: Request, returning: Reply.Type
    ) throws -> (method: String, body: [UInt8], reply: String) {
      (method, try request.encode(), Reply.protoName)
    }
  }

  private struct Answers: Proto.FactHandler {
    func intent(_ request: Proto.IntentChange) -> String { "intent \(request.revision)" }
    func assigned(_ request: Proto.AssignedFact) -> String { "assigned \(request.revision)" }
    func event(_ request: Proto.LabEvent) -> String { "event \(request.index)" }
    func head(_ request: Proto.Nothing) -> String { "head" }
  }

  @Test func `call and are called by the names in the proto file`() throws {
    let sent = try Proto.FactClient(channel: Sent()).assigned(.init(revision: 9))
    #expect(sent.method == "Fact.Assigned")
    #expect(sent.reply == "archetype.Nothing")
    let method = try #require(Proto.FactMethod(rawValue: sent.method))
    #expect(try Answers().handle(method, sent.body) == "assigned 9")
    #expect(throws: WireError.self) { try Answers().handle(.event, [0xff]) }
  }

  @Test func `have one name a method`() {
    #expect(Proto.JobServiceMethod.allCases.map(\.rawValue).first == "JobService.ApplyLab")
    #expect(Proto.JobServiceMethod(rawValue: "JobService.Nothing") == nil)
  }
}

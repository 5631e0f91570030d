import Machine
import Model
import Testing

@testable import Wire

@Suite("What is refused at the border")
struct WireBorderTests {
  private func refusal(_ kind: String, _ message: some ProtoMessage, _ secret: [UInt8] = []) throws -> LabError? {
    let body = try message.encode()
    let error = #expect(throws: LabError.self) { try Codec.decodeRequest(kind: kind, body: body, secret: secret) }
    #expect(error?.code == .invalidArgument)
    #expect(error?.subject == kind)
    return error
  }

  @Test("A kind that nobody knows", arguments: ["", "JobService.Fly", "jobs.applyLab", "Fact.Event\0"])
  func kinds(_ kind: String) {
    #expect(throws: LabError.self) { try Codec.decodeRequest(kind: kind, body: [], secret: []) }
    #expect(throws: LabError.self) { try Codec.decodeReply(kind: kind, body: [], secret: []) }
    #expect(throws: LabError.self) { try Codec.decodeFact(kind: kind, body: [], secret: []) }
  }

  @Test("A value of an enumeration that this build doesn't know, or none")
  func enumerations() throws {
    for verb in [Proto.NodeVerb.unrecognized(99), .unspecified] {
      let error = try refusal("JobService.SetNodes", Proto.SetNodesRequest(lab: "l", verb: verb))
      #expect(error?.message.contains("NodeVerb") == true)
    }
  }

  @Test("A Put of which one change is of an unknown kind")
  func unknownRecord() throws {
    var record = Proto.RecordChange()
    let host = Proto.HostRecord(name: "h1")
    record.record = .host(host)
    _ = try refusal("ConfigService.Put", Proto.PutRequest(changes: [record, Proto.RecordChange()]))
    let job = Proto.Job(id: "j", kind: .unrecognized(77), lab: "l", phase: .running)
    let change = Proto.RecordChange(record: .job(Proto.JobRecord(id: "j", content: job)))
    _ = try refusal("ConfigService.Put", Proto.PutRequest(changes: [record, change]))
  }

  @Test("Names, numbers and addresses that can't be")
  func values() throws {
    _ = try refusal("JobService.DestroyLab", Proto.DestroyLabRequest(lab: "../etc"))
    _ = try refusal("JobService.DestroyLab", Proto.DestroyLabRequest(lab: ""))
    _ = try refusal("JobService.DestroyLab", Proto.DestroyLabRequest(lab: String(repeating: "x", count: 64)))
    _ = try refusal("JobService.Show", Proto.ShowRequest(job: "a b"))
    _ = try refusal("ReconcilerService.ClearVNIs", Proto.ClearVNIsRequest(tombstones: [Proto.Tombstone(vni: 0)]))
    _ = try refusal("ReconcilerService.ClearVNIs", Proto.ClearVNIsRequest(tombstones: [Proto.Tombstone(vni: 1 << 24)]))
    _ = try refusal("JobService.RegisterHost", Proto.RegisterHostRequest(spec: Proto.HostSpec(name: "h1", underlay: "10.0.0.256")))
    _ = try refusal("ConfigService.GetBlob", Proto.GetBlobRequest(digest: "sha256:abc"))
    _ = try refusal("AgentService.Exec", Proto.ExecRequest(node: Proto.NodeID(lab: "l", node: "n"), argv: []))
    _ = try refusal("AgentService.ExecKill", Proto.ExecKillRequest())
  }

  @Test("A lab that isn't one: nodes twice, links to nowhere, interfaces used twice, numbers out of range")
  func labs() throws {
    func apply(_ nodes: [String], _ links: [(String, UInt32, String, UInt32)], mtu: UInt32 = 0) throws -> LabError? {
      let spec = Proto.LabSpec(
        name: "l", nodes: nodes.map { Proto.NodeSpec(name: $0) },
        links: links.map {
          Proto.LinkSpec(a: Proto.Endpoint(node: $0.0, ordinal: $0.1), b: Proto.Endpoint(node: $0.2, ordinal: $0.3), mtu: mtu)
        })
      return try refusal("JobService.ApplyLab", Proto.ApplyLabRequest(spec: spec))
    }
    #expect(try apply(["a", "a"], [])?.message.contains("l/a") == true)
    #expect(try apply(["a"], [("a", 1, "b", 1)])?.message.contains("no node b") == true)
    #expect(try apply(["a", "b"], [("a", 1, "b", 1), ("b", 2, "a", 1)])?.message.contains("used twice") == true)
    _ = try apply(["a", "b"], [("a", 4096, "b", 1)])
    _ = try apply(["a", "b"], [("a", 1, "b", 1)], mtu: 67)
    _ = try refusal("JobService.ApplyLab", Proto.ApplyLabRequest())
  }

  @Test("A management network of the wrong family, with bits of a host, or with a gateway outside")
  func managementNetworks() throws {
    func apply(_ subnet: String, _ gateway: String = "", mtu: UInt32 = 1_500) -> Proto.ApplyLabRequest {
      let family = Proto.ManagementFamily(subnet: subnet, gateway: gateway)
      let spec = Proto.LabSpec(name: "l", management: Proto.ManagementSpec(ipv4: family, mtu: mtu))
      return Proto.ApplyLabRequest(spec: spec)
    }
    for wrong in [apply("fd00::/64"), apply("10.0.0.1/24"), apply("10.0.0.0/24", "fd00::1"), apply("10.0.0.0/24", mtu: 67)] {
      _ = try refusal("JobService.ApplyLab", wrong)
    }
    let network = Proto.ManagementNetwork(subnet: "10.0.0.0/24", gateway: "10.0.1.1")
    let lab = Proto.Lab(key: Proto.LabKey(name: "l"), spec: Proto.LabSpec(name: "l"), networks: [network])
    _ = try refusal(
      "ConfigService.Put", Proto.PutRequest(changes: [Proto.RecordChange(record: .lab(Proto.LabRecord(name: "l", content: lab)))]))
  }

  @Test("Intent for fewer nodes than the lab has")
  func intents() throws {
    let lab = Proto.Lab(key: Proto.LabKey(name: "l"), spec: Proto.LabSpec(name: "l", nodes: [Proto.NodeSpec(name: "a")]))
    let change = Proto.RecordChange(record: .lab(Proto.LabRecord(name: "l", content: lab)))
    _ = try refusal("ConfigService.Put", Proto.PutRequest(changes: [change]))
  }

  @Test("A string with a NUL or that isn't UTF-8")
  func strings() {
    for name in [[0x61, 0x00, 0x62], [0x61, 0xff]] as [[UInt8]] {
      #expect(throws: LabError.self) {
        try Codec.decodeRequest(kind: "JobService.DestroyLab", body: [0x0a, UInt8(name.count)] + name, secret: [])
      }
    }
  }

  @Test("What can't be written isn't written in part")
  func unwritable() {
    let coded = Codec.encode(.agent(.exec(ExecRequest(node: NodeID(Self.lab, Self.node), argv: ["a\0b"], timeout: 1))) as Request)
    #expect(coded.kind == "AgentService.Exec")
    #expect(throws: LabError.self) { try Codec.decodeRequest(kind: coded.kind, body: coded.body, secret: coded.secret) }
  }

  @Test("An assignment of which one link is of an unknown kind: all of it")
  func assignments() throws {
    let link = Proto.LinkID(a: Proto.Endpoint(node: "a", ordinal: 1), b: Proto.Endpoint(node: "b", ordinal: 1))
    var lab = Proto.AssignedLab(key: Proto.LabKey(name: "l"), links: [Proto.AssignedLink(link: link, path: .patch(Proto.Nothing()))])
    let store = StoreIdentity(deployment: Deployment(random: 1), incarnation: Incarnation(random: 2)).message
    func reply() throws -> Reply {
      let assignment = Proto.Assignment(host: "h1", store: store, revision: 5, labs: [lab])
      let body = try Proto.AssignmentReply(reply: .assignment(assignment)).encode()
      return try Codec.decodeReply(kind: "ConfigService.Assignment", body: body, secret: [])
    }
    #expect(throws: Never.self) { try reply() }
    lab.links.append(Proto.AssignedLink(link: link))
    #expect(throws: LabError.self) { try reply() }
  }

  @Test("Fields of a newer version are passed over")
  func unknownFields() throws {
    let body = try Proto.DestroyLabRequest(lab: "l").encode() + [0xf8, 0x06, 0x2a]
    #expect(try Codec.decodeRequest(kind: "JobService.DestroyLab", body: body, secret: []) == .jobs(.destroyLab(Self.lab)))
  }

  @Test("Hub frames for no peer, envelopes of impossible parts")
  func frames() throws {
    #expect(throws: LabError.self) { try HubFrame(decoding: []) }
    #expect(throws: LabError.self) { try HubFrame(decoding: Proto.HubFrame(frame: .request("root")).encode()) }
    #expect(throws: LabError.self) { try HubFrame(decoding: Proto.HubFrame(frame: .publish("assign.")).encode()) }
    let many = (0..<65).map { "c\($0)" }
    #expect(throws: LabError.self) {
      try HubFrame(decoding: Proto.HubFrame(frame: .hello(Proto.Hello(name: "jobs", capabilities: many))).encode())
    }
    #expect(throws: LabError.self) { try Envelope(decoding: []) }
    for (part, parts) in [(0, 0), (1, 1), (3, 2), (0, 65)] as [(UInt32, UInt32)] {
      #expect(throws: LabError.self) { try Envelope(decoding: Proto.Envelope(kind: "K", part: part, parts: parts).encode()) }
    }
  }

  private static let lab: LabName = name("l")
  private static let node: NodeName = name("n")
  private static func name<Kind>(_ text: String) -> Name<Kind> {
    guard let name = try? Name<Kind>(text) else { fatalError("\(text) is a name") }
    return name
  }
}

import Machine
import Model
import Testing

@testable import archetype

/// How values are printed.
@Suite struct RenderingTests {
  @Test func `JSON keeps the order of its keys and escapes what must be`() {
    let value = JSON.members([
      "b": .integer(-1), "a": .array([.null, .bool(true), .thousandths(1_005), .thousandths(-20)]),
      "text": .string("a\"\\\n\t\u{1}\u{7f}é☃"), "none": .text(""), "nothing": .object([]),
    ])
    #expect(
      value.text == #"{"b":-1,"a":[null,true,1.005,-0.020],"text":"a\"\\\n\t\u0001\u007fé☃","none":null,"nothing":{}}"#)
  }

  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
      (1_772_355_900_120, "2026-03-01T09:05:00.120Z"), (4_102_444_799_999, "2099-12-31T23:59:59.999Z"),
    ] as [(Int64, String)])
  func `times are printed in UTC and read back`(milliseconds: Int64, text: String) {
    #expect(Timestamp.text(milliseconds) == text)
    #expect(Timestamp.parse(text) == milliseconds)
  }

  @Test(
    arguments: [
      ("2026-03-01T10:05:00+01:00", 1_772_355_900_000), ("2026-03-01 09:05:00Z", 1_772_355_900_000),
      ("2026-03-01T09:05:00.12345Z", 1_772_355_900_123), ("2026-02-29T00:00:00Z", nil), ("2026-03-01", nil), ("17", nil),
      ("2026-03-01T09:05:00", nil), ("2026-03-01T25:05:00Z", nil), ("2026-03-01T09:05:00.Z", nil), ("2026-03-01T09:05:00Zx", nil),
    ] as [(String, Int64?)])
  func `times are read as RFC 3339 has them`(text: String, milliseconds: Int64?) { #expect(Timestamp.parse(text) == milliseconds) }

  @Test func `columns are aligned, and colour doesn't count`() {
    var table = Table("NODE", "STATE", "REASON")
    table.add(.init("r1"), .init("ready", .good), .init(""))
    table.add(.init("router2"), .init("failed", .bad), .init("no such program"))
    #expect(table.text(hasColour: false) == "NODE     STATE   REASON\nr1       ready\nrouter2  failed  no such program\n")
    #expect(table.text(hasColour: true).contains("router2  \u{1b}[31mfailed\u{1b}[0m  no such program\n"))
  }

  @Test func `inspect prints what scripts read`() throws {
    let lab = try LabKey(LabName("ring"), born: Revision(3))
    let (r1, r2, h1, h2) = try (NodeName("r1"), NodeName("r2"), HostName("h1"), HostName("h2"))
    let (e1, e2) = try (Endpoint(r1, Ordinal(1)), Endpoint(r2, Ordinal(1)))
    let mac = try MACAddress([2, 0, 0, 0, 0, 10])
    let node = NodeStatus(
      name: r1, key: NodeKey(lab, r1, born: Revision(3)), kind: "linux", host: h1, desired: .running, phase: .ready, reason: "", pid: 812,
      configDesired: nil, configApplied: nil, restarts: 0, interfaces: [.init(ordinal: try Ordinal(1), mac: mac, mtu: 1_450, state: .up)])
    let link = LinkStatus(
      spec: LinkSpec(e2, e1), hostA: h2, hostB: h1, state: .up, reason: "", vni: try VNI(4_097), mtu: 1_450)
    let status = LabStatus(
      lab: lab.name, generation: 3, revision: Revision(41), converged: true, reason: "", nodes: [node], links: [link])
    let expected =
      #"{"lab":"ring","generation":3,"revision":41,"converged":true,"reason":null,"nodes":[{"name":"r1","kind":"linux","host":"h1","#
      + #""desired":"running","phase":"ready","reason":null,"pid":812,"container":null,"config":{"desired":null,"applied":null},"#
      + #""restarts":0,"interfaces":[{"ordinal":1,"name":"eth1","mac":"02:00:00:00:00:0a","mtu":1450,"state":"up","addresses":[]}]}],"#
      + #""links":[{"id":"r1:1--r2:1","a":{"node":"r2","interface":"eth1","host":"h2"},"#
      + #""b":{"node":"r1","interface":"eth1","host":"h1"},"desired":"up","state":"up","reason":null,"kind":"tunnel","vni":4097,"#
      + #""mtu":1450}]}"#
    #expect(status.json.text == expected)
    #expect(status.reasons.isEmpty)
  }

  @Test func `an event is one object, its lab null where it has none`() throws {
    let event = LabEvent(
      index: 17, at: 0, lab: "", subject: "h2", kind: .hostLost, detail: [EventDetail("after", "5 s")])
    #expect(
      event.json.text
        == #"{"index":17,"at":"1970-01-01T00:00:00.000Z","lab":null,"subject":"h2","kind":"host.lost","detail":{"after":"5 s"}}"#)
    #expect(event.line == #"17 1970-01-01T00:00:00.000Z - host.lost     h2 after="5 s""#)
  }

  @Test func `jobs and hosts print what scripts read`() throws {
    let job = Job(
      id: try JobID("j1"), kind: .destroy, lab: try LabName("ring"), born: Revision(3), generation: 1, phase: .running, reason: "",
      started: 0,
      ended: nil, hosts: [])
    #expect(
      job.json.text
        == #"{"id":"j1","kind":"destroy","lab":"ring","phase":"running","reason":null,"started":"1970-01-01T00:00:00.000Z","ended":null}"#)
    var host = HostStatus(
      name: try HostName("h1"), state: .lost, session: nil, nodes: 2, links: 1, revision: Revision(9),
      load: HostLoad(
        nodes: 2, load1: 340, memoryAvailable: 812, memoryTotal: 900, pids: 70, pidLimit: 32_768, diskAvailable: 4, diskTotal: 5,
        pressure: HostPressure(cpu: 97_100, memory: 0, io: 20), actions: 12),
      reason: "its disk is full", lacks: ["x"],
      spec: HostSpec(
        name: try HostName("h1"), underlay: try IPAddress("10.0.0.1"), underlayMTU: 1500, capacity: 7, runtimes: ["namespace"],
        capabilities: ["stages"]))
    #expect(
      host.json.text
        == #"{"name":"h1","state":"lost","session":null,"nodes":2,"links":1,"revision":9,"#
        + #""load":{"nodes":2,"load1":0.340,"memoryAvailable":812,"actions":12,"memoryTotal":900,"pids":70,"pidLimit":32768,"#
        + #""diskAvailable":4,"diskTotal":5,"pressure":{"cpu":97.100,"memory":0.000,"io":0.020}},"#
        + #""restraint":null,"reason":"its disk is full","lacks":["x"],"underlay":"10.0.0.1","mtu":1500,"capacity":7,"runtimes":["namespace"],"#
        + #""capabilities":["stages"]}"#
    )
    #expect(HostShow.table(host).text(hasColour: false).contains("disk 4 of 5 MiB free, pressure cpu 97 %, memory 0 %, io 0 %"))
    host.load = nil
    // Scripts count on numbers.
    #expect(host.json.text.contains(#""load":{"nodes":0,"load1":0.000,"memoryAvailable":0,"actions":0,"memoryTotal":0,"pids":0,"#))
    for (state, says) in [(HostState.lost, "not known"), (.online, "not told yet")] {
      host.state = state
      let shown = HostShow.table(host).text(hasColour: false)
      #expect(shown.contains(says) && !shown.contains("MiB"), "\(shown)")
    }
  }

  @Test func `a follower takes what continues its log and asks for what it misses`() throws {
    var cursor = EventCursor(after: 5)
    func event(_ index: UInt64) -> LabEvent { LabEvent(index: index, at: 0, lab: "x", subject: "n", kind: .nodeReady, detail: []) }
    func publication(_ number: UInt64, _ previous: UInt64) -> Publication {
      Publication(topic: .all, number: number, previous: previous, fact: .event(event(number)))
    }
    let heads = [11, 9].map { Publication(topic: .all, number: $0, previous: $0, fact: .head) }
    // On a lab's topic numbers of other labs are missing, as between 3 and 9.
    let read = ([publication(5, 4), publication(6, 5), publication(9, 3), publication(11, 10)] + heads).map { cursor.read($0) }
    #expect(read == [.ignore, .print(event(6)), .print(event(9)), .gap, .gap, .ignore])
    let pages = [[event(10)], [event(11)], []].map { cursor.took($0, last: 12) }
    #expect(pages == [false, false, true])
    #expect(cursor.have == 12)
    let isDone = cursor.took([], last: 2)
    #expect(!isDone, "the log began anew: all of it is to be read")
    #expect(cursor.have == 0)
    var beyond = EventCursor(after: 100)
    let isAll = beyond.took([], last: 40)
    #expect(isAll)
    #expect(beyond.have == 40)
  }

  @Test func `a bar fits its terminal`() throws {
    let lab = LabSummary(
      key: LabKey(try LabName("ring"), born: Revision(1)), revision: Revision(1), generation: 1, nodes: 4, ready: 2, links: 4, up: 2,
      hosts: [],
      converged: false, reason: "r3: starting")
    #expect(Progress.bar(lab, width: 100) == "[##########..........] nodes 2/4 links 2/4; r3: starting")
    #expect(Progress.bar(lab, width: 40).count == 40)
  }

  @Test(
    arguments: [("deploi", "deploy"), ("inpsect", "inspect"), ("node strat", "node start"), ("frobnicate", nil)] as [(String, String?)])
  func `what was probably meant is near`(typed: String, meant: String?) {
    #expect(Suggestion.nearest(typed, in: Archetype.entries.map(\.command.name)) == meant)
  }
}

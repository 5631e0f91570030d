import Machine
import Model
import Testing

@testable import JobCore

/// Who gets which management address, and what can't be given.
@Suite struct AddressPlanTests {
  private let intent: Intent

  init() throws {
    var intent = Intent(store: CoreScene.store, revision: Revision(9))
    for name in ["h1", "h2"] { intent.load(.host(try HostName(name), try CoreScene.host(name)), at: Revision(9)) }
    self.intent = intent
  }

  private func spec(_ nodes: [String: NodeManagement], _ management: ManagementSpec? = ManagementSpec(), name: String = "x") throws
    -> LabSpec
  {
    var spec = LabSpec(name: try LabName(name), nodes: [], links: [], management: management)
    for (node, wish) in nodes.sorted(by: { $0.key < $1.key }) {
      spec.nodes.append(NodeSpec(name: try NodeName(node), kind: "linux", management: wish))
    }
    return spec
  }

  private func subnet(_ text: String, gateway: String? = nil) throws -> ManagementSpec {
    ManagementSpec(
      ipv4: ManagementSpec.Family(subnet: try Subnet(text), gateway: try gateway.map { text throws(LabError) in try IPAddress(text) }))
  }

  private func plan(_ spec: LabSpec, after old: Lab? = nil, in intent: Intent? = nil) throws -> Lab {
    try LabPlan(intent: intent ?? self.intent, online: nil).lab(spec, after: old, reconfigure: false)
  }

  private func addresses(_ lab: Lab) -> [String: [String]] {
    Dictionary(uniqueKeysWithValues: zip(lab.spec.nodes, lab.nodes).map { ($0.name.text, $1.addresses.map(\.text)) })
  }

  @Test func nodesGetTheLowestAddressesThatNobodyAskedFor() throws {
    let wish = NodeManagement(addresses: [try IPAddress("172.20.20.3")])
    let lab = try plan(
      spec(["a": NodeManagement(), "b": wish, "c": NodeManagement(), "d": NodeManagement(isOff: true)], subnet("172.20.20.0/24")))
    #expect(addresses(lab) == ["a": ["172.20.20.2"], "b": ["172.20.20.3"], "c": ["172.20.20.4"], "d": []])
    #expect(lab.networks.map(\.gateway.text) == ["172.20.20.1"])
    let both = try plan(spec(["a": NodeManagement()], ManagementSpec(ipv6: ManagementSpec.Family())))
    #expect(addresses(both) == ["a": ["172.20.20.2", "3fff:172:20:20::2"]])
    #expect(try plan(spec(["a": NodeManagement()], nil)).networks.isEmpty)
  }

  @Test func nodesKeepTheirAddressesWhateverIsAddedOrMoved() throws {
    var old = try plan(spec(["b": NodeManagement(), "c": NodeManagement()]))
    // Where it is decides nothing.
    old.nodes[0].host = try HostName("h2")
    let new = try plan(spec(["a": NodeManagement(), "b": NodeManagement(), "c": NodeManagement()]), after: old)
    #expect(addresses(new) == ["a": ["172.20.20.4"], "b": ["172.20.20.2"], "c": ["172.20.20.3"]])
    #expect(new.nodes.map(\.startSerial) == [1, 1, 1] && new.wiring == old.wiring)
    let wish = NodeManagement(addresses: [try IPAddress("172.20.20.2")])
    let taken = try plan(spec(["a": wish, "b": NodeManagement(), "c": NodeManagement()]), after: new)
    #expect(addresses(taken) == ["a": ["172.20.20.2"], "b": ["172.20.20.4"], "c": ["172.20.20.3"]])
    #expect(taken.nodes.map(\.startSerial) == [2, 2, 1], "who gets another address begins a new life with it, nobody else")
  }

  @Test func aLabThatAsksForNoSubnetGetsOneThatNoOtherHas() throws {
    let first = try plan(spec(["a": NodeManagement()]))
    var intent = intent
    intent.load(.lab(first.spec.name, first), at: Revision(10))
    let second = try plan(spec(["a": NodeManagement()], name: "y"), in: intent)
    #expect([first, second].flatMap(\.networks).map(\.subnet.description) == ["172.20.20.0/24", "172.20.21.0/24"])
    let later = try plan(spec(["a": NodeManagement(), "b": NodeManagement()], name: "y"), after: second, in: intent)
    #expect(later.networks == second.networks)
  }

  @Test func whatCanNotBeGivenIsRefusedWithItsSubject() throws {
    let first = try plan(spec(["a": NodeManagement()], name: "first"))
    var intent = intent
    intent.load(.lab(first.spec.name, first), at: Revision(10))
    func wish(_ address: String) throws -> NodeManagement { NodeManagement(addresses: [try IPAddress(address)]) }
    let table: [(LabSpec, subject: String, words: String)] = [
      (try spec(["a": NodeManagement()], subnet("172.20.0.0/16")), "lab x", "overlaps 172.20.20.0/24 of lab first"),
      (try spec(["a": NodeManagement(), "b": NodeManagement()], subnet("10.9.0.0/30")), "lab x", "too few for 2 nodes"),
      (try spec(["a": wish("10.9.0.9"), "b": wish("10.9.0.9")], subnet("10.9.0.0/24")), "x/b", "10.9.0.9 is a's too"),
      (try spec(["a": wish("10.9.0.1")], subnet("10.9.0.0/24")), "x/a", "the gateway's"),
      (try spec(["a": wish("10.9.0.7")], subnet("10.9.0.0/24", gateway: "10.9.0.7")), "x/a", "the gateway's"),
      (try spec(["a": NodeManagement()], subnet("10.9.0.0/24", gateway: "10.8.0.1")), "lab x", "10.8.0.1 of its management network"),
      (try spec(["a": wish("10.9.0.255")], subnet("10.9.0.0/24")), "x/a", "not one of 10.9.0.0/24"),
      (try spec(["a": wish("10.8.0.2")], subnet("10.9.0.0/24")), "x/a", "not one of 10.9.0.0/24"),
    ]
    for (spec, subject, words) in table {
      let error = #expect(throws: LabError.self) { try plan(spec, in: intent) }
      #expect(error?.subject == subject && error?.message.contains(words) == true, "\(String(describing: error))")
    }
  }

  @Test func aPortOfAHostLeadsToOneNode() throws {
    func node(_ port: UInt16, address: String? = nil) throws -> NodeManagement {
      NodeManagement(ports: [PublishedPort(address: try address.map { try IPAddress($0) }, port: port, nodePort: 80)])
    }
    let first = try plan(spec(["a": node(8_080)], name: "first"))
    var intent = intent
    intent.load(.lab(first.spec.name, first), at: Revision(10))
    #expect(throws: Never.self) { try plan(spec(["a": node(8_081), "b": node(8_082)]), in: intent) }
    for nodes in [["a": try node(8_080)], ["a": try node(8_080, address: "192.0.2.1")]] {
      let error = #expect(throws: LabError.self) { try plan(spec(nodes), in: intent) }
      #expect(error?.subject == "x/a" && error?.message.contains("is first/a's") == true, "\(String(describing: error))")
    }
    let twice = #expect(throws: LabError.self) { try plan(spec(["a": node(9_000), "b": node(9_000)])) }
    #expect(twice?.subject == "x/b" && twice?.message.contains("9000/tcp of its host is x/a's") == true)
    let apart = try spec(["a": node(9_000, address: "192.0.2.1"), "b": node(9_000, address: "192.0.2.2")])
    #expect(throws: Never.self) { try plan(apart) }
    // The next version of a lab keeps what it has.
    #expect(throws: Never.self) { try plan(first.spec, after: first, in: intent) }
  }

  @Test func eachHostForwardsPortsToItsOwnNodesInEachFamily() throws {
    let both = ManagementSpec(ipv4: .init(), ipv6: .init())
    let lab = try plan(spec(["a": NodeManagement(ports: [PublishedPort(port: 53, nodePort: 5_353, transport: .udp)])], both))
    let ports = lab.ports(of: lab.spec.nodes[0], lab.nodes[0])
    #expect(ports.map(\.description) == ["53/udp>5353@172.20.20.2", "53/udp>5353@3fff:172:20:20::2"])
    let part = try #require(Projection(lab: lab, segments: Segments(lab: lab.key, wiring: lab.wiring, segments: [])).parts.values.first)
    #expect(part.management?.ports == ports && part.management?.ruleCount == 5 && part.management?.rules != nil)
  }
}

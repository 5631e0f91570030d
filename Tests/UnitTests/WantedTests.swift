import Machine
import Model
import Testing

@testable import AgentCore

/// What an agent keeps of its assignment is the same whether it came to it by changes or at once.
struct WantedTests {
  @Test(arguments: 1...20) func changesLeadWhereTheWholeAssignmentDoes(seed: UInt64) throws {
    var chance = Jitter(seed: seed)
    var wanted = Wanted()
    var old: Assignment?
    for revision in 1...UInt64(40) {
      let new = try assignment(&chance, Revision(revision), after: old)
      let changed = wanted.change(from: old, to: new)
      let whole = Wanted(new)
      #expect(wanted.nodes == whole.nodes)
      #expect(wanted.taps == whole.taps)
      #expect(wanted.tapsOf == whole.tapsOf)
      #expect(wanted.tunnels == whole.tunnels)
      #expect(wanted.tunnelsTo == whole.tunnelsTo)
      #expect(wanted.tapOfTunnel == whole.tapOfTunnel)
      #expect(wanted.patches.mapValues { [$0.0, $0.1] } == whole.patches.mapValues { [$0.0, $0.1] })
      #expect(wanted.keys == whole.keys)
      #expect(wanted.users == whole.users)
      #expect(wanted.waiters == whole.waiters && wanted.watched == whole.watched && wanted.awaited == whole.awaited)
      #expect(wanted.needs == needs(of: new))
      let labs = Set(old?.labs ?? []).symmetricDifference(new.labs)
      #expect(Set(changed) == labs)
      old = new
    }
  }

  private func needs(of assignment: Assignment) -> [IPAddress: Int] {
    let tunnels = assignment.labs.flatMap(\.links).compactMap { if case .tunnel(let tunnel) = $0.path { tunnel } else { nil } }
    return Dictionary(tunnels.map { ($0.remote, $0.mtu + CableMTU.overhead($0.remote)) }, uniquingKeysWith: max)
  }

  /// Each lab as it was, another one, made again, or none.
  private func assignment(_ chance: inout Jitter, _ revision: Revision, after old: Assignment?) throws -> Assignment {
    var labs: [AssignedLab] = []
    for number in 0..<3 {
      let name = try LabName("lab\(number)")
      let before = old?.labs.first { $0.key.name == name }
      switch chance.below(4) {
      case 0: break
      case 1: if let before { labs.append(before) }
      case 2: labs.append(try lab(LabKey(name, born: before?.key.born ?? revision), &chance))
      default: labs.append(try lab(LabKey(name, born: revision), &chance))
      }
    }
    return Assignment(host: try HostName("h1"), store: CoreScene.store, revision: revision, labs: labs)
  }

  private func lab(_ key: LabKey, _ chance: inout Jitter) throws -> AssignedLab {
    let blobs = try ["0", "1"].map { try BlobDigest(String(repeating: $0, count: 64)) }
    var nodes: [AssignedNode] = []
    for number in 0..<(1 + chance.below(4)) {
      let node = NodeKey(key, try NodeName("n\(number)"), born: key.born)
      let config = chance.below(2) == 0 ? blobs[Int(chance.below(2))] : nil
      let awaited = AwaitedNode(
        NodeKey(key, try NodeName("n\(chance.below(6))"), born: key.born), on: try HostName("h\(1 + chance.below(3))"), startSerial: 1,
        specDigest: 2)
      nodes.append(
        AssignedNode(
          key: node, spec: NodeSpec(name: node.name, kind: "linux", startupConfig: config), desired: .running, startSerial: 1,
          interfaces: [], awaited: chance.below(2) == 0 ? [awaited] : [],
          watchers: chance.below(3) == 0 ? [try HostName("h\(2 + chance.below(2))")] : []))
    }
    var links: [AssignedLink] = []
    for index in nodes.indices.dropFirst() {
      let ordinals = try (Ordinal(1), Ordinal(2))
      let link = LinkID(Endpoint(nodes[index - 1].key.name, ordinals.0), Endpoint(nodes[index].key.name, ordinals.1))
      nodes[index].interfaces.append(AssignedInterface(ordinal: ordinals.1, mtu: 1_450))
      guard chance.below(2) == 0 else {
        nodes[index - 1].interfaces.append(AssignedInterface(ordinal: ordinals.0, mtu: 1_450))
        links.append(AssignedLink(link: link, path: .patch))
        continue
      }
      let tunnel = AssignedTunnel(
        near: Endpoint(nodes[index].key.name, ordinals.1), vni: try VNI(5_000 + UInt32(index)), local: try IPAddress("10.0.0.1"),
        remote: try IPAddress("10.0.0.\(2 + chance.below(2))"), farHost: try HostName("h\(2 + chance.below(2))"),
        mtu: 1_400 + 10 * Int(chance.below(3)))
      links.append(AssignedLink(link: link, path: .tunnel(tunnel)))
    }
    return AssignedLab(key: key, nodes: nodes, links: links)
  }
}

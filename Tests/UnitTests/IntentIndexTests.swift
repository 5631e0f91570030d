import Machine
import Model
import Testing

/// What intent keeps beside its records is what all of them together say.
struct IntentIndexTests {
  private static let hosts = ["h1", "h2", "h3"]

  @Test(arguments: 1...20) func theIndexIsWhatAllRecordsSay(seed: UInt64) throws {
    var chance = Jitter(seed: seed)
    var intent = Intent(store: CoreScene.store)
    for number in 1...UInt64(200) {
      intent.load(try record(&chance, intent), at: Revision(number))
      try expectIndex(of: intent)
    }
  }

  private func record(_ chance: inout Jitter, _ intent: Intent) throws -> RecordChange {
    let name = "lab\(chance.below(3))"
    let lab = try LabName(name)
    switch chance.below(6) {
    case 0: return .lab(lab, nil)
    case 1: return .segments(lab, nil)
    case 2: return .projection(lab, chance.below(2) == 0 ? nil : intent.projections[lab])
    case 3: return .segments(lab, intent.labs[lab].map { segments(of: $0, &chance) })
    default:
      let nodes = (0..<chance.below(5)).map { "n\($0)" }
      var lab = try CoreScene.lab(name, nodes: nodes, generation: 1 + chance.below(3))
      for index in lab.nodes.indices { lab.nodes[index].host = try HostName(Self.hosts[Int(chance.below(3))]) }
      return .lab(lab.key.name, lab)
    }
  }

  /// Cables with VNIs that no other lab has.
  private func segments(of lab: Lab, _ chance: inout Jitter) -> Segments {
    var segments = Segments(lab: lab.key, wiring: lab.wiring, segments: [])
    let first = 5_000 + 100 * UInt32(lab.key.name.text.utf8.last ?? 0)
    for (index, link) in lab.spec.links.enumerated() {
      guard chance.below(2) == 0, let vni = try? VNI(first + UInt32(index)), let address = try? IPAddress("10.0.0.1") else { continue }
      let end = TunnelEnd(lab.nodes[index].host, address)
      segments.segments.append(Segment(link: link.id, path: .tunnel(vni, a: end, b: end), mtu: 1_450))
    }
    return segments
  }

  private func expectIndex(of intent: Intent) throws {
    var owners: [VNI: LabName] = [:]
    for (name, segments) in intent.segments { for vni in segments.vnis { owners[vni] = name } }
    #expect(intent.index.owners == owners)
    for host in try Self.hosts.map({ try HostName($0) }) {
      let placed = counts(of: intent.labs, on: host)
      #expect(intent.index.placed[host] ?? [:] == placed)
      #expect(intent.index.told[host] ?? [:] == counts(of: intent.projections.mapValues(\.lab), on: host))
      for lab in intent.labs.keys {
        #expect(intent.index.nodes(on: host, except: lab) == placed.filter { $0.key != lab }.values.reduce(0, +))
      }
    }
    #expect(intent.index.placed.values.allSatisfy { !$0.isEmpty } && intent.index.told.values.allSatisfy { !$0.isEmpty })
  }

  private func counts(of labs: [LabName: Lab], on host: HostName) -> [LabName: Int] {
    labs.mapValues { lab in lab.nodes.count { $0.host == host } }.filter { $0.value > 0 }
  }
}

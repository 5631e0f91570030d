import Machine
import Model
import Testing

@testable import Wire

@Suite("Hostile bytes")
struct WireHostileTests {
  /// A few bytes changed, cut, doubled or put in.
  private func spoil(_ bytes: [UInt8], _ chance: inout WireSamples) -> [UInt8] {
    var bytes = bytes
    for _ in 0...chance.below(4) {
      guard !bytes.isEmpty else { return chance.bytes() }
      let at = chance.below(bytes.count)
      switch chance.below(5) {
      case 0: bytes[at] = UInt8(chance.below(256))
      case 1: bytes[at] ^= UInt8(1 << chance.below(8))
      case 2: bytes.removeSubrange(at...)
      case 3: bytes.insert(contentsOf: chance.bytes(6), at: at)
      default: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 1 + chance.below(20))], at: at)
      }
    }
    return bytes
  }

  @Test("A spoilt message is refused, or is another message that is whole", arguments: 0..<8 as Range<UInt64>)
  func messages(_ seed: UInt64) throws {
    var chance = WireSamples(seed: 1000 + seed)
    for round in 0..<12 as Range<UInt64> {
      var samples = WireSamples(seed: seed * 100 + round)
      for request in try samples.requests() {
        let coded = Codec.encode(request)
        for _ in 0..<8 {
          let secret = chance.flip() ? coded.secret : spoil(coded.secret, &chance)
          guard let other = try? Codec.decodeRequest(kind: coded.kind, body: spoil(coded.body, &chance), secret: secret) else { continue }
          let again = Codec.encode(other)
          #expect(try Codec.decodeRequest(kind: again.kind, body: again.body, secret: again.secret) == other)
        }
      }
      for reply in try samples.replies() {
        let coded = Codec.encode(reply)
        for _ in 0..<8 {
          guard let other = try? Codec.decodeReply(kind: coded.kind, body: spoil(coded.body, &chance), secret: coded.secret) else {
            continue
          }
          let again = Codec.encode(other)
          #expect(try Codec.decodeReply(kind: again.kind, body: again.body, secret: again.secret) == other)
        }
      }
      for frame in try samples.hubFrames() {
        guard let other = try? HubFrame(decoding: spoil(frame.encode(), &chance)) else { continue }
        #expect(try HubFrame(decoding: other.encode()) == other)
      }
    }
  }

  @Test("A record, an assignment, an event cut anywhere is refused or whole")
  func cut() throws {
    var samples = WireSamples(seed: 3)
    for record in try samples.records() {
      let bytes = Codec.encode(record)
      for end in bytes.indices { _ = try? Codec.decodeRecord(Array(bytes[..<end])) }
    }
    let assignment = Codec.encode(try samples.assignment())
    for end in assignment.indices { _ = try? Codec.decodeAssignment(Array(assignment[..<end])) }
    let event = Codec.encode(samples.event())
    for end in event.indices { _ = try? Codec.decodeEvent(Array(event[..<end])) }
  }

  @Test("Noise under every kind is no crash")
  func noise() {
    var chance = WireSamples(seed: 11)
    for kind in Codec.requestKinds + Codec.factKinds {
      for _ in 0..<100 {
        let body = chance.bytes(64)
        _ = try? Codec.decodeRequest(kind: kind, body: body, secret: chance.bytes(16))
        _ = try? Codec.decodeReply(kind: kind, body: body, secret: [])
        _ = try? Codec.decodeFact(kind: kind, body: body, secret: [])
        _ = try? HubFrame(decoding: body)
        _ = try? Envelope(decoding: body)
        _ = try? Codec.decodeRecord(body)
      }
    }
  }
}

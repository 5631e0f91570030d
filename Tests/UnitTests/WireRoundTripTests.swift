import Machine
import Model
import Testing

@testable import Wire

@Suite("Model to bytes and back")
struct WireRoundTripTests {
  static let rounds: UInt64 = 200

  @Test("Every request is the same after its bytes, and every method has one")
  func requests() throws {
    var kinds: Set<String> = []
    for seed in 0..<Self.rounds {
      var samples = WireSamples(seed: seed)
      for request in try samples.requests() {
        let coded = Codec.encode(request)
        kinds.insert(coded.kind)
        #expect(try Codec.decodeRequest(kind: coded.kind, body: coded.body, secret: coded.secret) == request)
      }
    }
    #expect(kinds == Set(Codec.requestKinds))
  }

  @Test("Every reply is the same after its bytes")
  func replies() throws {
    for seed in 0..<Self.rounds {
      var samples = WireSamples(seed: seed)
      for reply in try samples.replies() {
        let coded = Codec.encode(reply)
        #expect(try Codec.decodeReply(kind: coded.kind, body: coded.body, secret: coded.secret) == reply)
      }
    }
  }

  @Test("Every fact is the same after its bytes, and every kind has one")
  func facts() throws {
    var kinds: Set<String> = []
    for seed in 0..<Self.rounds {
      var samples = WireSamples(seed: seed)
      for fact in try samples.facts() {
        let coded = Codec.encode(fact)
        kinds.insert(coded.kind)
        #expect(try Codec.decodeFact(kind: coded.kind, body: coded.body, secret: coded.secret) == fact)
      }
    }
    #expect(kinds == Set(Codec.factKinds))
  }

  @Test("Every hub frame is the same after its bytes")
  func hubFrames() throws {
    for seed in 0..<Self.rounds {
      var samples = WireSamples(seed: seed)
      for frame in try samples.hubFrames() { #expect(try HubFrame(decoding: frame.encode()) == frame) }
    }
  }

  @Test("An envelope is the same after its bytes")
  func envelope() throws {
    for seed in 0..<Self.rounds {
      var samples = WireSamples(seed: seed)
      let parts = UInt32(1 + samples.below(64))
      let envelope = Envelope(
        kind: "K" + samples.text(), isReply: samples.flip(), requestID: try samples.requestID().text, instance: samples.number(),
        number: samples.number(), previous: samples.number(), traceID: TraceID(high: samples.number(), low: samples.number()),
        parentSpan: samples.number(), deadline: samples.number(), part: UInt32(samples.below(Int(parts))), parts: parts,
        failure: samples.maybe { LabError($0.any(ErrorCode.self), $0.text(), $0.text(), cause: $0.text()) }, body: samples.bytes())
      #expect(try Envelope(decoding: envelope.encode()) == envelope)
    }
  }

  @Test("What is kept on disk is the same after its bytes")
  func stored() throws {
    for seed in 0..<Self.rounds {
      var samples = WireSamples(seed: seed)
      for record in try samples.records() { #expect(try Codec.decodeRecord(Codec.encode(record)) == record) }
      let assignment = try samples.assignment()
      #expect(try Codec.decodeAssignment(Codec.encode(assignment)) == assignment)
      let event = samples.event()
      #expect(try Codec.decodeEvent(Codec.encode(event)) == event)
    }
  }

  @Test("Equal values have equal bytes")
  func stable() throws {
    for seed in 0..<20 as Range<UInt64> {
      var one = WireSamples(seed: seed)
      var other = WireSamples(seed: seed)
      #expect(try one.requests().map { Codec.encode($0).body } == other.requests().map { Codec.encode($0).body })
    }
  }

  @Test("Digests are those of the standard's examples")
  func digests() throws {
    #expect(Digest.sha256([]).hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(Digest.sha256(Array("abc".utf8)).hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }
}

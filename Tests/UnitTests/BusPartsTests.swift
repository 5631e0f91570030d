import Model
import Testing
import Wire

@testable import Bus

/// Parts of long messages and the standing with the hub, as values.
struct BusPartsTests {
  private let key = Assembler.Key(from: "configs", message: "r1", isReply: true)

  private func envelope(_ bytes: Int) -> Envelope {
    Envelope(kind: "K", isReply: true, requestID: "r1", body: marked(bytes))
  }

  /// Zeros with a mark here and there, so that parts differ.
  private func marked(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    for index in stride(from: 0, to: count, by: 4_001) { bytes[index] = UInt8(truncatingIfNeeded: index / 4_001 + 1) }
    return bytes
  }

  @Test func whatIsSplitIsTheSameWhenPutTogether() throws {
    for (body, secret) in [
      (0, 0), (10, 0), (Limits.partBytes, 1), (3 * Limits.partBytes, 0), (100, 2 * Limits.partBytes), (300_000, 300_000),
    ] {
      let whole = envelope(body)
      let hidden = marked(secret)
      let parts = try #require(Parts.split(whole, secret: hidden))
      for part in parts { #expect(part.envelope.body.count + part.secret.count <= Limits.partBytes) }
      var assembler = Assembler()
      for (number, part) in parts.enumerated() {
        switch assembler.take(part.envelope, secret: part.secret, as: key, at: 0) {
        case .whole(let envelope, let secret):
          #expect(number == parts.count - 1)
          #expect(envelope == whole)
          #expect(secret == hidden)
        case .waiting: #expect(number < parts.count - 1)
        case .refused(let why): Issue.record("\(why)")
        }
      }
      #expect(assembler.isEmpty)
    }
    #expect(Parts.split(envelope(Limits.messageBytes + 1), secret: []) == nil)
  }

  @Test func aMissingPartLosesTheMessageAndNothingElse() throws {
    let parts = try #require(Parts.split(envelope(4 * Limits.partBytes), secret: []))
    var assembler = Assembler()
    _ = assembler.take(parts[0].envelope, secret: [], as: key, at: 0)
    guard case .refused = assembler.take(parts[2].envelope, secret: [], as: key, at: 0) else {
      Issue.record("taken")
      return
    }
    #expect(assembler.isEmpty)
    // Begun anew in the middle, it is whole in the end.
    _ = assembler.take(parts[0].envelope, secret: [], as: key, at: 0)
    _ = assembler.take(parts[1].envelope, secret: [], as: key, at: 0)
    for part in parts.dropLast() { _ = assembler.take(part.envelope, secret: [], as: key, at: 0) }
    guard case .whole = assembler.take(parts[3].envelope, secret: [], as: key, at: 0) else {
      Issue.record("not whole")
      return
    }
  }

  @Test func halvesOfMessagesAreBoundedAndForgotten() throws {
    let first = try #require(Parts.split(envelope(2 * Limits.partBytes), secret: [])?.first)
    var assembler = Assembler()
    var refused = 0
    for number in 0..<100 {
      let key = Assembler.Key(from: "agent/h1", message: "r\(number)", isReply: false)
      if case .refused = assembler.take(first.envelope, secret: [], as: key, at: 0) { refused += 1 }
    }
    #expect(refused == 100 - Assembler.mostAssemblies)
    assembler.expire(at: Assembler.patience)
    #expect(assembler.isEmpty)
  }

  @Test func aSubscriptionIsComparedWhole() throws {
    let topic = Topic.assign(try HostName("h1"))
    #expect(Subscription(Subscription.topic(topic).bytes) == .topic(topic))
    #expect(Subscription(Subscription.sync(7).bytes) == .sync(7))
    // Without the NUL it would also be that of h10.
    #expect(Subscription(Array("assign.h1".utf8)) == nil)
    #expect(Subscription([UInt8]()) == nil)
    #expect(Subscription([0]) == nil)
  }

  @Test func aPeerIsConnectedWhenItIsAdmittedAndItsSubscriptionsAreInPlace() {
    var session = BusSession(instance: Instance(10))
    #expect(session.requestsUp(at: 0) == [.hello])
    #expect(session.welcomed(by: Instance(1)).isEmpty)
    #expect(session.eventsUp(at: 0) == [.sync(11)])
    #expect(session.synced(10).isEmpty)
    #expect(session.synced(11) == [.connected])
    #expect(session.wakeAt == nil)
    // Another life of the hub.
    #expect(session.helloRequired(at: 5) == [.disconnected, .hello])
    // More of the same is about what was sent before the greeting.
    #expect(session.helloRequired(at: 6).isEmpty)
    #expect(session.tick(at: 504).isEmpty)
    #expect(session.tick(at: 505) == [.hello])
    #expect(session.welcomed(by: Instance(2)) == [.connected])
    #expect(session.eventsDown() == [.disconnected])
  }

  @Test func addressesAreCheckedWhenRead() throws {
    #expect(try BusAddress("ipc:///run/archetype/").requests == "ipc:///run/archetype/requests")
    #expect(try BusAddress("tcp://[fd00::1]:7700").tap == "tcp://[fd00::1]:7702")
    for text in ["", "ipc://x", "tcp://h", "tcp://:1", "tcp://h:0", "tcp://h:65534", "tcp://fd00::1:7700", "udp://h:1"] {
      #expect(throws: LabError.self, "\(text)") { try BusAddress(text) }
    }
    #expect(throws: LabError.self) { try BusAddress("ipc:///" + String(repeating: "x", count: 120)) }
  }
}

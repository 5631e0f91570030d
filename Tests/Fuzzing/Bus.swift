import Bus
import HubCore
import Machine
import Model
import Wire

extension FuzzTarget {
  static func frames(_ input: [UInt8]) throws {
    if let frame = try? HubFrame(decoding: input) {
      let again = try? HubFrame(decoding: frame.encode())
      try check(again == frame, "a frame that was read can't be written and read again: \(frame)")
    }
    if let subscription = Subscription(input) {
      try check(Subscription(subscription.bytes) == subscription, "a subscription that was read is another when written: \(subscription)")
    }
  }

  /// Two bytes with the envelope's length, the envelope, and secrets.
  static func envelopes(_ input: [UInt8]) throws {
    var choices = Choices(input)
    let length = choices.number()
    guard let envelope = try? Envelope(decoding: choices.bytes(length)) else { return }
    try check((try? Envelope(decoding: envelope.encode())) == envelope, "an envelope that was read can't be written and read again")
    let secret = choices.remaining()
    if let request = try? Codec.decodeRequest(kind: envelope.kind, body: envelope.body, secret: secret) {
      let coded = Codec.encode(request)
      try check(
        (try? Codec.decodeRequest(kind: coded.kind, body: coded.body, secret: coded.secret)) == request,
        "request \(envelope.kind) isn't itself again")
    }
    if let reply = try? Codec.decodeReply(kind: envelope.kind, body: envelope.body, secret: secret) {
      let coded = Codec.encode(reply)
      try check(
        (try? Codec.decodeReply(kind: coded.kind, body: coded.body, secret: coded.secret)) == reply,
        "reply \(envelope.kind) isn't itself again")
    }
    if let fact = try? Codec.decodeFact(kind: envelope.kind, body: envelope.body, secret: secret) {
      let coded = Codec.encode(fact)
      try check(
        (try? Codec.decodeFact(kind: coded.kind, body: coded.body, secret: coded.secret)) == fact,
        "fact \(envelope.kind) isn't itself again")
    }
  }

  private struct Letter: HubPayload {
    var waitingRequest: RequestID?
    let kind: String? = "JobService.ApplyLab"
  }

  /// Frames of four connections, one step after the other: a byte that says what happens, one for the time, two for the length, the frame.
  static func hub(_ input: [UInt8]) throws {
    var choices = Choices(input)
    var hub = Hub<Letter>(instance: Instance(1))
    let keys: [PeerName?] = [nil, try? PeerName("agent/h1"), try? PeerName("cli/me"), .configs]
    var now = Now(boot: .zero, wall: 0)
    var last: Hub<Letter>.Effect?
    while !choices.isOver {
      let what = choices.byte()
      now.boot = now.boot + UInt64(choices.byte()) * 8
      let sender = RoutingID([what & 3])
      let event: Hub<Letter>.Event
      switch (what >> 2 & 7, last) {
      case (0, .send(let routing, let frame, let letter)?): event = .unroutable(routing, frame, letter)
      case (1, .send(let routing, let frame, let letter)?): event = .full(routing, frame, letter)
      case (2, _): event = .tick
      default:
        guard let frame = try? HubFrame(decoding: choices.bytes(choices.number())) else { continue }
        // Half of them are requests that somebody waits for.
        let letter = what & 32 == 0 ? Letter(waitingRequest: RequestID(Instance(7), UInt64(what))) : Letter()
        event = .received(sender, key: keys[Int(what >> 6)], frame, letter)
      }
      let name = hub.name(of: sender)
      let effects = hub.handle(event, at: now)
      for effect in effects {
        if case .send(_, .delivered(let from), _) = effect { try check(from == name, "\(from) is told to have sent what \(sender) sent") }
        if case .publish(let from, _, _) = effect { try check(from == name, "\(from) is told to have published what \(sender) published") }
        if case .send = effect { last = effect }
      }
      let names = (0..<4).compactMap { hub.name(of: RoutingID([$0])) }
      try check(names.sorted() == hub.peers, "connections are \(names), peers are \(hub.peers)")
    }
  }

  /// A step: which message, which part of how many, how much body and secret.
  static func parts(_ input: [UInt8]) throws {
    var choices = Choices(input)
    var assembler = Assembler()
    var now: UInt64 = 0
    while !choices.isOver {
      let what = choices.byte()
      let part = UInt32(choices.byte())
      let parts = UInt32(choices.byte())
      now += UInt64(choices.byte()) * 100
      let key = Assembler.Key(from: "configs", message: "\(what & 31)", isReply: what & 32 != 0)
      // A few sizes, none of which makes a fuzzer slow.
      let size = [0, 1, 700, Limits.partBytes][Int(what >> 6)]
      let envelope = Envelope(kind: "x", part: part, parts: parts, body: [UInt8](repeating: what & 63, count: size))
      switch assembler.take(envelope, secret: size == 1 ? [what] : [], as: key, at: now) {
      case .whole(let whole, let secret):
        try check(whole.part == 0 && whole.parts == 1, "a whole message is a part")
        try check(whole.body.count + secret.count <= Limits.messageBytes, "a message of \(whole.body.count) bytes was put together")
        try check(whole.body.allSatisfy { $0 == what & 63 }, "parts of two messages were put together")
      case .waiting, .refused: continue
      }
      if what == 255 { assembler.expire(at: now) }
    }
    assembler.expire(at: now + Assembler.patience)
    try check(assembler.isEmpty, "parts of a message are kept beyond their time")
  }
}

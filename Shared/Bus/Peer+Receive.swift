import Machine
import Model
import Wire

extension Peer {
  /// `[hub frame][envelope][secrets]` from the hub.
  mutating func takeRequest(_ message: Socket.Received, _ now: UInt64, _ out: inout [PeerEvent]) throws(LabError) {
    let frames = message.frames
    guard let first = frames.first, let frame = Messages.hubFrame(first) else {
      return complain("unreadable frame", "hub", "", &out)
    }
    switch frame {
    case .welcome(let hub): try act(session.welcomed(by: hub), &out)
    case .helloRequired: try act(session.helloRequired(at: now), &out)
    case .refused(let code, let text):
      let isFinal = code != .unavailable
      try act(session.refused(isFinal: isFinal, at: now), &out)
      if isFinal { out.append(.refused(LabError(code, "\(name)", text))) }
    case .probe(let number): _ = try requests.send([HubFrame.probed(number).encode()])
    case .delivered(let from): try deliver(frames, from, now, &out)
    case .undelivered(let to, let id, let code, let text): undelivered(to, id, LabError(code, "\(to)", text), &out)
    case .hello, .probed, .request, .publish, .published, .synced: complain("frame that a hub doesn't send", "hub", "", &out)
    }
  }

  /// `[topic][hub frame][envelope][secrets]`.
  mutating func takeEvent(_ message: Socket.Received, _ now: UInt64, _ out: inout [PeerEvent]) throws(LabError) {
    let frames = Array(message.frames.dropFirst())
    guard let first = frames.first, let frame = Messages.hubFrame(first) else {
      return complain("unreadable frame", "hub", "", &out)
    }
    switch frame {
    case .synced(let number): try act(session.synced(number), &out)
    case .published(let from, let topic): published(frames, from, topic, now, &out)
    case .hello, .welcome, .helloRequired, .refused, .probe, .probed, .request, .delivered, .publish, .undelivered:
      complain("frame that a hub doesn't publish", "hub", "", &out)
    }
  }

  private mutating func deliver(_ frames: [[UInt8]], _ from: PeerName, _ now: UInt64, _ out: inout [PeerEvent]) throws(LabError) {
    guard let envelope = Messages.envelope(frames) else { return complain("unreadable envelope", "\(from)", "", &out) }
    guard let id = try? RequestID(envelope.requestID) else { return complain("message without a request id", "\(from)", "", &out) }
    let key = Assembler.Key(from: "\(from)", message: id.text, isReply: envelope.isReply)
    guard let (whole, secret) = assemble(envelope, frames, key, now, &out) else { return }
    let trace = Trace(id: whole.traceID, span: whole.parentSpan)
    if whole.isReply {
      // Only who was asked may answer: else any peer could forge another's reply.
      guard awaited[id]?.from == from else { return }
      let result = Messages.reply(whole, secret)
      if case .failure(let error) = result, error.isTransient {} else { awaited[id] = nil }
      out.append(.bus(.reply(id, result), trace))
      return
    }
    switch Messages.request(whole, secret) {
    case .success(let request): out.append(.bus(.request(Incoming(from: .init(from, id), request: request)), trace))
    case .failure(let error):
      complain("request that can't be read", "\(from)", error.description, &out)
      try send(.reply(.init(from, id), .failure(error)), trace: trace, at: Now(boot: Instant(milliseconds: now), wall: 0))
    }
  }

  private mutating func published(_ frames: [[UInt8]], _ from: PeerName, _ topic: Topic, _ now: UInt64, _ out: inout [PeerEvent]) {
    guard let envelope = Messages.envelope(frames) else { return complain("unreadable envelope", "\(from)", "", &out) }
    let key = Assembler.Key(from: "\(from)", message: "\(topic) \(envelope.number)", isReply: false)
    guard let (whole, secret) = assemble(envelope, frames, key, now, &out) else { return }
    switch Messages.fact(whole, secret) {
    case .success(let fact):
      let publication = Publication(
        topic: topic, number: whole.number, previous: whole.previous, fact: fact, instance: Instance(whole.instance))
      out.append(.bus(.published(publication), Trace(id: whole.traceID, span: whole.parentSpan)))
    case .failure(let error): complain("publication that can't be read", "\(topic)", error.description, &out)
    }
  }

  private mutating func assemble(
    _ envelope: Envelope, _ frames: [[UInt8]], _ key: Assembler.Key, _ now: UInt64, _ out: inout [PeerEvent]
  ) -> (Envelope, [UInt8])? {
    switch assembler.take(envelope, secret: frames.count > 2 ? frames[2] : [], as: key, at: now) {
    case .whole(let whole, let secret): return (whole, secret)
    case .waiting:
      sweepLater(now)
      return nil
    case .refused(let why):
      complain("part of a message refused", key.from, why, &out)
      return nil
    }
  }

  private mutating func undelivered(_ to: PeerName, _ id: RequestID, _ error: LabError, _ out: inout [PeerEvent]) {
    guard awaited[id]?.from == to else { return }
    if !error.isTransient { awaited[id] = nil }
    out.append(.bus(.reply(id, .failure(error)), .fresh()))
  }

  private func complain(_ what: String, _ peer: String, _ detail: String, _ out: inout [PeerEvent]) {
    out.append(.complaint(Complaint(what, peer: peer, detail: detail)))
  }
}

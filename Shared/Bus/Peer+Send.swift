import CZMQ
public import Machine
public import Model
import Wire

extension Peer {
  /// Does what a machine asks of the bus. Failures are events of the next `receive`.
  public mutating func send(_ effect: BusEffect, trace: Trace, at now: Now) throws(LabError) {
    let time = now.boot.milliseconds
    switch effect {
    case .send(let outgoing): try send(outgoing, trace, time)
    case .reply(let address, let result):
      var (envelope, secret) = Messages.encode(result, to: address.id, instance, trace)
      let count = envelope.body.count + secret.count
      if count > Limits.messageBytes {
        let error = LabError(
          .resourceExhausted, "\(name)", "its answer has \(count) bytes, more than the \(Limits.messageBytes) of a message (ask for less)")
        waiting.append(.complaint(Complaint("reply too long", peer: "\(address.peer)", detail: "\(count) bytes")))
        (envelope, secret) = Messages.encode(.failure(error), to: address.id, instance, trace)
      }
      if try !pass(.request(to: address.peer), envelope, secret, time) { dropped("reply dropped", "\(address.peer)") }
    case .publish(let publication):
      let (envelope, secret) = Messages.encode(publication, instance, trace)
      // A reader sees the hole in the numbers and asks.
      if try !pass(.publish(publication.topic), envelope, secret, time) { dropped("publication dropped", "\(publication.topic)") }
    case .subscribe(let topic):
      if topics.insert(topic).inserted {
        try events.set(ZMQ_SUBSCRIBE, Subscription.topic(topic).bytes)
        hasNewTopics = true
      }
    case .unsubscribe(let topic):
      if topics.remove(topic) != nil { try events.set(ZMQ_UNSUBSCRIBE, Subscription.topic(topic).bytes) }
    }
  }

  private mutating func send(_ outgoing: Outgoing, _ trace: Trace, _ now: UInt64) throws(LabError) {
    guard awaited.count < Self.mostAwaited else {
      return fail(outgoing.id, LabError(.resourceExhausted, "\(outgoing.to)", "too many requests await an answer"))
    }
    guard session.isAdmitted else {
      return fail(outgoing.id, LabError(.unavailable, "bus", "not connected (is archetype-bus running at the address of --bus?)"))
    }
    awaited[outgoing.id] = Awaited(from: outgoing.to, until: now + min(outgoing.deadline, Limits.deadline))
    sweepLater(now)
    let (envelope, secret) = Messages.encode(outgoing, instance, trace)
    if try !pass(.request(to: outgoing.to), envelope, secret, now) {
      fail(outgoing.id, LabError(.resourceExhausted, "bus", "the message is too long, or too many wait for the bus"))
    }
  }

  /// False: it is lost.
  private mutating func pass(_ frame: HubFrame, _ envelope: Envelope, _ secret: [UInt8], _ now: UInt64) throws(LabError) -> Bool {
    guard session.isAdmitted, let parts = Parts.split(envelope, secret: secret), queue.hasRoom(for: parts.count) else { return false }
    let head = frame.encode()
    for part in parts {
      var frames = [head, part.envelope.encode()]
      if !part.secret.isEmpty { frames.append(part.secret) }
      queue.append(frames)
    }
    try drain(now)
    return true
  }

  /// Sends what waits, as far as the hub takes it, and asks for word when new subscriptions are in place. At the end of each round.
  public mutating func flush(at now: Now) throws(LabError) {
    let time = now.boot.milliseconds
    if hasNewTopics {
      hasNewTopics = false
      var out: [PeerEvent] = []
      try act(session.subscribed(at: time), &out)
      waiting += out
    }
    try drain(time)
  }

  private mutating func drain(_ now: UInt64) throws(LabError) {
    if hasNewTopics || session.holds(at: now) { return }
    while let frames = queue.next {
      guard try requests.send(frames) == .sent else { return }
      queue.removeFirst()
    }
  }

  private mutating func fail(_ id: RequestID, _ error: LabError) { waiting.append(.bus(.reply(id, .failure(error)), .fresh())) }

  /// While the hub is away nothing can arrive: that is said once by `disconnected`, not for every message.
  private mutating func dropped(_ what: String, _ peer: String) {
    guard session.isAdmitted else { return }
    waiting.append(.complaint(Complaint(what, peer: peer, detail: "too long, or too many wait")))
  }
}

import HubCore
import Machine
import Model
import Wire

/// The wire: every hop may lose, double, delay and reorder.
extension World {
  /// Messages that wait for a peer which doesn't read, before the hub finds its queue full.
  /// Fewer than the product's, so that it happens.
  private static let highWater = 16

  private mutating func transmit(_ item: Item) {
    if network.happens(faults.loss) { return }
    push(item, in: 1 + network.below(faults.longestDelay))
    if network.happens(faults.duplication) { push(item, in: 1 + network.below(4 * faults.longestDelay)) }
  }

  private mutating func transmit(to peer: Process, _ item: Item) {
    if peer.deafUntil > time { return }
    transmit(item)
  }

  private mutating func transmit(from peer: Process, _ frame: HubFrame, _ payload: Payload?) {
    if peer.mutedUntil > time { return }
    transmit(.toHub(peer, frame, payload))
  }

  mutating func startHub() {
    guard hub == nil else { return }
    lives += 1
    hub = Hub(instance: Instance(lives))
    say("hub starts")
  }

  /// - Parameter delay: nil: nothing starts it again.
  mutating func killHub(restartIn delay: UInt64?) {
    guard hub != nil else { return }
    say("hub dies")
    hub = nil
    for process in living {
      process.hub = nil
      process.isHelloUnderWay = false
      // Its subscriptions are the socket's own: it makes them anew by itself.
      push(.disconnected(process), in: 1)
      push(.hello(process), in: machines.between(1, 400))
    }
    if let delay { push(.startHub, in: delay) }
  }

  mutating func hubReceives(_ process: Process, _ frame: HubFrame, _ payload: Payload?) {
    guard hub != nil else { return }
    if hubPausedUntil > time { return queue.push(.toHub(process, frame, payload), at: hubPausedUntil) }
    driveHub(.received(process.routing, key: nil, frame, payload))
  }

  mutating func driveHub(_ event: Hub<Payload>.Event) {
    count(event, "Hub")
    guard let effects = hub?.handle(event, at: Now(boot: Instant(milliseconds: time), wall: 0)) else { return }
    for effect in effects {
      switch effect {
      case .send(let routing, let frame, let payload):
        // A connection of a dead process is gone: the socket says so at once.
        guard let peer = byRouting[routing] else {
          driveHub(.unroutable(routing, frame, payload))
          continue
        }
        if peer.pausedUntil > time {
          if peer.backlog >= Self.highWater {
            driveHub(.full(routing, frame, payload))
            continue
          }
          peer.backlog += 1
        } else {
          peer.backlog = 0
        }
        var frame = frame
        if settings.bug == .doubleAdmission, case .refused = frame, let hub { frame = .welcome(hub: hub.instance) }
        if case .welcome = frame { checks?.welcomed(peer, holder: hub?.name(of: routing)) }
        transmit(to: peer, .toPeer(peer, frame, payload))
      case .publish(_, let topic, let payload):
        guard case .publication(let publication) = payload else { continue }
        for peer in living where peer.topics.contains(topic) { transmit(to: peer, .published(peer, publication)) }
      case .note(.tookOver(let name, let instance)):
        let isBlurred = faults.loss > 0 || faults.longestDelay > 100 || max(hubPausedUntil, healed) + 3_000 > time
        checks?.tookOver(name, from: instance, among: living, isBlurred: isBlurred)
      case .allow, .deny, .count, .note, .answer, .audit: break
      }
    }
    guard let wake = hub?.nextWake(), let instance = hub?.instance else { return }
    push(.wakeHub(instance), in: max(1, wake.milliseconds > time ? wake.milliseconds - time : 0))
  }

  mutating func peerReceives(_ process: Process, _ frame: HubFrame, _ payload: Payload?) {
    switch frame {
    case .welcome(let hub):
      process.isHelloUnderWay = false
      guard process.hub != hub else { return }
      process.hub = hub
      feed(process, .connected)
    case .helloRequired:
      guard !process.isHelloUnderWay else { return }
      process.hub = nil
      push(.hello(process), in: 1)
    case .probe(let number): transmit(from: process, .probed(number), nil)
    case .delivered(let from):
      switch payload {
      case .request(let id, let request):
        checks?.delivered(request, from: from, to: process)
        let request = corrupt(arrived: request, from: from)
        feed(process, .request(Incoming(from: Incoming.Address(from, id), request: request)))
      case .reply(let id, let result): feed(process, .reply(id, result))
      case .publication, nil: break
      }
    case .undelivered(let to, let id, let code, let text): feed(process, .reply(id, .failure(LabError(code, "\(to)", text))))
    case .refused:
      // A duplicate of an older life's hello can win the contest; the loser greets again.
      process.isHelloUnderWay = false
      push(.hello(process), in: 500)
    case .hello, .probed, .request, .publish, .published, .synced: break
    }
  }

  /// Greets until it is welcome; the reminder finds out whether the greeting was lost.
  mutating func greet(_ process: Process) {
    guard process.hub == nil else { return }
    process.isHelloUnderWay = true
    transmit(from: process, .hello(Hello(name: process.name, instance: process.instance)), nil)
    push(.hello(process), in: 500)
  }

  /// What a process wants of the bus. Without a hub, or before its welcome, it goes nowhere.
  mutating func send(_ effect: BusEffect, from process: Process) {
    switch effect {
    // A slow joiner: what is published before the subscription is in place is missed.
    case .subscribe(let topic):
      driveHub(.subscribed(key: process.name, topic))
      push(.subscribed(process, topic), in: network.below(faults.longestDelay))
    case .unsubscribe(let topic): process.unfollow(topic)
    case .send(let outgoing):
      say("\(process.name) -> \(outgoing.to) \(outgoing.id) \(Self.brief(outgoing.request.withoutDigest))")
      guard let request = corrupt(outgoing.request, from: process) else { return }
      pass(.request(outgoing.id, request), to: outgoing.to, from: process)
    case .reply(let address, let result):
      say("\(process.name) -> \(address.peer) \(address.id) reply \(Self.brief(result))")
      let result = corrupt(result, to: address.peer, from: process)
      checks?.replied(process, address, result, store.intent.jobs)
      pass(.reply(address.id, result), to: address.peer, from: process)
    case .publish(let publication):
      checks?.published(publication)
      var publication = publication
      publication.instance = process.instance
      transmit(from: process, .publish(publication.topic), .publication(publication))
    }
  }

  mutating func pass(_ payload: Payload, to peer: PeerName, from process: Process) {
    guard isCoded else { return transmit(from: process, .request(to: peer), payload) }
    do throws(LabError) {
      transmit(from: process, .request(to: peer), try payload.coded())
    } catch {
      // What no peer can read is refused where it arrives.
      guard process.client != nil, case .request(let id, _) = payload else {
        checks?.fail("codec: \(process.name) to \(peer): \(error)")
        return
      }
      transmit(.toPeer(process, .delivered(from: peer), .reply(id, .failure(error))))
    }
  }

  static func brief(_ value: some Any) -> String { String(String(describing: value).prefix(1_200)) }
}

extension Request {
  /// As it is printed: an agent's digest is its process's own, and another in each.
  var withoutDigest: Request {
    switch self {
    case .reconciler(.report(var report)):
      report.digest = 0
      return .reconciler(.report(report))
    case .reconciler(.heartbeat(var heartbeat)):
      heartbeat.digest = 0
      return .reconciler(.heartbeat(heartbeat))
    case .configs, .jobs, .reconciler, .agent, .peer: return self
    }
  }
}

/// What passes through the hub.
indirect enum Payload: HubPayload {
  case request(RequestID, Request)
  case reply(RequestID, Result<Reply, LabError>)
  case publication(Publication)

  var waitingRequest: RequestID? {
    if case .request(let id, _) = self { id } else { nil }
  }

  /// Command lines are local operators here, who may do everything.
  var kind: String? { nil }

  /// Itself, by way of bytes.
  func coded() throws(LabError) -> Payload {
    switch self {
    case .request(let id, let request):
      let coded = Codec.encode(request)
      return .request(id, try Codec.decodeRequest(kind: coded.kind, body: coded.body, secret: coded.secret))
    case .reply(let id, .success(let reply)):
      let coded = Codec.encode(reply)
      return .reply(id, .success(try Codec.decodeReply(kind: coded.kind, body: coded.body, secret: coded.secret)))
    case .reply, .publication: return self
    }
  }
}

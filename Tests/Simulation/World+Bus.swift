import HubCore
import Machine
import Model

/// The wire: every hop may lose, double, delay and reorder.
extension World {
  mutating func transmit(_ item: Item) {
    if network.happens(faults.loss) { return }
    push(item, in: 1 + network.below(faults.longestDelay))
    if network.happens(faults.duplication) { push(item, in: 1 + network.below(4 * faults.longestDelay)) }
  }

  mutating func startHub() {
    guard hub == nil else { return }
    lives += 1
    hub = Hub(instance: Instance(lives))
    say("hub starts")
  }

  mutating func hubReceives(_ routing: RoutingID, _ frame: HubFrame, _ payload: Payload?) {
    guard hub != nil else { return }
    driveHub(.received(routing, key: nil, frame, payload))
  }

  mutating func driveHub(_ event: Hub<Payload>.Event) {
    guard var hub else { return }
    var events = [event]
    while !events.isEmpty {
      for effect in hub.handle(events.removeFirst(), at: now) {
        switch effect {
        case .send(let routing, let frame, let payload):
          // A connection of a dead process is gone: the socket says so at once.
          if names[routing] == nil {
            events.append(.unroutable(routing, frame, payload))
          } else {
            transmit(.toPeer(routing, frame, payload))
          }
        case .publish(_, let topic, let payload):
          guard case .publication(let publication) = payload else { continue }
          for (name, process) in processes.sorted(by: { $0.key < $1.key }) where process.topics.contains(topic) {
            _ = name
            transmit(.published(process.routing, publication))
          }
        case .allow, .deny, .count, .note: break
        }
      }
    }
    self.hub = hub
    if let wake = hub.wakeAt { push(.wakeHub(hub.instance), in: max(1, wake.since(now.boot))) }
  }

  mutating func peerReceives(_ routing: RoutingID, _ frame: HubFrame, _ payload: Payload?) {
    guard let name = names[routing], let process = processes[name] else { return }
    switch frame {
    case .welcome(let hub):
      processes[name]?.isHelloUnderWay = false
      guard process.hub != hub else { return }
      processes[name]?.hub = hub
      feed(name, .connected)
    case .helloRequired:
      guard !process.isHelloUnderWay else { return }
      processes[name]?.hub = nil
      push(.hello(name, process.instance), in: 1)
    case .probe(let number): transmit(.toHub(routing, .probed(number), nil))
    case .delivered(let from):
      switch payload {
      case .request(let id, let request): feed(name, .request(Incoming(from: Incoming.Address(from, id), request: request)))
      case .reply(let id, let result): feed(name, .reply(id, result))
      case .publication, nil: break
      }
    case .undelivered(let to, let id, let code, let text): feed(name, .reply(id, .failure(LabError(code, "\(to)", text))))
    case .refused:
      // A duplicate of an older life's hello can win the contest; the loser greets again.
      processes[name]?.isHelloUnderWay = false
      push(.hello(name, process.instance), in: 500)
    case .hello, .probed, .request, .publish, .published, .synced: break
    }
  }

  /// Greets until it is welcome; the reminder finds out whether the greeting was lost.
  mutating func greet(_ name: PeerName, _ instance: Instance) {
    guard let process = processes[name], process.instance == instance, process.hub == nil else { return }
    processes[name]?.isHelloUnderWay = true
    transmit(.toHub(process.routing, .hello(Hello(name: name, instance: instance)), nil))
    push(.hello(name, instance), in: 500)
  }

  /// What a process wants of the bus. Without a hub, or before its welcome, it goes nowhere.
  mutating func send(_ effects: [BusEffect], from name: PeerName) {
    for effect in effects {
      guard let process = processes[name] else { return }
      switch effect {
      case .subscribe(let topic): processes[name]?.topics.insert(topic)
      case .unsubscribe(let topic): processes[name]?.topics.remove(topic)
      case .send(let outgoing):
        say("\(name) -> \(outgoing.to) \(outgoing.id) \(Self.brief(outgoing.request))")
        transmit(.toHub(process.routing, .request(to: outgoing.to), .request(outgoing.id, outgoing.request)))
      case .reply(let address, let result):
        say("\(name) -> \(address.peer) \(address.id) reply \(Self.brief(result))")
        transmit(.toHub(process.routing, .request(to: address.peer), .reply(address.id, result)))
      case .publish(let publication): transmit(.toHub(process.routing, .publish(publication.topic), .publication(publication)))
      }
    }
  }

  private static func brief(_ value: some Any) -> String { String(String(describing: value).prefix(1_200)) }
}

import HubCore
import Machine
import Model
import Wire

/// What the hub answers itself: how it is, and what has reached it.
extension HubServer {
  mutating func answer(_ routing: RoutingID, _ name: PeerName, _ parcel: Parcel, _ now: Now) throws(LabError) {
    guard let question = try? Envelope(decoding: parcel.envelope), !question.isReply else { return }
    let result = Result { () throws(LabError) in
      switch try Codec.decodeRequest(kind: question.kind, body: question.body, secret: []) {
      case .peer(.status): return PeerReply.status(status(at: now))
      // They show what the tap shows, and only clients may ask: who may be one, may follow the tap.
      case .peer(.recent(let number)): return .recent(recorder.page(after: number))
      case .configs, .jobs, .reconciler, .agent:
        throw LabError(.unimplemented, "bus", "answers only how it is, and what has reached it")
      }
    }
    var envelope = Envelope(
      kind: question.kind, isReply: true, requestID: question.requestID, instance: hub.instance.number, traceID: question.traceID,
      parentSpan: question.parentSpan)
    switch result {
    case .success(let reply): envelope.body = Codec.encode(.peer(reply)).body
    case .failure(let error): envelope.failure = error
    }
    try send(routing, .delivered(from: .bus), Parcel([envelope.encode()]), now)
  }

  func status(at now: Now) -> PeerStatus {
    let counted = counts.map { Figure($0.key.rawValue, UInt64($0.value)) }.sorted { $0.name < $1.name }
    return vitals.status(
      isServing: true, waiting: 0, figures: [Figure("peers", UInt64(hub.peers.count)), Figure("tappers", UInt64(tappers))] + counted,
      peers: hub.peers, at: now)
  }
}

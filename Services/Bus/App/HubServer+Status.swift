import HubCore
import Machine
import Model
import Wire

/// What the hub answers itself: how it is, and what has reached it.
extension HubServer {
  mutating func answer(_ routing: RoutingID, _ name: PeerName, _ key: PeerName?, _ parcel: Parcel, _ now: Now) throws(LabError) {
    guard let question = try? Envelope(decoding: parcel.envelope), !question.isReply else { return }
    let result = Result { () throws(LabError) in
      switch try Codec.decodeRequest(kind: question.kind, body: question.body, secret: []) {
      case .peer(.status): return PeerReply.status(status(at: now))
      case .peer(.recent(let number)):
        guard isTraced else { throw LabError(.failedPrecondition, "bus", "shows nobody what passes: it was started with --untraced") }
        return .recent(recorder.page(after: number))
      case .peer(.audit(let number, let limit)): return .audit(audit.page(after: number, limit: limit), last: audit.last)
      case .peer(.enroll(let text)):
        guard let gate else { throw LabError(.failedPrecondition, "bus", "has no keys (archetype keys init)") }
        try gate.enroll(text, by: key)
        return .enrolled
      case .configs, .jobs, .reconciler, .agent:
        throw LabError(.unimplemented, "bus", "answers only how it is, what has reached it, and whose keys are good")
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
    let program = vitals.status(
      isServing: true, waiting: 0, figures: [Figure("peers", UInt64(hub.peers.count)), Figure("tappers", UInt64(tap.followers))] + counted,
      at: now)
    return PeerStatus(name: .bus, program: program, peers: hub.peers)
  }
}

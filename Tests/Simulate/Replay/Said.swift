import Machine
import Model
import Wire

/// Something that a service said, as it is compared: without the times that it only prints.
struct Said {
  /// The same for what is the same; of a request without its id, which counts on.
  var text: String
  /// Of a request.
  var id: RequestID?
  private let effect: BusEffect

  /// What is repeated whether something happens or not, and subscriptions, which a recording doesn't show, are not compared.
  var isCompared: Bool {
    switch effect {
    case .send, .reply: true
    case .publish(let publication): publication.fact != .head
    case .subscribe, .unsubscribe: false
    }
  }

  var told: Publication? { if case .publish(let publication) = effect { publication } else { nil } }

  var snapshot: IntentSnapshot? {
    if case .reply(_, .success(.configs(.snapshot(let snapshot)))) = effect { snapshot } else { nil }
  }

  init(_ effect: BusEffect) {
    self.effect = effect
    switch effect {
    case .send(let outgoing):
      let coded = Codec.encode(outgoing.request)
      text = "asks \(outgoing.to): \(Self.words(coded.kind, coded.body, isReply: false))"
      id = outgoing.id
    case .reply(let address, let result):
      let result =
        switch result {
        case .success(let reply):
          Self.words(Codec.encode(reply).kind, Codec.encode(reply).body, isReply: true)
        case .failure(let error): "\(error.code.rawValue) \(error)"
        }
      text = "answers \(address.peer) \(address.id): \(result)"
    case .publish(let publication):
      let coded = Codec.encode(publication.fact)
      text =
        "tells \(publication.topic) \(publication.previous)→\(publication.number): \(Self.words(coded.kind, coded.body, isReply: false))"
    case .subscribe(let topic): text = "follows \(topic)"
    case .unsubscribe(let topic): text = "follows \(topic) no more"
    }
  }

  private static func words(_ kind: String, _ body: [UInt8], isReply: Bool) -> String {
    guard let dissection = try? Dissection(body, kind: kind, isReply: isReply) else { return kind }
    return "\(kind) \(words(dissection))"
  }

  /// Wall time is only printed, and differs by what passes between the bus and its reader.
  private static let times: Set<String> = ["at", "started", "ended"]

  private static func words(_ value: Dissection) -> String {
    switch value {
    case .message(let fields):
      let shown = fields.filter { !times.contains($0.name) }.map { "\($0.name)=\(words($0.value))" }
      return "{\(shown.joined(separator: " "))}"
    case .list(let values): return "[\(values.map(words).joined(separator: " "))]"
    case .number(let text), .symbol(let text): return text
    case .truth(let value): return "\(value)"
    case .text(let text): return "'\(text)'"
    case .bytes(let bytes): return "\(bytes.count)B"
    }
  }
}

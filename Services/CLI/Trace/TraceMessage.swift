import Machine
import Model
import Wire

/// A message as the tap shows it, read as far as it can be.
struct TraceMessage {
  enum What: String {
    case request, reply, fact
    /// What peers and the bus say to each other about themselves.
    case hub
  }

  let record: TraceRecord
  let what: What
  let from: String
  /// A peer, or a topic.
  let to: String
  /// Of the envelope; of a frame without one what it says.
  let kind: String
  /// nil: there is none, or it can't be read.
  let envelope: Envelope?
  /// What the bus says of a message that couldn't be delivered, and other words of its own.
  let remark: String

  init(_ record: TraceRecord) {
    self.record = record
    envelope = record.envelope.isEmpty ? nil : try? Envelope(decoding: record.envelope)
    from = record.from.isEmpty ? "?" : record.from
    guard let frame = try? HubFrame(decoding: record.frame) else {
      (what, to, kind, remark) = (.hub, "bus", "unreadable", "")
      return
    }
    switch frame {
    case .request(let peer):
      what = envelope?.isReply == true ? .reply : .request
      (to, kind, remark) = ("\(peer)", envelope?.kind ?? "unreadable", "")
    case .publish(let topic): (what, to, kind, remark) = (.fact, "\(topic)", envelope?.kind ?? "unreadable", "")
    case .hello(let hello):
      (what, to, kind, remark) = (.hub, "bus", "hello", "\(hello.name), instance \(hello.instance), build \(hello.build)")
    case .refused(let code, let text): (what, to, kind, remark) = (.hub, record.to, "refused", "\(code.rawValue): \(text)")
    case .undelivered(let peer, let id, let code, let text):
      (what, to, kind, remark) = (.hub, record.to, "undelivered", "\(id) to \(peer): \(code.rawValue): \(text)")
    case .welcome, .helloRequired, .probe, .probed, .delivered, .published, .synced:
      (what, to, kind, remark) = (.hub, record.to.isEmpty ? "bus" : record.to, Self.word(frame), "")
    }
  }

  /// The name of a case.
  private static func word(_ frame: HubFrame) -> String { "\(frame)".split(separator: "(").first.map(String.init) ?? "" }

  /// 32 hexadecimal digits, as W3C writes it; nil: not traced.
  var trace: String? {
    guard let id = envelope?.traceID, id != .none else { return nil }
    return Self.hex(id.high) + Self.hex(id.low)
  }

  static func hex(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }

  var bytes: Int { record.envelope.count + record.secretBytes }

  /// nil: there is none, it is part of a longer message, or it can't be read here.
  var body: Dissection? {
    guard let envelope, envelope.parts == 1, envelope.failure == nil else { return nil }
    return try? Dissection(envelope.body, kind: envelope.kind, isReply: envelope.isReply)
  }

  /// What a request and its reply have in common, as the requester sees it.
  var exchange: Exchange? {
    guard let envelope, !envelope.requestID.isEmpty else { return nil }
    switch what {
    case .request: return Exchange(id: envelope.requestID, requester: from, service: to)
    case .reply: return Exchange(id: envelope.requestID, requester: to, service: from)
    case .fact, .hub: return nil
    }
  }

  struct Exchange: Hashable {
    var id: String
    var requester: String
    var service: String
  }
}

/// How long answers took, for whoever reads messages in order.
struct TraceLatencies {
  /// Requests that are remembered until their answer; with more the oldest aren't answered any more.
  private static let most = 65_536
  private var asked: [TraceMessage.Exchange: Int64] = [:]

  /// Microseconds since the request that this answers was first sent; nil: it answers none.
  mutating func take(_ message: TraceMessage) -> Int64? {
    guard let exchange = message.exchange else { return nil }
    if message.what == .request {
      if asked.count >= Self.most { asked = [:] }
      if asked[exchange] == nil { asked[exchange] = message.record.at }
      return nil
    }
    return asked.removeValue(forKey: exchange).map { max(0, message.record.at - $0) }
  }
}

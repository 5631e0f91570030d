import Model

/// What one operation did on the bus: each question with its answer, and each fact, in order, under what it was done for.
struct TraceSpans {
  struct Span {
    var message: TraceMessage
    /// Microseconds since the first of them.
    var start: Int64
    /// Until the answer; nil: a fact, or there was none.
    var duration: Int64?
    /// Why there is no result.
    var failure: LabError?
    /// The span that it was done for, by its place; nil: it began the operation.
    var cause: Int?
    var depth = 0

    var end: Int64? { duration.map { start + $0 } }
  }

  private(set) var spans: [Span] = []

  /// - Parameters:
  ///   - messages: in order.
  ///   - trace: 32 hexadecimal digits.
  init(_ messages: [TraceMessage], trace: String) {
    let mine = messages.filter { $0.trace == trace && $0.what != .hub }
    guard let begin = mine.first?.record.at else { return }
    var open: [TraceMessage.Exchange: Int] = [:]
    for message in mine {
      let start = message.record.at - begin
      switch message.what {
      case .reply:
        guard let place = message.exchange.flatMap({ open[$0] }), spans[place].duration == nil else { continue }
        spans[place].duration = start - spans[place].start
        spans[place].failure = message.envelope?.failure
      case .request:
        // The same one again, because no answer came.
        if let exchange = message.exchange, open[exchange] != nil { continue }
        if let exchange = message.exchange { open[exchange] = spans.count }
        add(message, start)
      case .fact: add(message, start)
      case .hub: continue
      }
    }
  }

  private mutating func add(_ message: TraceMessage, _ start: Int64) {
    var span = Span(message: message, start: start)
    span.cause = cause(of: message)
    span.depth = span.cause.map { spans[$0].depth + 1 } ?? 0
    spans.append(span)
  }

  /// A message doesn't say what it was sent for. It is the question to its sender that is unanswered, the last one; else what its sender last
  /// heard or answered, and where that was an answer to a question of its own, what that was asked for.
  private func cause(of message: TraceMessage) -> Int? {
    let sender = message.from
    let asked = spans.indices.last { spans[$0].message.to == sender && spans[$0].message.what == .request && spans[$0].duration == nil }
    if let asked { return asked }
    guard let heard = spans.indices.last(where: { Self.hears(sender, spans[$0].message) }) else { return nil }
    return spans[heard].message.from == sender ? spans[heard].cause : heard
  }

  /// Whether a peer has part in a message: it sent it, was asked, or follows its topic.
  private static func hears(_ peer: String, _ message: TraceMessage) -> Bool {
    if message.from == peer || message.what != .fact { return message.from == peer || message.to == peer }
    guard peer.hasPrefix("agent/") else { return !message.to.hasPrefix("assign.") }
    return message.to == "assign." + peer.dropFirst("agent/".count)
  }
}

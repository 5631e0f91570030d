public import Model

extension Envelope {
  /// The second frame.
  public func encode() -> [UInt8] {
    Codec.bytes(
      Proto.Envelope(
        kind: kind, reply: isReply, requestId: requestID, instance: instance, number: number, previous: previous, traceHigh: traceID.high,
        traceLow: traceID.low, parentSpan: parentSpan, deadline: deadline, part: part, parts: parts, failure: failure?.failure,
        body: body))
  }

  /// - Throws: `INVALID_ARGUMENT` for bytes that are no envelope, and for numbers that no sender of ours writes.
  public init(decoding bytes: [UInt8]) throws(LabError) {
    self = try Codec.decoding("Envelope") {
      let message = try Proto.Envelope(decoding: bytes)
      guard !message.kind.isEmpty else { throw missing("kind") }
      guard message.parts > 0, message.part < message.parts, Int(message.parts) <= Limits.messageBytes / Limits.partBytes else {
        throw LabError(.outOfRange, "part \(message.part)", "it is not one of \(message.parts) parts")
      }
      guard message.requestId.utf8.count <= Limits.requestIDLength else {
        throw LabError(.outOfRange, "request id", "longer than \(Limits.requestIDLength) characters")
      }
      return Envelope(
        kind: message.kind, isReply: message.reply, requestID: message.requestId, instance: message.instance, number: message.number,
        previous: message.previous, traceID: TraceID(high: message.traceHigh, low: message.traceLow), parentSpan: message.parentSpan,
        deadline: message.deadline, part: message.part, parts: message.parts, failure: try message.failure.map(LabError.init(failure:)),
        body: message.body)
    }
  }
}

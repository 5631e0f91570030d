import Arguments
import Bus
import Model
import Wire

/// `archetype trace`: the bus's messages, decoded.
struct TraceView: Runnable {
  static let entries: [Entry] = [
    entry, TraceTop.entry, TraceJob.entry,
  ]

  private static let entry = Entry(
    Command(
      "trace", "the bus's messages as they pass, decoded; secrets are never shown",
      options: TraceFilter.options + [.flag("bodies", "also what is in them")] + TraceSource.options + [
        .value("record", "FILE", "write them to a file instead of showing them"),
        .value("export", "FORMAT", "perfetto (for ui.perfetto.dev) or otel (OpenTelemetry's JSON) of --replay or what the bus remembers"),
        .value("count", "N", "end after so many"),
      ]),
    examples: [
      "archetype trace --lab ring --bodies", "archetype trace --recent --peer agent/h1", "archetype trace --record bus.trace",
      "archetype trace --replay bus.trace --export perfetto > bus.json",
    ],
    make: { (invocation) throws(LabError) in
      guard let format = invocation.arguments.value("export") else { return try TraceView(invocation) }
      return try TraceExport(invocation, format)
    })

  private static let counts = 1...1_000_000_000

  private let invocation: Invocation
  private let source: TraceSource
  private let filter: TraceFilter
  private let record: String?
  private let most: Int?

  private init(_ invocation: Invocation) throws(LabError) {
    self.invocation = invocation
    source = try TraceSource(invocation) { .live($0) }
    filter = try TraceFilter(invocation.arguments)
    record = invocation.arguments.value("record")
    most = try invocation.arguments.number("count", in: Self.counts)
  }

  func run() throws(LabError) -> Int32 {
    let recording = if let record { try TraceRecording(writing: record) } else { nil as TraceRecording? }
    if let record, source.isLive { Output.message("Recording to \(record). Ctrl-C ends it.") }
    var latencies = TraceLatencies()
    var count = 0
    let lost = try source.each { (record) throws(LabError) in
      guard let record else {
        try recording?.flush()
        return true
      }
      if let recording {
        guard filter.takesAll || filter.takes(TraceMessage(record)) else { return true }
        try recording.write(record)
      } else {
        let message = TraceMessage(record)
        let latency = latencies.take(message)
        guard filter.takes(message) else { return true }
        show(message, latency)
      }
      count += 1
      return count != most
    }
    try recording?.flush()
    if let record { Output.message("\(count) messages are in \(record) (show them: archetype trace --replay \(record))") }
    if lost > 0 { Output.warning("\(lost) messages passed too fast to be read") }
    return ExitCode.done
  }

  private func show(_ message: TraceMessage, _ latency: Int64?) {
    let withBodies = invocation.arguments.flag("bodies")
    if invocation.isJSON { return Output.json(message.json(latency, withBody: withBodies)) }
    Output.line(message.line(latency))
    guard withBodies else { return }
    if let failure = message.envelope?.failure { Output.line("    \(failure)") }
    if let body = message.body?.json.text, body != "{}" { Output.line("    \(body)") }
  }
}

extension TraceMessage {
  func line(_ latency: Int64?) -> String {
    let arrow = what == .fact ? "=>" : "->"
    var words = [Timestamp.microseconds(record.at), "\(from) \(arrow) \(to)", kind]
    if what == .reply { words.append(envelope?.failure.map { "failed (\($0.code.rawValue))" } ?? "replied") }
    if let latency { words.append("after \(JSON.thousandths(Int(latency)).text) ms") }
    if let envelope {
      if envelope.number > 0 { words.append("#\(envelope.number)") }
      if envelope.parts > 1 { words.append("part \(envelope.part + 1)/\(envelope.parts)") }
      if !envelope.requestID.isEmpty { words.append("id \(envelope.requestID)") }
    }
    if bytes > 0 { words.append("\(bytes) B") }
    if record.secretBytes > 0 { words.append("(\(record.secretBytes) of them secret)") }
    if let trace { words.append("trace \(trace.prefix(8))") }
    if !remark.isEmpty { words.append(remark) }
    return words.joined(separator: "  ")
  }

  func json(_ latency: Int64?, withBody: Bool) -> JSON {
    let secret: JSON =
      record.secretBytes == 0
      ? .null : .members(["bytes": .integer(record.secretBytes), "digest": .text(record.secretDigest)])
    let failure = JSON.optional(envelope?.failure) {
      .members(["code": .string($0.code.rawValue), "subject": .string($0.subject), "message": .string($0.detail)])
    }
    return .members([
      "number": .unsigned(record.number), "at": .string(Timestamp.microseconds(record.at)), "what": .string(what.rawValue),
      "from": .string(from), "to": .string(to), "kind": .string(kind), "request": .text(envelope?.requestID ?? ""),
      "trace": .optional(trace) { .string($0) }, "span": .optional(envelope) { .string(Self.hex($0.parentSpan)) },
      "fact": .optional(envelope.flatMap { $0.number > 0 ? $0.number : nil }) { .unsigned($0) }, "bytes": .integer(bytes),
      "secret": secret, "latency": .optional(latency) { .integer(Int($0)) }, "failure": failure, "remark": .text(remark),
      "body": withBody ? body?.json ?? .null : .null,
    ])
  }
}

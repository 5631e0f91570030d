import Arguments
import Model

/// `archetype trace --export`: for programs that draw traces.
struct TraceExport: Runnable {
  private enum Format: String, CaseIterable {
    /// Chrome's trace events, which Perfetto opens.
    case perfetto
    /// OpenTelemetry's protocol in JSON.
    case otel
  }

  private let invocation: Invocation
  private let source: TraceSource
  private let filter: TraceFilter
  private let format: Format

  init(_ invocation: Invocation, _ name: String) throws(LabError) {
    guard let format = Format(rawValue: name) else {
      throw LabError(.invalidArgument, "--export", "'\(name)' is none of \(Format.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    self.format = format
    self.invocation = invocation
    source = try TraceSource(replay: invocation)
    filter = try TraceFilter(invocation.arguments)
  }

  func run() throws(LabError) -> Int32 {
    var messages: [TraceMessage] = []
    _ = try source.each { (record) throws(LabError) in
      if let record { messages.append(TraceMessage(record)) }
      return true
    }
    var traces: [String] = []
    var known: Set<String> = []
    for message in messages where filter.takes(message) {
      if let trace = message.trace, known.insert(trace).inserted { traces.append(trace) }
    }
    let operations = traces.map { ($0, TraceSpans(messages, trace: $0).spans) }
    switch format {
    case .perfetto: Output.json(Self.perfetto(operations))
    case .otel: Output.json(Self.otel(operations))
    }
    return ExitCode.done
  }

  /// One track a service: of a question the one that answers it, of a fact the one that publishes it.
  private static func track(_ span: TraceSpans.Span) -> String { span.message.what == .fact ? span.message.from : span.message.to }

  private static func perfetto(_ operations: [(trace: String, spans: [TraceSpans.Span])]) -> JSON {
    let tracks = Array(Set(operations.flatMap(\.spans).map(track))).sorted()
    let numbers = Dictionary(uniqueKeysWithValues: tracks.enumerated().map { ($1, $0 + 1) })
    var events = tracks.map { name in
      JSON.members([
        "name": .string("thread_name"), "ph": .string("M"), "pid": .integer(1), "tid": .integer(numbers[name] ?? 0),
        "args": .members(["name": .string(name)]),
      ])
    }
    for (trace, spans) in operations {
      for span in spans {
        let duration = span.duration
        events.append(
          .members([
            "name": .string(span.message.kind), "cat": .string(span.message.what.rawValue), "ph": .string(duration == nil ? "i" : "X"),
            "ts": .integer(Int(span.message.record.at)), "dur": .integer(Int(duration ?? 0)), "pid": .integer(1),
            "tid": .integer(numbers[track(span)] ?? 0), "s": .string("t"),
            "args": .members([
              "from": .string(span.message.from), "to": .string(span.message.to), "trace": .string(trace),
              "failure": .optional(span.failure) { .string("\($0)") },
            ]),
          ]))
      }
    }
    return .members(["displayTimeUnit": .string("ms"), "traceEvents": .array(events)])
  }

  private static func otel(_ operations: [(trace: String, spans: [TraceSpans.Span])]) -> JSON {
    var byService: [String: [JSON]] = [:]
    for (trace, spans) in operations {
      for (place, span) in spans.enumerated() { byService[track(span), default: []].append(otel(span, place, trace)) }
    }
    return .members([
      "resourceSpans": .array(
        byService.sorted { $0.key < $1.key }.map { service, spans in
          .members([
            "resource": .members(["attributes": .array([attribute("service.name", service)])]),
            "scopeSpans": .array([.members(["scope": .members(["name": .string("archetype.bus")]), "spans": .array(spans)])]),
          ])
        })
    ])
  }

  private static func otel(_ span: TraceSpans.Span, _ place: Int, _ trace: String) -> JSON {
    let start = span.message.record.at
    // Of OpenTelemetry: server, producer; and an error's code.
    let kind = span.message.what == .fact ? 4 : 2
    return .members([
      "traceId": .string(trace), "spanId": .string(TraceMessage.hex(UInt64(place) + 1)),
      "parentSpanId": .string(span.cause.map { TraceMessage.hex(UInt64($0) + 1) } ?? ""), "name": .string(span.message.kind),
      "kind": .integer(kind), "startTimeUnixNano": .string("\(start)000"), "endTimeUnixNano": .string("\(start + (span.duration ?? 0))000"),
      "attributes": .array([attribute("archetype.from", span.message.from), attribute("archetype.to", span.message.to)]),
      "status": span.failure.map { .members(["code": .integer(2), "message": .string("\($0)")]) } ?? .members([:]),
    ])
  }

  private static func attribute(_ key: String, _ value: String) -> JSON {
    .members(["key": .string(key), "value": .members(["stringValue": .string(value)])])
  }
}

import Arguments
import Model

/// `archetype trace job`: the waterfall of one operation over all services and hosts.
struct TraceJob: Runnable {
  static let entry = Entry(
    Command(
      "trace job", "what one operation did, where, and how long each part took",
      options: [.value("replay", "FILE", "what a recording holds")],
      positionals: [.required("JOB")]),
    examples: ["archetype trace job 2j9c1k7x0.0", "archetype trace job 2j9c1k7x0.0 --replay bus.trace"],
    make: { (invocation) throws(LabError) in
      TraceJob(
        invocation: invocation, source: try TraceSource(replay: invocation), job: try JobID(invocation.arguments.positional("JOB") ?? ""))
    })

  private static let barWidth = 32

  let invocation: Invocation
  let source: TraceSource
  let job: JobID

  func run() throws(LabError) -> Int32 {
    var messages: [TraceMessage] = []
    _ = try source.each { (record) throws(LabError) in
      if let record { messages.append(TraceMessage(record)) }
      return true
    }
    let begin = messages.first { $0.what == .request && $0.envelope?.requestID == job.text && $0.kind.hasPrefix("JobService.") }
    guard let trace = begin?.trace else {
      throw LabError(
        .notFound, "job \(job)", "no message of it is remembered (the bus keeps some minutes; for longer: archetype trace --record FILE)")
    }
    let spans = TraceSpans(messages, trace: trace).spans
    if invocation.isJSON { Output.json(.array(spans.map(\.json))) } else { invocation.show(Self.table(spans)) }
    return ExitCode.done
  }

  private static func table(_ spans: [TraceSpans.Span]) -> Table {
    var table = Table("AT ms", "TOOK ms", "FROM", "TO", "WHAT", "")
    let whole = max(1, spans.map { $0.end ?? $0.start }.max() ?? 1)
    for span in spans {
      let indent = String(repeating: "  ", count: min(span.depth, 12))
      let failure = span.failure.map { " failed: \($0)" } ?? ""
      table.add(
        .init(JSON.thousandths(Int(span.start)).text), .init(span.duration.map { JSON.thousandths(Int($0)).text } ?? "-"),
        .init(span.message.from), .init(span.message.to), .init(indent + span.message.kind + failure, span.failure == nil ? .plain : .bad),
        .init(bar(span, whole)))
    }
    return table
  }

  /// Where in the whole it lies.
  private static func bar(_ span: TraceSpans.Span, _ whole: Int64) -> String {
    func column(_ time: Int64) -> Int { Int(time * Int64(barWidth - 1) / whole) }
    let first = column(span.start)
    guard let end = span.end else { return String(repeating: " ", count: first) + "·" }
    return String(repeating: " ", count: first) + String(repeating: "▆", count: column(end) - first + 1)
  }
}

extension TraceSpans.Span {
  fileprivate var json: JSON {
    .members([
      "at": .integer(Int(start)), "took": .optional(duration) { .integer(Int($0)) }, "from": .string(message.from),
      "to": .string(message.to),
      "what": .string(message.what.rawValue), "kind": .string(message.kind), "depth": .integer(depth),
      "cause": .optional(cause) { .integer($0) },
      "failure": .optional(failure) { .string("\($0)") },
    ])
  }
}

extension TraceSource {
  /// Without a file what the bus remembers.
  init(replay invocation: Invocation) throws(LabError) {
    if let path = invocation.arguments.value("replay") { self = .recording(path) } else { self = .recent(try invocation.bus()) }
  }
}

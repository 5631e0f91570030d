import Arguments
import Machine
import Model

/// `archetype trace top`: how much of what passes, from whom, and how long answers take.
struct TraceTop: Runnable {
  static let entry = Entry(
    Command(
      "trace top", "rates of messages and times of answers, by kind and by sender",
      options: TraceFilter.options + TraceSource.options + [.value("seconds", "S", "how long to look", standard: "10")]),
    examples: ["archetype trace top", "archetype trace top --recent --format json", "archetype trace top --seconds 60 --peer reconciler"],
    make: { (invocation) throws(LabError) in try TraceTop(invocation) })

  private struct Row {
    var count = 0
    var bytes = 0
    var failures = 0
    /// Microseconds.
    var latencies: [Int64] = []

    /// The value that this share of them doesn't exceed.
    func quantile(_ share: Double) -> Int64? {
      guard !latencies.isEmpty else { return nil }
      let sorted = latencies.sorted()
      return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }
  }

  private struct Key: Hashable {
    var sender: String
    var kind: String
    var what: String
  }

  /// Of each kind; with more the later ones aren't kept.
  private static let mostLatencies = 100_000
  private static let durations = 1...86_400

  private let invocation: Invocation
  private let source: TraceSource
  private let filter: TraceFilter
  private let duration: UInt64

  private init(_ invocation: Invocation) throws(LabError) {
    self.invocation = invocation
    source = try TraceSource(invocation) { .live($0) }
    filter = try TraceFilter(invocation.arguments)
    duration = UInt64(try invocation.arguments.number("seconds", in: Self.durations) ?? 10) * 1_000
  }

  func run() throws(LabError) -> Int32 {
    var rows: [Key: Row] = [:]
    var latencies = TraceLatencies()
    var times: (first: Int64, last: Int64)?
    let end = Surroundings.now() + duration
    let lost = try source.each { (record) throws(LabError) in
      if source.isLive, Surroundings.now() >= end { return false }
      guard let record else { return true }
      let message = TraceMessage(record)
      let latency = latencies.take(message)
      guard filter.takes(message) else { return true }
      times = (times?.first ?? record.at, record.at)
      let key = Key(sender: Self.class(of: message.from), kind: message.kind, what: message.what.rawValue)
      rows[key, default: Row()].count += 1
      rows[key]?.bytes += message.bytes
      if message.envelope?.failure != nil { rows[key]?.failures += 1 }
      if let latency, rows[key]?.latencies.count ?? 0 < Self.mostLatencies { rows[key]?.latencies.append(latency) }
      return true
    }
    let seconds = source.isLive ? Double(duration) / 1_000 : max(0.001, Double((times?.last ?? 0) - (times?.first ?? 0)) / 1_000_000)
    let sorted = rows.sorted {
      ($1.value.count, $0.key.sender, $0.key.kind, $0.key.what) < ($0.value.count, $1.key.sender, $1.key.kind, $1.key.what)
    }
    if invocation.isJSON {
      Output.json(.array(sorted.map { Self.json($0.key, $0.value, seconds) }))
    } else {
      invocation.show(Self.table(sorted, seconds))
    }
    if lost > 0 { Output.warning("\(lost) messages passed too fast to be read") }
    return ExitCode.done
  }

  /// Command lines are many, each with a name of its own.
  private static func `class`(of peer: String) -> String { peer.hasPrefix("cli/") ? "cli" : peer }

  private static func rate(_ row: Row, _ seconds: Double) -> JSON { .thousandths(Int(Double(row.count) / seconds * 1_000)) }

  private static func table(_ rows: [(key: Key, value: Row)], _ seconds: Double) -> Table {
    var table = Table("FROM", "KIND", "WHAT", "COUNT", "PER s", "KiB", "FAILED", "p50 ms", "p99 ms", "MOST ms")
    func time(_ value: Int64?) -> String { value.map { JSON.thousandths(Int($0)).text } ?? "-" }
    for (key, row) in rows {
      table.add([
        .init(key.sender), .init(key.kind), .init(key.what), .init("\(row.count)"), .init(rate(row, seconds).text),
        .init("\(row.bytes >> 10)"), .init("\(row.failures)", row.failures > 0 ? .bad : .plain), .init(time(row.quantile(0.5))),
        .init(time(row.quantile(0.99))), .init(time(row.latencies.max())),
      ])
    }
    return table
  }

  private static func json(_ key: Key, _ row: Row, _ seconds: Double) -> JSON {
    func time(_ value: Int64?) -> JSON { .optional(value) { .integer(Int($0)) } }
    return .members([
      "from": .string(key.sender), "kind": .string(key.kind), "what": .string(key.what), "count": .integer(row.count),
      "rate": rate(row, seconds), "bytes": .integer(row.bytes), "failed": .integer(row.failures), "p50": time(row.quantile(0.5)),
      "p99": time(row.quantile(0.99)), "most": time(row.latencies.max()),
    ])
  }
}

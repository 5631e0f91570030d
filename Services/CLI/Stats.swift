import Arguments
import Glibc
import Model

/// `archetype stats`: what nodes take of their hosts.
struct Stats: Runnable {
  static let entry = Entry(
    Command(
      "stats", "what nodes take of their hosts: processors, memory, processes, traffic",
      options: [.flag("follow", short: "f", "go on, every two seconds")], positionals: [.optional("LAB"), .many("NODE")]),
    examples: ["archetype stats ring", "archetype stats ring r1 --follow", "archetype stats --format json"],
    make: { (invocation) throws(LabError) in
      Stats(
        invocation: invocation, place: try invocation.bus(), lab: try invocation.optionalLab(), nodes: try invocation.nodes(),
        follows: invocation.arguments.flag("follow"))
    })

  let invocation: Invocation
  let place: Connection.Place
  /// nil: all.
  let lab: LabName?
  let nodes: [NodeName]
  let follows: Bool

  /// Milliseconds between the two readings that a share of processors needs, and between tables.
  private static let interval: UInt32 = 1_000
  private static let pause: UInt32 = 2_000

  /// - Returns: 1 where a host doesn't answer.
  func run() throws(LabError) -> Int32 {
    let connection = try place.connect()
    var before = try StatsSample(of: lab, nodes, connection)
    Surroundings.sleep(milliseconds: Self.interval)
    while true {
      let now = try StatsSample(of: lab, nodes, connection)
      show(now, since: before)
      if !follows { return now.away.isEmpty ? ExitCode.done : ExitCode.failed }
      before = now
      Surroundings.sleep(milliseconds: Self.pause)
    }
  }

  private func show(_ sample: StatsSample, since before: StatsSample) {
    if invocation.isJSON { return Output.json(.array(sample.rows.map { $0.json(share: $0.share(since: before)) })) }
    // On a terminal one table takes the other's place.
    if follows, invocation.output.isTerminal { Output.data("\u{1b}[H\u{1b}[2J") }
    invocation.show(sample.table(since: before))
    if !nodes.isEmpty { invocation.show(sample.interfaceTable) }
    for (host, reason) in sample.away.sorted(by: { $0.key < $1.key }) { Output.warning("host \(host): \(reason)") }
  }
}

/// One reading of all hosts that it is about.
struct StatsSample {
  struct Row {
    var node: NodeID
    var host: HostName
    /// Why there is no usage.
    var phase = Phase.unknown
    var reason = ""
    var usage: NodeUsage?
  }

  private(set) var rows: [Row] = []
  /// Hosts that don't answer, and why.
  private(set) var away: [HostName: String] = [:]

  /// Longest that a host may take to answer, in milliseconds.
  private static let deadline: UInt64 = 3_000

  init(of lab: LabName?, _ names: [NodeName], _ connection: Connection) throws(LabError) {
    guard let lab else {
      let usages = try usages(on: try connection.hosts().map(\.name).sorted(), UsageQuery(), connection)
      rows = usages.map { Row(node: $0.usage.node, host: $0.host, phase: .ready, usage: $0.usage) }.sorted { $0.node < $1.node }
      return
    }
    let all = try connection.inspect(lab).nodes
    for name in names where !all.contains(where: { $0.name == name }) {
      throw LabError(.notFound, "\(lab)/\(name)", "there is no such node ('archetype inspect \(lab)' shows them)")
    }
    let chosen = names.isEmpty ? all : all.filter { names.contains($0.name) }
    let query = UsageQuery(lab: lab, nodes: names)
    var known: [NodeID: (host: HostName, usage: NodeUsage)] = [:]
    for item in try usages(on: Set(chosen.map(\.host)).sorted(), query, connection) { known[item.usage.node] = item }
    rows = chosen.map { node in
      let id = NodeID(lab, node.name)
      if let found = known[id] { return Row(node: id, host: found.host, phase: node.phase, usage: found.usage) }
      return Row(node: id, host: node.host, phase: node.phase, reason: away[node.host] ?? node.reason)
    }
  }

  /// All pages of all hosts, which are asked at once.
  private mutating func usages(
    on hosts: [HostName], _ query: UsageQuery, _ connection: Connection
  ) throws(LabError) -> [(host: HostName, usage: NodeUsage)] {
    var found: [(host: HostName, usage: NodeUsage)] = []
    var questions = hosts.map { (host: $0, query: query) }
    while !questions.isEmpty {
      let results = try connection.agents(questions.map { ($0.host, .usage($0.query)) }, deadline: Self.deadline)
      var next: [(host: HostName, query: UsageQuery)] = []
      for ((host, query), result) in zip(questions, results) {
        switch result {
        case .success(.usage(let page)):
          found += page.nodes.map { (host, $0) }
          guard let last = page.last else { continue }
          next.append((host, UsageQuery(lab: query.lab, nodes: query.nodes, after: last)))
        case .success: throw Connection.strange(.agent(host))
        case .failure(let error): away[host] = error.detail
        }
      }
      questions = next
    }
    return found
  }

  func usage(of node: NodeID) -> NodeUsage? { rows.first { $0.node == node }?.usage }
}

extension StatsSample.Row {
  /// Of one processor, in thousandths of a percent, between two readings; nil where there aren't two of one life.
  func share(since before: StatsSample) -> Int? {
    guard let usage, let old = before.usage(of: node), old.resources.pid == usage.resources.pid, usage.at > old.at else { return nil }
    let spent = usage.resources.processor - min(old.resources.processor, usage.resources.processor)
    return Int(clamping: spent * 100 / (usage.at - old.at))
  }
}

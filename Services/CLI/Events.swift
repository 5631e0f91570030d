import Arguments
import Machine
import Model

/// `archetype events`.
struct Events: Runnable {
  static let entry = Entry(
    Command(
      "events", "what has happened, numbered",
      options: [
        .value("since", "N|TIME", "only what came after number N, or from TIME on (2026-01-31T12:00:00Z)"),
        .flag("follow", short: "f", "go on with what happens next; without --since only with that"),
      ], positionals: [.optional("LAB")]),
    examples: ["archetype events ring", "archetype events --follow --format json", "archetype events ring --since 41"],
    make: { (invocation) throws(LabError) in try Events(invocation) })

  private enum Start {
    case beginning
    case after(UInt64)
    /// Milliseconds since 1970.
    case from(Int64)
    case now
  }

  private let invocation: Invocation
  private let place: Connection.Place
  private let lab: LabName?
  private let start: Start

  /// Events of one question: a page stays far below a frame.
  private static let pageSize = 1_000
  /// A lab's topic has no heartbeat, and neither has a reconciler that is away: after so many quiet milliseconds the log is asked.
  private static let quiet: UInt64 = 2_000

  private init(_ invocation: Invocation) throws(LabError) {
    self.invocation = invocation
    place = try invocation.bus()
    lab = try invocation.optionalLab()
    guard let since = invocation.arguments.value("since") else {
      start = invocation.arguments.flag("follow") ? .now : .beginning
      return
    }
    if let number = UInt64(since), number <= UInt64(Int64.max) {
      start = .after(number)
    } else if let time = Timestamp.parse(since) {
      start = .from(time)
    } else {
      throw LabError(.invalidArgument, "--since", "'\(since)' is neither a number nor a time (such as 41 or 2026-01-31T12:00:00Z)")
    }
  }

  func run() throws(LabError) -> Int32 {
    let connection = try place.connect()
    let follows = invocation.arguments.flag("follow")
    // First follow, then read: what happens in between comes twice, and the cursor drops it.
    if follows { try connection.subscribe(lab.map { .lab($0) } ?? .all) }
    var cursor = EventCursor(after: 0)
    var from: Int64 = 0
    switch start {
    case .beginning: break
    case .after(let index): cursor = EventCursor(after: index)
    case .from(let time): from = time
    case .now: cursor = EventCursor(after: try connection.events(EventQuery(since: 0, lab: lab, limit: 0)).last)
    }
    try read(connection, &cursor, from: from)
    while follows { try follow(connection, &cursor) }
    return ExitCode.done
  }

  private func read(_ connection: Connection, _ cursor: inout EventCursor, from: Int64 = 0) throws(LabError) {
    while true {
      let page = try connection.events(EventQuery(since: cursor.have, from: from, lab: lab, limit: Self.pageSize))
      for event in page.events { show(event) }
      if cursor.took(page.events, last: page.last) { return }
    }
  }

  /// One step; nothing that goes away for a while ends it.
  private func follow(_ connection: Connection, _ cursor: inout EventCursor) throws(LabError) {
    do throws(LabError) {
      guard let publication = try connection.next(timeout: Self.quiet) else { return try read(connection, &cursor) }
      switch cursor.read(publication) {
      case .print(let event): show(event)
      case .ignore: return
      case .gap: try read(connection, &cursor)
      }
    } catch {
      guard error.isTransient else { throw error }
      Surroundings.sleep(milliseconds: 200)
    }
  }

  private func show(_ event: LabEvent) {
    if invocation.isJSON { Output.json(event.json) } else { Output.line(event.line) }
  }
}

import Arguments
import Model

/// `archetype audit`: who asked for what, as the bus has passed it.
struct Audit: Runnable {
  static let entry = Entry(
    Command(
      "audit", "who asked for what that changes something, and what was refused; oldest first",
      options: [
        .value("since", "N", "only those after this number", standard: "0"), .value("peer", "PEER", "only of keys or peers with this name"),
      ]),
    examples: ["archetype audit", "archetype audit --since 120 --format json", "archetype audit --peer cli/anna"],
    make: { (invocation) throws(LabError) in
      Audit(
        invocation: invocation, place: try invocation.bus(), since: UInt64(try invocation.arguments.number("since", in: 0...Int.max) ?? 0),
        peer: try invocation.arguments.value("peer").map { text throws(LabError) in try PeerName(text) })
    })

  let invocation: Invocation
  let place: Connection.Place
  let since: UInt64
  /// nil: all.
  let peer: PeerName?

  private static let page = 512

  func run() throws(LabError) -> Int32 {
    let connection = try place.connect()
    var number = since
    var table = Table("N", "AT", "PEER", "KEY", "REQUEST", "ABOUT", "REFUSED")
    while true {
      let records = try connection.audit(after: number, limit: Self.page)
      guard let last = records.last else { break }
      number = last.number
      for record in records where isWanted(record) {
        if invocation.isJSON { Output.json(Self.json(record)) } else { table.add(Self.cells(record)) }
      }
    }
    if !invocation.isJSON { invocation.show(table) }
    return ExitCode.done
  }

  private func isWanted(_ record: AuditRecord) -> Bool { peer.map { $0 == record.peer || $0 == record.key } ?? true }

  private static func cells(_ record: AuditRecord) -> [Table.Cell] {
    [
      .init("\(record.number)"), .init(Timestamp.text(record.at)), .init("\(record.peer)"), .init(record.key?.description ?? "local"),
      .init(record.kind), .init(record.subject), .init(record.refusal, .bad),
    ]
  }

  static func json(_ record: AuditRecord) -> JSON {
    .members([
      "number": .unsigned(record.number), "at": .string(Timestamp.text(record.at)), "peer": .string("\(record.peer)"),
      "key": record.key.map { .string("\($0)") } ?? .null, "kind": .string(record.kind), "request": .string(record.requestID),
      "subject": .string(record.subject), "refusal": .text(record.refusal),
    ])
  }
}

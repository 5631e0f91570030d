import Arguments
import Model

/// `archetype list`.
struct List: Runnable {
  static let entry = Entry(
    Command("list", "all labs, in one line each"), examples: ["archetype list", "archetype list --format json"],
    make: { (invocation) throws(LabError) in List(invocation: invocation, place: try invocation.bus()) })

  let invocation: Invocation
  let place: Connection.Place

  func run() throws(LabError) -> Int32 {
    let labs = try place.connect().labs()
    if invocation.isJSON {
      Output.json(.array(labs.map(\.json)))
    } else {
      invocation.show(Self.table(labs))
    }
    return ExitCode.done
  }

  static func table(_ labs: [LabSummary]) -> Table {
    var table = Table("LAB", "STATE", "NODES", "LINKS", "HOSTS", "REASON")
    for lab in labs {
      let state: Table.Cell = lab.converged ? .init("converged", .good) : .init("working", .pending)
      table.add(
        .init(lab.key.name.text), state, .init("\(lab.ready)/\(lab.nodes)"), .init("\(lab.up)/\(lab.links)"),
        .init(lab.hosts.map(\.text).joined(separator: ",")), .init(lab.reason))
    }
    return table
  }
}

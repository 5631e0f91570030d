import Arguments
import Model

/// `archetype inspect`.
struct Inspect: Runnable {
  static let entry = Entry(
    Command("inspect", "nodes and links of a lab, or of all labs, as they are", positionals: [.optional("LAB")]),
    examples: ["archetype inspect ring", "archetype inspect ring --format json"],
    make: { (invocation) throws(LabError) in
      Inspect(invocation: invocation, place: try invocation.bus(), lab: try invocation.optionalLab())
    })

  let invocation: Invocation
  let place: Connection.Place
  let lab: LabName?

  func run() throws(LabError) -> Int32 {
    let connection = try place.connect()
    if let lab {
      let status = try connection.inspect(lab)
      if invocation.isJSON { Output.json(status.json) } else { show(status) }
      return ExitCode.done
    }
    var all: [LabStatus] = []
    for name in try connection.labs().map(\.key.name) {
      do throws(LabError) { all.append(try connection.inspect(name)) } catch {
        // Destroyed since the question for all.
        guard error.code == .notFound else { throw error }
      }
    }
    if invocation.isJSON {
      Output.json(.array(all.map(\.json)))
    } else {
      for (index, status) in all.enumerated() {
        if index > 0 { Output.line("") }
        show(status)
      }
    }
    return ExitCode.done
  }

  private func show(_ status: LabStatus) {
    let state = status.converged ? "converged" : "not converged: \(status.reason)"
    Output.line("lab \(status.lab), generation \(status.generation): \(state)\n")
    invocation.show(status.nodeTable)
    guard !status.links.isEmpty else { return }
    Output.line("")
    invocation.show(status.linkTable)
  }
}

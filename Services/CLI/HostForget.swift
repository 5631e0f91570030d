import Arguments
import Model

/// `archetype host forget`.
struct HostForget: Runnable {
  static let entry = Entry(
    Command("host forget", "say that a host will never come back: what waits for it goes on", positionals: [.required("HOST")]),
    examples: ["archetype host forget h2"],
    make: { (invocation) throws(LabError) in
      HostForget(place: try invocation.bus(), host: try HostName(invocation.arguments.positional("HOST") ?? ""))
    })

  let place: Connection.Place
  let host: HostName

  func run() throws(LabError) -> Int32 {
    let connection = try place.connect()
    guard try connection.hosts().contains(where: { $0.name == host }) else {
      throw LabError(.notFound, "host \(host)", "there is no such host ('archetype host list' shows them)")
    }
    _ = try connection.jobs(.forgetHost(host), id: Surroundings.freshJob())
    return ExitCode.done
  }
}

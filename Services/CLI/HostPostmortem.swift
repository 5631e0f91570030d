import Arguments
import Journal
import Model
import Reactor

/// `archetype host postmortem`.
struct HostPostmortem: Runnable {
  static let entry = Entry(
    Command(
      "host postmortem", "what a host was doing when it died, and what its kernel and its system's log say",
      options: [.value("data", "DIR", "read the agent's folder on this machine; needs neither bus nor agent")],
      positionals: [.required("HOST")]),
    examples: ["archetype host postmortem h1", "archetype host postmortem h1 --data /var/lib/archetype"],
    make: { (invocation) throws(LabError) in
      let data = invocation.arguments.value("data")
      return HostPostmortem(
        invocation: invocation, place: data == nil ? try invocation.bus() : nil, data: data ?? "",
        host: try HostName(invocation.arguments.positional("HOST") ?? ""))
    })

  let invocation: Invocation
  /// nil: the folder is read.
  let place: Connection.Place?
  let data: String
  let host: HostName

  /// What the agent may need to ask the system's log.
  private static let deadline: UInt64 = 20_000

  func run() throws(LabError) -> Int32 {
    let postmortem: Postmortem
    if let place {
      postmortem = try ask(try place.connect())
    } else {
      postmortem = try Postmortem.read(of: host, from: data, at: Clock.now().wall)
    }
    if invocation.isJSON { Output.json(postmortem.json) } else { Output.data(postmortem.text) }
    return ExitCode.done
  }

  private func ask(_ connection: Connection) throws(LabError) -> Postmortem {
    do throws(LabError) {
      guard case .postmortem(let postmortem) = try connection.agent(.postmortem, host, deadline: Self.deadline) else {
        throw Connection.strange(.agent(host))
      }
      return postmortem
    } catch {
      guard error.code == .unavailable else { throw error }
      throw LabError(
        .unavailable, "host \(host)",
        "its agent isn't there (on the host itself, 'archetype host postmortem \(host) --data DIR' reads the agent's folder)",
        cause: error.detail)
    }
  }
}

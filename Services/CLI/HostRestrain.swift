import Arguments
import Machine
import Model

/// `archetype host drain|cordon|undrain`.
struct HostRestrain: Runnable {
  static let entries: [Entry] = [
    Entry(
      Command(
        "host drain", "move what a host runs elsewhere, and place nothing on it until it is undrained",
        options: [
          .flag("detach", short: "d", "don't wait until it is empty"),
          .value("timeout", "S", "seconds to wait until it is empty", standard: "300"),
        ], positionals: [.required("HOST")]), examples: ["archetype host drain h2"],
      make: { (invocation) throws(LabError) in try HostRestrain(invocation, .drained) }),
    Entry(
      Command("host cordon", "place nothing new on a host; what it runs stays", positionals: [.required("HOST")]),
      examples: ["archetype host cordon h2"], make: { (invocation) throws(LabError) in try HostRestrain(invocation, .cordoned) }),
    Entry(
      Command("host undrain", "let a drained or cordoned host take part again; nothing moves back", positionals: [.required("HOST")]),
      examples: ["archetype host undrain h2"], make: { (invocation) throws(LabError) in try HostRestrain(invocation, nil) }),
  ]

  /// How often it is looked whether the host is empty, in milliseconds.
  private static let interval: UInt32 = 200

  private let invocation: Invocation
  private let place: Connection.Place
  private let host: HostName
  private let restraint: Restraint?
  private let timeout: UInt64

  private init(_ invocation: Invocation, _ restraint: Restraint?) throws(LabError) {
    self.invocation = invocation
    self.restraint = restraint
    place = try invocation.bus()
    host = try HostName(invocation.arguments.positional("HOST") ?? "")
    timeout = restraint == .drained ? try invocation.timeout(standard: 300) : 0
  }

  func run() throws(LabError) -> Int32 {
    let connection = try place.connect()
    _ = try connection.jobs(.restrainHost(host, restraint), id: Surroundings.freshJob())
    guard restraint == .drained, !invocation.arguments.flag("detach") else { return ExitCode.done }
    return try wait(connection)
  }

  /// Until nothing is left on the host; of a lost one, until nothing is meant to be.
  private func wait(_ connection: Connection) throws(LabError) -> Int32 {
    let end = Surroundings.now() + self.timeout
    var trouble: LabError?
    var reason = ""
    var wasSeen = false
    repeat {
      do throws(LabError) {
        guard let status = try connection.hosts().first(where: { $0.name == host }) else {
          throw LabError(.notFound, "host \(host)", "has been forgotten meanwhile")
        }
        trouble = nil
        reason = status.reason
        let isDrained = status.restraint == .drained
        // Somebody else's word came later; before the first sight of it, this one's is on its way.
        if wasSeen, !isDrained { throw LabError(.cancelled, "host \(host)", "is not drained any more") }
        wasSeen = isDrained
        switch status.state {
        case .drained: return ExitCode.done
        case .lost where isDrained && status.placed == 0:
          Output.warning("host \(host): is lost; what it may still run is removed when it comes back")
          return ExitCode.done
        case .lost, .online: break
        }
      } catch {
        guard error.isTransient else { throw error }
        trouble = error
      }
      Surroundings.sleep(milliseconds: Self.interval)
    } while Surroundings.now() < end
    if let trouble { throw trouble }
    let what = "not empty within \(timeout / 1_000) s: \(reason) (it goes on; 'archetype host list' shows it)"
    Archetype.report(LabError(.deadlineExceeded, "host \(host)", what), isJSON: invocation.isJSON)
    return ExitCode.notConverged
  }
}

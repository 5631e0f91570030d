import Arguments
import Model

/// `archetype host show`.
struct HostShow: Runnable {
  static let entry = Entry(
    Command("host show", "one host: how busy it is, what hinders it, what it lacks", positionals: [.required("HOST")]),
    examples: ["archetype host show h1", "archetype host show h1 --format json"],
    make: { (invocation) throws(LabError) in
      HostShow(
        invocation: invocation, place: try invocation.bus(), host: try HostName(invocation.arguments.positional("HOST") ?? ""))
    })

  let invocation: Invocation
  let place: Connection.Place
  let host: HostName

  func run() throws(LabError) -> Int32 {
    guard let status = try place.connect().hosts().first(where: { $0.name == host }) else {
      throw LabError(.notFound, "host \(host)", "there is no such host ('archetype host list' shows them)")
    }
    if invocation.isJSON { Output.json(status.json) } else { invocation.show(Self.table(status)) }
    return ExitCode.done
  }

  static func table(_ host: HostStatus) -> Table {
    var table = Table("HOST", host.name.text)
    func add(_ name: String, _ text: String, _ tone: Tone = .plain) { table.add(.init(name), .init(text, tone)) }
    add("state", host.state.rawValue, host.state.tone)
    if !host.remark.isEmpty { add("reason", host.remark, .bad) }
    add("nodes", "\(host.nodes) of at most \(host.spec.capacity)")
    add("links", "\(host.links)")
    add("revision", "\(host.revision)")
    add("underlay", "\(host.spec.underlay), mtu \(host.spec.underlayMTU)")
    add("runtimes", host.spec.runtimes.joined(separator: ", "))
    if let load = host.load { add("busy", load.words) } else { add("busy", host.state == .lost ? "not known" : "not told yet", .pending) }
    for lack in host.lacks { add("lacks", lack, .pending) }
    return table
  }
}

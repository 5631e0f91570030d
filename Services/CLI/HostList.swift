import Arguments
import Model

/// `archetype host list`.
struct HostList: Runnable {
  static let entries: [Entry] =
    [entry, HostShow.entry, HostPostmortem.entry] + HostRestrain.entries + [HostForget.entry, HostEnroll.entry, HostJoin.entry]

  private static let entry = Entry(
    Command("host list", "all hosts, in one line each"), examples: ["archetype host list", "archetype host list --format json"],
    make: { (invocation) throws(LabError) in HostList(invocation: invocation, place: try invocation.bus()) })

  let invocation: Invocation
  let place: Connection.Place

  func run() throws(LabError) -> Int32 {
    let hosts = try place.connect().hosts()
    if invocation.isJSON { Output.json(.array(hosts.map(\.json))) } else { invocation.show(Self.table(hosts)) }
    return ExitCode.done
  }

  static func table(_ hosts: [HostStatus]) -> Table {
    var table = Table("HOST", "STATE", "NODES", "LINKS", "LOAD", "FREE MiB", "REASON")
    for host in hosts {
      table.add(
        .init(host.name.text), .init(host.state.rawValue, host.state.tone), .init("\(host.nodes)"), .init("\(host.links)"),
        .init(host.load.map { JSON.thousandths($0.load1).text } ?? "-"), .init(host.load.map { "\($0.memoryAvailable)" } ?? "-"),
        .init(host.remark))
    }
    return table
  }
}

extension HostStatus {
  /// What its operator has said of it, and what hinders it or is still to be done for it.
  var remark: String {
    guard let restraint, state != .drained else { return reason }
    return reason.isEmpty ? restraint.rawValue : "\(restraint.rawValue): \(reason)"
  }
}

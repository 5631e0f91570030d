import Machine
import Model

/// Decides where nodes run: where they are pinned, else where they are, else on the first host by name that has room.
struct Scheduler {
  var intent: Intent
  /// Hosts that are there; nil: nobody knows, all are taken for it.
  var online: Set<HostName>?

  func place(_ spec: LabSpec, keeping known: [NodeName: HostName]) throws(LabError) -> [NodeName: HostName] {
    let hosts = intent.hosts.values.sorted { $0.name < $1.name }
    guard !hosts.isEmpty else {
      throw LabError(.failedPrecondition, "lab \(spec.name)", "there is no host to run it on (start archetype-agent on one)")
    }
    var room = freeRoom(except: spec.name)
    var placement: [NodeName: HostName] = [:]
    for node in spec.nodes {
      guard let host = node.host ?? known[node.name].flatMap({ intent.hosts[$0] == nil ? nil : $0 }) else { continue }
      guard let free = room[host] else {
        throw LabError(
          .invalidArgument, "\(spec.name)/\(node.name)",
          "host \(host) is not known (known: \(hosts.map(\.name.text).joined(separator: ", ")); 'archetype host list')")
      }
      guard free > 0 else { throw full(spec, node, "host \(host) has no room left") }
      room[host] = free - 1
      placement[node.name] = host
    }
    for node in spec.nodes where placement[node.name] == nil {
      guard let host = hosts.first(where: { isThere($0.name) && (room[$0.name] ?? 0) > 0 }) else {
        let reasons = hosts.map { "\($0.name) \(isThere($0.name) ? "is full (\($0.capacity))" : "is lost")" }
        throw full(spec, node, "no host has room: \(reasons.joined(separator: ", "))")
      }
      room[host.name, default: 0] -= 1
      placement[node.name] = host.name
    }
    return placement
  }

  private func isThere(_ host: HostName) -> Bool { online?.contains(host) ?? true }

  private func freeRoom(except lab: LabName) -> [HostName: Int] {
    var room = intent.hosts.mapValues(\.capacity)
    for (name, other) in intent.labs where name != lab {
      for node in other.nodes { room[node.host, default: 0] -= 1 }
    }
    return room
  }

  private func full(_ spec: LabSpec, _ node: NodeSpec, _ why: String) -> LabError {
    LabError(.resourceExhausted, "\(spec.name)/\(node.name)", "\(why) (destroy a lab, add a host, or raise an agent's --capacity)")
  }
}

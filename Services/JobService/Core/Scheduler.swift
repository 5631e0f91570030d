import Machine
import Model

/// Decides where nodes run: where they are pinned, else where they are, else on the first host by name that has room and isn't restrained.
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
      guard let host = node.host ?? known[node.name].flatMap({ mayKeep($0) && canRun(node, on: $0) ? $0 : nil }) else { continue }
      guard let free = room[host] else {
        throw LabError(
          .invalidArgument, "\(spec.name)/\(node.name)",
          "host \(host) is not known (known: \(hosts.map(\.name.text).joined(separator: ", ")); 'archetype host list')")
      }
      guard canRun(node, on: host) else {
        throw LabError(.failedPrecondition, "\(spec.name)/\(node.name)", "host \(host) doesn't offer \(needs(node)) (\(Self.advice))")
      }
      if known[node.name] != host, let restraint = intent.restraints[host] {
        throw LabError(
          .failedPrecondition, "\(spec.name)/\(node.name)",
          "host \(host) is \(restraint.rawValue) ('archetype host undrain \(host)', or pin the node to another)")
      }
      // What is there has its room, also where the host has come to offer less.
      guard free > 0 || known[node.name] == host else { throw full(spec, node, "host \(host) has no room left") }
      room[host] = free - 1
      placement[node.name] = host
    }
    for node in spec.nodes where placement[node.name] == nil {
      let able = hosts.filter { canRun(node, on: $0.name) }
      guard !able.isEmpty else {
        throw LabError(.failedPrecondition, "\(spec.name)/\(node.name)", "no host offers \(needs(node)) (\(Self.advice))")
      }
      // Where it is it can stay: a drained host waits for room elsewhere.
      let old = known[node.name].flatMap { canRun(node, on: $0) ? intent.hosts[$0] : nil }
      guard let host = able.first(where: { mayTake($0.name) && (room[$0.name] ?? 0) > 0 }) ?? old else {
        let reasons = able.map { "\($0.name) is \(obstacle(at: $0))" }
        throw full(spec, node, "no host has room: \(reasons.joined(separator: ", "))")
      }
      room[host.name, default: 0] -= 1
      placement[node.name] = host.name
    }
    return placement
  }

  /// Whether a host that is known offers a runtime that can run the node.
  func canRun(_ node: NodeSpec, on host: HostName) -> Bool {
    guard let host = intent.hosts[host] else { return false }
    return node.runtimes.isEmpty || node.runtimes.contains(where: host.runtimes.contains)
  }

  private func needs(_ node: NodeSpec) -> String { "the runtime \(node.runtimes.joined(separator: " or ")) that its kind and image need" }

  private static let advice = "start an agent with --runtime docker where a Docker engine runs"

  private func isThere(_ host: HostName) -> Bool { online?.contains(host) ?? true }
  private func mayKeep(_ host: HostName) -> Bool { intent.hosts[host] != nil && intent.restraints[host] != .drained }

  /// Whether something new may be placed there, if there is room.
  func mayTake(_ host: HostName) -> Bool { isThere(host) && intent.restraints[host] == nil }

  private func obstacle(at host: HostSpec) -> String {
    intent.restraints[host.name]?.rawValue ?? (isThere(host.name) ? "full (\(host.capacity))" : "lost")
  }

  /// How many more nodes each host has room for; those of `lab` aren't counted.
  func freeRoom(except lab: LabName? = nil) -> [HostName: Int] {
    var room = intent.hosts.mapValues(\.capacity)
    for (name, other) in intent.labs where name != lab {
      for node in other.nodes { room[node.host, default: 0] -= 1 }
    }
    return room
  }

  /// Not a passing hindrance: asking again changes nothing.
  private func full(_ spec: LabSpec, _ node: NodeSpec, _ why: String) -> LabError {
    LabError(.failedPrecondition, "\(spec.name)/\(node.name)", "\(why) (destroy a lab, add a host, or raise an agent's --capacity)")
  }
}

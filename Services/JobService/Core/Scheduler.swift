import Machine
import Model

/// Decides where nodes run: where they are pinned, else where they are, else on the first host by name that has room and isn't restrained.
struct Scheduler {
  var intent: Intent
  /// Hosts that are there; nil: nobody knows, all are taken for it.
  var online: Set<HostName>?

  /// - Parameter old: the lab as it is; nil: it isn't there.
  func place(_ spec: LabSpec, after old: Lab?) throws(LabError) -> [NodeName: HostName] {
    guard !intent.hosts.isEmpty else {
      throw LabError(.failedPrecondition, "lab \(spec.name)", "there is no host to run it on (start archetype-agent on one)")
    }
    let known = old?.placement ?? [:]
    let needs = NewNeeds(of: spec, after: old)
    var room = Room(in: intent, except: spec.name)
    var placement: [NodeName: HostName] = [:]
    for node in spec.nodes {
      guard let host = node.host ?? known[node.name].flatMap({ mayKeep($0) && canRun(node, on: $0, needs) ? $0 : nil }) else { continue }
      guard let free = room[host] else {
        throw LabError(
          .invalidArgument, "\(spec.name)/\(node.name)",
          "host \(host) is not known (known: \(hosts.map(\.name.text).joined(separator: ", ")); 'archetype host list')")
      }
      try check(node, of: spec.name, pinnedTo: host, needs)
      if known[node.name] != host, let restraint = intent.restraints[host] {
        throw LabError(
          .failedPrecondition, "\(spec.name)/\(node.name)",
          "host \(host) is \(restraint.rawValue) ('archetype host undrain \(host)', or pin the node to another)")
      }
      // What is there has its room, also where the host has come to offer less.
      guard free > 0 || known[node.name] == host else { throw full(spec, node, "host \(host) has no room left") }
      room.take(host)
      placement[node.name] = host
    }
    if placement.count == spec.nodes.count { return placement }
    // What is full stays so: each host is looked at once.
    var left = hosts[...]
    for node in spec.nodes where placement[node.name] == nil {
      while let host = left.first, !mayTake(host.name) || (room[host.name] ?? 0) <= 0 { left.removeFirst() }
      // Where it is it can stay: a drained host waits for room elsewhere.
      let old = known[node.name].flatMap { canRun(node, on: $0, needs) ? intent.hosts[$0] : nil }
      guard let host = left.first(where: { mayTake($0.name) && canRun(node, on: $0.name, needs) && (room[$0.name] ?? 0) > 0 }) ?? old else {
        throw homeless(node, of: spec, needs)
      }
      room.take(host.name)
      placement[node.name] = host.name
    }
    return placement
  }

  private var hosts: [HostSpec] { intent.hosts.values.sorted { $0.name < $1.name } }

  /// Whether a host that is known offers a runtime that can run the node, and its agent understands what the node needs.
  func canRun(_ node: NodeSpec, on host: HostName, _ needs: NewNeeds) -> Bool {
    guard let host = intent.hosts[host] else { return false }
    return offersRuntime(host, for: node) && needs.lacking(node.name, on: host).isEmpty
  }

  private func offersRuntime(_ host: HostSpec, for node: NodeSpec) -> Bool {
    node.runtimes.isEmpty || node.runtimes.contains(where: host.runtimes.contains)
  }

  private func check(_ node: NodeSpec, of lab: LabName, pinnedTo name: HostName, _ needs: NewNeeds) throws(LabError) {
    guard let host = intent.hosts[name] else { return }
    guard offersRuntime(host, for: node) else {
      throw LabError(.failedPrecondition, "\(lab)/\(node.name)", "host \(name) doesn't offer \(Self.runtime(node)) (\(Self.advice))")
    }
    let lacking = needs.lacking(node.name, on: host)
    guard lacking.isEmpty else {
      throw LabError(
        .failedPrecondition, "\(lab)/\(node.name)",
        "the agent of host \(name) doesn't know \(lacking.words) (upgrade its agent, or pin the node to another host)")
    }
  }

  /// Why no host takes a node that isn't pinned.
  private func homeless(_ node: NodeSpec, of spec: LabSpec, _ needs: NewNeeds) -> LabError {
    let subject = "\(spec.name)/\(node.name)"
    let able = hosts.filter { offersRuntime($0, for: node) }
    if able.isEmpty { return LabError(.failedPrecondition, subject, "no host offers \(Self.runtime(node)) (\(Self.advice))") }
    let lacking = able.map { needs.lacking(node.name, on: $0) }
    if !lacking.contains([]) {
      let names = able.map(\.name.text).joined(separator: ", ")
      let words = Set(lacking.joined()).words
      return LabError(.failedPrecondition, subject, "no host's agent knows \(words) (upgrade the agents of \(names), or of one of them)")
    }
    let reasons = zip(able, lacking).map { host, lacking in
      lacking.isEmpty ? "\(host.name) is \(obstacle(at: host))" : "the agent of \(host.name) doesn't know \(lacking.words)"
    }
    return full(spec, node, "no host has room: \(reasons.joined(separator: ", "))")
  }

  private static func runtime(_ node: NodeSpec) -> String {
    "the runtime \(node.runtimes.joined(separator: " or ")) that its kind and image need"
  }

  private static let advice = "start an agent with --runtime docker where a Docker engine runs"

  private func isThere(_ host: HostName) -> Bool { online?.contains(host) ?? true }
  private func mayKeep(_ host: HostName) -> Bool { intent.hosts[host] != nil && intent.restraints[host] != .drained }

  /// Whether something new may be placed there, if there is room.
  func mayTake(_ host: HostName) -> Bool { isThere(host) && intent.restraints[host] == nil }

  private func obstacle(at host: HostSpec) -> String {
    intent.restraints[host.name]?.rawValue ?? (isThere(host.name) ? "full (\(host.capacity))" : "lost")
  }

  /// Not a passing hindrance: asking again changes nothing.
  private func full(_ spec: LabSpec, _ node: NodeSpec, _ why: String) -> LabError {
    LabError(.failedPrecondition, "\(spec.name)/\(node.name)", "\(why) (destroy a lab, add a host, or raise an agent's --capacity)")
  }
}

/// How many more nodes hosts have room for; reckoned for those that are asked about.
struct Room {
  private let intent: Intent
  private let lab: LabName?
  private var free: [HostName: Int] = [:]

  /// - Parameter lab: its nodes aren't counted.
  init(in intent: Intent, except lab: LabName? = nil) {
    self.intent = intent
    self.lab = lab
  }

  /// nil: there is no such host.
  subscript(_ host: HostName) -> Int? {
    mutating get {
      if let known = free[host] { return known }
      guard let spec = intent.hosts[host] else { return nil }
      let room = spec.capacity - intent.index.nodes(on: host, except: lab)
      free[host] = room
      return room
    }
  }

  /// Of a host that was asked about.
  mutating func take(_ host: HostName) { free[host]? -= 1 }
}

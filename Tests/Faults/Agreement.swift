import Foundation
import Support

extension Workload {
  /// Waits at a quiet point until every lab has converged, and compares what users want, what `inspect` says and what the hosts' kernels have.
  ///
  /// - Returns: every difference; empty when all agree.
  public func differences() throws -> [String] {
    try lab.loseNothing()
    let wished = users.map(\.lab)
    for lab in wished where lab.exists {
      guard try eventually(within: 90, { try self.lab.bed.isConverged(lab.name) }) else {
        return ["\(lab.name) doesn't converge: \(try self.lab.bed.inspect(lab.name)["reason"] ?? "")"]
      }
    }
    let known = try Set(
      (lab.bed.archetype("list", "--format", "json").json() as? [[String: Any]] ?? []).compactMap { $0["lab"] as? String })
    guard known == Set(wished.filter(\.exists).map(\.name)) else { return ["labs are \(known.sorted())"] }
    var found: [String] = []
    var comparison = Comparison(hosts: try Dictionary(uniqueKeysWithValues: Self.hosts.map { ($0, try HostFacts(lab.bed, $0)) }))
    for lab in wished where lab.exists { found += comparison.compare(lab, try self.lab.bed.inspect(lab.name)) }
    return found + comparison.rest()
  }

  /// What is left of all labs on the hosts after the last was destroyed.
  public func leftovers() throws -> [String] {
    try Self.hosts.flatMap { host in
      let now = try HostFacts(lab.bed, host)
      // The commands that were run in nodes are remembered until the host is switched off.
      let more = now.names.subtracting(before[host]?.names ?? []).filter { $0 != "file /run/archetype/execs" }
      return (Array(more) + now.devices.keys + now.sandboxes.keys).map { "\(host): \($0)" }
    }
  }
}

/// Ticks off what labs account for; what is left then is nobody's.
private struct Comparison {
  private let hosts: [String: HostFacts]
  /// Devices by host and what they are of, sandboxes by host and node: all without the revisions that made them.
  private var devices: [String: [String]] = [:]
  private var sandboxes: [String: [String]] = [:]
  private var vnis: [Int: String] = [:]

  init(hosts: [String: HostFacts]) {
    self.hosts = hosts
    for (host, facts) in hosts {
      for (name, device) in facts.devices { devices["\(host) \(Self.subject(of: device.mark))", default: []].append(name) }
      for (node, space) in facts.sandboxes { sandboxes["\(host) \(node.replacing(#/@\d+/#, with: ""))", default: []].append(space) }
    }
  }

  /// `lab/node:ordinal` of a tap, `lab near far` of a tunnel.
  private static func subject(of mark: [String]) -> String { mark.dropFirst(3).joined(separator: " ").replacing(#/@\d+/#, with: "") }

  mutating func rest() -> [String] {
    (devices.keys.map { "nobody's device: \($0)" } + sandboxes.keys.map { "nobody's sandbox: \($0)" }).sorted()
  }

  mutating func compare(_ lab: WishedLab, _ status: [String: Any]) -> [String] {
    var found: [String] = []
    func expect(_ holds: Bool, _ what: String) { if !holds { found.append("\(lab.name): \(what)") } }
    let nodes = status["nodes"] as? [[String: Any]] ?? []
    expect(Set(nodes.compactMap { $0["name"] as? String }) == Set(lab.nodes.keys), "other nodes than wished: \(nodes)")
    for node in nodes {
      guard let name = node["name"] as? String, let wish = lab.nodes[name] else { continue }
      expect(node["host"] as? String == wish.host, "\(name) is on \(node["host"] ?? "")")
      expect(node["desired"] as? String == (wish.isRunning ? "running" : "stopped"), "\(name) should be \(node["desired"] ?? "")")
      expect(node["phase"] as? String == (wish.isRunning ? "ready" : "stopped"), "\(name) is \(node["phase"] ?? "")")
      let spaces = sandboxes.removeValue(forKey: "\(wish.host) \(lab.name)/\(name)") ?? []
      expect(spaces.count == 1, "\(name) has \(spaces.count) sandboxes")
      let processes = spaces.first.flatMap { hosts[wish.host]?.processes[$0] } ?? []
      if let pid = node["pid"] as? Int, wish.isRunning {
        expect(processes.contains(pid), "\(name)'s process \(pid) isn't in its sandbox, where \(processes) are")
      } else {
        expect(!wish.isRunning && node["pid"] as? Int == nil && processes.isEmpty, "\(name) has processes \(processes)")
      }
    }
    let links = status["links"] as? [[String: Any]] ?? []
    expect(Set(links.compactMap { $0["id"] as? String }) == Set(lab.links.map(\.id)), "other links than wished: \(links)")
    for link in links { found += compare(link, of: lab) }
    return found
  }

  private mutating func compare(_ link: [String: Any], of lab: WishedLab) -> [String] {
    guard let id = link["id"] as? String, let wish = lab.links.first(where: { $0.id == id }), let a = lab.nodes[wish.a]?.host,
      let b = lab.nodes[wish.b]?.host
    else { return [] }
    var found: [String] = []
    func expect(_ holds: Bool, _ what: String) { if !holds { found.append("\(lab.name): \(id): \(what)") } }
    expect(link["state"] as? String == "up", "is \(link["state"] ?? "")")
    let ends = [(wish.a, wish.aPort, a), (wish.b, wish.bPort, b)]
    let taps = ends.map { take($0.2, "\(lab.name)/\($0.0):\($0.1)") }
    expect(taps.allSatisfy { $0?.device.isUp == true }, "a tap is missing or down")
    guard a != b else {
      expect(taps[0]?.device.target == taps[1]?.name && taps[1]?.device.target == taps[0]?.name, "isn't patched both ways")
      return found
    }
    let words = ends.map { "\($0.0):\($0.1)" }
    let tunnels = [take(a, "\(lab.name) \(words[0]) \(words[1])"), take(b, "\(lab.name) \(words[1]) \(words[0])")]
    for (tap, tunnel) in zip(taps, tunnels) {
      expect(tap?.device.target == tunnel?.name && tunnel?.device.target == tap?.name, "isn't patched both ways to its tunnel")
      expect(tunnel?.device.vni == link["vni"] as? Int && tunnel?.device.mtu == link["mtu"] as? Int, "has another VNI or MTU in the kernel")
      expect(tunnel?.device.isUp == true, "a tunnel is missing or down")
    }
    expect(
      tunnels[0]?.device.local == tunnels[1]?.device.remote && tunnels[1]?.device.local == tunnels[0]?.device.remote, "its ends don't meet")
    if let vni = link["vni"] as? Int, let other = vnis.updateValue("\(lab.name) \(id)", forKey: vni) {
      expect(false, "shares its VNI with \(other)")
    }
    return found
  }

  private mutating func take(_ host: String, _ subject: String) -> (name: String, device: HostFacts.Device)? {
    guard let names = devices.removeValue(forKey: "\(host) \(subject)"), names.count == 1, let device = hosts[host]?.devices[names[0]]
    else {
      return nil
    }
    return (names[0], device)
  }
}

import Foundation
public import Testbed

/// What a running lab shows of itself.
extension TestLab {
  /// An interface as its node sees it.
  public struct InterfaceFacts: Hashable, Sendable {
    public var index: Int
    public var mac: String
    public var addresses: [String]
    /// Frames in and out since it was made.
    public var frames: [Int]
  }

  /// - Throws: `TestLabError` where the node can't be asked.
  public func interface(_ name: String, of node: String, in lab: String) throws -> InterfaceFacts {
    let run = try exec(lab, node, "ip", "-s", "-j", "address", "show", "dev", name)
    guard run.exit == 0, let facts = (try run.json() as? [[String: Any]])?.first else { throw TestLabError(run) }
    let addresses = (facts["addr_info"] as? [[String: Any]] ?? []).compactMap { $0["local"] as? String }
    let counters = facts["stats64"] as? [String: [String: Any]] ?? [:]
    return InterfaceFacts(
      index: facts["ifindex"] as? Int ?? -1, mac: facts["address"] as? String ?? "", addresses: addresses,
      frames: ["rx", "tx"].map { counters[$0]?["packets"] as? Int ?? -1 })
  }

  /// A node's first process as the machine sees the same across the life of a node, by name.
  public func processes(of lab: String) throws -> [String: Int] {
    var result: [String: Int] = [:]
    for node in try inspect(lab)["nodes"] as? [[String: Any]] ?? [] {
      if let name = node["name"] as? String { result[name] = node["pid"] as? Int }
    }
    return result
  }

  /// Whether it has converged, and its nodes' first processes are these. To be asked until it is so where an agent has just begun: between its
  /// registration and its report nobody knows them.
  public func isConverged(_ lab: String, with processes: [String: Int]) throws -> Bool {
    try isConverged(lab) && self.processes(of: lab) == processes
  }

  /// Jobs of a lab, newest first.
  public func jobs(of lab: String) throws -> [[String: Any]] {
    let all = try archetype("job", "list", "--format", "json").json() as? [[String: Any]] ?? []
    return all.filter { $0["lab"] as? String == lab }
  }

  /// A lab's events so far.
  public func events(of lab: String) throws -> [[String: Any]] {
    let run = try archetype("events", lab, "--since", "0", "--format", "json")
    guard run.exit == 0 else { throw TestLabError(run) }
    return try run.output.split(separator: "\n").compactMap { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
  }

  /// Sessions of the hosts by name; a host without one is absent.
  public func sessions() throws -> [String: String] {
    let hosts = try archetype("host", "list", "--format", "json").json() as? [[String: Any]] ?? []
    var result: [String: String] = [:]
    for host in hosts { if let name = host["name"] as? String { result[name] = host["session"] as? String } }
    return result
  }

  /// Each agent's count of actions once two heartbeats have carried the same, and no job runs.
  public func settledActions() throws -> [String: Int] {
    var last: [String: Int] = [:]
    _ = try eventually {
      let hosts = try archetype("host", "list", "--format", "json").json() as? [[String: Any]] ?? []
      var now: [String: Int] = [:]
      for host in hosts { if let name = host["name"] as? String { now[name] = (host["load"] as? [String: Any])?["actions"] as? Int } }
      if now == last { return true }
      last = now
      // Two of the heartbeats that carry the counts.
      Thread.sleep(forTimeInterval: 2.2)
      return false
    }
    return last
  }

  /// A ping in a node, to its end.
  public func ping(_ address: String, from node: String, in lab: String, count: Int = 2) throws -> CommandRun {
    try exec(lab, node, "ping", "-q", "-c", "\(count)", "-i", "0.2", "-W", "1", address)
  }
}

extension TestLab {
  /// The testbed itself, for what the command line doesn't show.
  public var bed: Testbed { get throws { try Testbed(folder: folder) } }
}

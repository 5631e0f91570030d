import Foundation
public import Support

/// Three hosts with a lab whose healthy links carry a hundred echoes a second, while something else of it is broken.
///
/// `a` on h1 has a cable to `b` on h2 and one to `d` beside it: nothing is ever done to these. `c` on h3 is the victim; it has a cable to `e`
/// on h1 and one to `f` beside it.
public final class FaultLab {
  public static let name = "matrix"
  public static let hosts = ["h1", "h2", "h3"]

  private static let topology = """
    name: matrix
    topology:
      defaults: {kind: linux, image: alpine}
      nodes:
        a: {host: h1, exec: ["ip address add 10.8.1.1/24 dev eth1", "ip address add 10.8.2.1/24 dev eth2"]}
        b: {host: h2, exec: ["ip address add 10.8.1.2/24 dev eth1"]}
        c: {host: h3, exec: ["ip address add 10.8.3.1/24 dev eth1", "ip address add 10.8.4.1/24 dev eth2"]}
        d: {host: h1, exec: ["ip address add 10.8.2.2/24 dev eth1"]}
        e: {host: h1, exec: ["ip address add 10.8.3.2/24 dev eth1"]}
        f: {host: h3, exec: ["ip address add 10.8.4.2/24 dev eth1"]}
      links:
        - endpoints: ["a:eth1", "b:eth1"]
        - endpoints: ["a:eth2", "d:eth1"]
        - endpoints: ["c:eth1", "e:eth1"]
        - endpoints: ["c:eth2", "f:eth1"]
    """

  public static let healthy = (tunnel: "a:1--b:1", patch: "a:2--d:1")
  public static let victim = (tunnel: "c:1--e:1", patch: "c:2--f:1")

  public let bed: TestLab
  public let events: EventFollower
  private let file: String

  public init() throws {
    bed = try TestLab(hosts: Self.hosts.count)
    do {
      file = try bed.file(Self.name, Self.topology)
      events = try EventFollower(bed)
      try deploy()
      _ = try events.time(of: Self.name, "lab.converged")
    } catch {
      _ = try? bed.down()
      throw error
    }
  }

  public func down() throws {
    events.stop()
    let run = try bed.down()
    guard run.exit == 0 else { throw SupportError("testbed down: \(run.errors)") }
  }

  /// The same file again, to its end: every service has to do its part.
  public func deploy() throws {
    let run = try bed.archetype("deploy", "-t", file, "--timeout", "60")
    guard run.exit == 0 else { throw SupportError("deploy: exit \(run.exit): \(run.errors)") }
  }

  /// A shell's words on a host.
  @discardableResult public func shell(_ host: String, _ words: String) throws -> String {
    let run = try bed.on(host, "sh", "-ec", words)
    guard run.exit == 0 else { throw SupportError("\(host): \(words): exit \(run.exit): \(run.errors)") }
    return run.output
  }

  /// In the namespace that holds a host's devices.
  @discardableResult public func fabric(_ host: String, _ words: String) throws -> String {
    try shell(host, "nsenter --net=/run/archetype/netns/archetype sh -ec '\(words)'")
  }

  /// First process of a node, as its host sees it.
  public func process(_ node: String) throws -> Int {
    guard let pid = try bed.node(node, of: Self.name)["pid"] as? Int else { throw SupportError("\(node) has no process") }
    return pid
  }

  /// SIGKILL for a node's first process; the moment before it.
  public func killNode(_ node: String, on host: String) throws -> Double {
    guard let pid = try bed.hostProcesses(of: host)[try process(node)] else { throw SupportError("\(node)'s process isn't on \(host)") }
    let begin = moment()
    kill(pid, SIGKILL)
    return begin
  }

  /// The device of the fabric at the other end of a node's interface.
  public func tap(_ node: String, _ interface: String, on host: String) throws -> String {
    let line = try shell(host, "nsenter -t \(try process(node)) -n ip -o link show dev \(interface)")
    guard let number = line.split(separator: ":")[1].split(separator: "@if").last else {
      throw SupportError("\(node):\(interface) has no far end")
    }
    return try device(host) { $0.hasPrefix("\(number):") }
  }

  /// The only tunnel of a host.
  public func tunnel(on host: String) throws -> String {
    try device(host) { $0.split(separator: " ").dropFirst().first?.hasPrefix("v") ?? false }
  }

  /// The tunnel over which a host's ways are probed.
  public func probe(on host: String) throws -> String {
    try device(host) { $0.split(separator: " ").dropFirst().first?.hasPrefix("p") ?? false }
  }

  private func device(_ host: String, _ isIt: (Substring) -> Bool) throws -> String {
    guard let line = try fabric(host, "ip -o link").split(separator: "\n").first(where: isIt) else {
      throw SupportError("no such device on \(host)")
    }
    return try Self.name(of: String(line))
  }

  private static func name(of line: String) throws -> String {
    let words = line.split(separator: ":").map { $0.trimmingCharacters(in: .whitespaces) }
    guard words.count > 1, let name = words[1].split(separator: "@").first else { throw SupportError("not a device: \(line)") }
    return String(name)
  }

  /// What a host holds of ours by name: devices with the healthy ones' numbers, pins, processes, files.
  public func holdings(of host: String) throws -> Set<String> {
    let listing = try shell(
      host,
      """
      nsenter --net=/run/archetype/netns/archetype ip -o link | awk -F"[:@] *" "{print \\"device \\" \\$2}"
      ls /run/archetype/netns | sed "s/^/pin /"
      find /run/archetype -path /run/archetype/netns -prune -o -path "*/disks/*/upper/*" -prune -o -path "*/disks/*/work/*" -prune -o -print | sed "s/^/file /"
      find /sys/fs/cgroup -type d -path "*archetype*" 2> /dev/null | sed "s/^/group /"
      """)
    return Set(listing.split(separator: "\n").map(String.init))
  }

  /// Numbers of the healthy links' devices and processes of their nodes: what must never be made anew.
  public func healthyParts() throws -> [String: Int] {
    var parts: [String: Int] = [:]
    for (node, host, interfaces) in [("a", "h1", ["eth1", "eth2"]), ("b", "h2", ["eth1"]), ("d", "h1", ["eth1"])] {
      let pid = try process(node)
      parts[node] = pid
      for interface in interfaces {
        let numbers = try shell(host, "nsenter -t \(pid) -n ip -o link show dev \(interface)")
        parts["\(node):\(interface)"] = numbers.split(separator: ":").first.flatMap { Int($0) }
      }
    }
    return parts
  }
}

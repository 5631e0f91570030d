import Foundation
import Support

/// What one host's kernel has of labs, read by the distribution's tools and without any service's help.
struct HostFacts {
  struct Device {
    var index: Int
    var isUp: Bool
    var mtu: Int
    /// Words of the mark in its alias: `t` or `v`, deployment, host, and what it is of.
    var mark: [String]
    var vni: Int?
    var local: String?
    var remote: String?
    /// The device to which all that comes in is redirected.
    var target: String?
  }

  /// Devices of labs, by name: all with a mark but the host's own probe tunnel.
  var devices: [String: Device] = [:]
  /// Namespaces by the node that they are for: `LAB@BORN/NODE@BORN`.
  var sandboxes: [String: String] = [:]
  /// Processes by the namespace that they are in.
  var processes: [String: Set<Int>] = [:]
  /// Names of folders and files in `/run`, and of control groups.
  var names: Set<String> = []

  init(_ bed: TestLab, _ host: String) throws {
    let run = try bed.on(host, "sh", "-c", Self.script)
    guard run.exit == 0 else { throw SupportError("\(host): \(run.errors)") }
    let parts = run.output.components(separatedBy: "====\n")
    guard parts.count == 5 else { throw SupportError("\(host): \(run.output)") }
    try readDevices(parts[0])
    var from = ""
    for line in parts[1].split(separator: "\n") {
      if line.hasPrefix("dev ") { from = String(line.dropFirst(4)) }
      if let words = line.firstMatch(of: #/Redirect to device (\S+)\)/#) { devices[from]?.target = String(words.output.1) }
    }
    for line in parts[2].split(separator: "\n") {
      let words = line.split(separator: " ")
      let name = words[0].split(separator: "/").last.map(String.init) ?? ""
      let key = name.split(separator: "%")
      if key.count == 3, words.count == 2 { sandboxes["\(key[1])/\(key[2])"] = String(words[1]) }
    }
    for line in parts[3].split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 2, let pid = words[0].split(separator: "/").dropFirst().first.flatMap({ Int($0) }) {
        processes[String(words[1]), default: []].insert(pid)
      }
    }
    names = Set(parts[4].split(separator: "\n").map(String.init))
  }

  private mutating func readDevices(_ text: String) throws {
    for device in try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]] ?? [] {
      guard let name = device["ifname"] as? String, let alias = device["ifalias"] as? String, alias.hasPrefix("ar1 "),
        !alias.hasPrefix("ar1 p ")
      else { continue }
      let data = (device["linkinfo"] as? [String: Any])?["info_data"] as? [String: Any] ?? [:]
      devices[name] = Device(
        index: device["ifindex"] as? Int ?? 0, isUp: (device["flags"] as? [String] ?? []).contains("UP"), mtu: device["mtu"] as? Int ?? 0,
        mark: alias.split(separator: " ").dropFirst().map(String.init), vni: data["id"] as? Int, local: data["local"] as? String,
        remote: data["remote"] as? String)
    }
  }

  private static let script = """
    in_fabric() { nsenter --net=/run/archetype/netns/archetype "$@"; }
    in_fabric ip -d -j link || exit 1
    echo ====
    in_fabric sh -c 'for d in $(ip -o link | awk -F"[:@] *" "{print \\$2}"); do echo "dev $d"; tc filter show dev $d ingress; done'
    echo ====
    stat -Lc '%n %i' /run/archetype/netns/*
    echo ====
    stat -Lc '%n %i' /proc/[0-9]*/ns/net 2> /dev/null
    echo ====
    ls /run/archetype/netns | sed 's/^/pin /'
    find /run/archetype -mindepth 1 -maxdepth 4 -not -path '*/netns*' | sed 's/^/file /'
    find /sys/fs/cgroup -type d -path '*archetype/*' | sed 's/^/group /'
    find /var/lib/archetype -mindepth 1 -type f | sed 's/^/data /'
    """
}

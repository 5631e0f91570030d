import Glibc
import Model

/// What `up` was asked for and made; written before anything else, removed last, so that `down` can always finish.
struct Manifest: Sendable, Hashable {
  /// Random; names the testbed's control groups.
  var id: String
  var hosts: Int
  var mtu: Int
  var ipv6: Bool
  /// Each host has an engine of its own.
  var docker = false
  /// Each program serves its metrics to its own machine.
  var metrics = false
  /// The kernel's run in which it was made: after another boot no process of it is left.
  var boot: String
  /// Folders above the testbed's own that `up` made, outermost first.
  var made: [String]

  var hostNames: [String] { (1...hosts).map { "h\($0)" } }

  /// What runs in a host, in the order of its start.
  func processes(ofHost name: String) -> [String] { (docker ? ["network/\(name)", "docker/\(name)"] : []) + ["agent/\(name)"] }

  /// The number in a host's name, or nil if this testbed has no such host.
  func number(ofHost name: String) -> Int? {
    guard name.hasPrefix("h"), let number = Int(name.dropFirst()), name == "h\(number)", (1...hosts).contains(number) else { return nil }
    return number
  }

  static func currentBoot() -> String {
    (Files.read("/proc/sys/kernel/random/boot_id") ?? "").filter { $0 != "\n" }
  }

  func write(to path: String) throws(LabError) {
    let wishes = ["id=\(id)", "hosts=\(hosts)", "mtu=\(mtu)", "ipv6=\(ipv6)", "docker=\(docker)", "metrics=\(metrics)"]
    let lines = wishes + ["boot=\(boot)"] + made.map { "made=\($0)" }
    try Files.replace(path, lines.map { $0 + "\n" }.joined())
  }

  /// - Returns: nil when there is no testbed.
  static func read(_ path: String) throws(LabError) -> Manifest? {
    guard let text = Files.read(path) else { return nil }
    var values: [Substring: String] = [:]
    var made: [String] = []
    for line in text.split(separator: "\n") {
      guard let equals = line.firstIndex(of: "=") else { continue }
      let value = String(line[line.index(after: equals)...])
      if line[..<equals] == "made" { made.append(value) } else { values[line[..<equals]] = value }
    }
    guard let id = values["id"], !id.isEmpty, !id.contains("/"), let hosts = values["hosts"].flatMap(Int.init), hosts > 0,
      let mtu = values["mtu"].flatMap(Int.init), let boot = values["boot"]
    else { throw LabError(.failedPrecondition, path, "isn't a testbed's manifest (choose another --dir, or remove the file)") }
    return Manifest(
      id: id, hosts: hosts, mtu: mtu, ipv6: values["ipv6"] == "true", docker: values["docker"] == "true",
      metrics: values["metrics"] == "true", boot: boot, made: made)
  }
}

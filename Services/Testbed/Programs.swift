import CLinux
import Glibc
import Model

/// What runs in a testbed. Tests of the machines themselves put programs of the distribution in its place.
struct Programs: Sendable {
  /// PID 1 of every machine.
  var first: [String]
  /// The program of a name (`bus`, `agent/h1`, `network/h1`, `docker/h1`) with its arguments.
  var arguments: @Sendable (_ name: String, _ layout: Layout, _ wiring: Wiring) -> [String]
  /// Whether programs say that they serve (sd_notify(3)).
  var announce: Bool
  var makeKeys: @Sendable (_ layout: Layout, _ hosts: [String]) throws(LabError) -> Void

  /// The control plane's services in the order of their start: the bus first, the others together.
  static let services = ["bus", "configs", "jobs", "links", "reconciler"]

  /// As `Nice` of the systemd units: what nodes do mustn't hold up words about them.
  private static let priority = "-10"

  /// Where a host finds its agent's keys: not on its disk, which a test may wipe.
  static let keysInside = "/run/testbed/keys"

  /// Those beside this program, or in `ARCHETYPE_PROGRAMS`.
  static var installed: Programs {
    let folder = getenv("ARCHETYPE_PROGRAMS").map { String(cString: $0) } ?? ownFolder
    return Programs(
      first: [folder + "/archetype-init", "--machine"],
      arguments: { name, layout, wiring in
        let command = Programs.installed(folder, name, layout, wiring)
        return name.hasPrefix("docker/") ? command : ["nice", "-n", priority] + command
      },
      announce: true,
      makeKeys: Keyring.make)
  }

  private static var ownFolder: String {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let length = buffer.withUnsafeMutableBytes { bytes in
      bytes.baseAddress.map { readlink("/proc/self/exe", $0, bytes.count) } ?? 0
    }
    let path = String(decoding: buffer.prefix(max(0, length)), as: UTF8.self)
    return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
  }

  private static func installed(_ folder: String, _ name: String, _ layout: Layout, _ wiring: Wiring) -> [String] {
    switch name {
    case "bus":
      return [
        folder + "/archetype-bus", "--listen", layout.busAddress, "--listen", Wiring.busAddress, "--keys", layout.keys("bus"),
        "--data", layout.control(name),
      ] + metrics(of: name, wiring.manifest)
    case "configs", "jobs", "links", "reconciler":
      return [folder + "/archetype-" + name, "--bus", layout.busAddress, "--data", layout.control(name)]
        + metrics(of: name, wiring.manifest)
    case _ where name.hasPrefix("docker/"): return Engine.command
    case _ where name.hasPrefix("network/"): return [folder + "/archetype-network"] + metrics(of: "network", wiring.manifest)
    default:
      let host = String(name.dropFirst("agent/".count))
      let address = wiring.underlayAddress(wiring.manifest.number(ofHost: host) ?? 0)
      return [
        folder + "/archetype-agent", "--host", host, "--underlay", address, "--bus", Wiring.busAddress, "--keys", keysInside,
        "--data", "/var/lib/archetype",
      ] + metrics(of: "agent", wiring.manifest) + (wiring.manifest.docker ? ["--runtime", "docker", "--docker", Engine.socket] : [])
    }
  }

  private static func metrics(of program: String, _ manifest: Manifest) -> [String] {
    guard manifest.metrics, let port = Testbed.metricsPort(of: program) else { return [] }
    return ["--metrics", "\(port)"]
  }

  /// The caller's environment, without what is meant for the caller itself.
  static func environment() -> [String] {
    var result: [String] = []
    guard var entry = clinux_environment() else { return [] }
    while let text = entry.pointee {
      let variable = String(cString: text)
      if !["ARCHETYPE_", "NOTIFY_SOCKET=", "LISTEN_", "WATCHDOG_", "INVOCATION_ID="].contains(where: variable.hasPrefix) {
        result.append(variable)
      }
      entry += 1
    }
    return result
  }
}

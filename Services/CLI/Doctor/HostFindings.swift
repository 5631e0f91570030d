import Files
import Glibc
import Model

/// This machine's limits, ports, programs and disk.
enum HostFindings {
  static func all(data: String) -> [Finding] { limits + [files, tunnelPort, forwarding, routers, disk(data)] }

  /// A thousand nodes with some processes and neighbours each.
  private static var limits: [Finding] {
    var findings: [Finding] = []
    func atLeast(_ wanted: Int, _ setting: String, cost: String) {
      let path = "/proc/sys/" + setting.split(separator: ".").joined(separator: "/")
      guard let number = HostFile.number(path) else { return }
      findings.append(
        number >= wanted
          ? .good(setting, "\(number)") : .lacking(setting, "\(number)", cost: cost, remedy: "sysctl -w \(setting)=\(wanted)"))
    }
    atLeast(65_536, "kernel.pid_max", cost: "fewer nodes: each has up to 60 processes")
    // All namespaces of a kernel share these tables.
    for family in ["ipv4", "ipv6"] {
      atLeast(
        16_384, "net.\(family).neigh.default.gc_thresh3",
        cost: "nodes of large labs, and the host itself, can't keep their neighbours and lose connections")
    }
    atLeast(8_192, "fs.inotify.max_user_instances", cost: "programs in many nodes that watch files fail to start")
    return findings
  }

  private static var files: Finding {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return limit.rlim_max >= 65_536
      ? .good("open files", "\(limit.rlim_max)")
      : .lacking("open files", "\(limit.rlim_max)", cost: "an agent watches fewer nodes", remedy: "ulimit -Hn 65536, or LimitNOFILE=")
  }

  private static var tunnelPort: Finding {
    let subject = "UDP port 4789"
    let socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(4_789).bigEndian
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
    if result == 0 { return .good(subject, "free") }
    // The kernel's own for VXLAN devices, ours among them, belongs to no process.
    return HostFile.isAgentHere
      ? .good(subject, "used by this host's tunnels")
      : .lacking(
        subject, "taken", cost: "no link to another host", remedy: "see ss -lunp and ip -d link show type vxlan for whose it is")
  }

  private static var forwarding: Finding {
    HostFile.number("/proc/sys/net/ipv4/ip_forward") == 1
      ? .good("net.ipv4.ip_forward", "1")
      : .lacking(
        "net.ipv4.ip_forward", "0", cost: "labs with external-access: true or ports: wait", remedy: "sysctl -w net.ipv4.ip_forward=1")
  }

  private static var routers: Finding {
    access("/usr/lib/frr/watchfrr", X_OK) == 0
      ? .good("FRR", "/usr/lib/frr")
      : .lacking(
        "FRR", "not installed", cost: "nodes of its image run as containers only", remedy: "apt-get install frr (and keep it disabled)")
  }

  /// `ST_NOEXEC` of statvfs(3).
  private static let noexec: UInt = 8

  private static func disk(_ folder: String) -> Finding {
    var status = statvfs()
    // Not made yet: it will lie where its parent does.
    var place = folder
    while statvfs(place, &status) != 0, place != "/" { place = File.parent(of: place) }
    let free = Int(clamping: (UInt64(status.f_bavail) * UInt64(status.f_frsize)) >> 20)
    if status.f_flag & noexec != 0 {
      return .lacking(
        folder, "may not hold programs (noexec)", cost: "engines can't be given the runtime: pause containers double their number",
        remedy: "another --data for the agent")
    }
    return free >= 1_024
      ? .good(folder, "\(free) MiB free")
      : .lacking(folder, "\(free) MiB free", cost: "an agent refuses new work on a full disk", remedy: "make room")
  }
}

extension HostFile {
  /// Whether an agent's lock is held on this kernel.
  static var isAgentHere: Bool {
    let file = open("/run/archetype/agent.lock", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    return flock(file, LOCK_SH | LOCK_NB) != 0
  }
}

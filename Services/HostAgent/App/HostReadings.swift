import Files
import Glibc
import Model

/// Space of a file system, in MiB.
struct DiskSpace: Sendable {
  var available: Int
  var total: Int

  /// nil where it can't be asked. Blocks as long as the file system does.
  init?(of folder: String) {
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else { return nil }
    available = Int(clamping: (UInt64(status.f_bavail) * UInt64(status.f_frsize)) >> 20)
    total = Int(clamping: (UInt64(status.f_blocks) * UInt64(status.f_frsize)) >> 20)
  }
}

/// What the kernel says of how busy this host is: small files of /proc, none of which waits for a disk.
enum HostReadings {
  static func load(_ disk: DiskSpace?) -> HostLoad {
    let memory = fields(of: "/proc/meminfo")
    let average = text("/proc/loadavg").split(separator: " ")
    let pids = average.count > 3 ? average[3].split(separator: "/").last.flatMap { Int($0) } : nil
    let ofKernel = (there: pids ?? 0, most: Int(text("/proc/sys/kernel/pid_max").prefix { $0.isNumber }) ?? 0)
    let processes = ([ofKernel] + ofGroups).min { $0.most - $0.there < $1.most - $1.there } ?? ofKernel
    return HostLoad(
      load1: average.first.flatMap(thousandths) ?? 0, memoryAvailable: (memory["MemAvailable"] ?? 0) >> 10,
      memoryTotal: (memory["MemTotal"] ?? 0) >> 10, pids: processes.there,
      pidLimit: processes.most, diskAvailable: disk?.available ?? 0,
      diskTotal: disk?.total ?? 0, pressure: pressure())
  }

  /// Processes and how many there may be, of each control group above the agent's own that has a limit: nodes are beside that.
  private static var ofGroups: [(there: Int, most: Int)] {
    for line in text("/proc/self/cgroup").split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3, parts[1] == "pids" || parts[1].isEmpty else { continue }
      let root = parts[1].isEmpty ? "/sys/fs/cgroup" : "/sys/fs/cgroup/pids"
      var names = parts[2].split(separator: "/").dropLast()
      var limits: [(there: Int, most: Int)] = []
      while !names.isEmpty {
        let group = "\(root)/\(names.joined(separator: "/"))"
        let numbers = ["current", "max"].compactMap { name in Int(text("\(group)/pids.\(name)").prefix { $0.isNumber }) }
        if numbers.count == 2 { limits.append((numbers[0], numbers[1])) }
        names = names.dropLast()
      }
      if !limits.isEmpty { return limits }
    }
    return []
  }

  private static func pressure() -> HostPressure? {
    guard let cpu = pressure("cpu"), let memory = pressure("memory"), let io = pressure("io") else { return nil }
    return HostPressure(cpu: cpu, memory: memory, io: io)
  }

  /// `some avg10=1.23 …`, as 1230.
  private static func pressure(_ kind: String) -> Int? {
    let words = text("/proc/pressure/\(kind)").split(separator: " ")
    guard words.count > 1, words[1].hasPrefix("avg10=") else { return nil }
    return thousandths(words[1].dropFirst(6))
  }

  /// A decimal fraction, as of `1.5`.
  private static func thousandths(_ text: Substring) -> Int? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let whole = Int(parts[0]), let fraction = Int((parts[1] + "000").prefix(3)) else { return nil }
    return whole * 1_000 + fraction
  }

  /// `Name: NUMBER kB` by name.
  private static func fields(of path: String) -> [Substring: Int] {
    var fields: [Substring: Int] = [:]
    for line in text(path).split(separator: "\n") {
      let words = line.split(whereSeparator: { $0 == ":" || $0 == " " })
      if words.count > 1, let number = Int(words[1]) { fields[words[0]] = number }
    }
    return fields
  }

  private static func text(_ path: String) -> Substring {
    String(decoding: (try? File.read(path, most: 16 << 10)) ?? [], as: UTF8.self)[...]
  }
}

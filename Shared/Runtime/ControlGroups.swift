import Files
import Glibc
import Model

/// Where this host's control groups are mounted, also a part of them: a virtual host has only its own.
private struct GroupMounts {
  private struct Mount {
    /// Of version 1: `cpu`, `memory`…; version 2 has one hierarchy without a name.
    var controllers: [String]
    /// The group that is at `point`.
    var root: String
    var point: String
  }

  private var mounts: [Mount] = []

  /// Mounts of control groups don't change in a host's life; its table of mounts is long where nodes are many.
  static let ofHost = GroupMounts()

  private init() {
    for line in Lines.of("/proc/self/mountinfo", most: 16 << 20) {
      // proc(5): behind the dash stand the type, the source and the options of the file system.
      guard let dash = line.firstRange(of: " - ") else { continue }
      let (place, kind) = (line[..<dash.lowerBound].split(separator: " "), line[dash.upperBound...].split(separator: " "))
      guard place.count > 4, kind.count > 2 else { continue }
      let (root, point) = (place[3] == "/" ? "" : String(place[3]), String(place[4]))
      switch kind[0] {
      case "cgroup2": mounts.append(Mount(controllers: [""], root: root, point: point))
      case "cgroup":
        mounts.append(Mount(controllers: kind[2].split(separator: ",").map(String.init), root: root, point: point))
      default: break
      }
    }
  }

  /// The folder of a group; nil where it isn't mounted.
  func folder(of group: Substring, _ controller: String) -> String? {
    for mount in mounts where mount.controllers.contains(controller) && group.hasPrefix(mount.root + "/") {
      return mount.point + group.dropFirst(mount.root.utf8.count)
    }
    return nil
  }
}

/// The lines of a small file of the kernel's; none where it can't be read.
private enum Lines {
  static func of(_ path: String, most: Int = 64 << 10) -> [Substring] {
    String(decoding: (try? File.read(path, most: most)) ?? [], as: UTF8.self).split(separator: "\n")
  }

  /// `NAME NUMBER` by name.
  static func numbers(of path: String) -> [Substring: UInt64] {
    var numbers: [Substring: UInt64] = [:]
    for line in of(path) {
      let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == ":" })
      if words.count > 1, let number = UInt64(words[1]) { numbers[words[0]] = number }
    }
    return numbers
  }

  static func number(_ path: String) -> UInt64? { of(path).first.flatMap { UInt64($0) } }
}

/// The control groups of one node, found by its first process: a controller in which it has none of its own has no folder here.
struct ControlGroups {
  private let pid: Int32
  private var unified: String?
  private var folders: [String: String] = [:]
  /// Read only where a group doesn't say it: it is a look at each process.
  private lazy var processes = ProcessSums(pids)

  /// - Parameter mark: what the name of a group that is the node's own has in it; what lies below that group is the node's too. nil: it isn't
  ///   known, and none is.
  init(of pid: Int32, marked mark: String?) {
    self.pid = pid
    guard let mark else { return }
    for line in Lines.of("/proc/\(pid)/cgroup") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3, let place = parts[2].firstRange(of: mark) else { continue }
      let group = parts[2][..<(parts[2][place.upperBound...].firstIndex(of: "/") ?? parts[2].endIndex)]
      if parts[1].isEmpty { unified = GroupMounts.ofHost.folder(of: group, "") }
      for controller in parts[1].split(separator: ",").map(String.init) {
        folders[controller] = GroupMounts.ofHost.folder(of: group, controller)
      }
    }
  }

  /// What is in them now.
  mutating func usage() -> ResourceUsage {
    var usage = ResourceUsage(pid: pid)
    addProcessor(to: &usage)
    addMemory(to: &usage)
    for folder in [unified, folders["pids"]].compactMap(\.self) where usage.processes == 0 {
      usage.processes = Lines.number("\(folder)/pids.current") ?? 0
      usage.processLimit = Lines.number("\(folder)/pids.max")
    }
    if usage.processes == 0 { usage.processes = UInt64(processes.count) }
    return usage
  }

  private mutating func addProcessor(to usage: inout ResourceUsage) {
    let unified = unified.map { Lines.numbers(of: "\($0)/cpu.stat") } ?? [:]
    let own = folders["cpu"].map { Lines.numbers(of: "\($0)/cpu.stat") } ?? [:]
    let counted = folders["cpuacct"].flatMap { Lines.number("\($0)/cpuacct.usage") }
    usage.processor = unified["usage_usec"] ?? counted.map { $0 / 1_000 } ?? processes.processor
    usage.throttledPeriods = unified["nr_throttled"] ?? own["nr_throttled"] ?? 0
    usage.throttled = unified["throttled_usec"] ?? own["throttled_time"].map { $0 / 1_000 } ?? 0
  }

  private mutating func addMemory(to usage: inout ResourceUsage) {
    if let unified, let used = Lines.number("\(unified)/memory.current") {
      let cached = Lines.numbers(of: "\(unified)/memory.stat")["inactive_file"] ?? 0
      usage.memory = used - min(used, cached)
      usage.memoryLimit = Lines.number("\(unified)/memory.max")
      usage.memoryKills = Lines.numbers(of: "\(unified)/memory.events")["oom_kill"] ?? 0
    } else if let folder = folders["memory"], let used = Lines.number("\(folder)/memory.usage_in_bytes") {
      let cached = Lines.numbers(of: "\(folder)/memory.stat")["total_inactive_file"] ?? 0
      usage.memory = used - min(used, cached)
      usage.memoryLimit = Lines.number("\(folder)/memory.limit_in_bytes").flatMap { $0 < Self.noLimit ? $0 : nil }
      usage.memoryKills = Lines.numbers(of: "\(folder)/memory.oom_control")["oom_kill"] ?? 0
    } else {
      usage.memory = processes.memory
    }
  }

  /// Version 1 says the most that it can count.
  private static let noLimit: UInt64 = 1 << 60

  /// The processes in the node's own group, where there is one that lists them.
  private var pids: [Int32] {
    for folder in [unified, folders["pids"], folders["memory"]].compactMap(\.self) {
      let listed = Lines.of("\(folder)/cgroup.procs").compactMap { Int32($0) }
      if !listed.isEmpty { return listed }
    }
    return [pid]
  }
}

/// What processes use together, for controllers in which they have no group.
private struct ProcessSums {
  var count = 0
  /// Microseconds, with those of children that have ended and were waited for.
  var processor: UInt64 = 0
  /// Bytes that no file backs.
  var memory: UInt64 = 0

  init(_ pids: [Int32]) {
    let tick = 1_000_000 / UInt64(max(1, sysconf(Int32(_SC_CLK_TCK))))
    for pid in pids {
      guard let line = Lines.of("/proc/\(pid)/stat").last, let end = line.lastIndex(of: ")") else { continue }
      // proc(5): the third field is the first behind the name in parentheses; 14 to 17 are the times.
      let fields = line[line.index(after: end)...].split(separator: " ")
      guard fields.count > 15 else { continue }
      count += 1
      processor += fields[11...14].compactMap { UInt64($0) }.reduce(0, +) * tick
      let status = Lines.numbers(of: "/proc/\(pid)/status")
      memory += ((status["RssAnon"] ?? 0) + (status["RssShmem"] ?? 0)) << 10
    }
  }
}

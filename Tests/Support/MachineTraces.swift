import Foundation

/// What the machine shows of a testbed: its processes with all that they start, the namespaces that these are in, mounts, control groups.
public struct MachineTraces: Sendable {
  public var processes: Set<Int32> = []
  /// As /proc shows them, such as `net:[4026532281]`; without the machine's own.
  public var namespaces: Set<String> = []
  /// Everything that ran then: what begins later may be given a namespace's number anew.
  private var contemporaries: Set<Int32> = []

  private static let kinds = ["net", "mnt", "pid", "uts", "ipc", "cgroup"]

  /// Everything below the first processes of a testbed's machines.
  public init(of lab: TestLab) throws { try self.init(folder: lab.folder) }

  public init(folder: String) throws {
    let records = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/pids").filter { !$0.hasSuffix(".lock") }
    for record in records {
      let words = try String(contentsOfFile: "\(folder)/pids/\(record)", encoding: .utf8).split(separator: " ")
      if let pid = words.first.flatMap({ Int32($0) }) { processes.insert(pid) }
    }
    let parents = Self.parents()
    contemporaries = Set(parents.map(\.pid))
    var grown = true
    while grown {
      let before = processes.count
      for (pid, parent) in parents where processes.contains(parent) { processes.insert(pid) }
      grown = processes.count > before
    }
    let own = Self.namespaces(of: ProcessInfo.processInfo.processIdentifier)
    for pid in processes { namespaces.formUnion(Self.namespaces(of: pid)) }
    namespaces.subtract(own)
  }

  /// What of it is still there.
  public var left: [String] {
    let now = Self.parents().map(\.pid)
    var found = now.filter { processes.contains($0) }.map { "process \($0)" }
    for pid in now where contemporaries.contains(pid) {
      found += Self.namespaces(of: pid).intersection(namespaces).map { "\($0) of process \(pid)" }
    }
    return found
  }

  /// Mounts and control groups of this machine that name a testbed by folder or id.
  public static func places(naming words: [String]) -> [String] {
    let mounts = (try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)) ?? ""
    var found = mounts.split(separator: "\n").map(String.init).filter { line in words.contains { line.contains($0) } }
    // Version 2 is mounted there itself, or beside the hierarchies of version 1.
    let hierarchies = [""] + ((try? FileManager.default.contentsOfDirectory(atPath: "/sys/fs/cgroup")) ?? []).map { "/" + $0 }
    for word in words where !word.contains("/") {
      found += hierarchies.map { "/sys/fs/cgroup\($0)/archetype-testbed/\(word)" }.filter { FileManager.default.fileExists(atPath: $0) }
    }
    return found
  }

  private static func parents() -> [(pid: Int32, parent: Int32)] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { name in
      guard let pid = Int32(name), let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
        let end = text.lastIndex(of: ")")
      else { return nil }
      let fields = text[end...].split(separator: " ")
      return fields.count > 2 ? Int32(fields[2]).map { (pid, $0) } : nil
    }
  }

  private static func namespaces(of pid: Int32) -> Set<String> {
    Set(kinds.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/ns/\($0)") })
  }
}

import CLinux
import Glibc
import Model

/// The folders of control groups that a testbed's hosts see as their roots: whatever an agent makes is inside, and goes with the host.
/// Works with version 1, version 2 and both together, as the machine has them.
struct ControlGroups {
  private struct Hierarchy {
    var mountPoint: String
    var isVersion2: Bool
  }

  /// The testbed's id; empty for what has none yet and owns no group.
  let id: String
  private let hierarchies: [Hierarchy]

  private static let root = "/sys/fs/cgroup"
  private static let top = "archetype-testbed"

  init(id: String) {
    self.id = id
    var found: [Hierarchy] = []
    for line in (Files.read("/proc/self/mountinfo") ?? "").split(separator: "\n") {
      // proc(5): … root, mount point, options, optional fields, "-", type, source, options.
      let fields = line.split(separator: " ")
      guard let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count, fields.count > 4 else { continue }
      let point = String(fields[4])
      let type = fields[dash + 1]
      guard type == "cgroup" || type == "cgroup2", point == ControlGroups.root || point.hasPrefix(ControlGroups.root + "/") else {
        continue
      }
      found.append(Hierarchy(mountPoint: point, isVersion2: type == "cgroup2"))
    }
    hierarchies = found
  }

  private func folder(_ hierarchy: Hierarchy, _ parts: [String]) -> String {
    ([hierarchy.mountPoint, ControlGroups.top] + parts).joined(separator: "/")
  }

  /// Makes the folders of a host.
  /// - Returns: what to bind where in the host, the outermost first. A machine that lets nobody make control groups gives none.
  func make(host: String) -> [(source: String, target: String)] {
    var binds: [(source: String, target: String)] = []
    for hierarchy in hierarchies {
      var parent = hierarchy.mountPoint
      var made = true
      for name in [ControlGroups.top, id, host] where made {
        let child = parent + "/" + name
        delegate(hierarchy, from: parent)
        let new = mkdir(child, 0o755) == 0
        made = new || errno == EEXIST
        if new, !hierarchy.isVersion2 { copyProcessors(from: parent, to: child) }
        parent = child
      }
      if made { delegate(hierarchy, from: parent) }
      if made { binds.append((source: parent, target: hierarchy.mountPoint)) }
    }
    // With version 1 the hierarchies are mounted inside a tmpfs, which the host gets as it is, links and all.
    if !binds.isEmpty, !binds.contains(where: { $0.target == ControlGroups.root }) {
      binds.insert((source: ControlGroups.root, target: ControlGroups.root), at: 0)
    }
    return binds
  }

  /// Version 2: what a host's agent limits must be enabled in every group above. One by one: a kernel may lack some.
  private func delegate(_ hierarchy: Hierarchy, from group: String) {
    guard hierarchy.isVersion2 else { return }
    for controller in ["cpu", "memory", "pids", "io"] { _ = Files.poke(group + "/cgroup.subtree_control", "+" + controller) }
  }

  /// Version 1: a new group of `cpuset` has no processor, and admits nobody.
  private func copyProcessors(from parent: String, to child: String) {
    for name in ["cpuset.cpus", "cpuset.mems"] {
      guard let text = Files.read(parent + "/" + name) else { return }
      _ = Files.poke(child + "/" + name, text)
    }
    _ = Files.poke(child + "/cgroup.clone_children", "1")
  }

  /// Removes the folders of one host, or of all (nil), after their processes are dead.
  func remove(host: String? = nil) throws(LabError) {
    // An empty id would name the groups of all testbeds.
    guard !id.isEmpty else { return }
    for hierarchy in hierarchies {
      try removeGroup(folder(hierarchy, [id] + (host.map { [$0] } ?? [])), depth: 0)
      // Fails while another testbed is there, as it should.
      if host == nil { rmdir(folder(hierarchy, [])) }
    }
  }

  /// Whether this is the only testbed of the kernel.
  var isOnlyOne: Bool {
    !hierarchies.isEmpty && hierarchies.allSatisfy { Files.folders(in: folder($0, [])).allSatisfy { $0 == id } }
  }

  /// Agents nest three levels; more than this is not theirs.
  private static let deepest = 32
  /// Milliseconds: the kernel takes the dead out of a group a moment after their end.
  private static let patience = 5000

  private func removeGroup(_ path: String, depth: Int) throws(LabError) {
    if depth < ControlGroups.deepest {
      for child in Files.folders(in: path) { try removeGroup(path + "/" + child, depth: depth + 1) }
    }
    var waited = 0
    while rmdir(path) != 0, errno != ENOENT {
      guard errno == EBUSY, waited < ControlGroups.patience else {
        throw systemError(path, "the control group can't be removed (end the processes in its cgroup.procs)")
      }
      usleep(2000)
      waited += 2
    }
  }
}

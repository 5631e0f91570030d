import CLinux
import Files
import Glibc
public import Model

/// Runs nodes as trees of the host's own programs in namespaces of their own, without any engine. Needs root.
///
/// Nothing about running nodes is kept in memory alone: the record of each lies under `/run`, and another object (a restarted agent's) finds
/// and watches them by `list`.
public final class NamespaceRuntime: NodeRuntime {
  let layout: NodeFolders
  let watch: NodeWatch
  /// Starts and removals go through one spawner and `exec` through another, so that a batch of starts delays no `exec`.
  let spawner: Spawner
  let execSpawner: Spawner
  /// The boot that this is: a record of another boot is of a process that is gone.
  let boot: String

  /// - Parameters:
  ///   - programPath: of `archetype-init`.
  ///   - runFolder: for what a boot ends; on a tmpfs.
  ///   - dataFolder: for the nodes' logs.
  ///   - diskFolder: for what nodes write; on a file system that an overlay takes as its upper layer. nil: a tmpfs of at most half of the
  ///     memory, which is mounted at `disks` beside `runFolder`. A node's disk then lasts over its restarts, the agent's and the loss of
  ///     the data folder, and ends with the host's boot, as its run does; its configuration comes from the store in any case.
  public init(
    deployment: Deployment, host: HostName, programPath: String, runFolder: String = "/run/archetype/nodes",
    dataFolder: String = "/var/lib/archetype/nodes", diskFolder: String? = nil
  ) throws(LabError) {
    guard access(programPath, X_OK) == 0 else {
      throw LabError(.failedPrecondition, programPath, "isn't there (install archetype-init beside the agent)", cause: words(errno))
    }
    do throws(FileError) { boot = String(try SmallFile.text("/proc/sys/kernel/random/boot_id").prefix { $0 != "\n" }) } catch {
      throw LabError(.failedPrecondition, "/proc", "can't be read (the agent needs the host's /proc)", cause: "\(error)")
    }
    let disks = if let diskFolder { diskFolder } else { try Self.memoryDisks(beside: runFolder) }
    layout = NodeFolders(deployment: deployment, host: host, runRoot: runFolder, dataRoot: dataFolder, diskRoot: disks)
    // One descriptor a node is held.
    _ = clinux_raise_descriptor_limit()
    watch = try NodeWatch(layout)
    spawner = Spawner(path: programPath, keep: [runFolder, dataFolder, disks])
    execSpawner = Spawner(path: programPath, keep: [runFolder])
  }

  /// The folder of a tmpfs for disks. Ext4 needs 1 to 20 ms for each node's ten files and folders, and as long to remove them; a tmpfs 0.2.
  private static func memoryDisks(beside runFolder: String) throws(LabError) -> String {
    let above = runFolder.lastIndex(of: "/").map { String(runFolder[..<$0]) } ?? ""
    let folder = "\(above)/disks"
    makeFolders(folder)
    var own = stat()
    var outer = stat()
    guard stat(folder, &own) == 0, stat(above, &outer) == 0 else {
      throw LabError(.unavailable, folder, "can't be made", cause: words(errno))
    }
    if own.st_dev == outer.st_dev, clinux_private_tmpfs(folder, "50%") != 0 {
      throw LabError(.unavailable, folder, "no tmpfs can be mounted there", cause: words(errno))
    }
    return folder
  }

  public static let name = "namespace"
  public var name: String { Self.name }
  public var eventDescriptor: Int32 { watch.descriptor }

  public func list() throws(LabError) -> [RunningNode] {
    var nodes: [RunningNode] = []
    for key in try NodeFolders.keys(in: layout.run) {
      guard let record = try record(key) else { continue }
      guard let process = record.openProcess(boot: boot) else {
        nodes.append(endedNode(key, record))
        continue
      }
      watch.add(key, record, process: process)
      nodes.append(node(key, record, .running))
    }
    return nodes.sorted { $0.key < $1.key }
  }

  public func suspects() -> Set<NodeKey>? { nil }

  public func sandbox(of key: NodeKey) throws(LabError) -> Int32? {
    guard let record = try record(key), let process = record.openProcess(boot: boot) else { return nil }
    defer { close(process) }
    let descriptor = open("/proc/\(record.pid)/ns/net", O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { return nil }
    // Alive afterwards: the number was the node's all the time.
    var ended = pollfd(fd: process, events: Int16(POLLIN), revents: 0)
    if poll(&ended, 1, 0) == 0 { return descriptor }
    close(descriptor)
    return nil
  }

  public func foldersOnDisk() throws(LabError) -> [NodeKey] {
    try Set(NodeFolders.keys(in: layout.run)).union(NodeFolders.keys(in: layout.disk)).union(layout.keysOfLogs()).sorted()
  }

  public func drain() -> [NodeExit] { watch.drain() }
  /// Nobody else starts one.
  public func takeFound() -> [RunningNode] { [] }
  public func knows(_ key: NodeKey) -> Bool {
    [layout.run(key), layout.disk(key), layout.log(key)].contains { (path: String) in access(path, F_OK) == 0 }
  }

  /// The record of a node, or nil where none was started.
  /// - Throws: where it can't be read, which says nothing about the node.
  func record(_ key: NodeKey) throws(LabError) -> NodeRecord? {
    let path = "\(layout.run(key))/state"
    let text: String
    do throws(FileError) { text = try SmallFile.text(path) } catch {
      if error.code == ENOENT { return nil }
      throw LabError(.unavailable, key.id, "can't read its record \(path)", cause: "\(error)")
    }
    guard let record = NodeRecord(text) else {
      throw LabError(.internalError, key.id, "its record \(path) is damaged (remove the node)")
    }
    return record
  }

  func node(_ key: NodeKey, _ record: NodeRecord, _ state: RunningNode.State) -> RunningNode {
    RunningNode(
      key: key, pid: record.pid, startTime: record.startTime, startSerial: record.startSerial, specDigest: record.specDigest,
      config: record.config, mark: try? SmallFile.text("\(layout.run(key))/exec-done"),
      hasPassed: (try? SmallFile.text("\(layout.run(key))/passed")) == record.life, state: state)
  }

  func endedNode(_ key: NodeKey, _ record: NodeRecord) -> RunningNode {
    let end = Ending(folder: layout.run(key), record: record, descriptor: nil)
    let isTold = (try? SmallFile.text("\(layout.run(key))/told")) == record.life
    return node(key, record, .exited(end.exit, reason: end.reason, isTold: isTold))
  }

  public func markEndTold(_ key: NodeKey, pid: Int32) {
    guard let record = try? record(key), record.pid == pid else { return }
    // Where it can't be written it may be told twice.
    try? save(key, "told", Array(record.life.utf8))
  }

  /// A node that was removed meanwhile stays removed.
  public func markPassed(_ key: NodeKey, pid: Int32) throws(LabError) {
    guard let record = try record(key), record.pid == pid else { return }
    try save(key, "passed", Array(record.life.utf8))
  }

  public func usage(_ key: NodeKey, pid: Int32) -> ResourceUsage {
    var groups = ControlGroups(of: pid, marked: layout.group(key))
    return groups.usage()
  }

  public func mark(_ key: NodeKey, ended: Stage?, warning: String) throws(LabError) {
    try save(key, "exec-done", Array(StageMark(ended: ended, warning: warning).text.utf8))
  }

  public func saveBackoff(_ key: NodeKey, _ bytes: [UInt8]) throws(LabError) {
    makeFolders(layout.run(key))
    try save(key, "backoff", bytes)
  }

  public func loadBackoff(_ key: NodeKey) -> [UInt8]? { try? SmallFile.read("\(layout.run(key))/backoff") }

  private func save(_ key: NodeKey, _ name: String, _ bytes: [UInt8]) throws(LabError) {
    let path = "\(layout.run(key))/\(name)"
    do throws(FileError) { try SmallFile.write(path, bytes) } catch {
      throw LabError(.unavailable, key.id, "can't write \(path)", cause: "\(error)")
    }
  }
}

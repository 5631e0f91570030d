import Files
import Glibc
import Model

/// What is kept of a container that was started, in `/run`: which start it is for, and what it was made from, for when it is gone.
struct DockerRecord: Sendable, Hashable {
  var container: String
  var serial: UInt64
  var spec: UInt64
  var config: BlobDigest?
  /// Which life of the container, in the engine's words; empty: it is being started.
  var startedAt = ""
  /// Of its first process; 0: it is being started, or ended before anybody saw it.
  var pid: Int32 = 0

  init(container: String, serial: UInt64, spec: UInt64, config: BlobDigest?) {
    self.container = container
    self.serial = serial
    self.spec = spec
    self.config = config
  }

  var text: String {
    "container \(container)\nserial \(serial)\nspec \(spec)\n" + (config.map { "config \($0.hex)\n" } ?? "")
      + (startedAt.isEmpty ? "" : "started \(startedAt)\npid \(pid)\n")
  }

  /// Tells this life from the node's others.
  var life: String { "\(container) \(startedAt)" }

  /// nil for what isn't a whole record.
  init?(_ text: String) {
    var fields: [Substring: Substring] = [:]
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1)
      if words.count == 2 { fields[words[0]] = words[1] }
    }
    guard let container = fields["container"], let serial = fields["serial"].flatMap({ UInt64($0) }),
      let spec = fields["spec"].flatMap({ UInt64($0) })
    else { return nil }
    self.init(
      container: String(container), serial: serial, spec: spec, config: fields["config"].flatMap { try? BlobDigest(String($0)) })
    startedAt = fields["started"].map(String.init) ?? ""
    pid = fields["pid"].flatMap { Int32($0) } ?? 0
  }
}

/// The files that the runtime keeps of its nodes: until the host's next boot, but for their flash, which lasts.
struct DockerFiles: Sendable {
  let folders: NodeFolders
  private let sandboxes: String

  /// `archetype-runc` reads there (Services/RuntimeWrapper/sandbox.c).
  static let folder = "/run/archetype/docker"

  init(deployment: Deployment, host: HostName, dataFolder: String) {
    let nodes = "\(Self.folder)/nodes"
    folders = NodeFolders(deployment: deployment, host: host, runRoot: nodes, dataRoot: nodes, diskRoot: "\(dataFolder)/flash")
    sandboxes = "\(Self.folder)/sandboxes"
  }

  func record(_ key: NodeKey) -> DockerRecord? { (try? SmallFile.text("\(folders.run(key))/state")).flatMap(DockerRecord.init) }

  func save(_ record: DockerRecord, of key: NodeKey) throws(LabError) { try write("state", Array(record.text.utf8), of: key) }

  func mark(_ key: NodeKey) -> String? { try? SmallFile.text("\(folders.run(key))/exec-done") }

  func save(_ mark: StageMark, of key: NodeKey) throws(LabError) { try write("exec-done", Array(mark.text.utf8), of: key) }

  func hasPassed(_ record: DockerRecord?, of key: NodeKey) -> Bool {
    record.map { (try? SmallFile.text("\(folders.run(key))/passed")) == $0.life } ?? false
  }

  func savePassed(_ record: DockerRecord, of key: NodeKey) throws(LabError) { try write("passed", Array(record.life.utf8), of: key) }

  /// Another life's `exec:` commands are still to come.
  func forgetExec(_ key: NodeKey) { unlink("\(folders.run(key))/exec-done") }

  func isTold(_ record: DockerRecord, of key: NodeKey) -> Bool { (try? SmallFile.text("\(folders.run(key))/told")) == record.life }

  func saveTold(_ record: DockerRecord, of key: NodeKey) throws(LabError) { try write("told", Array(record.life.utf8), of: key) }

  func backoff(_ key: NodeKey) -> [UInt8]? { try? SmallFile.read("\(folders.run(key))/backoff") }

  func save(backoff: [UInt8], of key: NodeKey) throws(LabError) { try write("backoff", backoff, of: key) }

  private func write(_ name: String, _ bytes: [UInt8], of key: NodeKey) throws(LabError) {
    makeFolders(folders.run(key))
    let path = "\(folders.run(key))/\(name)"
    do throws(FileError) { try SmallFile.write(path, bytes) } catch {
      throw LabError(.unavailable, key.id, "can't write \(path)", cause: "\(error)")
    }
  }

  /// Tells `archetype-runc` in which network namespace a container belongs.
  func link(_ container: String, to sandbox: String, _ key: NodeKey) throws(LabError) {
    makeFolders(sandboxes)
    let path = "\(sandboxes)/\(container)"
    let fresh = "\(path).new"
    unlink(fresh)
    guard symlink(sandbox, fresh) == 0, rename(fresh, path) == 0 else {
      throw LabError(.unavailable, key.id, "can't link its sandbox at \(path)", cause: words(errno))
    }
  }

  func unlinkSandbox(_ container: String) { unlink("\(sandboxes)/\(container)") }

  func remove(_ key: NodeKey) throws(LabError) { try folders.remove(key) }
}

extension DockerFiles {
  /// The start that a life of a container belongs to, 0 where nobody knows: noted, if it is another life than the one that was.
  func resume(_ key: NodeKey, _ container: DockerContainers.State) -> UInt64 {
    guard var known = record(key), known.container == container.id else { return 0 }
    if known.startedAt == container.startedAt { return known.serial }
    // Of a start that its agent didn't live to see, this is the life; any other was begun by somebody else.
    if !known.startedAt.isEmpty { forgetExec(key) }
    (known.startedAt, known.pid) = (container.startedAt, container.pid)
    try? save(known, of: key)
    return known.serial
  }
}

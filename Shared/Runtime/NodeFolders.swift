import CLinux
import Files
import Glibc
import Model

/// Where a host keeps its nodes: a folder of each for what a boot ends (record, exit, back-off), one for its disk (the overlay), and a log.
struct NodeFolders: Sendable {
  /// `…/DEPLOYMENT/HOST`, which hold the nodes' folders.
  let run: String
  let data: String
  let disk: String
  /// Control group above the nodes', below each hierarchy.
  let group: String
  /// What holds the logs of all; nodes don't see it.
  let dataRoot: String

  init(deployment: Deployment, host: HostName, runRoot: String, dataRoot: String, diskRoot: String) {
    self.dataRoot = dataRoot
    run = "\(runRoot)/\(deployment)/\(host)"
    data = "\(dataRoot)/\(deployment)/\(host)"
    disk = "\(diskRoot)/\(deployment)/\(host)"
    group = "archetype/\(deployment)/\(host)"
  }

  func run(_ key: NodeKey) -> String { "\(run)/\(Self.name(key))" }
  /// A file, not a folder: ext4 was seen to take 1 to 3 ms to remove a folder, and 0.02 for a file.
  func log(_ key: NodeKey) -> String { "\(data)/\(Self.name(key))\(Self.logSuffix)" }
  func disk(_ key: NodeKey) -> String { "\(disk)/\(Self.name(key))" }
  func group(_ key: NodeKey) -> String { "\(group)/\(Self.name(key))" }

  private static let logSuffix = ".log"

  /// `lab@born+node@born`: neither `+` nor `@` is in a name. At most 169 characters, so it is a file's name.
  static func name(_ key: NodeKey) -> String { "\(key.lab)+\(key.name)@\(key.born)" }

  static func key(_ name: String) -> NodeKey? {
    let halves = name.split(separator: "+", omittingEmptySubsequences: false)
    guard halves.count == 2, let lab = part(halves[0]), let node = part(halves[1]) else { return nil }
    guard let labName = try? LabName(lab.name), let nodeName = try? NodeName(node.name) else { return nil }
    return NodeKey(LabKey(labName, born: lab.born), nodeName, born: node.born)
  }

  private static func part(_ text: Substring) -> (name: String, born: Revision)? {
    guard let at = text.lastIndex(of: "@"), let born = UInt64(text[text.index(after: at)...]) else { return nil }
    return (String(text[..<at]), Revision(born))
  }

  func keysOfLogs() throws(LabError) -> [NodeKey] {
    try Self.entries(of: data).compactMap { $0.hasSuffix(Self.logSuffix) ? Self.key(String($0.dropLast(Self.logSuffix.count))) : nil }
  }

  /// Keys of all nodes that have a folder in `folder`; what isn't a node's name is left alone.
  static func keys(in folder: String) throws(LabError) -> [NodeKey] {
    try entries(of: folder).compactMap(key)
  }

  /// Names in a folder; none where it doesn't exist.
  private static func entries(of folder: String) throws(LabError) -> [String] {
    do throws(FileError) { return try File.names(in: folder).filter { !$0.hasPrefix(".") } } catch {
      if error.code == ENOENT { return [] }
      throw LabError(.unavailable, folder, "can't be read", cause: "\(error)")
    }
  }

  /// Removes all folders of a node, and those above that are empty then.
  func remove(_ key: NodeKey) throws(LabError) {
    for path in [disk(key), log(key), run(key)] where clinux_remove_tree(path) != 0 {
      throw LabError(.internalError, key.id, "can't remove \(path)", cause: words(errno))
    }
    for folder in [run, data, disk] {
      guard rmdir(folder) == 0, let slash = folder.lastIndex(of: "/") else { continue }
      rmdir(String(folder[..<slash]))
    }
  }
}

/// Makes a folder and those above it; what can't be made is missing to whoever uses it.
func makeFolders(_ path: String) {
  var made = ""
  for part in path.split(separator: "/") {
    made += "/\(part)"
    mkdir(made, 0o755)
  }
}

/// An error number in words.
func words(_ code: Int32) -> String { strerror(code).map { String(cString: $0) } ?? "error \(code)" }

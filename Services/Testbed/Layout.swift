import Glibc
import Model

/// Where everything of one testbed lies. `up` makes only these entries, so whatever else is in the folder is left alone.
struct Layout: Sendable, Hashable {
  /// Absolute path.
  let folder: String

  static let entries = ["bus", "keys", "control", "hosts", "logs", "pids"]

  var manifest: String { folder + "/testbed" }
  var lock: String { folder + "/.testbed.lock" }
  var bus: String { folder + "/bus" }
  var busAddress: String { "ipc://" + bus }

  func entry(_ name: String) -> String { folder + "/" + name }
  func keys(_ peer: String) -> String { folder + "/keys/" + peer }
  func control(_ service: String) -> String { folder + "/control/" + service }
  func host(_ name: String) -> String { folder + "/hosts/" + name }
  /// What a host finds at `/var/lib/archetype`: its disk, which outlives a power cut.
  func data(_ host: String) -> String { self.host(host) + "/data" }
  /// What a host finds at `Engine.folder`: its engine's data and, in `etc`, configuration, which outlive a power cut.
  func docker(_ host: String) -> String { self.host(host) + "/docker" }
  /// Which of the host's cables are cut; it outlives a power cut too.
  func cuts(_ host: String) -> String { self.host(host) + "/cut" }
  func log(_ process: String) -> String { folder + "/logs/" + Layout.fileName(process) + ".log" }
  func pid(_ process: String) -> String { folder + "/pids/" + Layout.fileName(process) }
  /// One lock for each machine's or service's own changes.
  func lock(_ subject: String) -> String { folder + "/pids/" + Layout.fileName(subject) + ".lock" }

  private static func fileName(_ process: String) -> String { String(process.map { $0 == "/" ? "-" : $0 }) }

  /// - Throws: when the path can't be a testbed's: a unix socket's address holds 107 bytes.
  init(_ path: String) throws(LabError) {
    var absolute = path
    if !path.hasPrefix("/") {
      guard let current = getcwd(nil, 0) else {
        throw LabError(.failedPrecondition, path, "the current folder can't be read (give an absolute path with --dir)")
      }
      defer { free(current) }
      absolute = String(cString: current) + "/" + path
    }
    while absolute.utf8.count > 1, absolute.hasSuffix("/") { absolute.removeLast() }
    guard absolute.utf8.count <= Layout.longestFolder else {
      let most = "at most \(Layout.longestFolder) bytes: the bus has sockets in it"
      throw LabError(.invalidArgument, path, "the path of a testbed has \(absolute.utf8.count) bytes (choose a shorter --dir, \(most))")
    }
    folder = absolute
  }

  /// 107 of a unix socket's address without `/bus/requests`.
  private static let longestFolder = 107 - "/bus/requests".utf8.count
}

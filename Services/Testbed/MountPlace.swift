import Glibc
import Model

/// A folder of the machine itself that hosts mount their own over, so it must be there, empty or not.
struct MountPlace: Sendable {
  let path: String

  /// A host's disk.
  static let data = MountPlace(path: "/var/lib/archetype")
  /// The configuration of a host's engine.
  static let engine = MountPlace(path: "/etc/docker")
  static let all = [data, engine]

  /// What all testbeds of a machine lock: shared to make a host, exclusive to remove what they share.
  static let lock = "/var/lib"

  /// Says that a testbed made the folder, so that the last one removes it.
  private var sign: String { path + "/.made-by-testbed" }

  /// Several testbeds may do so at once; only the one that makes the folder puts the sign in it.
  func make() throws(LabError) {
    guard mkdir(path, 0o755) == 0 else {
      if errno == EEXIST { return }
      throw systemError(path, "the folder can't be made")
    }
    putSign()
  }

  func putSign() { close(open(sign, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)) }

  /// Only for the last testbed: removing a folder takes the mounts on it away from other namespaces.
  func remove() {
    guard Files.exists(sign) else { return }
    unlink(sign)
    // Others have put something there since: the folder is theirs.
    rmdir(path)
  }
}

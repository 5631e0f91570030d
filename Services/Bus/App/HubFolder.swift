import Glibc
import Model

/// The folder of the local sockets, held by one hub at a time.
enum HubFolder {
  /// Makes the folder where there is none, for its owner and group, and locks it for the life of the process.
  ///
  /// - Throws: `ALREADY_EXISTS` where a live hub has it. The sockets of a dead one are replaced when ours are bound.
  static func lock(_ path: String) throws(LabError) {
    if mkdir(path, 0o750) == 0 {
      // As said, whatever the mask of our creation.
      chmod(path, 0o750)
    } else if errno != EEXIST {
      throw Self.failure(path, "can't be made")
    }
    let opened = open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard opened >= 0 else { throw Self.failure("\(path)/lock", "can't be opened") }
    guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
      close(opened)
      throw LabError(.alreadyExists, path, "another archetype-bus is using this folder (stop it, or give --listen another one)")
    }
    // It stays open: the kernel closes it when the process ends.
  }

  private static func failure(_ path: String, _ text: String) -> LabError {
    let cause = String(cString: strerror(errno))
    return LabError(.failedPrecondition, path, text, cause: cause)
  }
}

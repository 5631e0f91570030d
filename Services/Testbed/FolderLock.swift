import CLinux
import Glibc
import Model

/// A lock between processes that work on one testbed; the kernel frees it with its owner.
struct FolderLock: ~Copyable {
  enum Kind { case shared, exclusive }

  private let file: OpenFile

  /// Locks a folder that is always there, such as one that all testbeds of a machine know.
  init(folder: String, _ kind: Kind) throws(LabError) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw systemError(folder, "can't be opened") }
    let candidate = OpenFile(descriptor)
    try FolderLock.wait(for: candidate, folder, kind)
    file = candidate
  }

  private static func wait(for file: OpenFile, _ path: String, _ kind: Kind) throws(LabError) {
    while flock(file.number, kind == .shared ? LOCK_SH : LOCK_EX) != 0 {
      guard errno == EINTR else { throw systemError(path, "can't be locked") }
    }
  }

  /// Waits until the lock is free. The file stays; who removes it holds the lock, and who waited for it then makes a new one.
  init(_ path: String, _ kind: Kind) throws(LabError) {
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw systemError(path, "can't be opened") }
      let candidate = OpenFile(descriptor)
      try FolderLock.wait(for: candidate, path, kind)
      var locked = stat()
      var named = stat()
      if fstat(descriptor, &locked) == 0, stat(path, &named) == 0, locked.st_ino == named.st_ino, locked.st_dev == named.st_dev {
        file = candidate
        return
      }
    }
  }
}

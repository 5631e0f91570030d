import Files
import Glibc
public import Model

/// One store of a data folder for this process alone, from its opening to the process's end however that comes (`flock`).
public struct FolderLock: ~Copyable {
  private let descriptor: Int32

  /// Makes the folder where there is none (mode 0700: it may hold secrets), and locks `NAME.lock` in it.
  ///
  /// - Throws: `ALREADY_EXISTS` with the holder's process id when it is in use; `FAILED_PRECONDITION` when it can't be made,
  ///   `RESOURCE_EXHAUSTED` when that is for want of space.
  public init(_ folder: String, _ name: String) throws(LabError) {
    try Self.make(folder)
    let path = "\(folder)/\(name).lock"
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw Self.refused(path, "can't be opened (check the folder's owner and permissions)")
    }
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno == EINTR { continue }
      let cause = Self.systemError()
      let isHeld = errno == EWOULDBLOCK
      let holder = Self.read(descriptor)
      close(descriptor)
      guard isHeld else { throw LabError(.internalError, path, "can't be locked (is it on a local file system?)", cause: cause) }
      let who = holder.isEmpty ? "another process" : "process \(holder)"
      throw LabError(
        .alreadyExists, folder, "the \(name) store in this data folder is in use by \(who) (end it, or name another folder)")
    }
    let text = Array("\(getpid())\n".utf8)
    // Only a courtesy to who is refused: the lock holds without it, also on a full disk.
    if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
    self.descriptor = descriptor
  }

  // Closing alone would leave it locked for as long as a child that is being started has its copy of the descriptor.
  deinit {
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  /// Makes a folder with its parents, each entry on the disk before what is inside can be acknowledged.
  private static func make(_ folder: String) throws(LabError) {
    guard mkdir(folder, 0o700) != 0 else { return File.sync(File.parent(of: folder)) }
    let code = errno
    switch code {
    case EEXIST: return
    case ENOENT where folder.contains("/") && File.parent(of: folder) != folder:
      try make(File.parent(of: folder))
      guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw refused(folder, notMade) }
      File.sync(File.parent(of: folder))
    default: throw refused(folder, notMade)
    }
  }

  private static let notMade = "the data folder can't be made (check the path and its permissions)"

  private static func refused(_ path: String, _ message: String) -> LabError {
    let isFull = errno == ENOSPC || errno == EDQUOT
    let cause = systemError()
    if isFull { return LabError(.resourceExhausted, path, "can't be made: the disk is full (free some space)", cause: cause) }
    return LabError(.failedPrecondition, path, message, cause: cause)
  }

  private static func read(_ descriptor: Int32) -> String {
    var buffer = [UInt8](repeating: 0, count: 32)
    let count = pread(descriptor, &buffer, buffer.count, 0)
    return String(decoding: buffer.prefix(max(count, 0)).prefix { $0 > 0x20 }, as: UTF8.self)
  }

  private static func systemError() -> String { String(cString: strerror(errno)) }
}

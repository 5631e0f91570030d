import CSQLite
import Files
import Glibc
public import Model
import Wire

/// Copies of an intent store in its folder: `outgoing.db`, a backup while it is fetched; `incoming/`, one while it comes; `restored/`, one that takes
/// the store's place the next time that the store is opened; `replaced/`, what was in that place before.
///
/// A copy says that it is one, and whose: a config service that finds itself on it changes nothing until a person has declared it the right one.
public struct StoreCopies: Sendable {
  private let folder: String
  private var outgoing: String { folder + "/outgoing.db" }
  private var incoming: String { folder + "/incoming" }

  public init(folder: String) { self.folder = folder }

  /// Drops what was under way when an earlier process ended.
  public func clear() {
    Self.remove(outgoing)
    removeIncoming()
  }

  /// Makes a copy, consistent whatever is committed meanwhile. For a thread of its own: it takes as long as it takes to write it.
  ///
  /// - Throws: `FAILED_PRECONDITION` where there isn't room for it beside the store.
  public func make(_ id: RequestID) throws(LabError) -> StoreCopy {
    let source = folder + "/intent.db"
    try requireRoom(for: Self.size(of: source) + Self.size(of: source + "-wal"))
    Self.remove(outgoing)
    do throws(LabError) {
      // SQLite would make it readable for others; an empty file that is there it takes.
      let file = open(outgoing, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard file >= 0 else { throw refused(outgoing) }
      close(file)
      try Database.copy(source, to: outgoing)
      let copy = try Database(outgoing, SQLiteIntentStore.schema, durability: .normal, check: false)
      let statements = IntentStatements(copy)
      try statements.mark(id)
      let (store, revision, _) = try statements.identity()
      // One file, without others beside it.
      try copy.execute("PRAGMA journal_mode = DELETE")
      return StoreCopy(store: store, revision: revision, bytes: Self.size(of: outgoing))
    } catch {
      Self.remove(outgoing)
      throw error
    }
  }

  /// A part of the copy that was made last; behind its end nothing, and the copy is dropped.
  public func read(at offset: UInt64) throws(LabError) -> [UInt8] {
    let file = open(outgoing, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw refused(outgoing) }
    defer { close(file) }
    var part = [UInt8](repeating: 0, count: Limits.backupPartBytes)
    var filled = 0
    while filled < part.count {
      let count = part.withUnsafeMutableBytes {
        pread(file, $0.baseAddress?.advanced(by: filled), $0.count - filled, off_t(clamping: offset) + off_t(filled))
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw refused(outgoing) }
      if count == 0 { break }
      filled += count
    }
    if filled == 0 { Self.remove(outgoing) }
    return Array(part[..<filled])
  }

  /// Writes the next part of a copy that comes.
  ///
  /// - Throws: `FAILED_PRECONDITION` where there isn't room for it.
  public func take(_ content: [UInt8], isFirst: Bool) throws(LabError) {
    if isFirst {
      removeIncoming()
      guard mkdir(incoming, 0o700) == 0 else { throw refused(incoming) }
    }
    try requireRoom(for: UInt64(content.count))
    let path = incoming + "/intent.db"
    do throws(FileError) { try File.append(path, content) } catch { throw refused(path) }
  }

  /// Looks whether all of a copy that came can be read, brings it to this program's schema, and marks it. For a thread of its own.
  ///
  /// - Throws: for a damaged file, one that is no store, or a newer program's; what came is dropped then.
  public func verify(_ id: RequestID, bytes: UInt64) throws(LabError) -> StoreCopy {
    do throws(LabError) {
      let size = Self.size(of: incoming + "/intent.db")
      guard size == bytes, size > 0 else {
        throw LabError(.failedPrecondition, "backup", "\(size) of its \(bytes) bytes are here (restore it again)")
      }
      let store = try SQLiteIntentStore(folder: incoming)
      let contents = try store.contents()
      for digest in contents.blobs {
        guard let content = try store.blob(digest), Digest.sha256(content) == digest else {
          throw LabError(.internalError, "backup", "content \(digest) isn't what it was")
        }
      }
      try store.mark(id)
      return StoreCopy(store: contents.identity, revision: contents.revision, bytes: size)
    } catch {
      removeIncoming()
      // A path in the data folder is of no use to who sent it.
      let isDamaged = error.code == .internalError
      throw LabError(
        error.code, "backup", isDamaged ? "the file is damaged (take another backup; nothing was changed)" : error.message,
        cause: error.cause)
    }
  }

  /// What came takes the store's place the next time that the store is opened; when this returns, it will.
  public func adopt() throws(LabError) {
    for name in Self.files { Self.remove("\(folder)/replaced/\(name)") }
    guard rename(incoming, folder + "/restored") == 0 else { throw refused(incoming) }
    File.sync(folder)
  }

  /// What came isn't wanted.
  public func refuse() { removeIncoming() }

  /// Puts a copy that was adopted in the store's place. Whatever was done of it before the process died, the rest follows.
  static func putInPlace(in folder: String) throws(LabError) {
    let (restored, replaced) = (folder + "/restored", folder + "/replaced")
    guard access(restored + "/intent.db", F_OK) == 0 else { return removeFolder(restored) }
    guard mkdir(replaced, 0o700) == 0 || errno == EEXIST else { throw refused(replaced) }
    for name in files where access("\(folder)/\(name)", F_OK) == 0 {
      guard rename("\(folder)/\(name)", "\(replaced)/\(name)") == 0 else { throw refused(folder) }
    }
    // What goes on is never beside another's write-ahead file.
    File.sync(folder)
    guard rename(restored + "/intent.db", folder + "/intent.db") == 0 else { throw refused(restored) }
    removeFolder(restored)
    File.sync(folder)
  }

  private static let files = ["intent.db-wal", "intent.db-shm", "intent.db"]

  private func removeIncoming() { Self.removeFolder(incoming) }

  private static func removeFolder(_ path: String) {
    for name in files + ["intent.lock"] { remove("\(path)/\(name)") }
    rmdir(path)
  }

  /// With what SQLite may have left beside it.
  private static func remove(_ path: String) { for end in ["", "-wal", "-shm", "-journal"] { unlink(path + end) } }

  private static func size(of path: String) -> UInt64 {
    var status = stat()
    return stat(path, &status) == 0 ? UInt64(status.st_size) : 0
  }

  /// The store itself must go on: what it keeps free for that isn't for copies.
  private func requireRoom(for bytes: UInt64) throws(LabError) {
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else { return }
    let free = UInt64(status.f_bavail) * UInt64(status.f_frsize)
    let wanted = bytes + UInt64(2 * Limits.blobBytes)
    guard free < wanted else { return }
    throw LabError(
      .failedPrecondition, "configs",
      "the config service's disk has no room for a copy: \(free >> 20) MiB are free, \((wanted >> 20) + 1) are needed (free some space)")
  }

  private static func refused(_ path: String) -> LabError {
    let cause = String(cString: strerror(errno))
    return LabError(.internalError, path, "can't be used for a copy of the store (check the config service's data folder)", cause: cause)
  }

  private func refused(_ path: String) -> LabError { Self.refused(path) }
}

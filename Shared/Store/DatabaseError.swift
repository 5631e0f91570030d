import CSQLite
import Glibc
import Model

/// SQLite's result codes as what a user can do about them.
enum DatabaseError {
  /// - Parameters:
  ///   - code: SQLite's extended result code.
  ///   - handle: the connection, for its words and the system's error number; nil where there is none.
  ///   - path: the file, which becomes the error's subject.
  static func make(_ code: Int32, _ handle: OpaquePointer?, _ path: String) -> LabError {
    let system = handle.map { sqlite3_system_errno($0) } ?? 0
    var words = String(cString: handle.map { sqlite3_errmsg($0) } ?? sqlite3_errstr(code))
    if system != 0 { words += " (\(String(cString: strerror(system))))" }
    let (kind, message) = meaning(of: code, system)
    return LabError(kind, path, message, cause: "\(words), SQLite \(code)")
  }

  private static func meaning(of code: Int32, _ system: Int32) -> (ErrorCode, String) {
    if code == SQLITE_FULL || system == ENOSPC || system == EDQUOT {
      return (.resourceExhausted, "the disk is full (free some space; what was acknowledged is kept)")
    }
    // The low byte is the primary code, whatever SQLite adds above it.
    switch code & 0xff {
    case SQLITE_CORRUPT, SQLITE_NOTADB:
      return (.internalError, "the file is damaged (move the folder away and restore it from a backup; nothing was changed)")
    case SQLITE_BUSY, SQLITE_LOCKED:
      return (.unavailable, "another program has the file open for writing (end it, then start again)")
    case SQLITE_READONLY, SQLITE_PERM, SQLITE_CANTOPEN, SQLITE_AUTH:
      return (.failedPrecondition, "the file can't be opened for writing (check the folder's owner, permissions and mount)")
    case SQLITE_IOERR:
      return (.internalError, "reading or writing failed (read the kernel's log; the disk may be failing)")
    case SQLITE_NOMEM:
      return (.resourceExhausted, "memory has run out (end other programs or add memory)")
    default:
      return (.internalError, "the database refused an operation (report this)")
    }
  }
}

import Arguments
import Glibc
import Model

/// `archetype restore`.
struct Restore: Runnable {
  static let entry = Entry(
    Command(
      "restore", "put a backup in the place of the config service's store, while it runs", positionals: [.required("FILE")]),
    examples: ["archetype restore /srv/backup/intent-2026-11-26.db", "archetype configs recover"],
    make: { (invocation) throws(LabError) in
      Restore(invocation: invocation, place: try invocation.bus(), path: invocation.arguments.positional("FILE") ?? "")
    })

  let invocation: Invocation
  let place: Connection.Place
  let path: String

  func run() throws(LabError) -> Int32 {
    let connection = try place.connect()
    let id = connection.freshID()
    let bytes = try send(named: id, connection)
    guard case .restored(let copy) = try connection.configs(.restore(id, bytes: bytes), deadline: Backup.patience) else {
      throw Connection.strange(.configs)
    }
    invocation.show(
      copy, "is in place and changes nothing until you have looked and said so: 'archetype configs recover' (or restore another)")
    return ExitCode.done
  }

  /// - Returns: how many bytes it has.
  private func send(named id: RequestID, _ connection: Connection) throws(LabError) -> UInt64 {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw unreadable(errno) }
    defer { close(file) }
    var offset: UInt64 = 0
    var part = [UInt8](repeating: 0, count: Limits.backupPartBytes)
    while true {
      let count = part.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, off_t(offset)) }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw unreadable(errno) }
      if count == 0 { return offset }
      guard case .restorePart = try connection.configs(.restorePart(id, offset: offset, Array(part[..<count]))) else {
        throw Connection.strange(.configs)
      }
      offset += UInt64(count)
    }
  }

  private func unreadable(_ error: Int32) -> LabError {
    LabError(error == ENOENT ? .notFound : .failedPrecondition, path, "can't be read", cause: String(cString: strerror(error)))
  }
}

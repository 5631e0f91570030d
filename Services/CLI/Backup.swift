import Arguments
import Files
import Glibc
import Model

/// `archetype backup`.
struct Backup: Runnable {
  static let entry = Entry(
    Command(
      "backup", "copy all that the config service stores into a file, while it runs", positionals: [.required("FILE")]),
    examples: ["archetype backup /srv/backup/intent-$(date +%F).db"],
    make: { (invocation) throws(LabError) in
      Backup(invocation: invocation, place: try invocation.bus(), path: invocation.arguments.positional("FILE") ?? "")
    })

  /// Milliseconds that a service may take to write or read as much as a store may hold.
  static let patience: UInt64 = 300_000

  let invocation: Invocation
  let place: Connection.Place
  let path: String

  func run() throws(LabError) -> Int32 {
    let connection = try place.connect()
    let id = connection.freshID()
    guard case .backup(let copy) = try connection.configs(.backup, id: id, deadline: Self.patience) else {
      throw Connection.strange(.configs)
    }
    let fresh = path + ".new"
    unlink(fresh)
    do throws(LabError) {
      try fetch(copy, named: id, into: fresh, connection)
      guard rename(fresh, path) == 0 else { throw Self.refused(path, errno) }
    } catch {
      unlink(fresh)
      throw error
    }
    File.sync(File.parent(of: path))
    invocation.show(copy, "backed up in \(path), which holds secrets: only its owner may read it")
    return ExitCode.done
  }

  private func fetch(_ copy: StoreCopy, named id: RequestID, into path: String, _ connection: Connection) throws(LabError) {
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw Self.refused(path, errno) }
    defer { close(file) }
    var offset: UInt64 = 0
    while true {
      // Behind the end there is nothing, and the service hears that the copy has been read.
      guard case .backupPart(let part) = try connection.configs(.backupPart(id, offset: offset)) else { throw Connection.strange(.configs) }
      if part.isEmpty { break }
      guard part.withUnsafeBytes({ pwrite(file, $0.baseAddress, $0.count, off_t(offset)) }) == part.count else {
        throw Self.refused(path, errno)
      }
      offset += UInt64(part.count)
    }
    guard offset == copy.bytes else {
      throw LabError(.internalError, path, "\(offset) of \(copy.bytes) bytes have come (try again)")
    }
    guard fsync(file) == 0 else { throw Self.refused(path, errno) }
  }

  static func refused(_ path: String, _ error: Int32) -> LabError {
    LabError(
      .failedPrecondition, path, "can't be written (check the path, and that there is room)", cause: String(cString: strerror(error)))
  }
}

extension Invocation {
  /// What was copied, and `words` for people.
  func show(_ copy: StoreCopy, _ words: String) {
    if isJSON {
      Output.json(
        .members([
          "deployment": .string(copy.store.deployment.text), "incarnation": .string(copy.store.incarnation.text),
          "revision": .unsigned(copy.revision.number), "bytes": .unsigned(copy.bytes),
        ]))
    } else {
      Output.line("store \(copy.store.deployment) at revision \(copy.revision) (\(copy.bytes) bytes) \(words)")
    }
  }
}

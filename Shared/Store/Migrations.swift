import CSQLite
import Model

/// The numbered steps that a file's schema has gone through, only forward. A step that was released is never edited: another is added.
struct Migrations {
  /// Says in the file's head what it is (SQLite's `application_id`).
  let application: Int64
  /// What users call it.
  let name: String
  /// SQL of step 1, 2, …; a file at version n has run the first n.
  let steps: [String]

  /// - Throws: `FAILED_PRECONDITION` for a file that isn't ours or is of a newer program; `INTERNAL` for a damaged one.
  func refuseForeign(_ connection: Connection) throws(LabError) {
    let found = try connection.integer("PRAGMA application_id")
    let version = try connection.integer("PRAGMA user_version")
    if found == application {
      guard version <= steps.count else {
        throw LabError(
          .failedPrecondition, connection.path,
          "written by a newer program: schema \(version), this one knows \(steps.count) (start the newer program, or restore an older backup)"
        )
      }
      return
    }
    let isEmpty = try connection.integer("SELECT count(*) FROM sqlite_schema") == 0
    guard found == 0, version == 0, isEmpty else {
      throw LabError(.failedPrecondition, connection.path, "not \(name) (name another data folder)")
    }
  }

  /// Runs what is missing in one transaction: after a crash the file is as before or as after.
  func migrate(_ connection: Connection) throws(LabError) {
    let version = Int(try connection.integer("PRAGMA user_version"))
    guard version < steps.count else { return }
    try connection.transaction { () throws(LabError) in
      for step in steps[version...] { try connection.execute(step) }
      try connection.execute("PRAGMA application_id = \(application); PRAGMA user_version = \(steps.count);")
    }
  }
}

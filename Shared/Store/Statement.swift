import CSQLite
import Model

/// Tells SQLite to copy what is bound (`SQLITE_TRANSIENT`, a macro that C modules can't export).
private let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

/// A prepared statement. Parameters count from 1, columns from 0, as in SQLite.
///
/// One that SQLite refused to prepare says so when it is used: then an owner of several needs no throwing initialiser, which Swift doesn't
/// allow where its parts can't be copied.
struct Statement: ~Copyable {
  private let handle: OpaquePointer?
  private let refusal: LabError?
  private let path: String

  init(_ connection: Connection, _ sql: String) {
    var prepared: OpaquePointer?
    let code = sqlite3_prepare_v3(connection.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
    refusal = code == SQLITE_OK ? nil : DatabaseError.make(code, connection.handle, connection.path)
    handle = prepared
    path = connection.path
  }

  deinit { sqlite3_finalize(handle) }

  func bind(_ index: Int32, _ value: Int64?) throws(LabError) {
    guard let value else { return try check(sqlite3_bind_null(handle, index)) }
    try check(sqlite3_bind_int64(handle, index, value))
  }

  /// Bits are kept: SQLite's integers are signed, ours (random ids) need not be.
  func bind(_ index: Int32, bits value: UInt64) throws(LabError) { try bind(index, Int64(bitPattern: value)) }

  func bind(_ index: Int32, _ value: String?) throws(LabError) {
    guard let value else { return try check(sqlite3_bind_null(handle, index)) }
    try check(sqlite3_bind_text(handle, index, value, -1, copied))
  }

  func bind(_ index: Int32, _ value: [UInt8]) throws(LabError) {
    // The address of an empty array may be nil, which would bind NULL.
    guard !value.isEmpty else { return try check(sqlite3_bind_zeroblob(handle, index, 0)) }
    try check(value.withUnsafeBytes { sqlite3_bind_blob(handle, index, $0.baseAddress, Int32($0.count), copied) })
  }

  /// Goes to the next row; false: there is none, and the statement is ready to be used again.
  func step() throws(LabError) -> Bool {
    if let refusal { throw refusal }
    let code = sqlite3_step(handle)
    if code == SQLITE_ROW { return true }
    defer { reset() }
    guard code == SQLITE_DONE else { throw DatabaseError.make(code, sqlite3_db_handle(handle), path) }
    return false
  }

  /// Runs it to its end and makes it ready to be used again.
  func run() throws(LabError) {
    while try step() {}
  }

  /// Ends a read before its last row, and gives back the memory of what was bound.
  func reset() {
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
  }

  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }
  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }
  func bits(_ column: Int32) -> UInt64 { UInt64(bitPattern: sqlite3_column_int64(handle, column)) }
  func text(_ column: Int32) -> String { sqlite3_column_text(handle, column).map { String(cString: $0) } ?? "" }
  func bytes(_ column: Int32) -> [UInt8] {
    let start = sqlite3_column_blob(handle, column)
    return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
  }

  private func check(_ code: Int32) throws(LabError) {
    if let refusal { throw refusal }
    guard code == SQLITE_OK else { throw DatabaseError.make(code, sqlite3_db_handle(handle), path) }
  }
}

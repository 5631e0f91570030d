import Glibc
public import Model
import Wire

/// A file of messages: a line that says what it is, then each with its length before it (4 bytes, the highest first).
public final class TraceRecording {
  private static let heading = Array("archetype trace 1\n".utf8)
  private let path: String
  private let file: UnsafeMutablePointer<FILE>

  /// - Throws: `ALREADY_EXISTS` for a file that is there, or what the system says.
  public init(writing path: String) throws(LabError) {
    file = try Self.open(path, "wxe")
    self.path = path
    try put(Self.heading)
  }

  /// - Throws: `INVALID_ARGUMENT` for a file that is no recording.
  public init(reading path: String) throws(LabError) {
    file = try Self.open(path, "re")
    self.path = path
    guard get(Self.heading.count) == Self.heading else {
      throw LabError(.invalidArgument, path, "is no recording (make one with archetype trace --record FILE)")
    }
  }

  deinit { fclose(file) }

  private static func open(_ path: String, _ mode: String) throws(LabError) -> UnsafeMutablePointer<FILE> {
    if let file = fopen(path, mode) { return file }
    let code: ErrorCode = errno == ENOENT ? .notFound : errno == EEXIST ? .alreadyExists : .failedPrecondition
    throw LabError(code, path, "can't be opened", cause: String(cString: strerror(errno)))
  }

  public func write(_ record: TraceRecord) throws(LabError) {
    let bytes = record.encode()
    try put((0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> (24 - 8 * $0)) })
    try put(bytes)
  }

  public func flush() throws(LabError) {
    if fflush(file) != 0 { throw failure() }
  }

  private func put(_ bytes: [UInt8]) throws(LabError) {
    if fwrite(bytes, 1, bytes.count, file) != bytes.count { throw failure() }
  }

  private func failure() -> LabError { LabError(.failedPrecondition, path, "can't be written", cause: String(cString: strerror(errno))) }

  /// nil: the end, also where a message was written in part.
  public func next() throws(LabError) -> TraceRecord? {
    let head = get(4)
    guard head.count == 4 else { return nil }
    let length = head.reduce(0) { $0 << 8 | Int($1) }
    guard length <= 2 * Limits.frameBytes else {
      throw LabError(.invalidArgument, path, "holds a message of \(length) bytes (it is damaged)")
    }
    let bytes = get(length)
    guard bytes.count == length else { return nil }
    do throws(LabError) { return try TraceRecord(decoding: bytes) } catch {
      throw LabError(.invalidArgument, path, "is damaged", cause: error.description)
    }
  }

  private func get(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, read in read = fread(buffer.baseAddress, 1, count, file) }
  }
}

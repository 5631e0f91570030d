import Files
import Glibc
import Model
import Wire

/// What the agent keeps on disk: the last assignment, whose it is, and contents by digest. Written by rename and synced before it counts.
struct AgentDisk: Sendable {
  let folder: String
  let measured = MeasuredDisk()

  init(folder: String) throws(LabError) {
    self.folder = folder
    for path in [folder, folder + "/blobs"] where mkdir(path, 0o700) != 0 && errno != EEXIST {
      let code: ErrorCode = errno == ENOSPC || errno == EDQUOT ? .resourceExhausted : .failedPrecondition
      throw LabError(code, path, "can't be made", cause: String(cString: strerror(errno)))
    }
  }

  // MARK: Assignment

  func save(_ assignment: Assignment, for identity: String) throws(LabError) {
    // In this order: whoever dies in between leaves no earlier assignment under this identity.
    try write(Codec.encode(assignment), to: "assignment")
    try write(Array(identity.utf8), to: "identity")
  }

  /// The cached assignment, and whether it was written on this machine under this name and address.
  ///
  /// - Throws: for a cache that can't be read: what a host was told is not guessed.
  func cached(for identity: String) throws(LabError) -> (Assignment, isTrusted: Bool)? {
    guard let bytes = try read("assignment") else { return nil }
    let owner = try read("identity").map { String(decoding: $0, as: UTF8.self) }
    do throws(LabError) {
      return (try Codec.decodeAssignment(bytes), owner == identity)
    } catch {
      throw LabError(
        .failedPrecondition, folder + "/assignment", "the cached assignment can't be read (remove the file; the agent asks for a new one)",
        cause: error.description)
    }
  }

  // MARK: Blobs

  func blob(_ digest: BlobDigest) throws(LabError) -> [UInt8] {
    guard let bytes = try read("blobs/\(digest.hex)") else {
      throw LabError(.notFound, "\(digest)", "is not on this host's disk")
    }
    guard Digest.sha256(bytes) == digest else { throw LabError(.internalError, "\(digest)", "is damaged on this host's disk") }
    return bytes
  }

  func saveBlob(_ digest: BlobDigest, _ bytes: [UInt8]) throws(LabError) {
    guard Digest.sha256(bytes) == digest else { throw LabError(.internalError, "\(digest)", "arrived damaged") }
    try write(bytes, to: "blobs/\(digest.hex)")
  }

  var blobs: Set<BlobDigest> { Set(((try? File.names(in: "\(folder)/blobs")) ?? []).compactMap { try? BlobDigest($0) }) }

  func dropBlobs(keeping kept: Set<BlobDigest>) {
    for digest in blobs.subtracting(kept) { unlink("\(folder)/blobs/\(digest.hex)") }
  }

  // MARK: Files

  private func read(_ name: String) throws(LabError) -> [UInt8]? {
    do throws(FileError) { return try File.read("\(folder)/\(name)", most: .max) } catch {
      if error.code == ENOENT { return nil }
      throw failure("read", name, error)
    }
  }

  private func write(_ bytes: [UInt8], to name: String) throws(LabError) {
    do throws(FileError) { try File.replace("\(folder)/\(name)", with: bytes, isDurable: true) } catch {
      throw failure("write", name, error)
    }
  }

  private func failure(_ what: String, _ name: String, _ cause: FileError) -> LabError {
    let subject = "\(folder)/\(name)"
    guard cause.code == ENOSPC || cause.code == EDQUOT else {
      return LabError(.internalError, subject, "can't \(what) \(subject)", cause: "\(cause)")
    }
    let space = DiskSpace(of: folder).map { "\($0.available) of \($0.total) MiB are free at \(folder)" } ?? "at \(folder)"
    return LabError(.resourceExhausted, subject, "its disk is full (\(space); free some, and it goes on by itself)")
  }
}

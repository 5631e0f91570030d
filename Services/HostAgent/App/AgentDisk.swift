import CLinux
import Glibc
import Model
import Wire

/// What the agent keeps on disk: the last assignment, whose it is, and contents by digest. Written by rename and synced before it counts.
struct AgentDisk: Sendable {
  let folder: String

  init(folder: String) throws(LabError) {
    self.folder = folder
    for path in [folder, folder + "/blobs"] where mkdir(path, 0o700) != 0 && errno != EEXIST {
      throw LabError(.failedPrecondition, path, "can't be made", cause: String(cString: strerror(errno)))
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

  var blobs: Set<BlobDigest> { Set(names("blobs").compactMap { try? BlobDigest($0) }) }

  func dropBlobs(keeping kept: Set<BlobDigest>) {
    for digest in blobs.subtracting(kept) { unlink("\(folder)/blobs/\(digest.hex)") }
  }

  // MARK: Files

  private func names(_ name: String) -> [String] {
    guard let directory = opendir("\(folder)/\(name)") else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) { $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) } })
    }
    return names
  }

  private func read(_ name: String) throws(LabError) -> [UInt8]? {
    let descriptor = open("\(folder)/\(name)", O_RDONLY | O_CLOEXEC)
    if descriptor < 0, errno == ENOENT { return nil }
    guard descriptor >= 0 else { throw failure("read", name) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0 { throw failure("read", name) }
      if count == 0 { return bytes }
      bytes += buffer[0..<count]
    }
  }

  private func write(_ bytes: [UInt8], to name: String) throws(LabError) {
    let path = "\(folder)/\(name)"
    let descriptor = open(path + ".new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure("write", name) }
    defer { close(descriptor) }
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        buffer.baseAddress.map { Glibc.write(descriptor, $0 + written, bytes.count - written) } ?? 0
      }
      guard count > 0 else { throw failure("write", name) }
      written += count
    }
    guard fsync(descriptor) == 0, rename(path + ".new", path) == 0 else { throw failure("write", name) }
    let parent = open(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]), O_RDONLY | O_CLOEXEC)
    if parent >= 0 {
      fsync(parent)
      close(parent)
    }
  }

  private func failure(_ what: String, _ name: String) -> LabError {
    LabError(
      errno == ENOSPC ? .resourceExhausted : .internalError, "\(folder)/\(name)", "can't \(what) it",
      cause: String(cString: strerror(errno)))
  }
}

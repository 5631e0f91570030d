import Files
import Glibc
import Model

/// The file of a ring of sectors, made whole at once so that a full disk can't stop it later. One thread uses it.
struct RingFile: ~Copyable {
  private let path: String
  private let ring: SealedRing
  private let file: Int32
  private var next: UInt64
  private var torn: Int

  /// Damaged files that are kept beside the one in use.
  static let mostKept = 3

  deinit { close(file) }

  /// Opens a ring, or makes one. A damaged one is put aside as `PATH.damaged-1`, the one before that as `-2`…, and what could be read of it
  /// goes into its successor.
  ///
  /// - Parameter remarks: gets what somebody should know.
  init(_ path: String, length: Int, remarks: inout [String]) throws(FileError) {
    let ring = SealedRing(length: length)
    let found: [UInt8]?
    do throws(FileError) { found = try File.read(path, most: 4 * ring.bytes) } catch {
      guard error.code == ENOENT else { throw error }
      found = nil
    }
    var contents = found.map { ring.read($0) } ?? SealedRing.Contents()
    if contents.isDamaged {
      let kept = Self.putAside(path)
      remarks.append(
        "\(path) was damaged: \(contents.groups.count) entries could be read and were taken over, \(contents.damaged) sectors could not "
          + "(the file is kept as \(kept))")
    } else if contents.torn > 0 {
      remarks.append("the last entry of \(path) is torn: it was being written when the host or its agent died")
    }
    if found == nil || contents.isDamaged { contents.next = try Self.make(path, ring, contents.groups) }
    let file = open(path, O_RDWR | O_CLOEXEC)
    guard file >= 0 else { throw FileError(errno) }
    self.path = path
    self.ring = ring
    self.file = file
    next = contents.next
    torn = contents.isDamaged ? 0 : contents.torn
  }

  /// How many bytes one group may have.
  var mostBytes: Int { ring.mostBytes }

  /// Writes groups and waits until the disk has them.
  mutating func write(_ groups: [UInt8]...) throws(FileError) { try write(groups) }

  mutating func write(_ groups: [[UInt8]]) throws(FileError) {
    var end = next
    for group in groups {
      for sector in ring.seal(group, from: end, parts: end == next ? max(torn, 1) : 1) {
        try Self.write(sector, to: file, at: ring.offset(of: end))
        end += 1
      }
    }
    if fdatasync(file) != 0 { throw FileError(errno) }
    // Only now: what failed is written again in its place.
    next = end
    torn = 0
  }

  /// What a file holds, oldest first; nothing where there is none.
  static func groups(_ path: String, length: Int) -> [[UInt8]] {
    let ring = SealedRing(length: length)
    return (try? File.read(path, most: 4 * ring.bytes)).map { ring.read($0).groups } ?? []
  }

  private static func write(_ bytes: [UInt8], to file: Int32, at offset: Int) throws(FileError) {
    var count: Int
    repeat { count = pwrite(file, bytes, bytes.count, off_t(offset)) } while count < 0 && errno == EINTR
    if count != bytes.count { throw FileError(count < 0 ? errno : EIO) }
  }

  /// A whole file of zeros with these groups; the number that comes next.
  private static func make(_ path: String, _ ring: SealedRing, _ groups: [[UInt8]]) throws(FileError) -> UInt64 {
    var bytes = [UInt8](repeating: 0, count: ring.bytes)
    var next: UInt64 = 1
    for group in groups {
      for sector in ring.seal(group, from: next) {
        bytes.replaceSubrange(ring.offset(of: next)..<ring.offset(of: next) + sector.count, with: sector)
        next += 1
      }
    }
    try File.replace(path, with: bytes, isDurable: true)
    return next
  }

  private static func putAside(_ path: String) -> String {
    for number in (1..<mostKept).reversed() { rename("\(path).damaged-\(number)", "\(path).damaged-\(number + 1)") }
    rename(path, "\(path).damaged-1")
    return "\(path).damaged-1"
  }
}

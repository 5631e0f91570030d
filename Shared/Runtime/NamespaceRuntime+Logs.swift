import CLinux
import Glibc
public import Model

extension NamespaceRuntime {
  /// What is kept of a node's output; with what comes between two trims it may be more for a moment.
  static let logBytes: UInt64 = 4 << 20

  /// Only whole blocks become holes; a part of one would become zeros.
  private static let blockMask: UInt64 = (64 << 10) - 1

  // A node's command appends to its log by itself. What is too old is freed inside the file (a hole), so no byte that is still there
  // changes its offset, nothing has to be renamed under the writer, and a reader that is behind sees where the rest begins.

  public func logs(_ key: NodeKey, offset: UInt64, limit: Int) throws(LabError) -> LogPart {
    let path = layout.log(key)
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      if errno == ENOENT { throw LabError(.notFound, key.id, "has no log here (it was never started)") }
      throw LabError(.unavailable, key.id, "can't read its log \(path)", cause: words(errno))
    }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw LabError(.unavailable, key.id, "can't read its log \(path)", cause: words(errno)) }
    let end = UInt64(status.st_size)
    // Data begins at a block's start, so it may begin before what is asked for.
    let data = clinux_seek_data(file, min(offset, end))
    let start = data >= 0 ? max(UInt64(data), offset) : end
    let count = Int(min(end - min(start, end), UInt64(max(limit, 0))))
    var bytes = [UInt8](repeating: 0, count: count)
    let got = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, off_t(start)) }
    bytes.removeSubrange(max(got, 0)...)
    return LogPart(offset: start, bytes: bytes, next: start + UInt64(bytes.count), end: end)
  }

  public func trimLogs() {
    // Best effort: the next call comes in seconds.
    for key in (try? layout.keysOfLogs()) ?? [] {
      let path = layout.log(key)
      var status = stat()
      guard stat(path, &status) == 0, UInt64(status.st_blocks) * 512 > 2 * Self.logBytes else { continue }
      let file = open(path, O_RDWR | O_CLOEXEC)
      guard file >= 0 else { continue }
      if clinux_punch(file, (UInt64(status.st_size) - Self.logBytes) & ~Self.blockMask) != 0 && errno == EOPNOTSUPP {
        // The file system has no holes: start anew; the writer appends.
        ftruncate(file, 0)
      }
      close(file)
    }
  }
}

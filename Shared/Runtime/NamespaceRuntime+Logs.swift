import CLinux
import Glibc
public import Model

extension NamespaceRuntime {
  // A node's first process appends what its command prints, keeps the last 4 MiB and frees what is older inside the file (a hole): offsets
  // of what is still there don't change, and a reader that is behind sees where the rest begins.

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

  public func output(_ key: NodeKey, limit: Int) throws(LabError) -> [UInt8] {
    let begin = try record(key)?.logStart ?? 0
    let end = try logs(key, offset: 0, limit: 0).end
    return try logs(key, offset: max(begin, end - min(end, UInt64(max(limit, 0)))), limit: limit).bytes
  }
}

import Glibc

/// Files of a few hundred bytes, read and written whole.
enum SmallFile {
  /// Nothing here is longer; a longer file is cut.
  private static let most = 64 << 10

  /// nil where there is none or it can't be read; the caller tells these apart by errno where it matters.
  static func read(_ path: String) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 1024)
    var length = 0
    while length < most {
      if length == bytes.count { bytes.append(contentsOf: repeatElement(0, count: bytes.count)) }
      let got = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress?.advanced(by: length), $0.count - length) }
      if got < 0 && errno == EINTR { continue }
      if got < 0 { return nil }
      if got == 0 { break }
      length += got
    }
    return Array(bytes.prefix(length))
  }

  static func text(_ path: String) -> String? { read(path).map { String(decoding: $0, as: UTF8.self) } }

  /// Writes by rename: whoever reads sees the old or the new, also after our death in between.
  static func write(_ path: String, _ bytes: [UInt8]) -> Bool {
    let new = path + ".new"
    let file = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { return false }
    var done = 0
    while done < bytes.count {
      let wrote = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress?.advanced(by: done), $0.count - done) }
      if wrote < 0 && errno == EINTR { continue }
      if wrote < 0 { break }
      done += wrote
    }
    close(file)
    return done == bytes.count && rename(new, path) == 0
  }
}

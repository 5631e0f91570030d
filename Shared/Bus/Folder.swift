import Glibc
import Model

/// The few file operations that keys need.
enum Folder {
  /// A key file has 150 bytes.
  private static let mostBytes = 4096

  static func make(_ path: String) throws(LabError) {
    if mkdir(path, 0o700) != 0 && errno != EEXIST { throw failure(path, "can't be made") }
  }

  static func holds(_ path: String) -> Bool { access(path, F_OK) == 0 }

  static func list(_ path: String) throws(LabError) -> [String] {
    guard let folder = opendir(path) else {
      if errno == ENOENT { return [] }
      throw failure(path, "can't be read")
    }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names
  }

  static func read(_ path: String) throws(LabError) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw failure(path, "can't be read") }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: mostBytes)
    let count = Glibc.read(file, &bytes, bytes.count)
    guard count >= 0 else { throw failure(path, "can't be read") }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  /// Puts a whole file in place, durable, or leaves what was there.
  static func replace(_ path: String, with text: String) throws(LabError) {
    let fresh = "\(path).new"
    unlink(fresh)
    let file = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw failure(fresh, "can't be made") }
    let bytes = Array(text.utf8)
    let isWritten = write(file, bytes, bytes.count) == bytes.count && fsync(file) == 0
    close(file)
    guard isWritten, rename(fresh, path) == 0 else {
      let error = failure(path, "can't be written")
      unlink(fresh)
      throw error
    }
  }

  static func failure(_ path: String, _ message: String) -> LabError {
    let cause = String(cString: strerror(errno))
    return LabError(.failedPrecondition, path, message, cause: cause)
  }
}

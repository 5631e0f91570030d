public import Glibc

/// Files and folders by their paths, whole: what every program needs of them, without Foundation.
public enum File {
  /// The file's bytes.
  ///
  /// - Parameters:
  ///   - most: how many are taken at most; what is longer is cut.
  ///   - tail: of a longer file only this many of its last bytes.
  public static func read(_ path: String, most: Int, tail: Int? = nil) throws(FileError) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw .current() }
    defer { close(file) }
    // Where there are fewer bytes, the file is read from its start.
    if let tail { lseek(file, -off_t(tail), SEEK_END) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: min(most, 16 << 10))
    while bytes.count < most {
      let count = Glibc.read(file, &part, min(part.count, most - bytes.count))
      if count < 0 && errno == EINTR { continue }
      if count < 0 { throw .current() }
      if count == 0 { break }
      bytes += part[..<count]
    }
    return bytes
  }

  /// Puts a whole file in place: whoever reads sees the old one or the new one, also after our death in between.
  ///
  /// - Parameters:
  ///   - mode: less the mask of this process's creation.
  ///   - isDurable: whether it must be on the disk when this returns.
  public static func replace(_ path: String, with bytes: [UInt8], mode: mode_t = 0o600, isDurable: Bool) throws(FileError) {
    let fresh = path + ".new"
    // Left by somebody who died, or laid there: it isn't written through.
    unlink(fresh)
    let file = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard file >= 0 else { throw .current() }
    do throws(FileError) {
      defer { close(file) }
      try write(bytes, to: file)
      if isDurable && fsync(file) != 0 { throw .current() }
    } catch {
      unlink(fresh)
      throw error
    }
    guard rename(fresh, path) == 0 else {
      let error = FileError.current()
      unlink(fresh)
      throw error
    }
    if isDurable { sync(parent(of: path)) }
  }

  /// Adds to a file's end, by one write(2) where the kernel takes it all at once; makes the file where there is none.
  public static func append(_ path: String, _ bytes: [UInt8], mode: mode_t = 0o600) throws(FileError) {
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, mode)
    guard file >= 0 else { throw .current() }
    defer { close(file) }
    try write(bytes, to: file)
  }

  /// Names of what is in a folder, sorted, without `.` and `..`.
  public static func names(in folder: String) throws(FileError) -> [String] {
    guard let stream = opendir(folder) else { throw .current() }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        guard errno == 0 else { throw .current() }
        return names.sorted()
      }
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
  }

  private static func write(_ bytes: [UInt8], to file: Int32) throws(FileError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress?.advanced(by: written), bytes.count - written) }
      if count < 0 && errno == EINTR { continue }
      if count < 0 { throw .current() }
      written += count
    }
  }

  /// Makes what a folder holds last; where it can't be opened, its files are the kernel's matter.
  public static func sync(_ folder: String) {
    let file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard file >= 0 else { return }
    fsync(file)
    close(file)
  }

  public static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

/// Why the system refused.
public struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The system's number, as `ENOENT`.
  public let code: Int32
  public init(_ code: Int32) { self.code = code }
  static func current() -> FileError { FileError(errno) }

  /// In the system's words.
  public var description: String { String(cString: strerror(code)) }
}

import Files
import Glibc
import Model

/// Files of the user's, read with a bound.
enum FileContent {
  /// Folders in folders; a link in a circle ends here.
  private static let deepest = 32

  private static func failure(_ path: String, _ error: Int32) -> LabError {
    let code: ErrorCode = error == ENOENT || error == ENOTDIR ? .notFound : error == EACCES ? .permissionDenied : .failedPrecondition
    return LabError(code, path, "can't be read", cause: String(cString: strerror(error)))
  }

  private static func status(_ path: String) throws(LabError) -> stat {
    var status = stat()
    guard stat(path, &status) == 0 else { throw failure(path, errno) }
    return status
  }

  private static func isFolder(_ status: stat) -> Bool { status.st_mode & S_IFMT == S_IFDIR }

  /// - Parameter most: in bytes.
  static func read(_ path: String, most: Int) throws(LabError) -> [UInt8] {
    guard !isFolder(try status(path)) else { throw LabError(.invalidArgument, path, "is a folder, not a file") }
    let bytes: [UInt8]
    do throws(FileError) { bytes = try File.read(path, most: most + 1) } catch { throw failure(path, error.code) }
    guard bytes.count <= most else { throw LabError(.outOfRange, path, "is larger than \(most >> 20) MiB (the limit of one file)") }
    return bytes
  }

  /// Permission bits.
  static func mode(_ path: String) throws(LabError) -> UInt32 { try status(path).st_mode & 0o777 }

  /// Paths of the files below a folder, sorted; of a file one empty path. What is neither file nor folder is an error.
  static func tree(_ root: String, most: Int) throws(LabError) -> [String] {
    var files: [String] = []
    var folders: [(path: String, depth: Int)] = []
    func sort(_ path: String, _ depth: Int) throws(LabError) {
      let whole = path.isEmpty ? root : "\(root)/\(path)"
      let status = try status(whole)
      if isFolder(status) {
        guard depth <= deepest else { throw LabError(.outOfRange, whole, "lies more than \(deepest) folders deep (a link in a circle?)") }
        folders.append((path, depth))
      } else if status.st_mode & S_IFMT == S_IFREG {
        files.append(path)
        guard files.count <= most else { throw LabError(.outOfRange, root, "holds more than \(most) files (bind a smaller folder)") }
      } else {
        throw LabError(.invalidArgument, whole, "is neither a file nor a folder")
      }
    }
    try sort("", 0)
    while let folder = folders.popLast() {
      for name in try names(folder.path.isEmpty ? root : "\(root)/\(folder.path)") {
        try sort(folder.path.isEmpty ? name : "\(folder.path)/\(name)", folder.depth + 1)
      }
    }
    return files.sorted()
  }

  private static func names(_ folder: String) throws(LabError) -> [String] {
    do throws(FileError) { return try File.names(in: folder) } catch { throw failure(folder, error.code) }
  }
}

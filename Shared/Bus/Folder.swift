import Files
import Glibc
import Model

/// The few file operations that keys need.
enum Folder {
  /// A key file has 150 bytes.
  private static let mostBytes = 4096

  static func make(_ path: String) throws(LabError) {
    if mkdir(path, 0o700) != 0 && errno != EEXIST { throw failure(path, "can't be made", FileError(errno)) }
  }

  static func holds(_ path: String) -> Bool { access(path, F_OK) == 0 }

  static func list(_ path: String) throws(LabError) -> [String] {
    do throws(FileError) { return try File.names(in: path).filter { !$0.hasPrefix(".") } } catch {
      if error.code == ENOENT { return [] }
      throw failure(path, "can't be read", error)
    }
  }

  static func read(_ path: String) throws(LabError) -> String {
    do throws(FileError) { return String(decoding: try File.read(path, most: mostBytes), as: UTF8.self) } catch {
      throw failure(path, "can't be read", error)
    }
  }

  /// Puts a whole file in place, durable, or leaves what was there.
  static func replace(_ path: String, with text: String) throws(LabError) {
    do throws(FileError) { try File.replace(path, with: Array(text.utf8), isDurable: true) } catch {
      throw failure(path, "can't be written", error)
    }
  }

  /// It is gone when this returns.
  static func remove(_ path: String) throws(LabError) {
    if unlink(path) != 0 && errno != ENOENT { throw failure(path, "can't be removed", FileError(errno)) }
    File.sync(File.parent(of: path))
  }

  private static func failure(_ path: String, _ message: String, _ cause: FileError) -> LabError {
    LabError(.failedPrecondition, path, message, cause: "\(cause)")
  }
}

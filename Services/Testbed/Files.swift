import CLinux
import Files
import Glibc
import Model

/// A descriptor, closed when its last owner is gone. A class, because lists of them are kept.
final class OpenFile: Sendable {
  let number: Int32
  init(_ number: Int32) { self.number = number }
  deinit { close(number) }
}

/// A failed system call as the user sees it.
func systemError(_ subject: String, _ what: String, _ code: Int32 = errno) -> LabError {
  let kind: ErrorCode =
    switch code {
    case EPERM, EACCES, EROFS: .permissionDenied
    case ENOMEM, ENOSPC, EMFILE, ENFILE, EAGAIN: .resourceExhausted
    default: .internalError
    }
  let advice = kind == .permissionDenied ? "\(what) (a testbed needs root)" : what
  return LabError(kind, subject, advice, cause: String(cString: strerror(code)))
}

/// Calls with lists as C wants them, which end in a null pointer; each list is valid only during the call.
func withCLists<Result>(_ lists: [[String]], _ body: ([UnsafePointer<UnsafePointer<CChar>?>]) -> Result) -> Result {
  let owned = lists.map { list in list.map { strdup($0) } }
  defer { for list in owned { for text in list { free(text) } } }
  func open(_ index: Int, _ opened: [UnsafePointer<UnsafePointer<CChar>?>]) -> Result {
    if index == owned.count { return body(opened) }
    let pointers: [UnsafePointer<CChar>?] = owned[index].map { UnsafePointer($0) } + [nil]
    return pointers.withUnsafeBufferPointer { buffer in
      // A list that ends in nil is never empty, so its buffer has an address.
      guard let base = buffer.baseAddress else { return body(opened) }
      return open(index + 1, opened + [base])
    }
  }
  return open(0, [])
}

enum Files {
  /// More than any file of ours in /proc, /sys or a testbed's own small ones.
  private static let most = 1 << 20

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// The text of a small file, or nil if there is none or it can't be read; `from` the end: at most its last bytes.
  static func read(_ path: String, last bytes: Int? = nil) -> String? {
    (try? File.read(path, most: most, tail: bytes)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Replaces a file in one step, so that no reader sees half of it.
  static func replace(_ path: String, _ text: String) throws(LabError) {
    do throws(FileError) { try File.replace(path, with: Array(text.utf8), mode: 0o644, isDurable: false) } catch {
      throw systemError(path, "can't be written", error.code)
    }
  }

  /// Writes to a file of the kernel; false with errno.
  static func poke(_ path: String, _ text: String) -> Bool {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    let file = OpenFile(descriptor)
    return write(file.number, text, text.utf8.count) == text.utf8.count
  }

  /// Makes a folder and those above it; returns the ones that were not there, outermost first.
  @discardableResult
  static func makeFolders(_ path: String, mode: mode_t = 0o755) throws(LabError) -> [String] {
    var made: [String] = []
    var part = ""
    for name in path.split(separator: "/") {
      part += "/" + name
      if mkdir(part, mode) == 0 {
        made.append(part)
      } else if errno != EEXIST, !exists(part) {
        throw systemError(part, "the folder can't be made")
      }
    }
    return made
  }

  static func removeTree(_ path: String) throws(LabError) {
    if clinux_remove_tree(path) != 0 { throw systemError(path, "can't be removed") }
  }

  /// Names of the folders in a folder, not of links to some.
  static func folders(in path: String) -> [String] {
    ((try? File.names(in: path)) ?? []).filter { name in
      var status = stat()
      return lstat("\(path)/\(name)", &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
  }
}

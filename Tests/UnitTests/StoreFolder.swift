import Glibc
import Model

/// A data folder of one test, gone with it.
struct StoreFolder: ~Copyable {
  let path: String

  init() {
    var template = Array("/tmp/archetype-store-XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? "/tmp/archetype-store-failed"
  }

  deinit { Self.remove(path) }

  private static func remove(_ path: String) {
    for name in names(in: path) where unlink(path + "/" + name) != 0 { remove(path + "/" + name) }
    rmdir(path)
  }

  /// What is on disk now, as a process that is killed at this moment leaves it: SQLite's shared memory and the lock die with it.
  func killed() -> StoreFolder {
    let copy = StoreFolder()
    for name in Self.names(in: path) where !name.hasSuffix("-shm") && !name.hasSuffix(".lock") { copy.write(name, read(name)) }
    return copy
  }

  func read(_ name: String) -> [UInt8] {
    guard let file = fopen(path + "/" + name, "r") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return bytes
  }

  func write(_ name: String, _ bytes: [UInt8]) {
    guard let file = fopen(path + "/" + name, "w") else { return }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
  }

  /// Puts a copy in the place of a file.
  func replace(_ name: String) {
    write(name + ".new", read(name))
    rename(path + "/" + name + ".new", path + "/" + name)
  }

  private static func names(in folder: String) -> [String] {
    guard let listing = opendir(folder) else { return [] }
    defer { closedir(listing) }
    var names: [String] = []
    while let entry = readdir(listing) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }
}

/// What a call is refused with; nil: it isn't.
func refusal(_ body: () throws(LabError) -> Void) -> LabError? {
  do {
    try body()
    return nil
  } catch { return error }
}

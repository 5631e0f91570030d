import Files
import Glibc
import Testing

/// Files read, replaced and listed, on a real disk.
struct FileTests {
  @Test("A file is replaced whole, with its mode, whatever lay under the new one's name", arguments: [true, false])
  func replaced(isDurable: Bool) throws {
    let folder = StoreFolder()
    let path = folder.path + "/f"
    folder.write("other", [7])
    symlink("other", path + ".new")
    for bytes in [[UInt8](repeating: 1, count: 100_000), [], [2, 3]] {
      try File.replace(path, with: bytes, mode: 0o640, isDurable: isDurable)
      #expect(try File.read(path, most: .max) == bytes)
    }
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o640)
    #expect(folder.read("other") == [7])
    #expect(try File.names(in: folder.path) == ["f", "other"])
  }

  @Test("Of a long file what was asked for is read")
  func bounds() throws {
    let folder = StoreFolder()
    let path = folder.path + "/f"
    let bytes = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    folder.write("f", bytes)
    #expect(try File.read(path, most: 20_000) == Array(bytes.prefix(20_000)))
    #expect(try File.read(path, most: .max, tail: 300) == Array(bytes.suffix(300)))
    #expect(try File.read(path, most: .max, tail: 60_000) == bytes)
    #expect(try File.read(path, most: 0) == [])
  }

  @Test("What isn't there says so, and a failed replacement leaves nothing")
  func refused() throws {
    let folder = StoreFolder()
    #expect(throws: FileError(ENOENT)) { try File.read(folder.path + "/f", most: 1) }
    #expect(throws: FileError(ENOENT)) { try File.names(in: folder.path + "/f") }
    mkdir(folder.path + "/f", 0o700)
    folder.write("f/x", [])
    #expect(throws: FileError.self) { try File.replace(folder.path + "/f", with: [1], isDurable: false) }
    #expect(try File.names(in: folder.path) == ["f"])
  }
}

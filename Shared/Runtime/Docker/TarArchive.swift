import Model

/// A POSIX ustar archive in memory (pax(1)): what an engine unpacks into a container.
struct TarArchive {
  private(set) var bytes: [UInt8] = []

  private static let block = 512

  /// No folders are written: an engine makes those that are missing, and would give one that is there another mode.
  ///
  /// - Parameter path: without a slash in front.
  /// - Throws: `INVALID_ARGUMENT` for a path that the format can't hold.
  mutating func add(_ path: String, _ content: [UInt8], mode: UInt32) throws(LabError) {
    try header(path, size: content.count, mode: mode)
    bytes += content
    bytes += [UInt8](repeating: 0, count: (Self.block - content.count % Self.block) % Self.block)
  }

  /// With its end.
  var whole: [UInt8] { bytes + [UInt8](repeating: 0, count: 2 * Self.block) }

  private mutating func header(_ path: String, size: Int, mode: UInt32) throws(LabError) {
    let (prefix, name) = try Self.split(path)
    var head = [UInt8](repeating: 0, count: Self.block)
    func put(_ text: String, at place: Int) { head.replaceSubrange(place..<(place + text.utf8.count), with: text.utf8) }
    func octal(_ number: Int, _ digits: Int, at place: Int) {
      let text = String(number, radix: 8)
      put(String(repeating: "0", count: max(0, digits - text.utf8.count)) + text, at: place)
    }
    put(name, at: 0)
    octal(Int(mode & 0o7777), 7, at: 100)
    octal(0, 7, at: 108)
    octal(0, 7, at: 116)
    octal(size, 11, at: 124)
    octal(0, 11, at: 136)
    put("        ", at: 148)
    head[156] = UInt8(ascii: "0")
    put("ustar", at: 257)
    put("00", at: 263)
    put(prefix, at: 345)
    // The sum counts its own field as blanks.
    octal(head.reduce(0) { $0 + Int($1) }, 6, at: 148)
    head[154] = 0
    bytes += head
  }

  /// The name's field holds 100 bytes, the prefix's 155, and a slash stands between.
  private static func split(_ path: String) throws(LabError) -> (prefix: String, name: String) {
    if path.utf8.count <= 100 { return ("", path) }
    for slash in path.indices.reversed() where path[slash] == "/" && path.index(after: slash) != path.endIndex {
      let (prefix, name) = (String(path[..<slash]), String(path[path.index(after: slash)...]))
      if prefix.utf8.count <= 155, name.utf8.count <= 100 { return (prefix, name) }
    }
    throw LabError(.invalidArgument, path, "the path is too long for a container's archive (at most 255 bytes, 100 of them behind a slash)")
  }
}

import Files

/// The runtime's own files, of a few hundred bytes each.
enum SmallFile {
  /// Nothing here is longer; a longer file is cut.
  private static let most = 64 << 10

  static func read(_ path: String) throws(FileError) -> [UInt8] { try File.read(path, most: most) }

  static func text(_ path: String) throws(FileError) -> String { String(decoding: try read(path), as: UTF8.self) }

  /// In memory (`/run`): it need not outlive the host's boot.
  static func write(_ path: String, _ bytes: [UInt8]) throws(FileError) { try File.replace(path, with: bytes, isDurable: false) }
}

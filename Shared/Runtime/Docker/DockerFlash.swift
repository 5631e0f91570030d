import Files
import Model

extension DockerFiles {
  /// Makes the folder and puts into it what isn't there. What a node is given is noted beside it, after it: a configuration that the node has saved
  /// since then stays.
  ///
  /// - Returns: how the node's container finds it.
  func prepare(_ flash: NodeStart.Flash, of key: NodeKey) throws(LabError) -> NodeStart.Bind {
    let folder = "\(folders.disk(key))/files"
    let note = "\(folders.disk(key))/given"
    makeFolders(folder)
    do throws(FileError) {
      for file in flash.files { try put(file, into: folder) }
      let given = Array("\(StableHash.of(String(decoding: flash.config.bytes, as: UTF8.self)))\n".utf8)
      if (try? File.read(note, most: Self.longestNote)) != given {
        try put(flash.config, into: folder)
        try File.replace(note, with: given, isDurable: true)
      }
    } catch { throw LabError(.unavailable, key.id, "its folder \(folder) can't be written", cause: "\(error)") }
    return NodeStart.Bind(source: folder, target: flash.path)
  }

  private func put(_ file: NodeStart.File, into folder: String) throws(FileError) {
    let path = "\(folder)/\(file.path)"
    if (try? File.read(path, most: file.bytes.count + 1)) == file.bytes { return }
    try File.replace(path, with: file.bytes, mode: file.mode, isDurable: true)
  }

  private static let longestNote = 64
}

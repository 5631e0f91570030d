import Glibc
import Model
import Topology
import Wire

/// A topology file with all that it names: read here, since hosts don't have it.
struct TopologySource {
  /// All configurations and bound files of one lab.
  static let mostBytes = 256 << 20
  static let mostFiles = 20_000

  let resolution: Resolution
  private let folder: String
  private var used = 0
  private var files = 0
  private(set) var blobs: [BlobDigest: [UInt8]] = [:]

  /// - Throws: when the file can't be read; what is wrong in it is in `resolution`.
  init(_ path: String, environment: [String: String]) throws(LabError) {
    let bytes = try FileContent.read(path, most: Limits.topologyBytes)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw LabError(.invalidArgument, path, "is no text in UTF-8 (a topology file is YAML)")
    }
    resolution = Topology.resolve(text, file: path, environment: environment)
    folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  }

  /// What the file asks for, its references read into `blobs`.
  mutating func lab() throws(LabError) -> LabSpec {
    if let refusal = resolution.refusal { throw refusal }
    var configs: [NodeName: BlobDigest] = [:]
    for reference in resolution.startupConfigs {
      switch reference.source {
      case .text(let text): configs[reference.node] = try keep(Array(text.utf8))
      case .path(let path):
        configs[reference.node] = try located(reference.line, reference.column) { () throws(LabError) in
          try keep(FileContent.read(place(path), most: Limits.blobBytes))
        }
      }
    }
    var read: [NodeFileReference: [ReadFile]] = [:]
    for reference in resolution.files {
      read[reference] = try located(reference.line, reference.column) { () throws(LabError) in try tree(reference.source) }
    }
    return try resolution.lab(startupConfigs: configs, files: read)
  }

  /// Referenced files that aren't there, with the place that names them.
  var missing: [(line: Int, column: Int, key: String, message: String)] {
    let configs = resolution.startupConfigs.compactMap { reference -> (Int, Int, String, String)? in
      guard case .path(let path) = reference.source else { return nil }
      return (reference.line, reference.column, "startup-config", path)
    }
    let binds = resolution.files.map { ($0.line, $0.column, "binds", $0.source) }
    return (configs + binds).filter { access(place($0.3), R_OK) != 0 }.map { line, column, key, path in
      (line, column, key, "\(path) can't be read: \(String(cString: strerror(errno)))")
    }
  }

  /// Relative paths count from the topology's folder.
  private func place(_ path: String) -> String { path.hasPrefix("/") ? path : folder + path }

  private func located<Value>(_ line: Int, _ column: Int, _ body: () throws(LabError) -> Value) throws(LabError) -> Value {
    do throws(LabError) { return try body() } catch {
      throw LabError(error.code, "\(resolution.file):\(line):\(column)", "\(error.subject) \(error.message)", cause: error.cause)
    }
  }

  private mutating func keep(_ bytes: [UInt8]) throws(LabError) -> BlobDigest {
    used += bytes.count
    files += 1
    guard used <= Self.mostBytes else {
      throw LabError(.outOfRange, resolution.file, "names files of more than \(Self.mostBytes >> 20) MiB together (bind fewer)")
    }
    guard files <= Self.mostFiles else {
      throw LabError(.outOfRange, resolution.file, "names more than \(Self.mostFiles) files (bind fewer)")
    }
    let digest = Digest.sha256(bytes)
    blobs[digest] = bytes
    return digest
  }

  /// A file, or a folder with all in it.
  private mutating func tree(_ source: String) throws(LabError) -> [ReadFile] {
    var found: [ReadFile] = []
    for path in try FileContent.tree(place(source), most: Self.mostFiles) {
      let whole = path.isEmpty ? place(source) : "\(place(source))/\(path)"
      let bytes = try FileContent.read(whole, most: Limits.blobBytes)
      found.append(ReadFile(path: path, content: try keep(bytes), mode: try FileContent.mode(whole)))
    }
    return found
  }
}

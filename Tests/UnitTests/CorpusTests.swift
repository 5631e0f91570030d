import Glibc
import Testing

@testable import Topology

/// Real topology files of other people. They lie beside the project, in the folder that `ARCHETYPE_CORPUS` names.
@Suite("Topology files found in the field")
struct CorpusTests {
  /// Beside the repository, counted from this file.
  private static let folder: String = {
    if let folder = getenv("ARCHETYPE_CORPUS") { return String(cString: folder) }
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    return "/\(root)/../shared/corpus"
  }()

  private struct Row {
    var file: String
    var nodes: Int?
    var links: Int?
    var parse: String
    var schema: String
  }

  private static func content(_ name: String) -> String? {
    guard let file = fopen("\(folder)/\(name)", "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func rows() -> [Row] {
    guard let manifest = content("manifest.tsv") else {
      print("corpus: no manifest.tsv in \(folder) (set ARCHETYPE_CORPUS); topologies of our own are tested all the same")
      return []
    }
    let rows = manifest.split(separator: "\n").dropFirst().map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
    return rows.compactMap { columns in
      guard columns.count >= 11 else { return nil }
      return Row(file: columns[0], nodes: Int(columns[4]), links: Int(columns[5]), parse: columns[9], schema: columns[10])
    }
  }

  @Test("Every file that containerlab's schema takes is read without an error, to its nodes and links")
  func valid() throws {
    for row in Self.rows() where row.parse == "ok" && row.schema == "valid" {
      let text = try #require(Self.content(row.file))
      let resolution = Topology.resolve(text, file: row.file)
      #expect(resolution.errors.isEmpty, "\(row.file): \(resolution.errors)")
      #expect(resolution.nodes == row.nodes && resolution.links == row.links, "\(row.file)")
    }
  }

  @Test("Of the others those that are YAML are counted as well, and those that are not are refused with a line")
  func others() throws {
    for row in Self.rows() where row.schema != "valid" {
      let text = try #require(Self.content(row.file))
      let resolution = Topology.resolve(text, file: row.file)
      if row.parse == "ok" {
        #expect(resolution.nodes == row.nodes && resolution.links == row.links, "\(row.file)")
        // A port without quotes is a base-60 number to the schema's YAML; here it is the text it looks like, and nothing to tell.
        let portOnly = row.schema.hasPrefix("invalid: ports/")
        #expect(portOnly || !resolution.allWarnings.isEmpty || !resolution.errors.isEmpty, "\(row.file)")
        #expect(!portOnly || resolution.errors.isEmpty, "\(row.file): \(resolution.errors)")
      } else {
        #expect(!resolution.errors.isEmpty, "\(row.file)")
      }
      #expect((resolution.errors + resolution.allWarnings).allSatisfy { $0.line > 0 && $0.column > 0 }, "\(row.file)")
    }
  }

  @Test("A file cut off anywhere, or with any byte of it changed, is read or refused")
  func damaged() throws {
    for (number, row) in Self.rows().enumerated() {
      let bytes = Array(try #require(Self.content(row.file)).utf8)
      // The same places in every run.
      for step in 1...4 {
        let place = bytes.count * step / 5
        _ = Topology.resolve(String(decoding: bytes[..<place], as: UTF8.self), file: row.file)
        var changed = bytes
        changed[place] = UInt8(truncatingIfNeeded: number &* 37 &+ step &* 11)
        _ = Topology.resolve(String(decoding: changed, as: UTF8.self), file: row.file)
      }
    }
  }
}

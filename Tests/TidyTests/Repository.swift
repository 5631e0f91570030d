import Foundation

/// The working copy that these tests were built from.
enum Repository {
  /// Absolute path; this file is `Tests/TidyTests/Repository.swift`.
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  /// Every file, sorted, without what tools make for themselves.
  static let files: [SourceFile] = {
    var found: [SourceFile] = []
    func walk(_ folder: String) {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: root + "/" + folder)) ?? []
      for name in names.sorted() where !ignored.contains(name) {
        let path = folder.isEmpty ? name : folder + "/" + name
        let attributes = try? FileManager.default.attributesOfItem(atPath: root + "/" + path)
        switch attributes?[.type] as? FileAttributeType {
        case .typeDirectory?: walk(path)
        case .typeRegular?: found.append(SourceFile(path: path))
        default: break
        }
      }
    }
    walk("")
    return found
  }()

  private static let ignored: Set<String> = [".build", ".git", ".swiftpm"]

  /// Swift that people write.
  static let swift = files.filter { $0.path.hasSuffix(".swift") && !$0.isGenerated }
  /// Their code without comments and strings, by path.
  static let code = Dictionary(uniqueKeysWithValues: swift.map { ($0.path, SwiftCode($0.text)) })
  /// C that people write.
  static let c = files.filter { ($0.path.hasSuffix(".c") || $0.path.hasSuffix(".h")) && !$0.isGenerated }
  static let protos = files.filter { $0.path.hasPrefix("proto/") && $0.path.hasSuffix(".proto") && $0.folder == "proto" }
}

struct SourceFile: Sendable, CustomStringConvertible {
  /// Relative to the root.
  var path: String
  var description: String { path }
  var folder: String { path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "" }
  var isGenerated: Bool { path.hasPrefix("Shared/Wire/Generated/") || path.hasPrefix("Shared/CMessages/") }

  /// Empty for what is not text.
  var text: String { (try? String(contentsOfFile: Repository.root + "/" + path, encoding: .utf8)) ?? "" }

  /// Of a Swift file: without comments and strings.
  var code: SwiftCode { Repository.code[path] ?? SwiftCode(text) }

  var lines: [String] { text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }

  func isIn(_ folder: String) -> Bool { path.hasPrefix(folder + "/") }

  /// Places where the code has one of the expressions: `path:line`.
  func places(of expressions: [Regex<Substring>]) -> [String] {
    code.lines.enumerated()
      .filter { line in expressions.contains { line.element.firstMatch(of: $0) != nil } }.map { "\(path):\($0.offset + 1)" }
  }
}

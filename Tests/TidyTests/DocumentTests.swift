import Foundation
import Testing

@Suite struct DocumentTests {
  private static let documents = Repository.files.filter { $0.path.hasSuffix(".md") }

  @Test("Links and pictures in documents lead somewhere") func linksLeadSomewhere() {
    var broken: [String] = []
    for file in Self.documents {
      let links =
        file.text.matches(of: #/\]\(([^)\s#]+)[^)]*\)/#).map(\.output.1) + file.text.matches(of: #/src="([^"]+)"/#).map(\.output.1)
      for link in links where !link.contains(":") && !Self.isThere(String(link), from: file) { broken.append("\(file.path): \(link)") }
    }
    #expect(broken == [])
  }

  @Test("Files and folders that documents name are there") func namedFilesAreThere() {
    var missing: [String] = []
    for file in Self.documents {
      for match in file.text.matches(of: #/`((?:Shared|Services|Tests|proto|docs|compose)/[\w\/.+-]+)`/#) {
        let path = String(match.output.1)
        let isThere = FileManager.default.fileExists(atPath: Repository.root + "/" + path) || Self.isThere(path, from: file)
        if !isThere { missing.append("\(file.path): \(path)") }
      }
    }
    #expect(missing == [])
  }

  @Test("What documents tell to make can be made") func targetsAreThere() {
    let targets = Set(
      (Repository.files.first { $0.path == "Makefile" }?.text ?? "").matches(of: #/(?m)^([a-z-]+):/#).map { String($0.output.1) })
    #expect(targets.count > 10)
    var missing: [String] = []
    for file in Self.documents {
      // A line of a code block up to what follows it, or a word in backticks.
      for match in file.text.matches(of: #/(?m)(?:^|`)make ((?:[a-z-]+ ?)+)/#) {
        let words = match.output.1.split(separator: " ").map(String.init)
        missing += words.filter { !targets.contains($0) }.map { "\(file.path): \($0)" }
      }
    }
    #expect(missing == [])
  }

  @Test("Decisions are numbered, dated, and say why, what and what follows") func decisionsAreWhole() {
    let decisions = Repository.files.filter { $0.isIn("docs/decisions") }
    #expect(!decisions.isEmpty)
    var wrong: [String] = []
    for (index, file) in decisions.enumerated() {
      let number = String(format: "%04d", index + 1)
      let parts = ["**Context.**", "**Decision.**", "**Consequence.**"].map { file.text.range(of: $0)?.lowerBound }
      let isOrdered = parts.allSatisfy { $0 != nil } && parts.compactMap(\.self) == parts.compactMap(\.self).sorted()
      let isNamed = file.path.hasPrefix("docs/decisions/\(number)-") && file.lines.first?.hasPrefix("# \(index + 1) · ") == true
      let isDated = file.lines.dropFirst(2).first?.wholeMatch(of: #/\d{4}-\d{2}-\d{2}/#) != nil
      if !(isOrdered && isNamed && isDated) { wrong.append(file.path) }
    }
    #expect(wrong == [])
  }

  /// Relative to the document.
  private static func isThere(_ path: String, from file: SourceFile) -> Bool {
    FileManager.default.fileExists(atPath: Repository.root + "/" + file.folder + "/" + path)
  }
}

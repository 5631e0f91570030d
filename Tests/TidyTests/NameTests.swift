import Foundation
import Testing

@Suite struct NameTests {
  @Test("No file or folder has a name that says nothing") func namesSaySomething() {
    let empty: Set<String> = ["util", "utils", "utilities", "helper", "helpers", "common", "manager", "managers", "misc"]
    let found = Repository.files.filter { file in
      file.path.split(separator: "/").contains { component in !Self.words(String(component)).isDisjoint(with: empty) }
    }
    #expect(found.map(\.path) == [])
  }

  @Test("No path of a build machine is in a file") func noPathsOfMachines() {
    // In pieces, so that this file doesn't have them.
    let paths = ["/work" + "/main", "/work" + "/shared", "/opt" + "/swift", "/tmp" + "/b-", "/tmp" + "/bash_jobs", Repository.root + "/"]
    let found = Repository.files.flatMap { file in
      let text = file.text
      return paths.filter(text.contains).map { "\(file.path): \($0)" }
    }
    #expect(found == [])
  }

  @Test("Scripts can be run, and end at the first error") func scriptsCanBeRun() {
    let scripts = Repository.files.filter { $0.path.hasSuffix(".sh") || $0.isIn(".ci") }
    #expect(!scripts.isEmpty)
    #expect(scripts.filter { !FileManager.default.isExecutableFile(atPath: Repository.root + "/" + $0.path) }.map(\.path) == [])
    #expect(scripts.filter { !$0.lines.contains("set -eu") }.map(\.path) == [])
  }

  @Test("A source begins with what it is, not with boilerplate") func noBoilerplate() {
    let found = (Repository.swift + Repository.c).filter { file in
      guard let first = file.lines.first, !file.path.hasSuffix("Package.swift") else { return false }
      return first.hasPrefix("/*") || first.hasPrefix("//") && (first.contains(".swift") || first.contains("Copyright"))
    }
    #expect(found.map(\.path) == [])
  }

  @Test("No test can be skipped") func testsAreNotSkipped() {
    let skips: [Regex<Substring>] = [#/\.disabled\(/#, #/\.enabled\(\s*if/#, #/\bwithKnownIssue\b/#, #/\bXCTSkip/#, #/\bTest\.cancel\b/#]
    #expect(Repository.swift.filter { $0.isIn("Tests") }.flatMap { $0.places(of: skips) } == [])
  }

  /// `HostAgent+Main.swift` is host, agent, main and swift.
  private static func words(_ name: String) -> Set<String> {
    var words: Set<String> = []
    var word = ""
    for character in name {
      if !character.isLetter || (character.isUppercase && word.last?.isLowercase == true) {
        words.insert(word.lowercased())
        word = ""
      }
      if character.isLetter { word.append(character) }
    }
    return words.union([word.lowercased()])
  }
}

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

  @Test("Links in documents lead somewhere") func linksLeadSomewhere() {
    var broken: [String] = []
    for file in Repository.files where file.path.hasSuffix(".md") {
      for match in file.text.matches(of: #/\]\(([^)\s#]+)[^)]*\)/#) where !match.output.1.contains(":") {
        let target = file.folder + "/" + match.output.1
        if !FileManager.default.fileExists(atPath: Repository.root + "/" + target) { broken.append("\(file.path): \(match.output.1)") }
      }
    }
    #expect(broken == [])
  }

  @Test("Scripts can be run") func scriptsCanBeRun() {
    let scripts = Repository.files.filter { $0.path.hasSuffix(".sh") || $0.isIn(".ci") }
    #expect(!scripts.isEmpty)
    #expect(scripts.filter { !FileManager.default.isExecutableFile(atPath: Repository.root + "/" + $0.path) }.map(\.path) == [])
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

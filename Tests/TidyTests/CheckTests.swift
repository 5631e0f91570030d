import Foundation
import Testing

/// docs/simulation.md says by which check each invariant is kept: what it names is there, and what is there is named.
@Suite struct CheckTests {
  private struct Row {
    var number: Int
    var line: String
    /// `FILE.FUNCTION` of the simulator.
    var checkers: Set<String>
    var tests: [String]
  }

  private static let document = Repository.files.first { $0.path == "docs/simulation.md" }
  private static let simulator = Repository.swift.filter { $0.isIn("Tests/Simulation") }
  private static let rows: [Row] = (document?.lines ?? []).compactMap { line in
    guard let number = line.firstMatch(of: #/^\| (\d+) \| /#).flatMap({ Int($0.output.1) }),
      line.split(separator: "|").count == 4
    else { return nil }
    return Row(number: number, line: line, checkers: Set(checkers(in: line)), tests: tests(in: line))
  }

  /// `SUITE.TEST` in backticks.
  private static func tests(in text: String) -> [String] {
    text.matches(of: #/`(\w+Tests\.[^`]+)`/#).map { String($0.output.1) }
  }

  private static func checkers(in text: String) -> [String] {
    let files = Set(simulator.map { $0.path.split(separator: "/").last?.dropLast(6) ?? "" })
    return text.matches(of: #/`([\w+]+)\.(\w+)`/#).filter { files.contains($0.output.1) }.map { "\($0.output.1).\($0.output.2)" }
  }

  /// Every number that a checker tells of a broken invariant, with the function that does.
  private static let told: [(number: Int, by: String)] = simulator.flatMap { file -> [(number: Int, by: String)] in
    let name = file.path.split(separator: "/").last?.dropLast(6) ?? ""
    var function = ""
    var found: [(number: Int, by: String)] = []
    for line in file.lines {
      if let match = line.firstMatch(of: #/^ {0,2}(?:[a-z()]+ )*(?:func|var) (\w+)/#) { function = String(match.output.1) }
      for literal in line.matches(of: #/"(\d+(?:, \d+)*)(?:: |")/#) {
        found += literal.output.1.split(separator: ",").compactMap { Int($0.drop { $0 == " " }) }.map { ($0, "\(name).\(function)") }
      }
    }
    return found
  }

  @Test("Each of the forty invariants has a check, or a reason why it has none") func invariantsAreChecked() {
    let numbers = Self.rows.map(\.number)
    #expect(numbers == numbers.sorted() && Set(numbers).count == numbers.count)
    #expect(Set(1...40).subtracting(numbers) == [])
    let bare = Self.rows.filter { $0.checkers.isEmpty && $0.tests.isEmpty && !$0.line.contains("not built") }
    #expect(bare.map(\.number) == [])
  }

  @Test("What the simulator tells by an invariant's number, its row names, and the other way round") func checkersAreNamed() {
    #expect(Self.told.count > 60)
    var problems: Set<String> = []
    let rows = Dictionary(uniqueKeysWithValues: Self.rows.map { ($0.number, $0.checkers) })
    for (number, place) in Self.told where rows[number]?.contains(place) != true { problems.insert("\(number) is told by \(place)") }
    let told = Set(Self.told.map { "\($0.number) \($0.by)" })
    for row in Self.rows {
      for place in row.checkers where !told.contains("\(row.number) \(place)") {
        problems.insert("\(row.number): \(place) doesn't tell it")
      }
    }
    #expect(problems.sorted() == [])
  }

  @Test("Each invariant that the simulator checks is broken by a planted bug") func checkersCanFail() throws {
    let bugs = try #require(Self.simulator.first { $0.path.hasSuffix("/PlantedBug.swift") })
    let broken = Set(bugs.text.matches(of: #/: \[([\d, ]+)\]/#).flatMap { $0.output.1.matches(of: #/\d+/#).compactMap { Int($0.output) } })
    #expect(Self.rows.filter { !$0.checkers.isEmpty && !broken.contains($0.number) }.map(\.number) == [])
    #expect(broken.subtracting(Self.rows.map(\.number)) == [])
  }

  @Test("Bugs that the page names are planted") func bugsAreThere() throws {
    let bugs = try #require(Self.simulator.first { $0.path.hasSuffix("/PlantedBug.swift") })
    let planted = Set(
      bugs.lines.filter { $0.hasPrefix("  case ") }.flatMap { $0.dropFirst(7).split(separator: ",").map { $0.drop { $0 == " " } } })
    let lines = try #require(Self.document).lines.drop { !$0.hasPrefix("| rule | planted bugs |") }.prefix { $0.hasPrefix("|") }
    let named = lines.compactMap { $0.split(separator: "|").last }.flatMap { $0.matches(of: #/`(\w+)`/#).map(\.output.1) }
    #expect(named.count > 20)
    #expect(Set(named).subtracting(planted) == [])
  }

  @Test("Tests that the page names are there") func testsAreThere() throws {
    let named = Self.tests(in: try #require(Self.document).text)
    #expect(named.count > 60)
    let sources = Repository.swift.filter { $0.isIn("Tests") }.map(\.text)
    let missing = named.filter { name in
      guard let dot = name.firstIndex(of: ".") else { return true }
      let (suite, test) = (name[..<dot], name[name.index(after: dot)...])
      return !sources.contains { text in
        ["struct \(suite) ", "extension \(suite) "].contains(where: text.contains)
          && ["func \(test)(", "func `\(test)`("].contains(where: text.contains)
      }
    }
    #expect(missing == [])
  }
}

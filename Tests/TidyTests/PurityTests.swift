import Testing

@Suite struct PurityTests {
  @Test("What decides has no clock, no chance, no tasks and no output")
  func coresArePure() {
    let banned: [Regex<Substring>] = [
      #/\bDate\(/#, #/\bUUID\(/#, #/\.random\b/#, #/RandomNumberGenerator\b/#, #/\bTask\s*[{.(]/#, #/\bawait\b/#, #/\basync\b/#,
      #/\bimport Foundation\b/#, #/\bprint\(/#, #/\bclock_gettime\b/#, #/\b(?:Continuous|Suspending)Clock\b/#,
    ]
    #expect(Repository.swift.filter(Self.decides).flatMap { $0.places(of: banned) } == [])
  }

  @Test("Foundation is in no program") func noFoundation() {
    let found = Repository.swift.filter { $0.isIn("Shared") || $0.isIn("Services") }
      .flatMap { $0.places(of: [#/\bimport Foundation/#]) }
    #expect(found == [])
  }

  @Test("What Swift doesn't check stands only where it is allowed, with its reason")
  func uncheckedHasReason() {
    let unchecked: [Regex<Substring>] = [
      #/\btry!/#, #/\bas!/#, #/@unchecked Sendable\b/#, #/\bnonisolated\(unsafe\)/#, #/[\w)\]]!(?=[\s.,)\]\[(]|$)/#,
    ]
    var found: [String] = []
    for file in Repository.swift where file.isIn("Shared") || file.isIn("Services") {
      let lines = file.lines
      for (number, line) in file.code.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
      where unchecked.contains(where: { line.firstMatch(of: $0) != nil }) {
        let around = lines[max(0, number - 3)...number]
        if Self.mayBeUnchecked(file), around.contains(where: { $0.contains("//") }) { continue }
        found.append("\(file.path):\(number + 1)")
      }
    }
    #expect(found == [])
  }

  private static func decides(_ file: SourceFile) -> Bool {
    file.isIn("Shared/Model") || file.isIn("Shared/Machine") || (file.isIn("Services") && file.path.contains("/Core/"))
  }

  private static func mayBeUnchecked(_ file: SourceFile) -> Bool {
    ["Shared/Bus", "Shared/Wire", "Shared/Kernel"].contains(where: file.isIn)
  }
}

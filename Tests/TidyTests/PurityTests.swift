import Testing

@Suite struct PurityTests {
  @Test("What decides has no clock, no chance, no tasks and no output")
  func coresArePure() {
    let banned: [Regex<Substring>] = [
      #/\bDate\(/#, #/\bUUID\(/#, #/\.random\b/#, #/\.shuffled\(\)/#, #/RandomNumberGenerator\b/#, #/\bprint\(/#, #/\bclock_gettime\b/#,
      #/\b(?:Continuous|Suspending)Clock\b/#, #/\bMutex\b/#, #/\bAtomic\b/#,
    ]
    #expect(Repository.swift.filter(Self.decides).flatMap { $0.places(of: banned) } == [])
  }

  @Test("Programs have no Foundation, no tasks and no output of their own making")
  func programsArePlain() {
    // One thread and its workers; what is printed goes through Log or the command line's Output.
    let banned: [Regex<Substring>] = [
      #/\bimport Foundation/#, #/\bimport Dispatch/#, #/\bTask\s*[{.(]/#, #/\bawait\b/#, #/\basync\b/#, #/\bDispatchQueue\b/#,
      #/^\s*(?:debugPrint|print|dump)\(/#, #/\bNSLog\(/#,
      // The thread sanitizer knows Locks' only.
      #/\bMutex\b/#,
    ]
    #expect(Repository.swift.filter(Self.isProduct).flatMap { $0.places(of: banned) } == [])
  }

  @Test("What Swift doesn't check, and what ends a program, stands only where it is allowed, with its reason")
  func uncheckedHasReason() {
    let unchecked: [Regex<Substring>] = [
      #/\btry!/#, #/\bas!/#, #/@unchecked Sendable\b/#, #/\bnonisolated\(unsafe\)/#, #/[\w)\]]!(?=[\s.,)\]\[(]|$)/#,
      #/\bfatalError\(/#, #/\bprecondition(?:Failure)?\(/#, #/\bassert(?:ionFailure)?\(/#,
    ]
    var found: [String] = []
    for file in Repository.swift where Self.isProduct(file) {
      let lines = file.lines
      for (number, line) in file.code.lines.enumerated() where unchecked.contains(where: { line.firstMatch(of: $0) != nil }) {
        let around = lines[max(0, number - 3)...number]
        if Self.mayBeUnchecked(file), around.contains(where: { $0.contains("//") }) { continue }
        found.append("\(file.path):\(number + 1)")
      }
    }
    #expect(found == [])
  }

  @Test("A switch over one of our enumerations names every case") func casesAreNamed() {
    var found: [String] = []
    for file in Repository.swift where Self.decides(file) || file.isIn("Shared") {
      let lines = file.code.lines
      for (number, line) in lines.enumerated() where line.firstMatch(of: #/^\s*default:/#) != nil {
        if Self.casesAbove(number, in: lines).contains(where: { $0.firstMatch(of: #/^case (?:let )?\(?\./#) != nil }) {
          found.append("\(file.path):\(number + 1)")
        }
      }
    }
    #expect(found == [])
  }

  /// The cases of the switch that the line belongs to: swift-format puts them above it, as far in.
  private static func casesAbove(_ number: Int, in lines: [Substring]) -> [Substring] {
    let depth = lines[number].prefix { $0 == " " }.count
    return lines[..<number].reversed().lazy.filter { !$0.allSatisfy { $0 == " " } }
      .prefix { line in
        let own = line.prefix { $0 == " " }.count
        return own > depth || own == depth && line.dropFirst(depth).hasPrefix("case ")
      }
      .filter { $0.prefix { $0 == " " }.count == depth }.map { $0.dropFirst(depth) }
  }

  private static func isProduct(_ file: SourceFile) -> Bool { file.isIn("Shared") || file.isIn("Services") }

  /// Cores, what they are made of, and the simulator, whose seeds must replay.
  private static func decides(_ file: SourceFile) -> Bool {
    ["Shared/Model", "Shared/Machine", "Tests/Simulation"].contains(where: file.isIn)
      || (file.isIn("Services") && file.path.contains("/Core/"))
  }

  private static func mayBeUnchecked(_ file: SourceFile) -> Bool {
    ["Shared/Bus", "Shared/Wire", "Shared/Kernel", "Shared/Locks"].contains(where: file.isIn)
  }
}

import Testing

/// Dead code and dead dependencies, as far as words show them.
@Suite struct UseTests {
  @Test("Nothing is declared that nobody names") func everythingIsNamed() {
    var counts: [Substring: Int] = [:]
    var declared: [(place: String, name: Substring)] = []
    for file in Repository.files where file.path.hasSuffix(".swift") {
      // The generator names what its output calls, in strings.
      let text = file.isIn("proto/generator") ? file.text : file.code.text
      for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        for word in line.utf8.split(whereSeparator: { !Self.isOfWord($0) }) { counts[Substring(word), default: 0] += 1 }
        guard !file.isGenerated, file.isIn("Shared") || file.isIn("Services") else { continue }
        for match in line.matches(of: #/\b(?:func|var|let|struct|enum|class|protocol|typealias) (\w+)/#) {
          declared.append(("\(file.path):\(number + 1)", match.output.1))
        }
      }
    }
    #expect(declared.filter { counts[$0.name] == 1 && $0.name != "_" }.map { "\($0.place): \($0.name)" } == [])
  }

  @Test("A target depends on what it imports, and on nothing else") func dependenciesAreImports() {
    let package = Repository.files.first { $0.path == "Package.swift" }?.text ?? ""
    let serving = package.firstMatch(of: #/let serving: \[Target.Dependency\] = \[([^\]]*)\]/#).map { Self.names(in: $0.output.1) } ?? []
    let system: Set<String> = ["Glibc", "Synchronization"]
    var wrong: [String] = []
    let declaration = #/(?:library|program)\(\s*"([\w-]+)", "((?:Shared|Services)\/[^"]+)"(?:,\s+(serving \+ )?(serving|\[[^\]]*\]))?/#
    for target in package.matches(of: declaration) {
      let listed = target.output.4.map { Self.names(in: $0) } ?? []
      let depends = Set(listed).union(target.output.3 != nil || target.output.4 == "serving" ? serving : [])
      let files = Repository.swift.filter { $0.isIn(String(target.output.2)) }
      let imports = Set(files.flatMap { $0.text.matches(of: #/(?m)^(?:\w+ )?import (\w+)/#).map { String($0.output.1) } })
      wrong += depends.subtracting(imports).sorted().map { "\(target.output.1) doesn't import \($0)" }
      wrong += imports.subtracting(depends).subtracting(system).sorted().map { "\(target.output.1) doesn't depend on \($0)" }
    }
    #expect(wrong == [])
  }

  private static func isOfWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "_"):
      true
    default: byte >= 0x80
    }
  }

  private static func names(in text: Substring) -> [String] { text.matches(of: #/"(\w+)"/#).map { String($0.output.1) } }
}

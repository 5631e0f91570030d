import Testing

@Suite struct SizeTests {
  private static let longestFile = 300
  private static let longestFunction = 60
  /// Of C, in characters; swift-format sees to Swift's own 140.
  private static let longestLine = 150

  @Test("A file has at most 300 lines") func filesAreShort() {
    let long = (Repository.swift + Repository.c).filter { $0.lines.count > Self.longestFile + 1 }
    #expect(long.map { "\($0.path): \($0.lines.count)" } == [])
  }

  @Test("A function has at most 60 lines") func functionsAreShort() {
    var long: [String] = []
    for file in Repository.swift {
      for function in file.code.functions where function.length > Self.longestFunction {
        long.append("\(file.path):\(function.line): \(function.length)")
      }
    }
    for file in Repository.c {
      for function in Self.functions(ofC: file.lines) where function.length > Self.longestFunction {
        long.append("\(file.path):\(function.line): \(function.length)")
      }
    }
    #expect(long == [])
  }

  @Test("A line of C has at most 150 characters, and no line ends in a blank") func linesAreShort() {
    let long = Repository.c.flatMap { file in
      file.lines.enumerated().filter { $0.element.count > Self.longestLine }.map { "\(file.path):\($0.offset + 1)" }
    }
    #expect(long == [])
    let blank = Repository.files.filter { !$0.isGenerated }.flatMap { file in
      file.lines.enumerated().filter { $0.element.last == " " || $0.element.last == "\t" }.map { "\(file.path):\($0.offset + 1)" }
    }
    #expect(blank == [])
  }

  @Test("Functions are measured, requirements and calls are not") func measuresFunctions() {
    let code = SwiftCode(
      """
      protocol P { func requirement(_ a: Int) }
      // func comment() {
      struct S: P {
        init() { call() }
        func requirement(_ a: Int)
          where Int: Sendable
        {
          let text = "} \\(a == 1 ? "}" : "{") func x() {"
          let expression = #/[{(]/#
        }
      }
      """)
    #expect(code.functions.map(\.line) == [4, 5])
    #expect(code.functions.map(\.length) == [1, 6])
  }

  @Test("Functions of C are measured in both ways of writing them") func measuresFunctionsOfC() {
    let text = """
      int declared(int a);
      static int one(int a) {
        return a;
      }
      struct s {
        int a;
      };
      int other(int a,
                int b)
      {
      \treturn a;
      }
      int short_one(void) { return 1; }
      """
    let functions = Self.functions(ofC: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    #expect(functions.map(\.line) == [2, 10])
    #expect(functions.map(\.length) == [3, 3])
  }

  /// Functions of more than one line: a body opens at the end of their head, or alone on the next line, and closes in the first column.
  private static func functions(ofC lines: [String]) -> [(line: Int, length: Int)] {
    var found: [(line: Int, length: Int)] = []
    var start: Int?
    for (number, line) in lines.enumerated() {
      if line == "{" || line.first?.isLetter == true && line.hasSuffix("{") && line.contains("(") { start = number }
      if line == "}", let opened = start {
        found.append((opened + 1, number - opened + 1))
        start = nil
      }
    }
    return found
  }
}

import Testing

@Suite struct SizeTests {
  private static let longestFile = 400
  private static let longestFunction = 100

  @Test("A file has at most 400 lines") func filesAreShort() {
    let long = (Repository.swift + Repository.c).filter { $0.lines.count > Self.longestFile + 1 }
    #expect(long.map { "\($0.path): \($0.lines.count)" } == [])
  }

  @Test("A function has at most 100 lines") func functionsAreShort() {
    var long: [String] = []
    for file in Repository.swift {
      for function in file.code.functions where function.length > Self.longestFunction {
        long.append("\(file.path):\(function.line): \(function.length)")
      }
    }
    // clang-format's own shape: a body opens at a line's end and closes in the first column.
    for file in Repository.c {
      var start: Int?
      for (number, line) in file.lines.enumerated() {
        if line.first.map({ $0.isLetter }) == true, line.hasSuffix(") {") { start = number }
        if line == "}", let opened = start {
          if number - opened >= Self.longestFunction { long.append("\(file.path):\(opened + 1): \(number - opened + 1)") }
          start = nil
        }
      }
    }
    #expect(long == [])
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
        }
      }
      """)
    #expect(code.functions.map(\.line) == [4, 5])
    #expect(code.functions.map(\.length) == [1, 5])
  }
}

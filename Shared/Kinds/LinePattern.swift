import Glibc
public import Model

/// An extended regular expression (POSIX) that is looked for in lines of a node's output.
public struct LinePattern: ~Copyable {
  private let expression: UnsafeMutablePointer<regex_t>

  /// - Throws: `INVALID_ARGUMENT` for what isn't one.
  public init(_ text: String) throws(LabError) {
    let compiled = UnsafeMutablePointer<regex_t>.allocate(capacity: 1)
    let code = regcomp(compiled, text, REG_EXTENDED | REG_NOSUB)
    guard code == 0 else {
      let words = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        regerror(code, compiled, buffer.baseAddress, buffer.count)
        return buffer.baseAddress.map { String(cString: $0) } ?? ""
      }
      compiled.deallocate()
      throw LabError(.invalidArgument, text, "not a regular expression (regex(7))", cause: words)
    }
    expression = compiled
  }

  deinit {
    regfree(expression)
    expression.deallocate()
  }

  /// Whether a line of the output matches, taken without what terminals obey (ECMA-48) and other control characters.
  public borrowing func matches(_ output: [UInt8]) -> Bool {
    for line in output.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
      let text = String(decoding: Self.printed(line), as: UTF8.self)
      if regexec(expression, text, 0, nil, 0) == 0 { return true }
    }
    return false
  }

  private static func printed(_ line: ArraySlice<UInt8>) -> [UInt8] {
    var kept: [UInt8] = []
    var rest = line
    while let byte = rest.popFirst() {
      if byte == 0x1b {
        // Up to the final byte; two bytes, or a sequence that `[` introduces.
        if rest.popFirst() == UInt8(ascii: "[") { while let next = rest.popFirst(), !(0x40...0x7e).contains(next) {} }
      } else if byte >= 0x20 || byte == UInt8(ascii: "\t") {
        kept.append(byte)
      }
    }
    return kept
  }
}

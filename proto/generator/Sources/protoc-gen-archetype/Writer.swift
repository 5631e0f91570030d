/// Collects lines, indented by the blocks they stand in.
struct Writer {
  private(set) var text = ""
  private var depth = 0

  mutating func line(_ line: String = "") {
    text += line.isEmpty ? "\n" : String(repeating: "  ", count: depth) + line + "\n"
  }

  mutating func comment(_ lines: [String], otherwise fallback: String? = nil) {
    let lines = lines.isEmpty ? [fallback].compactMap(\.self) : lines
    for text in lines { line(text.isEmpty ? "///" : "/// " + text) }
  }

  /// `head {`, what `body` writes, `}`; a head that opens a closure brings its own brace.
  mutating func block(_ head: String, _ body: (inout Writer) -> Void) {
    line(head.hasSuffix(" in") ? head : head + " {")
    depth += 1
    body(&self)
    depth -= 1
    line("}")
  }
}

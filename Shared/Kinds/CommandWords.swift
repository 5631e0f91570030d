public import Model

/// A command line as one string, cut into words as a POSIX shell does: blanks, quotes and backslashes, but no expansion.
public enum CommandWords {
  /// - Throws: `INVALID_ARGUMENT` for a quote that isn't closed or a trailing backslash.
  public static func split(_ line: String) throws(LabError) -> [String] {
    var words: [String] = []
    var word = ""
    var inWord = false
    var quote: Character?
    var rest = line[...]
    while let character = rest.popFirst() {
      switch (character, quote) {
      case ("'", nil), ("\"", nil):
        quote = character
        inWord = true
      case (let end, let open?) where end == open:
        quote = nil
      case ("\\", nil):
        guard let next = rest.popFirst() else {
          throw LabError(.invalidArgument, line, "ends with a backslash (double it, or put it in quotes)")
        }
        // An escaped line end continues the line.
        if next != "\n" { word.append(next) }
        inWord = inWord || next != "\n"
      case ("\\", "\""?):
        // Inside double quotes a backslash is itself except before these.
        if let next = rest.first, "\"\\$`\n".contains(next) {
          rest.removeFirst()
          if next != "\n" { word.append(next) }
        } else {
          word.append(character)
        }
      case (_, nil) where character.isWhitespace:
        if inWord { words.append(word) }
        (word, inWord) = ("", false)
      case (_, _):
        word.append(character)
        inWord = true
      }
    }
    guard quote == nil else { throw LabError(.invalidArgument, line, "has a quote that isn't closed") }
    return inWord ? words + [word] : words
  }
}

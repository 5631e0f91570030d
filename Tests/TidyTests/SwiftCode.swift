/// A Swift text in which comments and the contents of strings and regular expressions are blanks, so that words can be looked for; lines stay
/// where they are.
struct SwiftCode {
  /// UTF-8: as characters it takes a hundred times as long.
  private var bytes: [UInt8] = []
  private let source: [UInt8]
  private var position = 0

  init(_ source: String) {
    self.source = Array(source.utf8)
    bytes.reserveCapacity(self.source.count)
    while position < self.source.count { step() }
  }

  var text: String { String(decoding: bytes, as: UTF8.self) }
  var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

  private func sees(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard position + count <= source.count else { return false }
    for offset in 0..<count where source[position + offset] != word.utf8Start[offset] { return false }
    return true
  }

  private mutating func keep() {
    bytes.append(source[position])
    position += 1
  }

  private mutating func blank(_ count: Int = 1) {
    for _ in 0..<count where position < source.count {
      bytes.append(source[position] == Byte.newline ? Byte.newline : Byte.space)
      position += 1
    }
  }

  private mutating func step() {
    guard source[position] == Byte.slash || source[position] == Byte.quote || source[position] == Byte.hash else { return keep() }
    if sees("//") {
      while position < source.count, source[position] != Byte.newline { blank() }
    } else if sees("/*") {
      while position < source.count, !sees("*/") { blank() }
      blank(2)
    } else if sees("#\"") {
      string(closing: "\"#", isRaw: true)
    } else if sees("#/") {
      string(closing: "/#", isRaw: true)
    } else if sees("\"\"\"") {
      string(closing: "\"\"\"")
    } else if sees("\"") {
      string(closing: "\"")
    } else {
      keep()
    }
  }

  private mutating func string(closing: StaticString, isRaw: Bool = false) {
    let escape: StaticString = isRaw ? "\\#(" : "\\("
    blank(closing.utf8CodeUnitCount)
    while position < source.count, !sees(closing) {
      if sees(escape) {
        interpolation(escape.utf8CodeUnitCount)
      } else {
        blank(source[position] == Byte.backslash && !isRaw ? 2 : 1)
      }
    }
    blank(closing.utf8CodeUnitCount)
  }

  /// What stands in an interpolation is code, and may have strings of its own.
  private mutating func interpolation(_ opening: Int) {
    blank(opening)
    var depth = 1
    while position < source.count {
      if source[position] == Byte.open { depth += 1 }
      if source[position] == Byte.close { depth -= 1 }
      if depth == 0 {
        blank()
        return
      }
      step()
    }
  }
}

private enum Byte {
  static let newline = UInt8(ascii: "\n")
  static let space = UInt8(ascii: " ")
  static let slash = UInt8(ascii: "/")
  static let quote = UInt8(ascii: "\"")
  static let hash = UInt8(ascii: "#")
  static let backslash = UInt8(ascii: "\\")
  static let dot = UInt8(ascii: ".")
  static let open = UInt8(ascii: "(")
  static let close = UInt8(ascii: ")")
  static let openList = UInt8(ascii: "[")
  static let closeList = UInt8(ascii: "]")
  static let begin = UInt8(ascii: "{")
  static let end = UInt8(ascii: "}")
}

extension SwiftCode {
  struct Function {
    var line: Int
    var length: Int
  }

  private static let declarations = ["func ", "init(", "init?(", "init<", "deinit ", "subscript("].map { Array($0.utf8) }
  private static let continuations = ["{", "->", "where", "throws", "async", "="].map { Array($0.utf8) }

  /// Every function with a body, outer ones included.
  var functions: [Function] {
    var found: [Function] = []
    var line = 1
    for index in bytes.indices {
      if bytes[index] == Byte.newline { line += 1 }
      guard startsDeclaration(at: index), let opening = body(after: index), let end = closing(opening) else { continue }
      found.append(Function(line: line, length: bytes[index..<end].count { $0 == Byte.newline } + 1))
    }
    return found
  }

  private func startsDeclaration(at index: Int) -> Bool {
    guard "fids".utf8.contains(bytes[index]), index == 0 || !(isWord(bytes[index - 1]) || bytes[index - 1] == Byte.dot) else {
      return false
    }
    return Self.declarations.contains { bytes[index...].starts(with: $0) }
  }

  private func isWord(_ byte: UInt8) -> Bool {
    let character = Character(UnicodeScalar(byte))
    return character.isLetter || character.isNumber || character == "_"
  }

  /// Where the body opens; nil: a requirement of a protocol, or a call.
  private func body(after start: Int) -> Int? {
    var depth = 0
    for index in start..<bytes.count {
      switch bytes[index] {
      case Byte.open, Byte.openList: depth += 1
      case Byte.close, Byte.closeList:
        depth -= 1
        if depth < 0 { return nil }
      case Byte.begin where depth == 0: return index
      case Byte.end where depth == 0: return nil
      case Byte.newline where depth == 0:
        let next = bytes[index...].drop { $0 == Byte.newline || $0 == Byte.space }
        if !Self.continuations.contains(where: { next.starts(with: $0) }) { return nil }
      default: break
      }
    }
    return nil
  }

  private func closing(_ opening: Int) -> Int? {
    var depth = 0
    for index in opening..<bytes.count {
      if bytes[index] == Byte.begin { depth += 1 }
      if bytes[index] == Byte.end {
        depth -= 1
        if depth == 0 { return index }
      }
    }
    return nil
  }
}

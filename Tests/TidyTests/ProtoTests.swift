import Testing

@Suite struct ProtoTests {
  @Test("Every message is named on the protocol's page") func everyMessageIsNamed() {
    let page = Repository.files.first { $0.path == "proto/README.md" }?.text ?? ""
    let named = Set(page.matches(of: #/\w+/#).map { String($0.output) })
    let messages = Repository.protos.flatMap { ProtoMessage.all(in: $0) }
    #expect(messages.count > 10)
    #expect(messages.filter { !named.contains($0.name) }.map(\.name) == [])
  }

  @Test("No field number is there twice or comes back") func fieldNumbersAreUnique() {
    var wrong: [String] = []
    for file in Repository.protos {
      for message in ProtoMessage.all(in: file) {
        var numbers: Set<Int> = []
        var names: Set<String> = []
        for field in message.fields {
          if !numbers.insert(field.number).inserted { wrong.append("\(file.path): \(message.name): \(field.number) is there twice") }
          if !names.insert(field.name).inserted { wrong.append("\(file.path): \(message.name): \(field.name) is there twice") }
          if message.reservedNumbers.contains(where: { $0.contains(field.number) }) || message.reservedNames.contains(field.name) {
            wrong.append("\(file.path): \(message.name): \(field.name) = \(field.number) is reserved")
          }
        }
      }
    }
    #expect(wrong == [])
  }

  @Test("Reuse of a field number is found") func findsReuse() {
    let message = ProtoMessage.all(
      in: """
        message A {
          reserved 2, 5 to 7;
          reserved "old";
          oneof x { string b = 1; }
          message Inner { int32 c = 1; }
          map<string, int32> d = 6;
        }
        """)
    #expect(message.map(\.name) == ["Inner", "A"])
    #expect(message.last?.fields.map(\.number) == [1, 6])
    #expect(message.last?.reservedNumbers == [2...2, 5...7])
    #expect(message.last?.reservedNames == ["old"])
  }
}

/// A message as a .proto says it; nested ones are messages of their own, and a oneof's fields are the message's.
struct ProtoMessage {
  var name: String
  var fields: [(name: String, number: Int)] = []
  var reservedNumbers: [ClosedRange<Int>] = []
  var reservedNames: [String] = []

  static func all(in file: SourceFile) -> [ProtoMessage] { all(in: file.text) }

  static func all(in text: String) -> [ProtoMessage] {
    /// What the braces that are open belong to; nil: a service, an enumeration.
    var open: [ProtoMessage?] = []
    var found: [ProtoMessage] = []
    let plain = text.replacing(#/\/\/[^\n]*/#, with: "")
    for statement in plain.matches(of: #/([^;{}]*)([;{}])/#) {
      let words = statement.output.1.trimmingPrefix { $0.isWhitespace }
      switch statement.output.2 {
      case "{":
        if let name = words.firstMatch(of: #/^message\s+(\w+)/#) {
          open.append(ProtoMessage(name: String(name.output.1)))
        } else if words.starts(with: "oneof") {
          // Its fields go to the message around it, which waits below.
          open.append(ProtoMessage(name: ""))
        } else {
          open.append(nil)
        }
      case "}":
        guard let message = open.popLast() ?? nil else { continue }
        if !message.name.isEmpty {
          found.append(message)
        } else if let last = open.indices.last {
          open[last]?.fields += message.fields
        }
      default:
        if let last = open.indices.last { open[last]?.take(String(words)) }
      }
    }
    return found
  }

  private mutating func take(_ statement: String) {
    if statement.hasPrefix("reserved") {
      for range in statement.matches(of: #/(\d+)(?:\s+to\s+(\d+|max))?/#) {
        guard let first = Int(range.output.1) else { continue }
        let last = range.output.2.map { Int($0) ?? 536_870_911 } ?? first
        reservedNumbers.append(first...max(first, last))
      }
      reservedNames += statement.matches(of: #/"(\w+)"/#).map { String($0.output.1) }
    } else if let field = statement.firstMatch(of: #/(\w+)\s*=\s*(\d+)/#), let number = Int(field.output.2) {
      fields.append((String(field.output.1), number))
    }
  }
}

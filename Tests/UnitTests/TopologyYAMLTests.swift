import Model
import Testing

@testable import Topology

@Suite("YAML as topology files have it")
struct TopologyYAMLTests {
  private func value(_ text: String, _ key: String) throws -> YAMLNode {
    guard case .mapping(let entries) = try YAMLReader.read(text).value, let entry = entries.first(where: { $0.key == key }) else {
      throw YAMLError(mark: Mark(line: 0, column: 0), message: "no \(key)")
    }
    return entry.value
  }

  @Test("Plain values have the types of YAML 1.2's core schema, not those of 1.1")
  func coreSchema() throws {
    #expect(try value("p: 2231:22", "p").text == "2231:22")
    #expect(try value("p: no", "p").text == "no")
    #expect(try value("p: 010", "p").text == "010")
    for null in ["~", "null", ""] { #expect(try value("p: \(null)", "p").isNull, "\(null)") }
    #expect(try value("p: \"null\"", "p").text == "null")
    let integers: [(String, Int?)] = [
      ("1500", 1500), ("0x10", 16), ("0o17", 15), ("-3", -3), ("\"1500\"", nil), ("!!str 1500", nil), ("15_00", nil), ("1:30", nil),
    ]
    for (text, expected) in integers {
      guard case .scalar(let scalar) = try value("p: \(text)", "p").value else { continue }
      #expect(scalar.integer == expected, "\(text)")
    }
  }

  @Test("Values know their line and column")
  func marks() throws {
    let node = try value("a: 1\nb:\n  c: [x, y]\n", "b")
    #expect(node.mark == Mark(line: 3, column: 3))
    guard case .mapping(let entries) = node.value, case .sequence(let items) = entries[0].value.value else {
      Issue.record("no sequence")
      return
    }
    #expect(items[1].mark == Mark(line: 3, column: 10))
  }

  @Test("Aliases stand for what their anchors hold, and merge keys give way to the mapping's own")
  func anchors() throws {
    let text = """
      base: &b {image: one, kind: linux}
      other: &o {image: two, group: g}
      node:
        <<: [*b, *o]
        kind: bridge
      same: *b
      """
    guard case .mapping(let entries) = try value(text, "node").value else { return }
    let values = Dictionary(uniqueKeysWithValues: entries.map { ($0.key, $0.value.text) })
    #expect(values == ["kind": "bridge", "image": "one", "group": "g"])
    #expect(try value(text, "same").size == value(text, "base").size)
  }

  @Test("What isn't one readable document is an error at its place")
  func broken() {
    let table: [(text: String, line: Int, word: String)] = [
      ("a: 1\nb: \"c\\0d\"", 2, "NUL"),
      ("a: [1\nb: 2", 2, "flow sequence"), ("a: 1\na: 2", 2, "twice"), ("a: *nobody", 1, "anchor"),
      ("a: 1\n---\nb: 2", 2, "second document"),
      ("a: !ruby/object x", 1, "tag"), ("a:\n\tb: 1", 2, "token"), ("a: 1\n? [x]\n: y", 2, "single value"), ("<<: 1", 1, "merges"),
      (String(repeating: "[", count: 100), 1, "deeper"), ("a: \"x", 1, "end of stream"),
    ]
    for row in table {
      do {
        _ = try YAMLReader.read(row.text)
        Issue.record("no error for \(row.text)")
      } catch {
        #expect(error.mark.line == row.line && error.message.contains(row.word), "\(row.text): \(error)")
      }
    }
  }

  @Test("A few lines of aliases of aliases don't become a billion values")
  func laughs() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(aliases)]\n"
    }
    #expect(throws: YAMLError.self) { try YAMLReader.read(text) }
    #expect(throws: YAMLError.self) { try YAMLReader.read(String(repeating: "#", count: Limits.topologyBytes + 1)) }
  }

  @Test("Variables expand as containerlab expands them")
  func variables() {
    let table: [(text: String, expected: String, unset: [String])] = [
      ("${A}-$B", "1-2", []), ("${X}", "${X}", ["X"]), ("$X/y", "$X/y", ["X"]), ("${X:-d}", "d", []), ("${X:=d}", "d", []),
      ("${E:-d}", "d", []), ("${E-d}", "", []), ("${A:-d}", "1", []), ("${X-${A}}", "1", []), ("${A:+yes}${X:+no}", "yes", []),
      ("$6$x1 $$ $", "$6$x1 $$ $", ["x1"]), ("${", "${", []), ("${A", "${A", []), ("${1}", "${1}", []), ("100 %", "100 %", []),
    ]
    for row in table {
      var expansion = Expansion(environment: ["A": "1", "B": "2", "E": ""])
      #expect(expansion.expand(row.text) == row.expected, "\(row.text)")
      #expect(expansion.unset == row.unset, "\(row.text)")
    }
  }
}

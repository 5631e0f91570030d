/// `${VAR}`, `$VAR` and their forms with defaults, as containerlab expands them: a variable that isn't set and has no default stays as written.
struct Expansion {
  let environment: [String: String]
  /// Names that were not set, in order of appearance.
  private(set) var unset: [String] = []
  /// Defaults within defaults; real files have one.
  private static let depth = 8
  /// What one value may become: a variable of the environment is not much longer.
  private static let length = 1 << 20

  init(environment: [String: String]) { self.environment = environment }

  mutating func expand(_ text: String) -> String {
    unset = []
    guard text.utf8.contains(UInt8(ascii: "$")) else { return text }
    let expanded = expand(text[...], depth: 0)
    return expanded.utf8.count > Self.length ? text : expanded
  }

  private mutating func expand(_ text: Substring, depth: Int) -> String {
    guard depth < Self.depth else { return String(text) }
    var out = ""
    var rest = text
    while let dollar = rest.firstIndex(of: "$") {
      out += rest[..<dollar]
      rest = rest[dollar...].dropFirst()
      if rest.first == "{" {
        guard let end = closing(rest) else {
          out += "$"
          continue
        }
        out += braces(rest[..<end].dropFirst(), depth)
        rest = rest[end...].dropFirst()
      } else {
        let name = rest.prefix { isNamePart($0) }
        rest = rest.dropFirst(name.count)
        // `$1` and `$$` belong to shells.
        if name.isEmpty || (name.first?.isNumber ?? true) { out += "$\(name)" } else { out += value(String(name)) ?? "$\(name)" }
      }
    }
    return out + rest
  }

  /// The brace that closes the one `text` begins with.
  private func closing(_ text: Substring) -> Substring.Index? {
    var open = 0
    for index in text.indices {
      if text[index] == "{" { open += 1 }
      if text[index] == "}" { open -= 1 }
      if open == 0 { return index }
    }
    return nil
  }

  private mutating func braces(_ inside: Substring, _ depth: Int) -> String {
    let name = String(inside.prefix { isNamePart($0) })
    var form = inside.dropFirst(name.count)
    guard !name.isEmpty, name.first?.isNumber == false else { return "${\(inside)}" }
    if form.isEmpty { return value(name) ?? "${\(inside)}" }
    // With the colon an empty variable counts as not set.
    let colon = form.first == ":"
    if colon { form = form.dropFirst() }
    let value = environment[name].flatMap { colon && $0.isEmpty ? nil : $0 }
    switch form.first {
    case "-", "=": return value ?? expand(form.dropFirst(), depth: depth + 1)
    case "+": return value == nil ? "" : expand(form.dropFirst(), depth: depth + 1)
    default: return "${\(inside)}"
    }
  }

  private mutating func value(_ name: String) -> String? {
    if let value = environment[name] { return value }
    unset.append(name)
    return nil
  }

  private func isNamePart(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || character == "_")
  }
}

extension Expansion {
  /// A whole tree. Plain scalars get their type from what they have become.
  static func expand(_ node: YAMLNode, environment: [String: String], findings: inout Findings) -> YAMLNode {
    var expansion = Expansion(environment: environment)
    return expansion.expand(node, key: "", &findings)
  }

  private mutating func expand(_ node: YAMLNode, key: String, _ findings: inout Findings) -> YAMLNode {
    var node = node
    switch node.value {
    case .scalar(var scalar):
      if scalar.text.contains("{{") {
        findings.unsupported(node.mark, key, "templates ({{ }}) are not supported yet (render the file first)")
      }
      let expanded = expand(scalar.text)
      guard expanded != scalar.text || !unset.isEmpty else { return node }
      for name in unset { findings.warning(node.mark, key, "the variable \(name) is not set (it stays as written)") }
      scalar.text = expanded
      // Containerlab expands before it reads YAML, so quotes in a default are quotes of the value.
      if scalar.isPlain, expanded.count >= 2, let first = expanded.first, first == expanded.last, first == "\"" || first == "'" {
        scalar = YAMLScalar(text: String(expanded.dropFirst().dropLast()), isPlain: false)
      }
      node.value = .scalar(scalar)
    case .sequence(let items):
      node.value = .sequence(items.map { expand($0, key: key, &findings) })
    case .mapping(let entries):
      node.value = .mapping(
        entries.map { entry in
          YAMLEntry(key: expand(entry.key), mark: entry.mark, value: expand(entry.value, key: entry.key, &findings))
        })
    }
    return node
  }
}

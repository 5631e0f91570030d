/// The entries of one mapping while it is read: keys once, merge keys (`<<`) put in last and below the mapping's own.
struct MappingBuilder {
  private var entries: [YAMLEntry] = []
  private var merged: [YAMLEntry] = []
  private var lines: [String: Int] = [:]
  private var size = 1

  mutating func add(_ key: YAMLScalar, _ mark: Mark, _ value: YAMLNode) throws(YAMLError) {
    size += value.size + 1
    if key.isPlain && key.text == "<<" {
      merged += try Self.merged(value, mark)
      return
    }
    guard !key.isNull else { throw YAMLError(mark: mark, message: "a key without a name") }
    if let line = lines[key.text] { throw YAMLError(mark: mark, message: "\(key.text) is here twice (first at line \(line))") }
    lines[key.text] = mark.line
    entries.append(YAMLEntry(key: key.text, mark: mark, value: value))
  }

  private static func merged(_ value: YAMLNode, _ mark: Mark) throws(YAMLError) -> [YAMLEntry] {
    switch value.value {
    case .mapping(let entries): return entries
    case .sequence(let items):
      // Of several, an earlier one wins; `node(at:)` keeps the first of each key.
      var all: [YAMLEntry] = []
      for item in items { all += try merged(item, mark) }
      return all
    case .scalar: throw YAMLError(mark: mark, message: "<< merges a mapping or a list of mappings")
    }
  }

  consuming func node(at mark: Mark) -> YAMLNode {
    for entry in merged where lines[entry.key] == nil {
      lines[entry.key] = entry.mark.line
      entries.append(entry)
    }
    return YAMLNode(mark: mark, value: .mapping(entries), size: size)
  }
}

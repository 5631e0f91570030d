internal import CYAML
import Glibc
internal import Model

/// Why a text isn't a YAML document that we read.
struct YAMLError: Error {
  var mark: Mark
  var message: String
}

/// Limits of a topology file's values. A lab of `Limits.nodesPerLab` nodes and their links takes well under half of each.
enum FileLimits {
  static let depth = 64
  /// Nodes of the tree after aliases are put in: bounds what a few lines of aliases of aliases can become.
  static let treeNodes = 1_000_000
}

/// Reads one YAML document by libyaml's events.
struct YAMLReader: ~Copyable {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private var event = yaml_event_t()
  private var anchors: [String: YAMLNode] = [:]
  private var nodes = 0

  /// - Throws: with the place of what is wrong.
  static func read(_ text: String) throws(YAMLError) -> YAMLNode {
    let bytes = Array(text.utf8)
    guard bytes.count <= Limits.topologyBytes else {
      throw YAMLError(mark: Mark(line: 1, column: 1), message: "the file is larger than \(Limits.topologyBytes >> 20) MiB")
    }
    return try bytes.withUnsafeBufferPointer { (buffer) throws(YAMLError) in
      // The reader holds the buffer's address, and ends with this closure.
      var reader = try YAMLReader(buffer)
      return try reader.document()
    }
  }

  private init(_ input: UnsafeBufferPointer<UInt8>) throws(YAMLError) {
    parser = .allocate(capacity: 1)
    parser.initialize(to: yaml_parser_t())
    guard yaml_parser_initialize(parser) == 1 else {
      throw YAMLError(mark: Mark(line: 1, column: 1), message: "no memory for a YAML parser")
    }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, input.baseAddress, input.count)
  }

  deinit {
    var last = event
    yaml_event_delete(&last)
    yaml_parser_delete(parser)
    parser.deinitialize(count: 1)
    parser.deallocate()
  }

  private mutating func next() throws(YAMLError) {
    yaml_event_delete(&event)
    guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
  }

  private var mark: Mark { Self.mark(event.start_mark) }

  private static func mark(_ mark: yaml_mark_t) -> Mark { Mark(line: Int(mark.line) + 1, column: Int(mark.column) + 1) }

  private func failure() -> YAMLError {
    let problem = parser.pointee.problem.map { String(cString: $0) } ?? "no memory"
    guard let context = parser.pointee.context else { return YAMLError(mark: Self.mark(parser.pointee.problem_mark), message: problem) }
    let start = Self.mark(parser.pointee.context_mark)
    return YAMLError(
      mark: Self.mark(parser.pointee.problem_mark),
      message: "\(problem), \(String(cString: context)) that begins at line \(start.line)")
  }

  private mutating func document() throws(YAMLError) -> YAMLNode {
    try next()  // The stream begins.
    try next()
    guard event.type == YAML_DOCUMENT_START_EVENT else {
      return YAMLNode(mark: mark, value: .scalar(YAMLScalar(text: "", isPlain: true)), size: 1)
    }
    try next()
    let root = try node(depth: 0)
    try next()  // The document ends.
    try next()
    guard event.type == YAML_STREAM_END_EVENT else { throw YAMLError(mark: mark, message: "a second document (one file is one lab)") }
    return root
  }

  /// The node whose first event is at hand.
  private mutating func node(depth: Int) throws(YAMLError) -> YAMLNode {
    guard depth <= FileLimits.depth else { throw YAMLError(mark: mark, message: "nested deeper than \(FileLimits.depth)") }
    let start = mark
    var node: YAMLNode
    let anchor: String?
    switch event.type {
    case YAML_ALIAS_EVENT:
      let name = String(cString: event.data.alias.anchor)
      guard let target = anchors[name] else { throw YAMLError(mark: start, message: "alias *\(name) without an anchor before it") }
      return try counted(target, at: start, size: target.size)
    case YAML_SCALAR_EVENT:
      anchor = event.data.scalar.anchor.map { Self.string($0) }
      node = YAMLNode(mark: start, value: .scalar(try scalar()), size: 1)
    case YAML_SEQUENCE_START_EVENT:
      anchor = event.data.sequence_start.anchor.map { Self.string($0) }
      node = try sequence(start, depth)
    case YAML_MAPPING_START_EVENT:
      anchor = event.data.mapping_start.anchor.map { Self.string($0) }
      node = try mapping(start, depth)
    default:
      throw YAMLError(mark: start, message: "a value was expected here")
    }
    node = try counted(node, at: start, size: 1)
    if let anchor { anchors[anchor] = node }
    return node
  }

  private mutating func counted(_ node: YAMLNode, at mark: Mark, size: Int) throws(YAMLError) -> YAMLNode {
    nodes += size
    guard nodes <= FileLimits.treeNodes else {
      throw YAMLError(mark: mark, message: "more than \(FileLimits.treeNodes) values after its aliases are put in")
    }
    return node
  }

  private func scalar() throws(YAMLError) -> YAMLScalar {
    let data = event.data.scalar
    // No program's argument, environment or path can hold one, and no message carries one.
    if memchr(data.value, 0, data.length) != nil { throw YAMLError(mark: mark, message: "a value holds a NUL character (\\0)") }
    let text = String(decoding: UnsafeBufferPointer(start: data.value, count: data.length), as: UTF8.self)
    var isPlain = data.style == YAML_PLAIN_SCALAR_STYLE
    switch data.tag.map({ Self.string($0) }) {
    case nil, YAML_INT_TAG, YAML_BOOL_TAG, YAML_NULL_TAG, YAML_FLOAT_TAG: break
    case "!", YAML_STR_TAG: isPlain = false
    case let tag?: throw YAMLError(mark: mark, message: "the tag \(tag) isn't known here")
    }
    return YAMLScalar(text: text, isPlain: isPlain)
  }

  private mutating func sequence(_ start: Mark, _ depth: Int) throws(YAMLError) -> YAMLNode {
    var items: [YAMLNode] = []
    var size = 1
    try next()
    while event.type != YAML_SEQUENCE_END_EVENT {
      let item = try node(depth: depth + 1)
      size += item.size
      items.append(item)
      try next()
    }
    return YAMLNode(mark: start, value: .sequence(items), size: size)
  }

  private mutating func mapping(_ start: Mark, _ depth: Int) throws(YAMLError) -> YAMLNode {
    var entries = MappingBuilder()
    try next()
    while event.type != YAML_MAPPING_END_EVENT {
      let keyMark = mark
      let key = try node(depth: depth + 1)
      guard case .scalar(let scalar) = key.value else { throw YAMLError(mark: keyMark, message: "a key that isn't a single value") }
      try next()
      let value = try node(depth: depth + 1)
      try entries.add(scalar, keyMark, value)
      try next()
    }
    return entries.node(at: start)
  }

  private static func string(_ text: UnsafePointer<yaml_char_t>) -> String {
    String(decodingCString: text, as: UTF8.self)
  }
}

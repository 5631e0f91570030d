import CDescriptors

/// Every type of all files of a request, by full name: what fields refer to.
struct Catalogue {
  private(set) var swift: [String: String] = [:]
  private(set) var messages: [String: CMessage] = [:]
  private(set) var zeros: [String: String] = [:]

  init(_ files: [CFile]) throws(Refusal) {
    for file in files {
      let scope = text(file.package).isEmpty ? "" : "." + text(file.package)
      for message in items(file.message_type, file.n_message_type) { try add(message, scope, "Proto") }
      for enumeration in items(file.enum_type, file.n_enum_type) { try add(enumeration, scope, "Proto") }
    }
    for name in messages.keys.sorted() { try refuseRecursion(from: name) }
  }

  private mutating func add(_ message: CMessage, _ scope: String, _ swiftScope: String) throws(Refusal) {
    let name = scope + "." + text(message.name)
    let inSwift = swiftScope + "." + text(message.name)
    if Names.taken.contains(text(message.name)) { throw Refusal(message: "\(name) would shadow Swift's type of that name: rename it") }
    swift[name] = inSwift
    messages[name] = message
    for nested in items(message.nested_type, message.n_nested_type) { try add(nested, name, inSwift) }
    for enumeration in items(message.enum_type, message.n_enum_type) { try add(enumeration, name, inSwift) }
  }

  private mutating func add(_ enumeration: CEnum, _ scope: String, _ swiftScope: String) throws(Refusal) {
    let name = scope + "." + text(enumeration.name)
    if Names.taken.contains(text(enumeration.name)) {
      throw Refusal(message: "\(name) would shadow Swift's type of that name: rename it")
    }
    swift[name] = swiftScope + "." + text(enumeration.name)
    zeros[name] = items(enumeration.value, enumeration.n_value).first.map { Names.swiftCase(text($0.name), of: text(enumeration.name)) }
  }

  /// A type that holds itself has no bound on its depth, and protobuf-c decodes by recursion with no limit:
  /// refused here, the schema itself is the limit and nothing has to be counted when decoding.
  private func refuseRecursion(from start: String) throws(Refusal) {
    var reached: Set<String> = []
    var pending = [start]
    while let name = pending.popLast() {
      guard let message = messages[name] else { continue }
      for field in items(message.field, message.n_field) where field.type == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_MESSAGE {
        let target = text(field.type_name)
        if target == start {
          throw Refusal(message: "\(start) holds itself (through \(name)), which has no bound when decoding: use a list and indices")
        }
        if reached.insert(target).inserted { pending.append(target) }
      }
    }
  }
}

import CDescriptors

/// Turns one file's descriptor into a `File`, refusing what the codec can't do.
struct SchemaReader {
  let catalogue: Catalogue
  let comments: Comments

  /// How many fields the codec's scan keeps track of (one bit each).
  static let mostFields = 64

  static func read(_ file: CFile, _ catalogue: Catalogue) throws(Refusal) -> File {
    guard text(file.syntax) == "proto3" else { throw Refusal(message: "\(text(file.name)): only proto3 is supported") }
    let reader = SchemaReader(catalogue: catalogue, comments: Comments(file))
    let scope = text(file.package).isEmpty ? "" : "." + text(file.package)
    var messages: [Message] = []
    var enumerations: [Enumeration] = []
    var services: [Service] = []
    for (index, message) in items(file.message_type, file.n_message_type).enumerated() {
      messages.append(try reader.message(message, scope, [4, Int32(index)]))
    }
    for (index, enumeration) in items(file.enum_type, file.n_enum_type).enumerated() {
      enumerations.append(try reader.enumeration(enumeration, scope, [5, Int32(index)]))
    }
    for (index, service) in items(file.service, file.n_service).enumerated() {
      services.append(try reader.service(service, [6, Int32(index)]))
    }
    return File(name: text(file.name), messages: messages, enumerations: enumerations, services: services)
  }

  private func message(_ message: CMessage, _ scope: String, _ path: [Int32]) throws(Refusal) -> Message {
    let fullName = scope + "." + text(message.name)
    guard message.n_field <= Self.mostFields else {
      throw Refusal(message: "\(fullName) has more than \(Self.mostFields) fields: split it")
    }
    var fields: [Field] = []
    for (index, field) in items(message.field, message.n_field).enumerated() {
      fields.append(try self.field(field, of: message, fullName, comments[path + [2, Int32(index)]]))
    }
    let oneofs = items(message.oneof_decl, message.n_oneof_decl).map { text($0.name) }
    let parts = parts(fields, oneofs) { comments[path + [8, Int32($0)]] }
    var nested: [Message] = []
    for (index, inner) in items(message.nested_type, message.n_nested_type).enumerated() where !Self.isMapEntry(inner) {
      nested.append(try self.message(inner, fullName, path + [3, Int32(index)]))
    }
    var enumerations: [Enumeration] = []
    for (index, inner) in items(message.enum_type, message.n_enum_type).enumerated() {
      enumerations.append(try enumeration(inner, fullName, path + [4, Int32(index)]))
    }
    let inner = Set(nested.map(\.name) + enumerations.map(\.name))
    for case .choice(let oneof) in parts where inner.contains(oneof.swiftType) {
      throw Refusal(message: "\(fullName): the oneof and the nested type \(oneof.swiftType) would be one Swift type: rename one")
    }
    return Message(
      name: text(message.name), fullName: fullName, swift: catalogue.swift[fullName] ?? "", parts: parts, messages: nested,
      enumerations: enumerations, comment: comments[path])
  }

  private func parts(_ fields: [Field], _ oneofs: [String], comment: (Int) -> [String]) -> [Message.Part] {
    var parts: [Message.Part] = []
    var placed: Set<Int> = []
    for field in fields {
      guard case .oneof(let index) = field.shape else {
        parts.append(.field(field))
        continue
      }
      guard placed.insert(index).inserted else { continue }
      let members = fields.filter { if case .oneof(index) = $0.shape { true } else { false } }
      parts.append(.choice(Oneof(name: oneofs[index], members: members, comment: comment(index))))
    }
    return parts
  }

  private func field(_ field: CField, of message: CMessage, _ scope: String, _ comment: [String]) throws(Refusal) -> Field {
    let place = "\(scope).\(text(field.name))"
    if field.proto3_optional != 0 {
      throw Refusal(message: "\(place): protoc-c can't do `optional`; write `oneof \(text(field.name))_or_none { … }` with this one field")
    }
    var shape = Shape.single
    if field.has_oneof_index != 0 {
      let index = Int(field.oneof_index)
      let members = items(message.field, message.n_field).count { $0.has_oneof_index != 0 && Int($0.oneof_index) == index }
      let name = text(items(message.oneof_decl, message.n_oneof_decl)[index].name)
      shape = members == 1 ? .optional(oneof: name) : .oneof(index)
    } else if field.label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REPEATED {
      shape = try mapShape(field, place) ?? .repeated
    }
    return Field(name: text(field.name), number: field.number, type: try valueType(field, place), shape: shape, comment: comment)
  }

  private func mapShape(_ field: CField, _ place: String) throws(Refusal) -> Shape? {
    let entry = text(field.type_name)
    guard let message = catalogue.messages[entry], Self.isMapEntry(message) else { return nil }
    let pair = items(message.field, message.n_field)
    let key = try valueType(pair[0], place)
    if case .bool = key { throw Refusal(message: "\(place): a map from bool has no order of its keys; use two fields") }
    return .map(entry: entry, key: key, value: try valueType(pair[1], place))
  }

  private func valueType(_ field: CField, _ place: String) throws(Refusal) -> ValueType {
    switch field.type {
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_DOUBLE: return .number("Double")
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_FLOAT: return .number("Float")
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_INT64, GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_SFIXED64,
      GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_SINT64:
      return .number("Int64")
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_UINT64, GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_FIXED64:
      return .number("UInt64")
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_INT32, GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_SFIXED32,
      GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_SINT32:
      return .number("Int32")
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_UINT32, GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_FIXED32:
      return .number("UInt32")
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_BOOL: return .bool
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_STRING: return .string
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_BYTES: return .bytes
    default: break
    }
    let name = text(field.type_name)
    guard let swift = catalogue.swift[name] else { throw Refusal(message: "\(place): a field of this type is not supported") }
    if let zero = catalogue.zeros[name] { return .enumeration(swift: swift, c: Names.cType(name), zero: zero) }
    return .message(swift: swift, fullName: name)
  }

  private func enumeration(_ enumeration: CEnum, _ scope: String, _ path: [Int32]) throws(Refusal) -> Enumeration {
    let name = text(enumeration.name)
    var numbers: Set<Int32> = []
    var values: [Enumeration.Value] = []
    for (index, value) in items(enumeration.value, enumeration.n_value).enumerated() {
      guard numbers.insert(value.number).inserted else {
        throw Refusal(message: "\(scope).\(name): two values have the number \(value.number)")
      }
      let swift = Names.swiftCase(text(value.name), of: name)
      values.append(.init(swift: swift, number: value.number, comment: comments[path + [2, Int32(index)]]))
    }
    if values.contains(where: { $0.swift == "unrecognized" }) {
      throw Refusal(message: "\(scope).\(name): the name `unrecognized` is for values of newer versions")
    }
    return Enumeration(name: name, values: values, comment: comments[path])
  }

  private func service(_ service: CService, _ path: [Int32]) throws(Refusal) -> Service {
    var methods: [Service.Method] = []
    for (index, method) in items(service.method, service.n_method).enumerated() {
      if method.client_streaming != 0 {
        throw Refusal(message: "\(text(service.name)).\(text(method.name)): a stream from the client is not supported")
      }
      let request = catalogue.swift[text(method.input_type)] ?? ""
      let reply = catalogue.swift[text(method.output_type)] ?? ""
      methods.append(
        .init(
          name: text(method.name), request: request, reply: reply, isStream: method.server_streaming != 0,
          comment: comments[path + [2, Int32(index)]]))
    }
    return Service(name: text(service.name), methods: methods, comment: comments[path])
  }

  private static func isMapEntry(_ message: CMessage) -> Bool { (message.options?.pointee.map_entry ?? 0) != 0 }
}

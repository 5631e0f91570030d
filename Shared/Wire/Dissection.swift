import CMessages
import CProtobufC
public import Model

/// A message's body by its description, for people who read along: also fields that this build doesn't know.
///
/// Values that are absent, and those that proto3 doesn't send (zero, empty), are left out.
public indirect enum Dissection: Sendable, Equatable {
  case message([Field])
  case list([Dissection])
  case number(String)
  case truth(Bool)
  case text(String)
  /// Of an enumeration.
  case symbol(String)
  case bytes([UInt8])

  public struct Field: Sendable, Equatable {
    /// As in the proto file; of one that is unknown its number.
    public var name: String
    public var value: Dissection
  }

  /// - Parameters:
  ///   - kind: `JobService.ApplyLab`, `Fact.Event`, as in the envelope.
  ///   - isReply: of a kind that is a request's.
  /// - Throws: `INVALID_ARGUMENT` for a kind that is unknown here, and for bytes that are no such message.
  public init(_ body: [UInt8], kind: String, isReply: Bool) throws(LabError) {
    self = try Codec.decoding(kind) {
      guard let types = Self.types(of: kind) else { throw Codec.unknown(kind) }
      let descriptor = (isReply ? types.reply : types.request).descriptor
      return try body.withUnsafeBytes { bytes in
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return .message([]) }
        try Scan.check(bytes, descriptor)
        let read: Dissection? = Arena.scoped { arena in
          var allocator = arena.allocator
          let message = protobuf_c_message_unpack(descriptor, &allocator, bytes.count, start.assumingMemoryBound(to: UInt8.self))
          return message.map { Self.read(UnsafeRawPointer($0)) }
        }
        guard let read else { throw LabError(.invalidArgument, "", "a value is malformed") }
        return read
      }
    }
  }

  private static func types(of kind: String) -> (request: any ProtoMessage.Type, reply: any ProtoMessage.Type)? {
    Proto.ConfigServiceMethod(rawValue: kind)?.types ?? Proto.JobServiceMethod(rawValue: kind)?.types
      ?? Proto.ReconcilerServiceMethod(rawValue: kind)?.types ?? Proto.AgentServiceMethod(rawValue: kind)?.types
      ?? Proto.PeerServiceMethod(rawValue: kind)?.types ?? Proto.FactMethod(rawValue: kind)?.types
  }

  /// A message that protobuf-c has unpacked: its base struct leads to its description.
  private static func read(_ message: UnsafeRawPointer) -> Dissection {
    let base = message.assumingMemoryBound(to: ProtobufCMessage.self).pointee
    var fields: [Field] = []
    guard let type = base.descriptor else { return .message([]) }
    for index in 0..<Int(type.pointee.n_fields) {
      let field = type.pointee.fields + index
      if let value = value(of: field.pointee, in: message) { fields.append(Field(name: String(cString: field.pointee.name), value: value)) }
    }
    for index in 0..<Int(base.n_unknown_fields) {
      let unknown = base.unknown_fields[index]
      let bytes = [UInt8](UnsafeBufferPointer(start: unknown.data, count: unknown.len))
      fields.append(Field(name: "\(unknown.tag)", value: .bytes(bytes)))
    }
    return .message(fields)
  }

  private static func value(of field: ProtobufCFieldDescriptor, in message: UnsafeRawPointer) -> Dissection? {
    let place = message + Int(field.offset)
    if field.label == PROTOBUF_C_LABEL_REPEATED {
      let count = (message + Int(field.quantifier_offset)).load(as: Int.self)
      guard count > 0, let first = place.load(as: UnsafeRawPointer?.self) else { return nil }
      return .list((0..<count).compactMap { single(field, first + $0 * size(of: field.type), isShown: true) })
    }
    let isChoice = field.flags & UInt32(PROTOBUF_C_FIELD_FLAG_ONEOF.rawValue) != 0
    if isChoice, (message + Int(field.quantifier_offset)).load(as: UInt32.self) != field.id { return nil }
    return single(field, place, isShown: isChoice)
  }

  /// - Parameter isShown: also where it is what an absent one is.
  private static func single(_ field: ProtobufCFieldDescriptor, _ place: UnsafeRawPointer, isShown: Bool) -> Dissection? {
    func number<Number: FixedWidthInteger>(_: Number.Type) -> Dissection? {
      let value = place.load(as: Number.self)
      return value == 0 && !isShown ? nil : .number("\(value)")
    }
    switch field.type {
    case PROTOBUF_C_TYPE_INT32, PROTOBUF_C_TYPE_SINT32, PROTOBUF_C_TYPE_SFIXED32: return number(Int32.self)
    case PROTOBUF_C_TYPE_INT64, PROTOBUF_C_TYPE_SINT64, PROTOBUF_C_TYPE_SFIXED64: return number(Int64.self)
    case PROTOBUF_C_TYPE_UINT32, PROTOBUF_C_TYPE_FIXED32: return number(UInt32.self)
    case PROTOBUF_C_TYPE_UINT64, PROTOBUF_C_TYPE_FIXED64: return number(UInt64.self)
    case PROTOBUF_C_TYPE_FLOAT: return .number("\(place.load(as: Float.self))")
    case PROTOBUF_C_TYPE_DOUBLE: return .number("\(place.load(as: Double.self))")
    case PROTOBUF_C_TYPE_BOOL:
      let isTrue = place.load(as: protobuf_c_boolean.self) != 0
      return isTrue || isShown ? .truth(isTrue) : nil
    case PROTOBUF_C_TYPE_ENUM:
      let value = place.load(as: Int32.self)
      return value == 0 && !isShown ? nil : symbol(value, field)
    case PROTOBUF_C_TYPE_STRING:
      let text = Arena.text(place.load(as: UnsafePointer<CChar>?.self))
      return text.isEmpty && !isShown ? nil : .text(text)
    case PROTOBUF_C_TYPE_BYTES:
      let bytes = Arena.octets(place.load(as: ProtobufCBinaryData.self))
      return bytes.isEmpty && !isShown ? nil : .bytes(bytes)
    case PROTOBUF_C_TYPE_MESSAGE: return place.load(as: UnsafeRawPointer?.self).map(read)
    default: return nil
    }
  }

  /// Of a value that is unknown here its number.
  private static func symbol(_ value: Int32, _ field: ProtobufCFieldDescriptor) -> Dissection {
    let type = field.descriptor.assumingMemoryBound(to: ProtobufCEnumDescriptor.self)
    guard let known = protobuf_c_enum_descriptor_get_value(type, value) else { return .number("\(value)") }
    return .symbol(String(cString: known.pointee.name))
  }

  /// In a list.
  private static func size(of type: ProtobufCType) -> Int {
    switch type {
    case PROTOBUF_C_TYPE_INT32, PROTOBUF_C_TYPE_SINT32, PROTOBUF_C_TYPE_SFIXED32, PROTOBUF_C_TYPE_UINT32, PROTOBUF_C_TYPE_FIXED32,
      PROTOBUF_C_TYPE_FLOAT, PROTOBUF_C_TYPE_ENUM, PROTOBUF_C_TYPE_BOOL:
      4
    case PROTOBUF_C_TYPE_BYTES: MemoryLayout<ProtobufCBinaryData>.stride
    default: 8
    }
  }
}

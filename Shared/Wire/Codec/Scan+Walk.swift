import CMessages  // protobuf-c's enumeration constants are visible only through the messages' headers.
import CProtobufC
import Glibc

extension Scan {
  /// One message, and what it holds. `type` has at most 64 fields (the generator sees to it): one bit each.
  mutating func message(_ bytes: UnsafeRawBufferPointer, _ type: UnsafePointer<ProtobufCMessageDescriptor>) throws(WireError) {
    var cursor = Cursor(bytes)
    var notes = 0
    var seen: UInt64 = 0
    try spend(type.pointee.sizeof_message + 8)
    while !cursor.isAtEnd {
      guard let tag = cursor.varint(atMost: 5), tag >> 3 > 0, tag >> 3 < 1 << 29 else { throw fault(type, "a tag is malformed") }
      notes += 1
      if notes > Self.notesOnStack { try spend(Self.noteCost) }
      guard let payload = cursor.payload(wireType: tag & 7) else { throw fault(type, "a field is cut short or of unknown form") }
      guard let index = Self.index(of: Int32(tag >> 3), in: type) else {
        try spend(MemoryLayout<ProtobufCMessageUnknownField>.stride + payload.count + 8)
        continue
      }
      let field = type.pointee.fields + index
      if field.pointee.label == PROTOBUF_C_LABEL_REPEATED { try spend(8) }
      guard tag & 7 == 2 else { continue }
      switch field.pointee.type {
      case PROTOBUF_C_TYPE_STRING:
        try spend(payload.count + 8)
        try text(payload, field, type)
      case PROTOBUF_C_TYPE_MESSAGE:
        if field.pointee.label != PROTOBUF_C_LABEL_REPEATED {
          guard seen & 1 << index == 0 else { throw fault(type, "comes twice", field) }
          seen |= 1 << index
        }
        try message(payload, field.pointee.descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self))
      case PROTOBUF_C_TYPE_BYTES:
        try spend(payload.count + 24)
      default:
        try spend(payload.count * 8)  // A packed list: a byte can become eight.
      }
    }
  }

  private func text(
    _ bytes: UnsafeRawBufferPointer, _ field: UnsafePointer<ProtobufCFieldDescriptor>, _ type: UnsafePointer<ProtobufCMessageDescriptor>
  ) throws(WireError) {
    guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
    if memchr(start, 0, bytes.count) != nil { throw fault(type, "holds a NUL", field) }
    let isUTF8 = bytes.withMemoryRebound(to: UInt8.self) { (try? UTF8Span(validating: $0.span)) != nil }
    if !isUTF8 { throw fault(type, "is not UTF-8", field) }
  }

  /// The index of a field in its type, by ranges of numbers without gaps (usually one), as protobuf-c's own search.
  @inline(__always) private static func index(of number: Int32, in type: UnsafePointer<ProtobufCMessageDescriptor>) -> Int? {
    // The table has one more entry than ranges: its index is the count of all fields.
    for range in 0..<Int(type.pointee.n_field_ranges) {
      let ranges = type.pointee.field_ranges + range
      let offset = Int(number) - Int(ranges[0].start_value)
      if offset < 0 { return nil }
      if offset < Int(ranges[1].orig_index) - Int(ranges[0].orig_index) { return Int(ranges[0].orig_index) + offset }
    }
    return nil
  }

  @inline(__always) private mutating func spend(_ bytes: Int) throws(WireError) {
    left -= bytes
    if left < 0 { throw fault(root, "decoded it would be far larger than its bytes") }
  }

  @inline(never) private func fault(
    _ type: UnsafePointer<ProtobufCMessageDescriptor>, _ cause: String, _ field: UnsafePointer<ProtobufCFieldDescriptor>? = nil
  ) -> WireError {
    let place = String(cString: type.pointee.name)
    let whole = String(cString: root.pointee.name)
    let subject = field.map { place + "." + String(cString: $0.pointee.name) } ?? place
    return WireError(message: "\(place == whole ? "" : whole + ": ")\(subject): \(cause)")
  }
}

/// Reads on through bytes, never beyond their end.
private struct Cursor {
  private var next: UnsafeRawPointer
  private let end: UnsafeRawPointer

  init(_ bytes: UnsafeRawBufferPointer) {
    // An empty buffer may have no address; any will do, as nothing is read.
    next = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 8)!
    end = next + bytes.count
  }

  var isAtEnd: Bool { next == end }

  @inline(__always) mutating func varint(atMost most: Int) -> UInt64? {
    var value: UInt64 = 0
    for index in 0..<most {
      guard next < end else { return nil }
      let byte = next.load(as: UInt8.self)
      next += 1
      value |= UInt64(byte & 0x7f) << (7 * UInt64(index))
      if byte < 0x80 { return value }
    }
    return nil
  }

  /// The bytes of a field's value after its tag: groups (3 and 4) are no proto3.
  @inline(__always) mutating func payload(wireType: UInt64) -> UnsafeRawBufferPointer? {
    switch wireType {
    case 0:
      let start = next
      guard varint(atMost: 10) != nil else { return nil }
      return UnsafeRawBufferPointer(start: start, count: next - start)
    case 1: return take(8)
    case 2:
      guard let length = varint(atMost: 5) else { return nil }
      return take(Int(length))
    case 5: return take(4)
    default: return nil
    }
  }

  @inline(__always) private mutating func take(_ count: Int) -> UnsafeRawBufferPointer? {
    guard count <= end - next else { return nil }
    defer { next += count }
    return UnsafeRawBufferPointer(start: next, count: count)
  }
}

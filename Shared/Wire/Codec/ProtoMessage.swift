import CProtobufC

/// A generated message: a value that converts to and from protobuf-c's struct `C`.
protocol ProtoMessage: Sendable, Hashable {
  associatedtype C

  /// The message in which every field is absent.
  init()
  /// Copies everything out of `c`, whose strings were checked by `Scan`.
  init(c: UnsafePointer<C>)
  /// Makes raw memory an empty message.
  static func initialize(_ c: UnsafeMutablePointer<C>)
  /// Writes the fields to an initialised `c`; what they point to lives in the arena.
  func fill(_ c: UnsafeMutablePointer<C>, _ arena: borrowing Arena)
}

extension ProtoMessage {
  /// protobuf-c's description of the type. (The C constant itself has no stable address in Swift; a fresh message points to it.)
  static var descriptor: UnsafePointer<ProtobufCMessageDescriptor> {
    withUnsafeTemporaryAllocation(of: C.self, capacity: 1) { buffer in
      // A buffer with room for one element has a base, and every message begins with its base struct.
      let c = buffer.baseAddress!
      initialize(c)
      return UnsafeRawPointer(c).assumingMemoryBound(to: ProtobufCMessage.self).pointee.descriptor
    }
  }

  /// The name with its package: `archetype.Lab`.
  static var protoName: String { String(cString: descriptor.pointee.name) }

  /// The message as protobuf-c's struct, which lives as long as the arena.
  @inline(__always) func c(in arena: borrowing Arena) -> UnsafeMutablePointer<C> {
    let c = arena.make(C.self)
    Self.initialize(c)
    fill(c, arena)
    return c
  }

  /// The bytes of the message. Maps are written in the order of their keys: equal values have equal bytes in every process.
  /// Throws if a string holds a NUL, which would end it early in C, or if the bytes are more than a reader takes.
  func encode() throws(WireError) -> [UInt8] {
    let bytes: [UInt8]? = Arena.scoped { arena in
      let message = UnsafeRawPointer(c(in: arena)).assumingMemoryBound(to: ProtobufCMessage.self)
      guard !arena.sawNUL else { return nil }
      let size = protobuf_c_message_get_packed_size(message)
      guard size > 0 else { return [] }
      return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        count = protobuf_c_message_pack(message, buffer.baseAddress)
      }
    }
    guard let bytes else { throw WireError(message: "\(Self.protoName): a string holds a NUL") }
    guard bytes.count <= Scan.largestInput else { throw WireError(message: "\(Self.protoName): \(bytes.count) bytes are too many") }
    return bytes
  }

  /// Decodes hostile bytes safely: `Scan` has checked them before protobuf-c sees them.
  init(decoding bytes: UnsafeRawBufferPointer) throws(WireError) {
    guard let start = bytes.baseAddress, !bytes.isEmpty else {
      self.init()
      return
    }
    let descriptor = Self.descriptor
    try Scan.check(bytes, descriptor)
    let decoded: Self? = Arena.scoped { arena in
      var allocator = arena.allocator
      let message = protobuf_c_message_unpack(descriptor, &allocator, bytes.count, start.assumingMemoryBound(to: UInt8.self))
      return message.map { Self(c: UnsafeRawPointer($0).assumingMemoryBound(to: C.self)) }
    }
    guard let decoded else { throw WireError(message: "\(Self.protoName): a value is malformed") }
    self = decoded
  }

  init(decoding bytes: [UInt8]) throws(WireError) {
    self = try bytes.withUnsafeBytes { bytes in Result { () throws(WireError) in try Self(decoding: bytes) } }.get()
  }
}

import CProtobufC
import Glibc

/// The memory of one encoding or decoding: taken by moving a pointer, freed all at once.
/// Its first part is on the stack, enough for most messages. A copy can't outlive it: it is only ever borrowed.
struct Arena: ~Copyable {
  private struct State {
    var next: UnsafeMutableRawPointer
    var end: UnsafeMutableRawPointer
    /// The last chunk from `malloc`; each begins with the address of the one before.
    var chunks: UnsafeMutableRawPointer?
    var sawNUL = false
  }

  /// On the stack: larger than nine in ten of our messages with all they point to.
  private static let stackBytes = 2048
  private static let chunkBytes = 16 * 1024
  /// What malloc gives is aligned to 16, and a chunk's link takes this much of it.
  private static let linkBytes = 16

  private let state: UnsafeMutablePointer<State>

  private init(state: UnsafeMutablePointer<State>) { self.state = state }

  /// Whether a string given to `string` held a NUL.
  var sawNUL: Bool { state.pointee.sawNUL }

  /// Runs `body` with a fresh arena.
  @inline(__always) static func scoped<R>(_ body: (borrowing Arena) -> R) -> R {
    withUnsafeTemporaryAllocation(byteCount: stackBytes, alignment: 16) { stack in
      // The allocation is not empty, so it has a base.
      let start = stack.baseAddress!
      var state = State(next: start, end: start + stackBytes)
      return withUnsafeMutablePointer(to: &state) { state in
        defer {
          while let chunk = state.pointee.chunks {
            state.pointee.chunks = chunk.load(as: UnsafeMutableRawPointer?.self)
            free(chunk)
          }
        }
        return body(Arena(state: state))
      }
    }
  }

  /// For protobuf-c: gives memory of this arena, frees nothing. No memory is no message, not a crash.
  var allocator: ProtobufCAllocator {
    ProtobufCAllocator(
      alloc: { state, size in state.flatMap { Arena.take(size, $0.assumingMemoryBound(to: State.self)) } },
      free: { _, _ in }, allocator_data: state)
  }

  @inline(__always) private static func take(_ size: Int, _ state: UnsafeMutablePointer<State>) -> UnsafeMutableRawPointer? {
    let bytes = (size + 7) & ~7  // No C type here wants more than eight.
    if bytes > state.pointee.end - state.pointee.next, !grow(state, bytes) { return nil }
    let start = state.pointee.next
    state.pointee.next = start + bytes
    return start
  }

  @inline(never) private static func grow(_ state: UnsafeMutablePointer<State>, _ bytes: Int) -> Bool {
    let size = max(bytes + linkBytes, chunkBytes)
    guard let chunk = malloc(size) else { return false }
    chunk.storeBytes(of: state.pointee.chunks, as: UnsafeMutableRawPointer?.self)
    state.pointee.chunks = chunk
    state.pointee.next = chunk + linkBytes
    state.pointee.end = chunk + size
    return true
  }

  /// Memory for our own values: without it the process can't go on, as with any Swift array.
  @inline(__always) private func take(_ size: Int) -> UnsafeMutableRawPointer {
    guard let start = Self.take(size, state) else { fatalError("out of memory for \(size) bytes") }
    return start
  }
}

extension Arena {
  @inline(__always) func make<T>(_: T.Type, count: Int = 1) -> UnsafeMutablePointer<T> {
    take(MemoryLayout<T>.stride * count).assumingMemoryBound(to: T.self)
  }

  @inline(__always) func string(_ text: String) -> UnsafeMutablePointer<CChar> {
    var text = text
    return text.withUTF8 { utf8 in
      let start = take(utf8.count + 1)
      if let source = utf8.baseAddress {
        memcpy(start, source, utf8.count)
        if memchr(start, 0, utf8.count) != nil { state.pointee.sawNUL = true }
      }
      start.storeBytes(of: 0, toByteOffset: utf8.count, as: UInt8.self)
      return start.assumingMemoryBound(to: CChar.self)
    }
  }

  @inline(__always) func bytes(_ bytes: [UInt8]) -> ProtobufCBinaryData {
    bytes.withUnsafeBufferPointer { source in
      guard let first = source.baseAddress, !source.isEmpty else { return ProtobufCBinaryData(len: 0, data: nil) }
      let start = make(UInt8.self, count: source.count)
      start.update(from: first, count: source.count)
      return ProtobufCBinaryData(len: source.count, data: start)
    }
  }

  @inline(__always) func list<E, T>(_ values: [E], _ convert: (E, borrowing Arena) -> T) -> UnsafeMutablePointer<T>? {
    guard !values.isEmpty else { return nil }
    let start = make(T.self, count: values.count)
    for index in values.indices { (start + index).initialize(to: convert(values[index], self)) }
    return start
  }
}

/// The way back: from C to values of our own. `Scan` has seen to it that strings are UTF-8 without NUL.
extension Arena {
  @inline(__always) static func text(_ c: UnsafePointer<CChar>?) -> String {
    c.map { String(cString: $0) } ?? ""
  }

  @inline(__always) static func octets(_ c: ProtobufCBinaryData) -> [UInt8] {
    [UInt8](UnsafeBufferPointer(start: c.data, count: c.len))
  }

  @inline(__always) static func message<M: ProtoMessage>(_ c: UnsafePointer<M.C>?, _: M.Type) -> M {
    c.map { M(c: $0) } ?? M()
  }

  @inline(__always) static func list<T, E>(_ c: UnsafeMutablePointer<T>?, _ count: Int, _ convert: (T) -> E) -> [E] {
    UnsafeBufferPointer(start: c, count: count).map(convert)
  }

  /// Of two entries with one key the later counts, as the format demands.
  @inline(__always) static func dictionary<T, K: Hashable, V>(
    _ c: UnsafeMutablePointer<UnsafeMutablePointer<T>?>?, _ count: Int, _ convert: (UnsafeMutablePointer<T>) -> (K, V)
  ) -> [K: V] {
    guard count > 0 else { return [:] }
    var result = [K: V](minimumCapacity: count)
    for case let entry? in UnsafeBufferPointer(start: c, count: count) {
      let (key, value) = convert(entry)
      result[key] = value
    }
    return result
  }
}
